"""Points in time that something may be due at, and the moment that one stands for, from a reference time where it needs one."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from core.window import iso
from tools.dates.finder import read_at
from tools.dates.values import Kind, Point, Stamp, TimeExpression
from tools.patterns import DATE, DATE_IN_WORDS, MONTH, OFFSET, ORDINAL, STAMP, TIME, WEEKDAY, ZONE

_PERIOD = (
    rf"(?:business\sday|working\sday|day|business|play|week|month|quarter|year|sprint|shift|today|tomorrow|{WEEKDAY})"
)
PERIOD_END = rf"(?:(?:EOD|COB|EOB|EOW|EOM)(?!\w)|(?:the\s)?(?:end|close)\sof\s(?:the\s|this\s|next\s)?{_PERIOD}(?!\w))"
_DAY = (
    rf"(?:{DATE}(?!\d)|{DATE_IN_WORDS}|(?:the\s)?\d{{1,2}}(?:st|nd|rd|th)(?!\w)"
    rf"|(?:the\s)?(?:this\s|next\s|coming\s)?{WEEKDAY}(?!\w)"
    r"|(?:today|tonight|tomorrow(?:\s(?:morning|noon|afternoon|evening|night))?"
    r"|this\s(?:morning|afternoon|evening|week|month)|next\s(?:week|month|quarter|sprint))(?!\w))"
)
_HOUR = rf"(?:{TIME}|noon(?!\w)|midnight(?!\w)|{PERIOD_END})"
MOMENT = rf"(?:{STAMP}|{_DAY}(?:T|,?\s(?:at\s)?){_HOUR}|{_HOUR}(?:,?\s(?:on\s)?{_DAY})?|{_DAY})"

_FIND_DATE = re.compile(
    rf"(?P<iso>{DATE})|(?:(?P<day>{ORDINAL}) (?:of )?(?P<month>{MONTH})|(?P<month_first>{MONTH}) (?P<day_second>{ORDINAL}))"
    r",? (?P<year>\d{4})(?!\w)",
    re.IGNORECASE,
)
_FIND_CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?::(?P<second>\d{2}))?(?:[.,]\d{1,9})?"
    rf"(?:\s?(?P<half>[ap])\.?m(?!\w)\.?)?(?:\s?(?P<zone>{ZONE}|{OFFSET}))?",
    re.IGNORECASE,
)
_MOMENT = re.compile(MOMENT, re.IGNORECASE)
_DAY_END = re.compile(
    r"(?:EOD|COB|EOB|(?:the\s)?(?:end|close)\sof\s(?:the\s)?(?:business(?:\sday)?|working\sday|day|play))(?!\w)(?:,?\s(?:on\s|of\s)?)?",
    re.IGNORECASE,
)
_MONTH_END = re.compile(r"EOM(?!\w)", re.IGNORECASE)
_WEEK = timedelta(weeks=1)
_ARTICLE = re.compile(r"the\s", re.IGNORECASE)
_LENGTHS = frozenset({Kind.DURATION, Kind.SET, Kind.ZONE})
_FIRST, _SECOND = datetime(2001, 2, 7, 3, 4, 5), datetime(2028, 9, 30, 18, 41, 9)  # noqa: DTZ001 - two moments with nothing in common
_OFFSET = re.compile(r"(?:utc|gmt)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HALF_DAY = 12


@dataclass(frozen=True, kw_only=True)
class Due:
    """Where the words of a point in time end, the moment in ISO 8601, and what kept it from being one."""

    end: int
    at: str | None
    note: str | None = None


def read_due(text: str, start: int, now: datetime | None, *, before: bool = False) -> Due | None:
    """The point in time that begins there; what needs a reference has a moment only where `now` is given.

    Of a period it is the last day, or with `before` the first. A weekday or an hour is the next one from `now` on. `now` may
    have a zone, which then holds for words without one.
    """
    match = _MOMENT.match(text, start)
    local = (now or _FIRST).replace(tzinfo=None)
    expression = _expression(text, start, local)
    if match is None and expression is None:
        return None
    end = max(match.end() if match else start, expression.end if expression else start)
    if at := read_moment(text[start:end]):
        return Due(end=end, at=at)
    if expression is None or expression.end < end:
        return Due(end=end, at=_day_end(text[start:end], now))
    if len(expression.offsets) > 1:
        offsets = [_offset_name(minutes) for minutes in expression.offsets]
        return Due(end=end, at=None, note=f"{expression.zone} may be {', '.join(offsets[:-1])} or {offsets[-1]}")
    if (day := _day_end(text[start:end], now)) is not None:
        return Due(end=end, at=day)
    if now is None and _expression(text, start, _SECOND) != expression:
        return Due(end=end, at=None)
    return Due(end=end, at=_coming(expression, text[start:end], now, before=before))


def _expression(text: str, start: int, local: datetime) -> TimeExpression | None:
    """The expression of time there, with or without its article; spans and sets are no points in time."""
    found = [read_at(text, start, local)]
    if article := _ARTICLE.match(text, start):
        found.append(read_at(text, article.end(), local))
    points = [item for item in found if item is not None and item.kind not in _LENGTHS]
    return max(points, key=lambda item: item.end, default=None)


def _day_end(words: str, now: datetime | None) -> str | None:
    """The day of `EOD Friday`, `close of business`, `EOM`: its last hour is each company's own."""
    if now is None:
        return None
    today = now.date()
    if _MONTH_END.match(words):
        return ((today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)).isoformat()
    match = _DAY_END.match(words)
    if match is None:
        return None
    if match.end() == len(words):
        return today.isoformat()
    day = read_at(words, match.end(), now.replace(tzinfo=None))
    return _coming(day, words, now, before=False) if day is not None and day.kind is Kind.DATE else None


def _coming(expression: TimeExpression, words: str, now: datetime | None, *, before: bool) -> str | None:
    """The first reading from now on; of one with hours and minutes that of a clock with 24 hours."""
    stamps = [
        reading.at if isinstance(reading, Point) else (reading.start if before else _last(reading.end))
        for reading in expression.readings
    ]
    local = None if now is None else now.replace(tzinfo=None)
    known: list[Stamp] = [stamp for stamp in stamps if stamp is not None]
    if expression.kind in {Kind.TIME, Kind.TIME_RANGE}:
        if local is None:
            return None
        hours = [stamp for stamp in known if isinstance(stamp, time)]
        chosen = hours[:1] if ":" in words else hours
        known = [
            moment if moment > local else moment + timedelta(days=1)
            for moment in (datetime.combine(local, hour) for hour in chosen)
        ]
        known.sort(key=_as_datetime)
    elif ":" in words and expression.kind is Kind.DATETIME:
        known = known[: max(1, len(known) // 2)] if len(known) > 2 else known  # noqa: PLR2004 - the later half is p.m.
    ahead = [stamp for stamp in known if local is None or _is_ahead(stamp, local)]
    if not ahead and len(known) > 1 and _as_datetime(known[-1]) - _as_datetime(known[-2]) == _WEEK:
        ahead = [_as_datetime(known[-1]) + _WEEK]  # a weekday whose hour has gone by today
    chosen_stamp = next(iter(ahead or known[-1:]), None)
    return None if chosen_stamp is None else _in_iso(chosen_stamp, expression, now)


def _is_ahead(stamp: Stamp, local: datetime) -> bool:
    return stamp >= local if isinstance(stamp, datetime) else _as_datetime(stamp).date() >= local.date()


def _last(stamp: Stamp | None) -> Stamp | None:
    """The last day of a period whose end is the first day behind it."""
    return stamp - timedelta(days=1) if isinstance(stamp, date) and not isinstance(stamp, datetime) else stamp


def _in_iso(stamp: Stamp, expression: TimeExpression, now: datetime | None) -> str:
    if not isinstance(stamp, datetime):
        return stamp.isoformat()
    if expression.offsets:
        return iso(stamp.replace(tzinfo=timezone(timedelta(minutes=expression.offsets[0]))))
    zone = None if now is None else now.tzinfo
    return stamp.isoformat() if zone is None else iso(stamp.replace(tzinfo=zone))


def _as_datetime(stamp: Stamp) -> datetime:
    if isinstance(stamp, datetime):
        return stamp
    return datetime.combine(stamp, time()) if isinstance(stamp, date) else datetime.combine(date.min, stamp)


def _offset_name(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def read_moment(words: str) -> str | None:
    """The moment that words of the pattern MOMENT stand for, in ISO 8601.

    UTC where a zone is given, without a zone where none is, the date alone where no hour is. None where the words leave
    something open: the year, the day, or the offset behind the letters of a zone such as CET.
    """
    match = _FIND_DATE.search(words)
    if match is None:
        return None
    try:
        day = _day(match)
        clock = _FIND_CLOCK.search(f"{words[: match.start()]} {words[match.end() :]}")
        if clock is None:
            return day.isoformat()
        moment = datetime.combine(day, _time(clock))
        if clock["zone"] is None:
            return moment.isoformat()
        offset = _zone(clock["zone"])
        return None if offset is None else iso(moment.replace(tzinfo=offset))
    except (ValueError, OverflowError):  # the 30th of February, an offset of 99 hours, a moment before the year 1
        return None


def _day(match: re.Match[str]) -> date:
    if match["iso"]:
        return date.fromisoformat(match["iso"].replace("/", "-"))
    month = _MONTHS.index((match["month"] or match["month_first"])[:3].lower()) + 1
    return date(int(match["year"]), month, int(re.sub(r"\D", "", match["day"] or match["day_second"])))


def _time(clock: re.Match[str]) -> time:
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % _HALF_DAY + (_HALF_DAY if clock["half"].lower() == "p" else 0)
    return time(hour, int(clock["minute"] or 0), int(clock["second"] or 0))


def _zone(name: str) -> timezone | None:
    if match := _OFFSET.fullmatch(name):
        span = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        return timezone(span if match["sign"] == "+" else -span)
    return UTC if name.lower() in {"z", "utc", "gmt"} else None
