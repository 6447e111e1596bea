"""Points in time as posts write them."""

import re
from datetime import UTC, datetime, timedelta, timezone

_ISO = re.compile(
    r"(\d{4})[-./](\d{2})[-./](\d{2})(?:[T ]|,\s)\s?(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?"
    r"\s?(Z\b|UTC\b|GMT\b|[+-]\d{2}:?\d{2}\b)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s?(?P<half>[AaPp]\.?[Mm]\.?)?"
_ZONE = r"(?:\s?(?P<zone>Z\b|UTC\b|GMT\b|[+-]\d{2}:?\d{2}\b))?"
_WORDED = (
    re.compile(rf"{_MONTH}\s{{1,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}(?P<year>\d{{4}})(?:,|\sat|\s)\s{{0,3}}{_CLOCK}{_ZONE}"),
    re.compile(rf"(?P<day>\d{{1,2}})\s{_MONTH}\s(?P<year>\d{{4}})(?:,|\sat|\s)\s{{0,3}}{_CLOCK}{_ZONE}"),
)  # fmt: skip
_EPOCH = re.compile(r"\s*(1\d{9})(\.\d+)?\s*")


def parse_time(text: str) -> datetime | None:
    """The first date with a time in a text, whole seconds, in UTC; without a zone where the text names none.

    Reads ISO 8601 and its relatives (`2026.11.08 03:17:44`), `November 12th, 2026  7:00AM UTC`, `12 Nov 2026 07:00` and unix
    seconds that stand alone. A date without a year is no point in time.
    """
    text = text[:300]
    epoch = _EPOCH.fullmatch(text)
    if epoch:
        return datetime.fromtimestamp(int(epoch.group(1)), UTC)
    match = _ISO.search(text)
    if match:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        return _moment((year, month, day, hour, minute, second), match.group(7))
    for pattern in _WORDED:
        worded = pattern.search(text)
        if worded:
            return _worded(worded)
    return None


def _worded(match: re.Match[str]) -> datetime | None:
    hour = int(match["hour"])
    half = (match["half"] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    month = _MONTHS.index(match["month"].lower()) + 1
    clock = (hour, int(match["minute"]), int(match["second"] or 0))
    return _moment((int(match["year"]), month, int(match["day"]), *clock), match["zone"])


def _moment(parts: tuple[int, int, int, int, int, int], zone: str | None) -> datetime | None:
    try:
        moment = datetime(*parts, tzinfo=UTC)
        if zone and zone[0] in "+-":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            moment = moment.replace(tzinfo=timezone(-offset if zone[0] == "-" else offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if zone else moment.replace(tzinfo=None)
