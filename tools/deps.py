"""The sources a tool may ask, as protocols; the program plugs in real clients.

Every method raises ToolUnavailableError when the system does not answer (trying again may help), ToolBrokenError when
its answer cannot be read, ToolRefusedError when it refuses the question. Finding nothing is an empty value, not an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.evidence import IssueHits, KnowledgeHits, LogLines, MetricsWindow, ReferenceExcerpt, SearchHit, TicketList
from core.window import Window


class MetricsSource(Protocol):
    async def query_range(self, service: str, window: Window) -> MetricsWindow:
        """Every series of the service in the window."""
        ...


class LogsSource(Protocol):
    async def query_range(self, service: str, window: Window, pattern: str | None) -> LogLines:
        """The lines of the service in the window whose line matches the pattern (a regular expression, RE2 syntax)."""
        ...


class TicketSource(Protocol):
    async def search(
        self, *, project_key: str | None, status: str | None, severity: str | None, text: str | None
    ) -> TicketList: ...


class ReferenceFiles(Protocol):
    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources that can be asked for."""
        ...

    async def excerpt(self, source: str, query: str | None, max_chars: int) -> ReferenceExcerpt:
        """The passages of a source that fit the query best; ToolBrokenError when its file is missing or unreadable."""
        ...


class KnowledgeIndex(Protocol):
    async def search(
        self,
        query: str,
        *,
        service: str | None,
        severity: str | None,
        time_start: datetime | None,
        time_end: datetime | None,
        top_k: int,
        max_snippet_chars: int,
    ) -> KnowledgeHits: ...


@dataclass(frozen=True, kw_only=True)
class IssueFilters:
    """Strict filters of `search_previous_issues`; None leaves a field open."""

    source: str | None = None
    collection: str | None = None
    issue_type: str | None = None
    priority: str | None = None
    project: str | None = None
    incident_state: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None


class IssueIndex(Protocol):
    async def search(
        self, query: str, filters: IssueFilters, *, top_k: int, max_snippet_chars: int, index_path: str | None
    ) -> IssueHits: ...


@dataclass(frozen=True, kw_only=True)
class Reranking:
    """An order of hits, as places from 0: that of the model `by`, or theirs as it was, with the reason where one was asked for."""

    order: tuple[int, ...]
    by: str | None
    fallback_reason: str | None


class Reranker(Protocol):
    """Reorders hits. It never fails: what went wrong leaves the order as it was, with the reason."""

    def is_wanted(self, *, asked: bool | None) -> bool:
        """Whether hits are to be reordered, `asked` being the caller's word on it, None for none."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether a model can be asked at all."""
        ...

    async def rerank(self, query: str, hits: Sequence[SearchHit]) -> Reranking: ...


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Everything tools may ask."""

    metrics: MetricsSource
    logs: LogsSource
    tickets: TicketSource
    references: ReferenceFiles
    knowledge: KnowledgeIndex
    issues: IssueIndex
    reranker: Reranker | None = None
