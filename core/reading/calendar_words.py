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
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>{_MONTH})\.?,?\s(?P<year>\d{{4}})\b", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<month>{_MONTH})\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})\b", re.IGNORECASE
)
_HALF_DAY = re.compile(r"\b(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s?(?P<half>am|pm)\b", re.IGNORECASE)
_DAY_THEN_CLOCK = re.compile(
    r"\b(?P<day>\d{4}-\d{2}-\d{2}),?\s(?:at\s|from\s|between\s|@\s?|,\s?)?(?P<clock>\d{1,2}:\d{2})", re.IGNORECASE
)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})")
_AREAS = ("Europe", "America", "Asia", "Australia", "Africa", "Pacific", "Atlantic", "Indian")


def in_iso(text: str) -> str:
    """The text with its dates as `2026-02-14`, its clock times as `14:30`, and a clock time straight after its date."""
    found = _DAY_FIRST.sub(_iso_date, text)
    found = _MONTH_FIRST.sub(_iso_date, found)
    found = _HALF_DAY.sub(_iso_clock, found)
    return _DAY_THEN_CLOCK.sub(r"\g<day> \g<clock>", found)


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


def _iso_clock(match: re.Match[str]) -> str:
    hour = int(match["hour"])
    if not 1 <= hour <= 12:  # noqa: PLR2004 -- the hours of a half-day clock
        return match[0]
    return f"{hour % 12 + (12 if match['half'].lower() == 'pm' else 0):02d}:{match['minute'] or '00'}"
