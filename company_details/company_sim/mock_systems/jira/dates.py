"""Moments as JQL writes them, in UTC."""

import re
from datetime import UTC, datetime, timedelta

from company_details.company_sim.mock_systems.jira.jql import Call, JqlError

_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{2}))?", re.ASCII)
_PERIOD = re.compile(r"([+-]?)\s*(\d{1,6}[wdhm](?:\s+\d{1,6}[wdhm])*)", re.ASCII)
_PART = re.compile(r"(\d+)([wdhm])", re.ASCII)
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_FORMATS = "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'"


def read_moment(text: str, field: str, now: datetime) -> datetime:
    """The moment that a date, a time or a period from now says; else JqlError."""
    try:
        if match := _DATE.fullmatch(text.strip()):
            year, month, day, hour, minute = (int(part or 0) for part in match.groups())
            return datetime(year, month, day, hour, minute, tzinfo=UTC)
        if period := _read_period(text.strip()):
            return now + period
    except (ValueError, OverflowError):
        pass
    raise JqlError(f"Date value '{text}' for field '{field}' is invalid. Valid formats include: {_FORMATS}.")


def call_moment(call: Call, now: datetime) -> datetime | None:
    """The moment of a date function (`now()`, `startOfDay("-1d")`, …), None for a function that gives no moment.

    https://support.atlassian.com/jira-software-cloud/docs/jql-functions/
    """
    name = call.name.lower()
    if name == "now":
        return now
    side, _, unit = name.partition("of")
    if side not in {"start", "end"} or unit not in {"day", "week", "month", "year"}:
        return None
    argument = call.arguments[0].strip() if call.arguments else ""
    if re.fullmatch(r"[+-]?\d{1,6}", argument):
        argument += {"day": "d", "week": "w"}.get(unit, "")
    period = _read_period(argument)
    if argument and period is None:
        raise JqlError(
            f"Duration for function '{call.name}' should have the format (+/-)n(yMwdm), e.g -1M for 1 month earlier."
        )
    try:
        start = _floor(now, unit)
        moment = start if side == "start" else _floor(start + _LONGER_THAN[unit], unit) - timedelta(milliseconds=1)
        return moment + (period or timedelta())
    except OverflowError:
        raise JqlError(f"'{call.name}({argument})' is out of range.") from None


_LONGER_THAN = {
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
    "year": timedelta(days=366),
}


def _floor(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "week":
            return day - timedelta(days=(day.weekday() + 1) % 7)  # weeks begin on Sunday unless set otherwise
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _read_period(text: str) -> timedelta | None:
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    length = sum((int(amount) * _UNITS[unit] for amount, unit in _PART.findall(match[2])), timedelta())
    return -length if match[1] == "-" else length
