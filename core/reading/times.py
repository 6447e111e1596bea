"""Windows, weeks and offsets in the text of a task."""

import re
from datetime import UTC, date, datetime, timedelta

from pydantic import ValidationError

from core.reading.quantities import durations
from core.window import Window

_STAMP = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?\s?(?:Z|UTC)?"
_SPAN = re.compile(rf"(?P<start>{_STAMP})\s*(?:to|until|till|and|through|/|\.\.|-|–|—)\s*(?P<end>{_STAMP}|{_CLOCK})")
_ONE = re.compile(_STAMP)
_CLOCKS_ON = re.compile(
    rf"(?P<start>{_CLOCK})\s*(?:to|until|and|-|–|—)\s*(?P<end>{_CLOCK})\s+on\s+(?P<day>\d{{4}}-\d{{2}}-\d{{2}})"
)
_RECENT = re.compile(r"\b(?:last|past|previous)\s+(?P<span>[\w.\s-]{1,24})", re.IGNORECASE)
_WEEK = re.compile(r"\bweek\b[^.\d]{0,40}(?P<day>\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_ISO_WEEK = re.compile(r"\b(?P<year>\d{4})-?W(?P<week>\d{2})\b")
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_OFFSET = re.compile(r"(?:\bat|\bafter|\bby)?\s*(?:\+|T\+|t\+)\s?(?P<span>\d{1,4}\s?[a-z]+)", re.IGNORECASE)
_AROUND = timedelta(minutes=30)


def read_moment(text: str) -> datetime | None:
    """The moment in UTC; a time without a zone is taken as UTC; None for what is no time."""
    cleaned = re.sub(r"\s?(?:UTC|Z)$", "+00:00", text.strip())
    try:
        moment = datetime.fromisoformat(cleaned)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_day(text: str) -> date | None:
    """The calendar day an ISO date, or an ISO week such as `2026-W08` (its Monday), names; None for anything else."""
    week = _ISO_WEEK.fullmatch(text.strip())
    try:
        if week:
            return date.fromisocalendar(int(week["year"]), int(week["week"]), 1)
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def read_window(text: str, now: datetime) -> Window | None:
    """The window a text names: two times, two clock times on a day, `last 30 min` before `now`, or around one time."""
    if match := _SPAN.search(text):
        start = read_moment(match["start"])
        return _window(start, _end_of_span(start, match["end"]))
    if match := _CLOCKS_ON.search(text):
        return _window(_on_day(match["day"], match["start"]), _on_day(match["day"], match["end"]))
    if match := _RECENT.search(text):
        span = next(durations(match["span"]), None) or next(durations(f"one {match['span']}"), None)
        if span is not None and span.start <= 1:
            return _window(now - timedelta(minutes=span.value), now)
    if match := _ONE.search(text):
        moment = read_moment(match[0])
        return None if moment is None else _window(moment - _AROUND, moment + _AROUND)
    return None


def read_week_start(text: str) -> date | None:
    """The Monday of the week a text asks about: `the week that starts 2026-02-16`, `week of …`, `2026-W08`."""
    if match := _ISO_WEEK.search(text):
        return read_day(match[0])
    if (match := _WEEK.search(text)) and (day := read_day(match["day"])):
        return day - timedelta(days=day.weekday())
    return None


def read_day_in(text: str) -> date | None:
    """The first calendar day a text names."""
    match = _DAY.search(text)
    return read_day(match[0]) if match else None


def read_offset_minutes(text: str) -> float | None:
    """Minutes since an incident's start that a text names with a plus sign: `at +25 minutes`."""
    match = _OFFSET.search(text)
    span = next(durations(match["span"]), None) if match else None
    return span.value if span else None


def _end_of_span(start: datetime | None, text: str) -> datetime | None:
    if start is None or "-" in text[:8]:
        return read_moment(text)
    return _on_day(start.date().isoformat(), text)


def _on_day(day: str, clock: str) -> datetime | None:
    hours, _, rest = clock.strip().partition(":")
    return read_moment(f"{day}T{int(hours):02d}:{rest}")


def _window(start: datetime | None, end: datetime | None) -> Window | None:
    if start is None or end is None:
        return None
    try:
        return Window(start=start, end=end)
    except ValidationError:
        return None
