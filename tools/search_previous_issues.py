from typing import Annotated

from pydantic import Field, model_validator

from core.base import Model
from core.evidence import IssueHits
from core.report import Citation
from core.result import CallStatus
from tools.arguments import IsoTime, Name, Query
from tools.citing import MAX_CITATIONS
from tools.deps import IssueFilters, Sources
from tools.spec import TimeLimit, ToolSpec
from tools.windows import check_order

_CANDIDATES = 15  # what a model orders, though fewer were asked for

type IndexPath = Annotated[str, Field(min_length=1, max_length=1_000, pattern=r"^[^\x00-\x1f]+$")]


class Input(Model):
    """What to look for, and strict filters on the issues and incident records."""

    query: Query
    source: Name | None = None
    collection: Name | None = None
    issue_type: Name | None = None
    priority: Name | None = None
    project: Name | None = None
    incident_state: Name | None = None
    created_from: IsoTime | None = None
    created_to: IsoTime | None = None
    opened_from: IsoTime | None = None
    opened_to: IsoTime | None = None
    top_k: int = Field(default=5, ge=1, le=50)
    max_snippet_chars: int = Field(default=600, ge=80, le=4_000)
    index_path: IndexPath | None = Field(default=None, description="Another index file than the configured one.")
    use_llm_rerank: bool | None = Field(
        default=None,
        description="Whether a model reorders the hits (null: as configured); `rerank_fallback_reason` says why it did not.",
    )

    @model_validator(mode="after")
    def _times_are_in_order(self) -> "Input":
        check_order("created_from", self.created_from, "created_to", self.created_to)
        check_order("opened_from", self.opened_from, "opened_to", self.opened_to)
        return self


async def _run(args: Input, sources: Sources) -> IssueHits:
    filters = IssueFilters(
        source=args.source,
        collection=args.collection,
        issue_type=args.issue_type,
        priority=args.priority,
        project=args.project,
        incident_state=args.incident_state,
        created_from=args.created_from,
        created_to=args.created_to,
        opened_from=args.opened_from,
        opened_to=args.opened_to,
    )
    reranker = sources.reranker
    wanted = reranker.is_wanted(asked=args.use_llm_rerank) if reranker is not None else bool(args.use_llm_rerank)
    more = wanted and reranker is not None and reranker.is_open
    found = await sources.issues.search(
        args.query,
        filters,
        top_k=max(args.top_k, _CANDIDATES) if more else args.top_k,
        max_snippet_chars=args.max_snippet_chars,
        index_path=args.index_path,
    )
    if not wanted:
        return found
    if reranker is None:
        return found.model_copy(update={"rerank_fallback_reason": "no model is configured"})
    given = await reranker.rerank(args.query, found.hits)
    hits = tuple(found.hits[place] for place in given.order[: args.top_k])
    return found.model_copy(
        update={"hits": hits, "reranked_by": given.by, "rerank_fallback_reason": given.fallback_reason}
    )


def _cite(output: IssueHits) -> tuple[Citation, ...]:
    return tuple(hit.cite() for hit in output.hits[:MAX_CITATIONS])


def _status(output: IssueHits) -> CallStatus:
    return CallStatus.OK if output.hits else CallStatus.EMPTY


TOOL = ToolSpec(
    name="search_previous_issues",
    description="Ranked earlier issues and incident records that fit a query; filters that leave nothing are relaxed.",
    input_type=Input,
    output_type=IssueHits,
    run=_run,
    cite=_cite,
    status=_status,
    retries=True,
    time_limit=TimeLimit.COMPANY,
)
