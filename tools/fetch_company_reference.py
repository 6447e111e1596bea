from pydantic import Field

from core.base import Model
from core.errors import ToolRefusedError
from core.evidence import ReferenceExcerpt
from core.report import Citation
from core.result import CallStatus
from tools.arguments import Name, Query
from tools.citing import MAX_CITATIONS
from tools.deps import Sources
from tools.spec import TimeLimit, ToolSpec


class Input(Model):
    """Which source, what to look for in it, and how much of it to bring."""

    source: Name = Field(description="The name of the source, such as policy_v2 or oncall_rota.")
    query: Query | None = Field(default=None, description="Words to look for; without them the file from its start.")
    max_chars: int = Field(default=4_000, ge=200, le=40_000)


async def _run(args: Input, sources: Sources) -> ReferenceExcerpt:
    """The passages that fit; ToolRefusedError for a source that the company does not have."""
    known = sources.references.sources
    if args.source not in known:
        raise ToolRefusedError(
            f"fetch_company_reference: there is no source {args.source!r}; the sources are {', '.join(known)}"
        )
    return await sources.references.excerpt(args.source, args.query, args.max_chars)


def _cite(output: ReferenceExcerpt) -> tuple[Citation, ...]:
    return tuple(output.cite(passage) for passage in output.passages[:MAX_CITATIONS])


def _status(output: ReferenceExcerpt) -> CallStatus:
    """An excerpt is short by design, so a truncated one is whole."""
    return CallStatus.OK if output.passages else CallStatus.EMPTY


TOOL = ToolSpec(
    name="fetch_company_reference",
    description="An excerpt of a policy, document or config file of the company, with file and lines.",
    input_type=Input,
    output_type=ReferenceExcerpt,
    run=_run,
    cite=_cite,
    status=_status,
    retries=True,
    time_limit=TimeLimit.COMPANY,
    choices=lambda sources: {"source": sources.references.sources},
)
