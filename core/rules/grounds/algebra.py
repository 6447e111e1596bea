"""The figures that follow from cited records: what stands in them, and a small algebra over them.

| from | follows |
| --- | --- |
| the words of a quote, its heading, its columns, its source | the names, numbers, dates and times in them; durations in minutes |
| samples of a series | highest and lowest value and their times; first and last time; samples x step in minutes; the usual value (the median of the samples before the window that was asked about) |
| a log line | its time; how many lines of its log have its shape or name its failure; for a line that is no error, how many errors, warnings and lines there are |
| tickets | their keys; how many are cited; how many were found that are what all the cited ones are (open, an incident, of a severity, status, assignee, year, month) |
| duties of which one counts from another (`a further 7 minutes`) | the sum of their limits |
| two times | whole minutes between an event of a log and a start or end in samples or another event |
| a duty of a policy and the window's start | when it is due (for actions alone) |
| what was asked | its severity, conditions, offset and names |
"""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from statistics import median

from core.brief import Brief
from core.evidence import MetricsWindow, Ticket
from core.findings.logs import is_bad
from core.findings.names import plain_name
from core.reading.quantities import durations
from core.rules.grounds.basis import Basis
from core.rules.grounds.line_counts import LineCounts
from core.rules.grounds.records import Hit, Line, Record, Records, Samples, TicketFields, Words
from core.rules.grounds.wording import surroundings

_FURTHER = re.compile(r"\b(?:further|another|additional|later|thereafter)\b|\bafter that\b|\bmore\b", re.IGNORECASE)


def bases_of(records: Records, brief: Brief) -> "Bases":
    """The bases of a result's statements, made once for all the rules that ask for them."""
    kept = records.kept.get(Bases)
    if not isinstance(kept, Bases) or kept.brief is not brief:
        kept = records.kept[Bases] = Bases(records, brief)
    return kept


class Bases:
    """The basis of each statement; a record's own part is worked out once."""

    def __init__(self, records: Records, brief: Brief) -> None:
        self._records = records
        self.brief = brief
        self._parts: dict[int, Basis] = {}
        self._counts: dict[int, LineCounts] = {}
        self._kinds: dict[int, list[frozenset[str]]] = {}
        self.asked = _asked(brief)

    def of(self, cited: Iterable[Record], *, with_due_times: bool = False) -> Basis:
        """What may be stated by a statement that cites these records."""
        cited = tuple(cited)
        basis = Basis()
        basis.join(self.asked)
        for record in cited:
            basis.join(self._part(record))
        basis.counts |= self._ticket_counts(cited)
        basis.spans |= set(minutes_between(cited)) | set(_chained(cited))
        if with_due_times and self.brief.window is not None:
            basis.due_from = self.brief.alert_time or self.brief.window.start
        return basis

    def _part(self, record: Record) -> Basis:
        if id(record) not in self._parts:
            self._parts[id(record)] = self._read(record)
        return self._parts[id(record)]

    def _read(self, record: Record) -> Basis:
        basis = Basis()
        basis.read(record.citation.citation_source)
        match record:
            case Samples():
                self._read_samples(record, basis)
            case Line():
                basis.read(record.logs.service)
                basis.read(record.citation.quote)
                basis.moments.add(record.line.timestamp)
                basis.counts |= self._line_counts(record)
            case Words():
                basis.read(record.citation.quote)
                for text in surroundings(record):
                    basis.read(text)
            case TicketFields():
                basis.read(record.citation.quote)
            case Hit():
                basis.read(record.citation.quote)
                for text in surroundings(record):
                    basis.read(text)
        return basis

    def _read_samples(self, record: Samples, basis: Basis) -> None:
        name = plain_name(record.series.metric)
        basis.read(record.series.selector)
        basis.read(name.words)
        basis.moments |= {record.start, record.end}
        values = [value for _, value in record.values]
        if not values:
            return
        extremes = {max(values), min(values)}
        basis.measured |= extremes | {value * name.factor for value in extremes}
        basis.moments |= {at for at, value in record.values if value in extremes}
        basis.spans.add(len(values) * record.window.step_s / 60)
        if self.brief.window is not None:
            usual = usual_value(self._records, record, self.brief.window.start)
            basis.measured |= set() if usual is None else {usual, usual * name.factor}

    def _line_counts(self, record: Line) -> set[float]:
        counts = self._counts.get(id(record.logs))
        if counts is None:
            counts = self._counts[id(record.logs)] = LineCounts(record.logs)
        # An error stands for its like; of a line that is none, the whole log is told.
        return counts.alike(record.line) | (set() if is_bad(record.line) else counts.whole)

    def _ticket_counts(self, cited: tuple[Record, ...]) -> set[float]:
        """How many tickets are cited, and how many of those found are what all the cited ones are: open, of a severity."""
        fields = [record for record in cited if isinstance(record, TicketFields)]
        if not fields:
            return set()
        found = fields[0].tickets
        others = self._kinds.get(id(found))
        if others is None:
            others = self._kinds[id(found)] = [_kinds(ticket) for ticket in found.tickets]
        kinds = [_kinds(record.ticket) for record in fields]
        common = sorted(kinds[0].intersection(*kinds[1:]))
        counts = {float(len({record.ticket.key for record in fields}))}
        for size in range(len(common) + 1):
            for some in combinations(common, size):
                counts.add(float(sum(1 for kind in others if kind.issuperset(some))))
        return counts


def _kinds(ticket: Ticket) -> frozenset[str]:
    """What a ticket is, in words that a count may go by."""
    return frozenset(
        (
            f"open {ticket.is_open}",
            f"incident {'incident' in ticket.issue_type.lower()}",
            f"severity {ticket.severity}",
            f"status {ticket.status}",
            f"assignee {ticket.assignee}",
            f"opened in {ticket.created:%Y}",
            f"opened in {ticket.created:%Y-%m}",
        )
    )


def _chained(cited: tuple[Record, ...]) -> Iterable[float]:
    """Sums of limits that count from the step before: `at 15 minutes`, `after a further 7 minutes` → 22; in the order of the file."""
    words = [record for record in cited if isinstance(record, Words)]
    if not any(_FURTHER.search(record.citation.quote) for record in words):
        return
    total = 0.0
    for record in sorted(words, key=lambda record: (record.citation.citation_source, record.passage.start_line)):
        spans = [item.value for item in durations(record.citation.quote)]
        if not spans:
            continue
        if _FURTHER.search(record.citation.quote):
            for span in spans:
                total += span
                yield total
                if len(spans) > 1:
                    yield total - span + spans[0]
        else:
            total = spans[0]


def usual_value(records: Records, cited: Samples, since: datetime) -> float | None:
    """The median of the series' samples before a moment; None where the run brought in none."""
    usual: list[float] = []
    for window in records.outputs_of(MetricsWindow):
        if window.start_time >= since:
            continue
        for series in window.series:
            if series.metric == cited.series.metric and series.selector == cited.series.selector:
                steps = int((since - window.start_time).total_seconds() // window.step_s)
                usual += [value for value in series.values[:steps] if value is not None]
        if usual:
            break
    return median(usual) if usual else None


def minutes_between(cited: Iterable[Record]) -> Iterable[float]:
    """Whole minutes between each cited log line and each boundary of cited samples or other line."""
    cited = tuple(cited)
    events = {record.line.timestamp for record in cited if isinstance(record, Line)}
    bounds = {at for record in cited if isinstance(record, Samples) for at in (record.start, record.end)}
    pairs = [(event, bound) for event in events for bound in bounds]
    for one, other in (*pairs, *combinations(events, 2)):
        yield float(abs((one - other).total_seconds()) // 60)


def _asked(brief: Brief) -> Basis:
    basis = Basis()
    for text in (*brief.services, *brief.dependencies, *brief.callers, *brief.policies, *brief.required_citations):
        basis.read(text)
    for text in (brief.severity, brief.project_key, brief.ticket_text, *brief.ticket_keys):
        basis.read(text or "")
    for condition in brief.thresholds:
        basis.read(condition.quote)
        basis.numbers.add(condition.value)
    if brief.offset_minutes is not None:
        basis.spans.add(brief.offset_minutes)
    basis.days |= {day for day in (brief.week_start, brief.day) if day is not None}
    return basis
