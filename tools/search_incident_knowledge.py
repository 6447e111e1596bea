from pydantic import Field, model_validator

from core.base import Model
from core.evidence import KnowledgeHits
from core.report import Citation
from core.result import CallStatus
from tools.arguments import IsoTime, Name, Query
from tools.citing import MAX_CITATIONS
from tools.deps import Sources
from tools.spec import TimeLimit, ToolSpec
from tools.windows import check_order


class Input(Model):
    """What to look for, and filters on what the passages and tickets are about."""

    query: Query
    service: Name | None = None
    severity: Name | None = None
    time_start: IsoTime | None = None
    time_end: IsoTime | None = None
    top_k: int = Field(default=5, ge=1, le=50)
    max_snippet_chars: int = Field(default=600, ge=80, le=4_000)

    @model_validator(mode="after")
    def _times_are_in_order(self) -> "Input":
        check_order("time_start", self.time_start, "time_end", self.time_end)
        return self


async def _run(args: Input, sources: Sources) -> KnowledgeHits:
    return await sources.knowledge.search(
        args.query,
        service=args.service,
        severity=args.severity,
        time_start=args.time_start,
        time_end=args.time_end,
        top_k=args.top_k,
        max_snippet_chars=args.max_snippet_chars,
    )


def _cite(output: KnowledgeHits) -> tuple[Citation, ...]:
    return tuple(hit.cite() for hit in output.hits[:MAX_CITATIONS])


def _status(output: KnowledgeHits) -> CallStatus:
    if output.left_out is not None:
        return CallStatus.PARTIAL
    return CallStatus.OK if output.hits else CallStatus.EMPTY


TOOL = ToolSpec(
    name="search_incident_knowledge",
    description="Ranked passages of policies, runbooks, incident reviews and tickets that fit a query.",
    input_type=Input,
    output_type=KnowledgeHits,
    run=_run,
    cite=_cite,
    status=_status,
    retries=True,
    time_limit=TimeLimit.COMPANY,
)
