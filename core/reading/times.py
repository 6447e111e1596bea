"""Windows, weeks, moments and offsets in the text of a task."""

import re
from datetime import UTC, date, datetime, time, timedelta

from pydantic import ValidationError

from core.reading.calendar_words import in_iso, zone_of
from core.reading.quantities import durations
from core.window import Window

_ZONE = r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|(?-i:[A-Z][A-Za-z]+/[A-Z]\w+|[A-Z][a-z]+(?:\s[A-Z][a-z]+)?\s(?=time\b)))"
_CLOCK = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?)?(?:\s?{_ZONE})?"
_STAMP = rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]{_CLOCK}"
_TO = r"\s*(?:to|until|till|and|through|up\sto|/|\.\.|-|–|—)\s*"
_SPAN = re.compile(rf"(?P<start>{_STAMP}){_TO}(?P<end>{_STAMP}|{_CLOCK})", re.IGNORECASE)
_ONE = re.compile(_STAMP, re.IGNORECASE)
_CLOCKS_ON = re.compile(
    rf"(?P<start>{_CLOCK}){_TO}(?P<end>{_CLOCK})\s+(?:on|of)\s+(?P<day>\d{{4}}-\d{{2}}-\d{{2}})", re.IGNORECASE
)
_CLOCK_ON = re.compile(rf"(?P<clock>{_CLOCK})\s+(?:on|of)\s+(?P<day>\d{{4}}-\d{{2}}-\d{{2}})", re.IGNORECASE)
_PARTS = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[T ]?(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s?(?P<zone>.*)", re.DOTALL
)
_RECENT = re.compile(r"\b(?:last|past|previous)\s+(?P<span>[\w.\s-]{1,24})", re.IGNORECASE)
_WEEK = re.compile(
    r"\bweek\b(?P<starts>\s(?:that\s|which\s)?(?:starts?|starting|begins?|beginning|commencing|from))?[^.\d]{0,40}"
    r"(?P<day>\d{4}-\d{2}-\d{2})",
    re.IGNORECASE,
)
_ISO_WEEK = re.compile(r"\b(?P<year>\d{4})-?W(?P<week>\d{2})\b")
_WEEK_OF_YEAR = re.compile(r"\bweek\s(?P<week>\d{1,2})(?:,|\sof)?\s(?P<year>\d{4})\b", re.IGNORECASE)
_NAMED_WEEK = re.compile(r"\b(?P<which>this|current|next|last|previous)\sweek\b(?!\s(?:that|which|of))", re.IGNORECASE)
_NAMED_DAY = re.compile(r"\b(?P<which>today|tonight|tomorrow|yesterday)\b", re.IGNORECASE)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_OFFSET = re.compile(r"(?<![\w:])(?:T\s?)?\+\s?(?P<span>\d{1,4}(?:\s?[a-z]+)?)(?!\d|:\d)", re.IGNORECASE)
_AT_MINUTE = re.compile(r"\bminute\s(?P<minute>\d{1,4})\b", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:for|after|already|since|at\sminute)\s+(?P<span>[\w\s-]{1,30})", re.IGNORECASE)
_GONE_BY = re.compile(
    r"(?P<span>[\w-]+(?:\s[\w-]+){0,3}?)\s(?:old\b|ago\b|later\b|in\b|into\b|have\spassed|has\spassed|after\b|since\b|without\b)",
    re.IGNORECASE,
)
_AROUND = timedelta(minutes=30)


def read_moment(text: str) -> datetime | None:
    """The moment in UTC; a time without a zone is taken as UTC; None for what is no time.

    The zone may be an offset, `UTC`, an IANA name, or a city (`2026-05-21 09:30 Tokyo`).
    """
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        return None
    try:
        day = date.fromisoformat(parts["day"])
        moment = datetime.combine(day, time.fromisoformat(parts["clock"].zfill(5)))
    except ValueError:
        return None
    named = parts["zone"].strip()
    try:
        zone = UTC if not named else zone_of(named)
        return None if zone is None else moment.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None


def read_day(text: str) -> date | None:
    """The calendar day a date (`2026-02-14`, `14.02.2026`, `14 Feb 2026`), or an ISO week such as `2026-W08` (its Monday), names; None for anything else."""
    plain = in_iso(text.strip()) if text.strip()[:1].isdigit() else text.strip()
    week = _ISO_WEEK.fullmatch(plain)
    try:
        if week:
            return date.fromisocalendar(int(week["year"]), int(week["week"]), 1)
        return date.fromisoformat(plain[:10])
    except ValueError:
        return None


def read_window(text: str, now: datetime) -> Window | None:
    """The window a text names: two times, two clock times on a day, `last 30 min` before `now`, or around one time."""
    plain = in_iso(text)
    if match := _SPAN.search(plain):
        return _between(match["start"], match["end"])
    if match := _CLOCKS_ON.search(plain):
        return _between(f"{match['day']} {match['start']}", match["end"])
    if match := _RECENT.search(plain):
        span = next(durations(match["span"]), None) or next(durations(f"one {match['span']}"), None)
        if span is not None and span.start <= 1:
            return _window(now - timedelta(minutes=span.value), now)
    moment = _one_moment(plain)
    return None if moment is None else _window(moment - _AROUND, moment + _AROUND)


def read_one_moment(text: str) -> datetime | None:
    """The moment of a text that names just one, and no span of time."""
    plain = in_iso(text)
    return None if _SPAN.search(plain) or _CLOCKS_ON.search(plain) else _one_moment(plain)


def read_week_start(text: str, today: date | None = None) -> date | None:
    """The first day of the week a text asks about.

    The day itself for `the week that starts 2026-02-16`; the Monday for `week of …`, `2026-W08`, `week 8 of 2026`, and, where
    `today` is known, `next week`.
    """
    plain = in_iso(text)
    if match := _ISO_WEEK.search(plain):
        return read_day(match[0])
    if match := _WEEK_OF_YEAR.search(plain):
        return read_day(f"{match['year']}-W{int(match['week']):02d}")
    if (match := _WEEK.search(plain)) and (day := read_day(match["day"])):
        return day if match["starts"] else day - timedelta(days=day.weekday())
    if today is not None and (match := _NAMED_WEEK.search(plain)):
        weeks = {"next": 1, "last": -1, "previous": -1}.get(match["which"].lower(), 0)
        return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
    return None


def read_day_in(text: str, today: date | None = None) -> date | None:
    """The first calendar day a text names; `tomorrow` and the like where `today` is known."""
    if match := _DAY.search(in_iso(text)):
        return read_day(match[0])
    if today is not None and (match := _NAMED_DAY.search(text)):
        return today + timedelta(days={"tomorrow": 1, "yesterday": -1}.get(match["which"].lower(), 0))
    return None


def read_offset_minutes(text: str) -> float | None:
    """Minutes since an incident's start that a text names with a plus sign: `at +25 minutes`, `T+45`."""
    if match := _AT_MINUTE.search(text):
        return float(match["minute"])
    for match in _OFFSET.finditer(text):
        digits = match["span"]
        if digits.isdigit():
            if "T" in match[0].upper() or re.search(r"\bat\s*$", text[: match.start()], re.IGNORECASE):
                return float(digits)
        elif span := next(durations(digits), None):
            return span.value
    return None


def read_elapsed_minutes(text: str) -> float | None:
    """Minutes that have gone by, in a text known to be about what is due by now: `is 12 minutes old`, `for 9 minutes`."""
    for match in _SINCE.finditer(text):
        span = next(durations(match["span"]), None)
        if span is not None and span.start == 0:
            return span.value
    spans = (next(durations(match["span"]), None) for match in _GONE_BY.finditer(text))
    return next((span.value for span in spans if span is not None), None)


def _one_moment(plain: str) -> datetime | None:
    if match := _ONE.search(plain):
        return read_moment(match[0])
    if match := _CLOCK_ON.search(plain):
        return read_moment(f"{match['day']} {match['clock']}")
    return None


def _between(start: str, end: str) -> Window | None:
    """The window of two times; a clock alone is one of the first one's day, and a zone said once holds for both."""
    first, last = _PARTS.fullmatch(start.strip()), _PARTS.fullmatch(end.strip())
    if first is None:
        return None
    if last is None:
        last = _PARTS.fullmatch(f"{first['day']} {end.strip()}")
    if last is None:
        return None
    zone = first["zone"].strip() or last["zone"].strip()
    until = last["zone"].strip() or zone
    return _window(
        read_moment(f"{first['day']} {first['clock']} {zone}"), read_moment(f"{last['day']} {last['clock']} {until}")
    )


def _window(start: datetime | None, end: datetime | None) -> Window | None:
    if start is None or end is None:
        return None
    try:
        return Window(start=start, end=end)
    except ValidationError:
        return None
