"""The figures that follow from cited records: what stands in them, and a small algebra over them.

| from | follows |
| --- | --- |
| the words of a quote, its heading, its columns, its source | the names, numbers, dates and times in them; durations in minutes |
| samples of a series | highest and lowest value and their times; first and last time; samples x step in minutes; the usual value (the median of the samples before the window that was asked about) |
| a log line | its time; how many lines of its log have its shape or name its failure; for a line that is no error, how many errors, warnings and lines there are |
| tickets | their keys; how many are cited; how many were found that are what all the cited ones are (open, an incident, of a severity, status, assignee) |
| two times | whole minutes between an event of a log and a start or end in samples or another event |
| a duty of a policy and the window's start | when it is due (for actions alone) |
| what was asked | its severity, conditions, offset and names |
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import combinations
from math import isclose
from statistics import median

from core.base import Json
from core.brief import Brief
from core.evidence import MetricsWindow, Ticket
from core.findings.logs import is_bad
from core.reading.quantities import durations
from core.reading.times import read_day
from core.rules.grounds.figures import Figure, FigureKind, figures, read_date, read_moment
from core.rules.grounds.line_counts import LineCounts
from core.rules.grounds.records import Hit, Line, Record, Records, Samples, TicketFields, Words

_IMMEDIATELY = re.compile(r"\bimmediate|\bat once\b|\bright away\b", re.IGNORECASE)
_ISO_WEEK = re.compile(r"\b\d{4}-?W\d{2}\b")
MAX_DUE_MINUTES = 60 * 24 * 60
"""Nothing that a policy asks for is due later than two months after the start."""
_ROUNDING = 0.0006
"""Four digits differ from the whole by less: what differs by more need not be rounded to be refused."""
_LEADING_ZERO = re.compile(r"0\d")
_SIGNIFICANT_DIGITS = (4, 5, 6)
"""A measured figure may be given with as many digits; with fewer it would fit too many samples."""


@dataclass(kw_only=True)
class Basis:
    """Figures that may be stated. `measured` are values of samples, `spans` durations in minutes, `counts` how many."""

    texts: list[str] = field(default_factory=list[str])
    parts: list["Basis"] = field(default_factory=list["Basis"])
    names: set[str] = field(default_factory=set[str])
    numbers: set[float] = field(default_factory=set[float])
    measured: set[float] = field(default_factory=set[float])
    counts: set[float] = field(default_factory=set[float])
    spans: set[float] = field(default_factory=set[float])
    moments: set[datetime] = field(default_factory=set[datetime])
    clocks: set[str] = field(default_factory=set[str])
    days: set[date] = field(default_factory=set[date])
    due_from: datetime | None = None

    def read(self, text: str) -> None:
        """Takes in what stands in a text."""
        self.texts.append(text)
        for figure in figures(text):
            match figure.kind:
                case FigureKind.NAME:
                    self.names.add(figure.text.lower())
                case FigureKind.NUMBER:
                    self.numbers.add(figure.value)
                    self.names.add(figure.text)
                case FigureKind.CLOCK:
                    self.clocks.add(figure.text)
                case FigureKind.DATE:
                    self._read_day(figure.text)
                case FigureKind.STAMP:
                    self._read_day(figure.text[:10])
                    self.clocks.add(figure.text[11:16])
                    if moment := read_moment(figure.text):
                        self.moments.add(moment)
        self.days.update(day for match in _ISO_WEEK.finditer(text) if (day := read_day(match[0])))

    def join(self, other: "Basis") -> None:
        """Takes in all of another basis."""
        self.parts.append(other)
        self.names |= other.names
        self.numbers |= other.numbers
        self.measured |= other.measured
        self.counts |= other.counts
        self.spans |= other.spans
        self.moments |= other.moments
        self.clocks |= other.clocks
        self.days |= other.days

    @cached_property
    def written_spans(self) -> frozenset[float]:
        """The durations that stand in the texts, in minutes."""
        found = {item.value for text in self.texts for item in durations(text)}
        if any(_IMMEDIATELY.search(text) for text in self.texts):
            found.add(0.0)
        return frozenset(found).union(*(part.written_spans for part in self.parts))

    def has(self, figure: Figure) -> bool:
        """Whether the figure follows; one that an ellipsis cuts short may be the beginning of one that does."""
        if figure.is_cut and any(figure.text in text for part in (self, *self.parts) for text in part.texts):
            return True
        match figure.kind:
            case FigureKind.NAME:
                return figure.text.lower() in self.names
            case FigureKind.NUMBER:
                return self._has_number(figure)
            case FigureKind.DATE:
                day = read_date(figure.text)
                return day in self.days or any(moment.date() == day for moment in self._times())
            case FigureKind.CLOCK:
                return figure.text in self.clocks or any(is_clock_of(figure.text, moment) for moment in self._times())
            case FigureKind.STAMP:
                return self._has_moment(figure.text)

    def _has_number(self, figure: Figure) -> bool:
        # What is computed first: to look for durations in texts takes longest.
        return self.computes(figure) or self.writes(figure)

    def writes(self, figure: Figure) -> bool:
        """Whether the figure stands in a text, as it is or as another way to write the same number or duration."""
        if figure.kind is FigureKind.NAME or _LEADING_ZERO.match(figure.text):
            return figure.text.lower() in self.names
        if figure.text in self.names or figure.value in self.numbers:
            return True
        minutes = figure.minutes
        return minutes is not None and (
            minutes in self.numbers or any(isclose(minutes, span, abs_tol=0.01) for span in self.written_spans)
        )

    def computes(self, figure: Figure) -> bool:
        """Whether the figure follows from samples, lines, tickets or times."""
        if figure.kind is not FigureKind.NUMBER or _LEADING_ZERO.match(figure.text):
            return False
        value, minutes = figure.value, figure.minutes
        if minutes is None:
            return value in self.counts or any(is_rounded(value, sample) for sample in self.measured)
        # Samples may be seconds; what is said in minutes or hours is how long something lasted.
        in_seconds = minutes < value and any(is_rounded(value, sample) for sample in self.measured)
        return in_seconds or any(isclose(minutes, span, abs_tol=0.01) for span in self.spans)

    def _has_moment(self, text: str) -> bool:
        moment = read_moment(text)
        if moment is None:
            return False
        to_the_minute = len(text.rstrip("Z")) <= len("2026-02-14 10:05")
        return any(
            moment in {known, known.replace(microsecond=0)}
            or (to_the_minute and moment == known.replace(second=0, microsecond=0))
            for known in self._times()
        )

    def _times(self) -> Iterator[datetime]:
        """The moments that follow; last, since it takes longest to find them, when the duties cited are due."""
        yield from self.moments
        if self.due_from is not None:
            spans = (span for spans in (self.numbers, self.written_spans) for span in spans if span <= MAX_DUE_MINUTES)
            yield from (self.due_from + timedelta(minutes=span) for span in spans)

    def _read_day(self, text: str) -> None:
        if day := read_date(text):
            self.days.add(day)


def is_clock_of(clock: str, moment: datetime) -> bool:
    """Whether `9:05`, `09:05` or `09:05:31` is the time of day of the moment, to the minute or the second."""
    parts = [int(part) for part in clock.split(":")]
    return parts == [moment.hour, moment.minute, moment.second][: len(parts)]


def is_rounded(value: float, sample: float) -> bool:
    """Whether the value is the sample, or the sample with fewer digits, at least four."""
    if abs(value - sample) > _ROUNDING * abs(sample):
        return False
    return value == sample or any(value == float(f"{sample:.{digits}g}") for digits in _SIGNIFICANT_DIGITS)


class Bases:
    """The basis of each statement; a record's own part is worked out once."""

    def __init__(self, records: Records, brief: Brief) -> None:
        self._records = records
        self._brief = brief
        self._parts: dict[int, Basis] = {}
        self._counts: dict[int, LineCounts] = {}
        self.asked = _asked(brief)

    def of(self, cited: Iterable[Record], *, with_due_times: bool = False) -> Basis:
        """What may be stated by a statement that cites these records."""
        cited = tuple(cited)
        basis = Basis()
        basis.join(self.asked)
        for record in cited:
            basis.join(self._part(record))
        basis.counts |= _ticket_counts(cited)
        basis.spans |= set(minutes_between(cited))
        if with_due_times and self._brief.window is not None:
            basis.due_from = self._brief.window.start
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
        basis.read(record.series.selector)
        basis.moments |= {record.start, record.end}
        values = [value for _, value in record.values]
        if not values:
            return
        extremes = {max(values), min(values)}
        basis.measured |= extremes
        basis.moments |= {at for at, value in record.values if value in extremes}
        basis.spans.add(len(values) * record.window.step_s / 60)
        if self._brief.window is not None:
            usual = usual_value(self._records, record, self._brief.window.start)
            basis.measured |= set() if usual is None else {usual}

    def _line_counts(self, record: Line) -> set[float]:
        counts = self._counts.get(id(record.logs))
        if counts is None:
            counts = self._counts[id(record.logs)] = LineCounts(record.logs)
        # An error stands for its like; of a line that is none, the whole log is told.
        return counts.alike(record.line) | (set() if is_bad(record.line) else counts.whole)


def _ticket_counts(cited: tuple[Record, ...]) -> set[float]:
    """How many tickets are cited, and how many of those found are what all the cited ones are: open, of a severity."""
    fields = [record for record in cited if isinstance(record, TicketFields)]
    if not fields:
        return set()
    found = fields[0].tickets.tickets
    kinds = [_kinds(record.ticket) for record in fields]
    common = sorted(kinds[0].intersection(*kinds[1:]))
    others = [_kinds(ticket) for ticket in found]
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
        )
    )


def usual_value(records: Records, cited: Samples, since: datetime) -> float | None:
    """The median of the series' samples before a moment; None where the run brought in none."""
    usual: list[float] = []
    for window in records.outputs_of(MetricsWindow):
        for series in window.series:
            if window.start_time < since and series.selector == cited.series.selector:
                steps = int((since - window.start_time).total_seconds() // window.step_s)
                part = series.values if window.end_time <= since else series.values[:steps]
                usual += [value for value in part if value is not None]
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


def surroundings(record: Words | Hit) -> Iterable[str]:
    """The texts that belong to a quote without being part of it: headings and columns, or a document's title."""
    if isinstance(record, Words):
        yield from record.passage.heading
        if isinstance(record.passage.data, dict):
            yield from record.passage.data
    else:
        yield from _strings(record.hit.metadata)


def _strings(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


def _asked(brief: Brief) -> Basis:
    basis = Basis()
    for text in (*brief.services, *brief.dependencies, *brief.policies, *brief.required_citations):
        basis.read(text)
    for text in (brief.severity, brief.project_key, brief.ticket_text):
        basis.read(text or "")
    for condition in brief.thresholds:
        basis.read(condition.quote)
        basis.numbers.add(condition.value)
    if brief.offset_minutes is not None:
        basis.spans.add(brief.offset_minutes)
    basis.days |= {day for day in (brief.week_start, brief.day) if day is not None}
    return basis
