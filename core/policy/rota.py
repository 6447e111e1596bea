"""Who is on call when, read from the entries of a rota."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.base import Json
from core.evidence.reference import Passage, ReferenceExcerpt
from core.reading.times import read_day
from core.report import Citation

SHIFT_DAYS = 7

_START_KEY = re.compile(r"week|start|from|date|begins", re.IGNORECASE)
_END_KEY = re.compile(r"end|until|\bto\b|through", re.IGNORECASE)
_ROLE_KEY = re.compile(
    r"primary|secondary|tertiary|backup|on_?call|engineer|lead|shadow|manager|responder", re.IGNORECASE
)
_OVERRIDE = re.compile(r"overrid|swap|exception|cover", re.IGNORECASE)
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_GENERIC = frozenset(
    {"rotations", "rotation", "rota", "shifts", "schedule", "schedules", "weeks", "entries", "on_call"}
)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """The roles of one rotation from `start` up to, not including, `end` (days; the hand-over hour is the rota's)."""

    rotation: str
    start: date
    end: date
    roles: dict[str, str]
    excerpt: ReferenceExcerpt
    passage: Passage

    def cite(self) -> Citation:
        return self.excerpt.cite(self.passage)


@dataclass(frozen=True, kw_only=True)
class Override:
    """An exception to the rota that touches a span of days: its keys and values in words."""

    start: date
    end: date
    text: str
    excerpt: ReferenceExcerpt
    passage: Passage

    def cite(self) -> Citation:
        return self.excerpt.cite(self.passage)


@dataclass(frozen=True, kw_only=True)
class Rota:
    """Shifts and overrides, and the local time at which one shift hands over to the next."""

    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...]
    handover: time
    zone: ZoneInfo | None

    def on(self, day: date) -> tuple[Shift, ...]:
        """The shift of each rotation that covers the day, in the order of the file."""
        return tuple(shift for shift in self.shifts if shift.start <= day < shift.end)

    def at(self, moment: datetime) -> tuple[Shift, ...]:
        """The shifts at a moment: before the hand-over hour of a change-over day the old shift still holds."""
        local = moment.astimezone(self.zone or UTC)
        if local.time() < self.handover and any(shift.start == local.date() for shift in self.shifts):
            return self.on(local.date() - timedelta(days=1))
        return self.on(local.date())

    def overrides_between(self, start: date, end: date) -> tuple[Override, ...]:
        return tuple(item for item in self.overrides if item.start < end and item.end >= start)


def read_rota(excerpt: ReferenceExcerpt) -> Rota:
    """Every entry that names a first day and at least one role; anything else in the file is left alone."""
    shifts: list[Shift] = []
    overrides: list[Override] = []
    for passage in excerpt.passages:
        if not isinstance(passage.data, dict):
            continue
        heading = " ".join(passage.heading)
        if _OVERRIDE.search(heading) or any(_OVERRIDE.search(key) for key in passage.data):
            overrides.extend(_override(excerpt, passage, passage.data))
        else:
            shifts.extend(_shift(excerpt, passage, passage.data))
    in_order = sorted(shifts, key=lambda shift: (shift.start, shift.passage.start_line))
    return Rota(shifts=tuple(in_order), overrides=tuple(overrides), handover=_handover(excerpt), zone=_zone(excerpt))


def _shift(excerpt: ReferenceExcerpt, passage: Passage, data: dict[str, Json]) -> Iterator[Shift]:
    start = _day(data, _START_KEY) or next(
        (day for key in reversed(passage.heading) if (day := read_day(key)) is not None), None
    )
    roles = {key: _person(value) for key, value in data.items() if _ROLE_KEY.search(key) and _person(value)}
    if start is None or not roles:
        return
    end = _day(data, _END_KEY, inclusive=True)
    rotation = next(
        (key for key in reversed(passage.heading) if key.lower() not in _GENERIC and not re.match(r"\[?\d", key)),
        "on-call",
    )
    yield Shift(
        rotation=str(data.get("rotation", rotation)),
        start=start,
        end=end or start + timedelta(days=SHIFT_DAYS),
        roles=roles,
        excerpt=excerpt,
        passage=passage,
    )


def _override(excerpt: ReferenceExcerpt, passage: Passage, data: dict[str, Json]) -> Iterator[Override]:
    days = sorted(day for value in data.values() if isinstance(value, str) and (day := _strict_day(value)))
    if days:
        yield Override(start=days[0], end=days[-1], text=_in_words(data), excerpt=excerpt, passage=passage)


def _in_words(data: dict[str, Json]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in data.items() if value is not None)


def _strict_day(value: str) -> date | None:
    return read_day(value) if re.match(r"\d{4}-(?:\d{2}-\d{2}|W\d{2})", value) else None


def _day(data: dict[str, Json], pattern: re.Pattern[str], *, inclusive: bool = False) -> date | None:
    for key, value in data.items():
        if pattern.search(key) and isinstance(value, str) and (day := _strict_day(value)):
            return day + timedelta(days=1) if inclusive and "T" not in value else day
    return None


def _person(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return str(value.get("name") or value.get("person") or value.get("user") or "")
    return ""


def _scalars(excerpt: ReferenceExcerpt, word: str) -> Iterator[str]:
    for passage in excerpt.passages:
        if isinstance(passage.data, dict):
            if passage.heading and word in passage.heading[-1].lower():
                yield from (str(value) for value in passage.data.values())
            yield from _named(passage.data, word)
        elif isinstance(passage.data, str) and passage.heading and word in passage.heading[-1].lower():
            yield passage.data


def _named(data: dict[str, Json], word: str) -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, dict):
            if word in key.lower():
                yield from (str(item) for item in value.values())
            yield from _named(value, word)
        elif word in key.lower():
            yield str(value)


def _handover(excerpt: ReferenceExcerpt) -> time:
    clocks = (
        _CLOCK.search(text) for word in ("handover", "hand_over", "hand-over") for text in _scalars(excerpt, word)
    )
    found = next((clock for clock in clocks if clock), None)
    return time(int(found[1]) % 24, int(found[2]) % 60) if found else time(0, 0)


def _zone(excerpt: ReferenceExcerpt) -> ZoneInfo | None:
    for text in (*_scalars(excerpt, "timezone"), *_scalars(excerpt, "time_zone"), *_scalars(excerpt, "tz")):
        try:
            return ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return None
