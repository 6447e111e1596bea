"""Citations → the very samples, line, passage, ticket or hit of this run that they point at."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice, takewhile

from core.evidence import (
    IssueHits,
    KnowledgeHits,
    LogLine,
    LogLines,
    MetricSeries,
    MetricsWindow,
    Output,
    Passage,
    ReferenceExcerpt,
    SearchHit,
    Ticket,
    TicketList,
)
from core.report import Citation
from core.result import Result
from core.rules.citing import statements

_SPAN = re.compile(r"(?P<selector>.+) (?P<start>\S+)\.\.(?P<end>\S+) step (?P<step>\d{1,7})s")


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """The samples of one series from `start` to `end`, both included."""

    citation: Citation
    window: MetricsWindow
    series: MetricSeries
    start: datetime
    end: datetime
    values: tuple[tuple[datetime, float], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Line:
    citation: Citation
    logs: LogLines
    line: LogLine


@dataclass(frozen=True, kw_only=True, eq=False)
class Words:
    """Words of a passage of a reference file."""

    citation: Citation
    excerpt: ReferenceExcerpt
    passage: Passage


@dataclass(frozen=True, kw_only=True, eq=False)
class TicketFields:
    citation: Citation
    tickets: TicketList
    ticket: Ticket


@dataclass(frozen=True, kw_only=True, eq=False)
class Hit:
    citation: Citation
    hit: SearchHit


type Record = Samples | Line | Words | TicketFields | Hit


class Records:
    """What the citations of a report point at; a citation that points at nothing of this run is among `unfounded`."""

    def __init__(self, result: Result) -> None:
        self.outputs: tuple[Output, ...] = tuple(
            call.output for call in result.tool_results if call.status.has_evidence and call.output is not None
        )
        self._windows = tuple(output for output in self.outputs if isinstance(output, MetricsWindow))
        self._logs = tuple(output for output in self.outputs if isinstance(output, LogLines))
        self._others = tuple(output for output in self.outputs if not isinstance(output, MetricsWindow | LogLines))
        self._places = {
            id(output): output.cite(output.lines[0]).locator.rpartition(" at ")[0]
            for output in self._logs
            if output.lines
        }
        self.statements = tuple(statements(result.report))
        self.kept: dict[type, object] = {}  # what one rule worked out and another asks for again
        found = [(citation, self._find(citation)) for citation in result.report.citations]
        self._by_id = {citation.citation_id: record for citation, record in found if record is not None}
        self.unfounded = tuple(citation for citation, record in found if record is None)

    def of(self, citation_ids: tuple[str, ...]) -> tuple[Record, ...]:
        """The records of these citations, those that stand."""
        return tuple(record for name in citation_ids if (record := self._by_id.get(name)) is not None)

    def outputs_of[T](self, kind: type[T]) -> Iterator[T]:
        return (output for output in self.outputs if isinstance(output, kind))

    def _find(self, citation: Citation) -> Record | None:
        if not citation.quote:
            return None
        kinds = {"metrics": self._windows, "logs": self._logs}
        outputs = kinds.get(citation.citation_source, self._others)
        return next((record for output in outputs if (record := self._in(output, citation)) is not None), None)

    def _in(self, output: Output, citation: Citation) -> Record | None:
        match output:
            case MetricsWindow():
                return _samples(output, citation)
            case LogLines():
                return self._line(output, citation)
            case ReferenceExcerpt():
                return _words(output, citation)
            case TicketList():
                return _ticket(output, citation)
            case KnowledgeHits() | IssueHits():
                found = (
                    hit for hit in output.hits if hit.supports(citation) and stands_in(citation.quote, hit.snippet)
                )
                return next((Hit(citation=citation, hit=hit) for hit in found), None)
            case _:
                return None

    def _line(self, logs: LogLines, citation: Citation) -> Line | None:
        place, _, at = citation.locator.rpartition(" at ")
        moment = read_stamp(at)
        if citation.citation_source != "logs" or place != self._places.get(id(logs)) or moment is None:
            return None
        first = bisect_left(logs.lines, moment, key=_timestamp)
        at_moment = takewhile(lambda line: line.timestamp == moment, islice(logs.lines, first, None))
        found = (line for line in at_moment if stands_in(citation.quote, line.message))
        return next((Line(citation=citation, logs=logs, line=line) for line in found), None)


class _Whole:
    """A result by its identity: reports that are equal may belong to different evidence."""

    def __init__(self, result: Result) -> None:
        self.result = result

    def __hash__(self) -> int:
        return id(self.result)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and self.result is other.result


def records_of(result: Result) -> Records:
    """The records of a result; the last one is kept, since the rules of one verdict ask one after the other."""
    return _records_of(_Whole(result))


@lru_cache(maxsize=1)
def _records_of(whole: _Whole) -> Records:
    return Records(whole.result)


def stands_in(quote: str, text: str) -> bool:
    """Whether the text has the quote and the quote cuts no word or number of it in two."""
    at = text.find(quote)
    while at >= 0:
        before, after = text[at - 1 : at] + quote[:1], quote[-1:] + text[at + len(quote) : at + len(quote) + 1]
        if not (_joined(before) or _joined(after)):
            return True
        at = text.find(quote, at + 1)
    return False


def _joined(pair: str) -> bool:
    return len(pair) == 2 and all(char.isalnum() for char in pair)  # noqa: PLR2004 - two neighbours


def read_stamp(text: str) -> datetime | None:
    """The moment that an ISO 8601 time with a zone names; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _timestamp(line: LogLine) -> datetime:
    return line.timestamp


def _samples(window: MetricsWindow, citation: Citation) -> Samples | None:
    place = _SPAN.fullmatch(citation.locator)
    if place is None or citation.citation_source != "metrics":
        return None
    start, end = read_stamp(place["start"]), read_stamp(place["end"])
    if start is None or end is None or not (_on_grid(window, start) and _on_grid(window, end) and start <= end):
        return None
    for series in window.series:
        if series.selector == place["selector"]:
            cited = window.cite(series, start, end)
            if (cited.locator, cited.quote) == (citation.locator, citation.quote):
                values = tuple(window.samples_between(series, start, end))
                return Samples(citation=citation, window=window, series=series, start=start, end=end, values=values)
    return None


def _on_grid(window: MetricsWindow, at: datetime) -> bool:
    """Whether a sample of the window may lie at that time, or the window ends there."""
    since_s = (at - window.start_time).total_seconds()
    return window.start_time <= at <= window.end_time and (since_s % window.step_s == 0 or at == window.end_time)


def _words(excerpt: ReferenceExcerpt, citation: Citation) -> Words | None:
    if citation.citation_source != excerpt.source:
        return None
    for passage in excerpt.passages:
        at_place = citation.quote in passage.text and excerpt.cite(passage, citation.quote).locator == citation.locator
        if at_place and stands_in(citation.quote, passage.text):
            return Words(citation=citation, excerpt=excerpt, passage=passage)
    return None


def _ticket(tickets: TicketList, citation: Citation) -> TicketFields | None:
    for ticket in tickets.tickets:
        if ticket.key == citation.citation_source:
            stands = tickets.supports(citation)
            return TicketFields(citation=citation, tickets=tickets, ticket=ticket) if stands else None
    return None
