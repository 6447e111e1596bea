"""Figures that may be stated, and whether one is among them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from math import isclose

from core.reading.calendar_words import has_other_dates, in_iso
from core.reading.quantities import durations
from core.reading.times import read_day
from core.rules.grounds.figures import Figure, FigureKind, figures, read_date, read_moment

_IMMEDIATELY = re.compile(r"\bimmediate|\bat once\b|\bright away\b", re.IGNORECASE)
_ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_ISO_WEEK = re.compile(r"\b\d{4}-?W\d{2}\b")
MAX_DUE_MINUTES = 60 * 24 * 60
"""Nothing that a policy asks for is due later than two months after the start."""
_ROUNDING = 0.006
"""Three digits differ from the whole by less: what differs by more need not be rounded to be refused."""
_LEADING_ZERO = re.compile(r"0\d")
_SIGNIFICANT_DIGITS = (3, 4, 5, 6)
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
        if has_other_dates(text):
            self.days.update(day for match in _ISO_DAY.finditer(in_iso(text)) if (day := read_date(match[0])))
        if "W" in text:
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
            spans = (
                span
                for spans in (self.numbers, self.written_spans, self.spans)
                for span in spans
                if span <= MAX_DUE_MINUTES
            )
            yield from (self.due_from + timedelta(minutes=span) for span in spans)

    def _read_day(self, text: str) -> None:
        if day := read_date(text):
            self.days.add(day)


def is_clock_of(clock: str, moment: datetime) -> bool:
    """Whether `9:05`, `09:05` or `09:05:31` is the time of day of the moment, to the minute or the second."""
    parts = [int(part) for part in clock.split(":")]
    return parts == [moment.hour, moment.minute, moment.second][: len(parts)]


def is_rounded(value: float, sample: float) -> bool:
    """Whether the value is the sample, or the sample with fewer digits, at least three."""
    if abs(value - sample) > _ROUNDING * abs(sample):
        return False
    return value == sample or any(value == float(f"{sample:.{digits}g}") for digits in _SIGNIFICANT_DIGITS)
