"""Working sources in memory, behind the protocols of tools.deps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.errors import ToolBrokenError
from core.evidence import (
    IssueHits,
    KnowledgeHits,
    LogLine,
    LogLines,
    MetricSeries,
    MetricsWindow,
    Passage,
    ReferenceExcerpt,
    SearchHit,
    Ticket,
    TicketList,
)
from core.window import Window
from tools.deps import IssueFilters, Sources

AT = datetime(2026, 2, 14, 10, 0, tzinfo=UTC)


def ticket(key: str, summary: str, **changes: object) -> Ticket:
    """An open incident ticket; `changes` replace its fields."""
    plain = Ticket(
        key=key,
        url=f"https://jira.example/browse/{key}",
        summary=summary,
        description="",
        issue_type="Incident",
        status="Open",
        is_open=True,
        severity=None,
        priority=None,
        assignee=None,
        components=(),
        labels=(),
        created=AT,
        updated=AT,
        resolved=None,
    )
    return Ticket.model_validate(plain.model_dump() | changes)


def hit(source_id: str, snippet: str, score: float = 1.0, **metadata: str) -> SearchHit:
    return SearchHit(
        source_id=source_id,
        snippet=snippet,
        score=score,
        metadata=dict(metadata),
        citation_id=f"{source_id}#1",
        citation_source=source_id,
        locator=f"docs/{source_id}.md:1-1",
    )


@dataclass
class FakeMetrics:
    """Samples by service and series: `{"saas-api": {"error_rate": {time: value}}}`, one sample a minute."""

    samples: Mapping[str, Mapping[str, Mapping[datetime, float]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[datetime, float]]]
    )
    step_s: int = 60

    async def query_range(self, service: str, window: Window) -> MetricsWindow:
        times = [
            window.start + timedelta(seconds=offset)
            for offset in range(0, int((window.end - window.start).total_seconds()) + 1, self.step_s)
        ]
        series = tuple(
            MetricSeries(metric=metric, labels={"service": service}, values=tuple(values.get(at) for at in times))
            for metric, values in self.samples.get(service, {}).items()
            if any(at in values for at in times)
        )
        return MetricsWindow(
            service=service, start_time=window.start, end_time=window.end, step_s=self.step_s, series=series
        )


@dataclass
class FakeLogs:
    """Lines by service, oldest first."""

    lines: Mapping[str, Sequence[LogLine]] = field(default_factory=dict[str, Sequence[LogLine]])
    limit: int = 1_000

    async def query_range(self, service: str, window: Window, pattern: str | None) -> LogLines:
        found = [
            line
            for line in self.lines.get(service, ())
            if line.timestamp in window and (pattern is None or re.search(pattern, line.message))
        ]
        return LogLines(
            service=service,
            start_time=window.start,
            end_time=window.end,
            pattern=pattern,
            lines=tuple(found[: self.limit]),
            truncated=len(found) > self.limit,
        )


@dataclass
class FakeTickets:
    tickets: Sequence[Ticket] = ()
    limit: int = 50

    async def search(
        self, *, project_key: str | None, status: str | None, severity: str | None, text: str | None
    ) -> TicketList:
        found = [
            item
            for item in self.tickets
            if (project_key is None or item.key.startswith(f"{project_key}-"))
            and (status is None or item.status.lower() == status.lower() or (status == "open" and item.is_open))
            and (severity is None or item.severity == severity)
            and (text is None or all(word in _words(f"{item.summary} {item.description}") for word in _words(text)))
        ]
        query = f"project={project_key} status={status} severity={severity} text={text}"
        return TicketList(query=query, tickets=tuple(found[: self.limit]), truncated=len(found) > self.limit)


@dataclass
class FakeReferences:
    """Sources by name; a source of None is one whose file is missing."""

    texts: Mapping[str, str | None] = field(default_factory=dict[str, str | None])

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(self.texts)

    async def excerpt(self, source: str, query: str | None, max_chars: int) -> ReferenceExcerpt:
        """Paragraphs that share a word with the query (all without one), as many as fit."""
        text = self.texts[source]
        if text is None:
            raise ToolBrokenError(f"{source}: the file policies/{source}.md is missing")
        passages = [
            Passage(text=line, start_line=number, end_line=number)
            for number, line in enumerate(text.split("\n"), start=1)
            if line.strip() and (query is None or _words(query) & _words(line))
        ]
        kept: list[Passage] = []
        for passage in passages:
            if sum(len(item.text) for item in kept) + len(passage.text) > max_chars:
                break
            kept.append(passage)
        return ReferenceExcerpt(
            source=source,
            path=f"policies/{source}.md",
            query=query,
            passages=tuple(kept),
            truncated=len(kept) < len(passages),
        )


@dataclass
class FakeKnowledge:
    hits: Sequence[SearchHit] = ()

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
    ) -> KnowledgeHits:
        wanted = {"service": service, "severity": severity}
        found = _ranked(query, self.hits, {name: value for name, value in wanted.items() if value is not None})
        shown = _cut(found, top_k, max_snippet_chars)
        return KnowledgeHits(
            query=query,
            hits=shown,
            confidence=0.8 if shown else 0.0,
            recommend_fallback=not shown,
            fallback_reason=None if shown else "nothing shares a word with the query",
        )


@dataclass
class FakeIssues:
    hits: Sequence[SearchHit] = ()

    async def search(
        self, query: str, filters: IssueFilters, *, top_k: int, max_snippet_chars: int, index_path: str | None
    ) -> IssueHits:
        names = ("source", "collection", "issue_type", "priority", "project", "incident_state")
        wanted = {name: value for name in names if (value := getattr(filters, name)) is not None}
        found = _ranked(query, self.hits, wanted)
        relaxed = () if found else tuple(wanted)
        if relaxed:
            found = _ranked(query, self.hits, {})
        shown = _cut(found, top_k, max_snippet_chars)
        return IssueHits(
            query=query,
            hits=shown,
            confidence=0.8 if shown else 0.0,
            recommend_fallback=not shown,
            fallback_reason=None if shown else "nothing shares a word with the query",
            relaxed_filters=relaxed,
            reranked_by=None,
        )


def sources(
    *,
    metrics: FakeMetrics | None = None,
    logs: FakeLogs | None = None,
    tickets: FakeTickets | None = None,
    references: FakeReferences | None = None,
    knowledge: FakeKnowledge | None = None,
    issues: FakeIssues | None = None,
) -> Sources:
    """Sources that hold nothing but what is given."""
    return Sources(
        metrics=metrics or FakeMetrics(),
        logs=logs or FakeLogs(),
        tickets=tickets or FakeTickets(),
        references=references or FakeReferences(),
        knowledge=knowledge or FakeKnowledge(),
        issues=issues or FakeIssues(),
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _ranked(query: str, hits: Sequence[SearchHit], wanted: Mapping[str, str]) -> list[SearchHit]:
    fitting = [item for item in hits if all(item.metadata.get(name) == value for name, value in wanted.items())]
    sharing = [item for item in fitting if _words(query) & _words(item.snippet)]
    return sorted(sharing, key=lambda item: -item.score)


def _cut(hits: Sequence[SearchHit], top_k: int, max_snippet_chars: int) -> tuple[SearchHit, ...]:
    return tuple(item.model_copy(update={"snippet": item.snippet[:max_snippet_chars]}) for item in hits[:top_k])
