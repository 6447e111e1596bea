"""Sentences with labelled expressions of time (the format of Recognizers-Text's specification), and scores against them.

A label counts as found when its span is. Values are compared as that format writes them: `2016-11-07`, `08:00:00`,
`2016-11-07 08:00:00`, `start..end`, seconds, and `not resolved` for sets.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from tools.dates.finder import find_times, find_zones
from tools.dates.values import Point, Stamp, TimeExpression

_NO_REFERENCE = "2020-01-01T00:00:00"
UNRESOLVED = "not resolved"


@dataclass(frozen=True, kw_only=True)
class Span:
    """An expression where it stands, its kind (None where a library does not say) and all its values."""

    start: int
    end: int
    kind: str | None
    values: frozenset[str]

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, kw_only=True)
class Case:
    """A sentence, the moment it was written, its labels, and the part of the set it is from (`DurationParser` …).

    `ported` says whether the set's authors expect the Python port of their library to read it.
    """

    family: str
    text: str
    now: datetime
    labels: tuple[Span, ...]
    ported: bool


@dataclass
class Score:
    """Counts over cases: labels, findings, exact and overlapping spans, right kinds, a right value, and exactly the labelled values."""

    labels: int = 0
    found: int = 0
    exact: int = 0
    touched_labels: int = 0
    touched_found: int = 0
    some_value: int = 0
    all_values: int = 0
    by_kind: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    @property
    def precision(self) -> float:
        return self.exact / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.exact / self.labels if self.labels else 0.0

    @property
    def f1(self) -> float:
        return _harmonic(self.precision, self.recall)

    @property
    def overlap_f1(self) -> float:
        if not self.found or not self.labels:
            return 0.0
        return _harmonic(self.touched_found / self.found, self.touched_labels / self.labels)


def read_cases(path: Path) -> list[Case]:
    """The cases of a file of JSON lines with `text`, `ref` and `results`; rows without a text are left out."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [
        Case(
            family=str(row["_id"]).rsplit("-", 1)[0],
            text=row["text"],
            now=datetime.fromisoformat(row["ref"] or _NO_REFERENCE),
            labels=tuple(_label(result) for result in row["results"] if result),
            ported="python" not in (row.get("not_supported") or "").lower(),
        )
        for row in rows
        if row["text"]
    ]


def our_spans(case: Case) -> list[Span]:
    """What orch reads; in the part about time zones alone, the zones."""
    if case.family.startswith("TimeZone"):
        return [
            Span(start=item.start, end=item.end, kind=item.kind.value, values=_zone_values(item))
            for item in find_zones(case.text, case.now)
        ]
    return [
        Span(start=item.start, end=item.end, kind=item.kind.value, values=values_of(item))
        for item in find_times(case.text, case.now)
    ]


def values_of(item: TimeExpression) -> frozenset[str]:
    """The values of an expression in the format of the labels."""
    if item.seconds is not None:
        return frozenset({f"{item.seconds:g}"})
    values = {
        _stamp(reading.at) if isinstance(reading, Point) else f"{_stamp(reading.start)}..{_stamp(reading.end)}"
        for reading in item.readings
    }
    return frozenset(values or {UNRESOLVED})


def score(cases: list[Case], answers: list[list[Span]]) -> Score:
    """The counts over all cases; in the parts about one kind only findings of that kind count."""
    total = Score()
    for case, answer in zip(cases, answers, strict=True):
        kind = {"DurationParser": "duration", "TimeZoneParser": "timezone"}.get(case.family)
        found = [span for span in answer if kind is None or span.kind in {kind, None}]
        by_place = {(span.start, span.end): span for span in found}
        total.labels += len(case.labels)
        total.found += len(found)
        total.touched_found += sum(any(span.overlaps(label) for label in case.labels) for span in found)
        for label in case.labels:
            counts = total.by_kind.setdefault(label.kind or "", Counter())
            counts["labels"] += 1
            total.touched_labels += any(label.overlaps(span) for span in found)
            span = by_place.get((label.start, label.end))
            if span is None:
                continue
            some, every = bool(span.values & label.values), span.values == label.values
            total.exact += 1
            total.some_value += some
            total.all_values += every
            counts.update(exact=1, some=int(some), all=int(every))
    return total


def _label(result: dict[str, Any]) -> Span:
    kind = str(result.get("TypeName") or result.get("Typename") or result.get("Type")).rsplit(".", 1)[-1]
    start = int(result["Start"])
    end = int(result["End"]) + 1 if "End" in result else start + int(result["Length"])
    return Span(start=start, end=end, kind=kind, values=frozenset(_values(result, kind)))


def _values(result: dict[str, Any], kind: str) -> list[str]:
    resolution: dict[str, Any] = result.get("Resolution") or {}
    resolved: list[dict[str, Any]] | None = resolution.get("values")
    if resolved is not None:
        return [
            _number(value["value"], kind) if "value" in value else f"{value.get('start')}..{value.get('end')}"
            for value in resolved
        ]
    value: dict[str, Any] = result.get("Value") or {}
    coming: dict[str, Any] = value.get("FutureResolution") or {}
    if "duration" in coming:
        return [_number(coming["duration"], kind)]
    zone: dict[str, Any] = value.get("TimeZoneResolution") or {}
    minutes = zone.get("UtcOffsetMins", zone.get("utcOffsetMins"))
    return [UNRESOLVED if int(minutes or 0) == -10_000 else str(minutes)] if minutes is not None else []  # noqa: PLR2004 - the set's mark for unknown


def _number(value: str, kind: str) -> str:
    return f"{float(value):g}" if kind == "duration" and value.replace(".", "", 1).isdigit() else value


def _zone_values(item: TimeExpression) -> frozenset[str]:
    return frozenset({str(item.offsets[0])} if len(item.offsets) == 1 else {UNRESOLVED})


def _stamp(stamp: Stamp | None) -> str:
    if isinstance(stamp, datetime):
        return stamp.strftime("%Y-%m-%d %H:%M:%S")
    return stamp.isoformat() if isinstance(stamp, date | time) else "None"


def _harmonic(one: float, two: float) -> float:
    return 2 * one * two / (one + two) if one + two else 0.0
