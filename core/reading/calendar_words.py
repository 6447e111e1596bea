"""Days, clock times and zones as people write them, brought into ISO 8601."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
            "sep sept september", "oct october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_FIRST = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-](?:of\s)?(?P<month>{_MONTH})\.?,?[\s-](?P<year>\d{{4}})\b",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})\b", re.IGNORECASE
)
_DOTTED = re.compile(r"(?<![\w.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?![\w.]\d|\w)")
# 04/05/2026 is two days, by who reads it; 21/04/2026 and 04/21/2026 are one each
_SLASHED = re.compile(r"(?<![\w/])(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{4})(?![\w/])")
_YEAR_FIRST = re.compile(r"(?<![\w/])(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?![\w/])")
_MONTHS_OF_A_YEAR = 12
_HALF_DAY = re.compile(r"\b(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s?(?P<half>am|pm)\b", re.IGNORECASE)
_DAY_THEN_CLOCK = re.compile(
    r"\b(?P<day>\d{4}-\d{2}-\d{2}),?\s(?:at\s|from\s|between\s|@\s?|,\s?)?(?P<clock>\d{1,2}:\d{2})", re.IGNORECASE
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})")
_OTHER_DATE = re.compile(
    r"\d[./-]\d{1,2}[./]\d{4}|\d{4}/\d|\d(?:\.|st|nd|rd|th)?[\s-][A-Z][a-z]{2,8}\.?,?[\s-]\d{4}|[A-Z][a-z]{2,8}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}"
)
_AREAS = ("Europe", "America", "Asia", "Australia", "Africa", "Pacific", "Atlantic", "Indian")


def in_iso(text: str) -> str:
    """The text with its dates as `2026-02-14`, its clock times as `14:30`, and a clock time straight after its date."""
    found = _DAY_FIRST.sub(_iso_date, text)
    found = _MONTH_FIRST.sub(_iso_date, found)
    found = _YEAR_FIRST.sub(_iso_numbers, _DOTTED.sub(_iso_numbers, found))
    found = _SLASHED.sub(_iso_slashed, found)
    found = _HALF_DAY.sub(_iso_clock, found)
    return _DAY_THEN_CLOCK.sub(r"\g<day> \g<clock>", found)


@lru_cache(maxsize=1024)  # several rules ask of the same quotes
def has_other_dates(text: str) -> bool:
    """Whether a text writes a date otherwise than in ISO; of a name in capitals it may only seem so."""
    return _OTHER_DATE.search(text) is not None


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo | None:
    """The zone of an offset, `UTC`, an IANA name or a city; None for anything else."""
    if name.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    if offset := _OFFSET.fullmatch(name):
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"])
        signed = timedelta(minutes=-minutes if offset["sign"] == "-" else minutes)
        return timezone(signed) if abs(signed) < timedelta(days=1) else None
    city = name.replace(" ", "_")
    for key in (name,) if "/" in name else (f"{area}/{city}" for area in _AREAS):
        try:
            return ZoneInfo(key)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


def _iso_date(match: re.Match[str]) -> str:
    return f"{match['year']}-{_MONTHS[match['month'].lower()]:02d}-{int(match['day']):02d}"


def _iso_numbers(match: re.Match[str]) -> str:
    return _dated(match[0], match["year"], int(match["month"]), int(match["day"]))


def _iso_slashed(match: re.Match[str]) -> str:
    first, second = int(match["first"]), int(match["second"])
    day, month = (first, second) if first > _MONTHS_OF_A_YEAR else (second, first)
    return _dated(match[0], match["year"], month, day) if day > _MONTHS_OF_A_YEAR or day == month else match[0]


def _dated(written: str, year: str, month: int, day: int) -> str:
    """The date in ISO; what is written where it can be none: `4.13.2026`, a version."""
    return f"{year}-{month:02d}-{day:02d}" if 1 <= month <= _MONTHS_OF_A_YEAR and 1 <= day <= 31 else written  # noqa: PLR2004 -- days of a month


def _iso_clock(match: re.Match[str]) -> str:
    hour = int(match["hour"])
    if not 1 <= hour <= 12:  # noqa: PLR2004 -- the hours of a half-day clock
        return match[0]
    return f"{hour % 12 + (12 if match['half'].lower() == 'pm' else 0):02d}:{match['minute'] or '00'}"
