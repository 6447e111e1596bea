"""Points in time in running text, absolute ones and such as `EOD Friday`, and the moment an absolute one stands for."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from core.window import iso
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
_OFFSET = re.compile(r"(?:utc|gmt)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HALF_DAY = 12


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
