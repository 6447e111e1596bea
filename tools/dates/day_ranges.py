"""Ranges of days within a month: `between 3 and 12 of Sept`, `November 18-19`, `april 9th through 17th`."""

import re
from datetime import date, datetime

from tools.dates.days import month_day
from tools.dates.moments import day_of, read_moment
from tools.dates.values import Day, Found, Kind, Range, Reading, Spanned
from tools.dates.words import AND, LEAD, MONTH, ORDINAL, TO, YEAR, month_of, number_of, piece

_TO = piece(TO)
_AND = piece(AND)
_LEAD = piece(LEAD)
_ON_DAYS = re.compile(r"on\s(?=[a-z]{3,9}\.?\s\d{1,2}\s?[-–])", re.IGNORECASE)
_NUMBER = piece(rf"(?P<number>{ORDINAL}|\d{{1,2}})(?![\d:/%]|\.\d|\s?[ap]\.?m\b)")
_OF_MONTH = piece(rf"\s(?:of\s)?(?P<month>{MONTH})(?:,?\s(?:of\s|in\s)?(?P<year>{YEAR}))?")
_YEAR_BEHIND = piece(rf",?\s(?P<year>{YEAR})(?!\w)")
_MOST_DAYS, _MONTHS = 31, 12


def read_days(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    """The days of a month from number to number, or from a day to a number."""
    lead = _LEAD.match(text, at) or _ON_DAYS.match(text, at)
    begin = lead.end() if lead else at
    connect = _AND if lead and lead.groupdict().get("between") else _TO
    if first := _NUMBER.match(text, begin):
        return _two_numbers(text, first, connect, now.date())
    return _from_day(text, begin, connect, now)


def first_after(day: Day, first: date) -> date | None:
    """The first such day from a date on; a day without a year comes round every year."""
    if day.month is not None and day.day is not None and day.year is None:
        for year in range(first.year, first.year + 9):
            choices = month_day(day.month, day.day, year, first).choices
            if choices and choices[0] >= first:
                return choices[0]
        return None
    return next((choice for choice in day.choices if choice >= first), next(iter(day.choices), None))


def _two_numbers(text: str, first: re.Match[str], connect: re.Pattern[str], today: date) -> Found[Spanned] | None:
    link = connect.match(text, first.end())
    second = _NUMBER.match(text, link.end()) if link else None
    month = _OF_MONTH.match(text, second.end()) if second else None
    if second is None or month is None:
        return None
    year = int(month["year"]) if month["year"] else None
    number = month_of(month["month"])
    start = month_day(number, number_of(first["number"]), year, today)
    return Found(month.end(), _between(start, month_day(number, number_of(second["number"]), year, today)))


def _from_day(text: str, begin: int, connect: re.Pattern[str], now: datetime) -> Found[Spanned] | None:
    start = day_of(text, begin, now)
    if start is None or start.value.month is None or start.value.day is None or not start.value.choices:
        return None
    link = connect.match(text, start.end)
    second = _NUMBER.match(text, link.end()) if link else None
    if link is None or second is None or _OF_MONTH.match(text, second.end()):
        return None
    following = read_moment(text, link.end(), now)
    if following is not None and following.value.day is not None and following.end > second.end():
        return None
    number, end, year = number_of(second["number"]), second.end(), start.value.year
    if behind := _YEAR_BEHIND.match(text, end):
        year, end = int(behind["year"]), behind.end()
    if not 1 <= number <= _MOST_DAYS:
        return None
    month = start.value.month if number > start.value.day else start.value.month % _MONTHS + 1
    first = month_day(start.value.month, start.value.day, year, now.date())
    return Found(end, _between(first, Day(choices=first.choices, month=month, day=number)))


def _between(start: Day, end: Day) -> Spanned:
    """From day to day, the end of each start being the first such day after it."""
    readings: list[Reading] = []
    for first in start.choices:
        last = first_after(end, first)
        if last is not None:
            readings.append(Range(first, last))
    return Spanned(kind=Kind.DATE_RANGE, readings=tuple(readings))
