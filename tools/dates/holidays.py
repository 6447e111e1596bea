"""Holidays that people name in English, and the days they fall on."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from tools.dates.values import days_in_month

type OnYear = Callable[[int], date]


def _fixed(month: int, day: int) -> OnYear:
    return lambda year: date(year, month, day)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth (from 1; -1 is the last) such weekday of a month; None where the month has no such day."""
    last = days_in_month(year, month)
    if nth < 0:
        end = date(year, month, last)
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    first = date(year, month, 1)
    day = 1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1)
    return date(year, month, day) if day <= last else None


def _nth(month: int, weekday: int, nth: int, *, later: int = 0) -> OnYear:
    return lambda year: (nth_weekday(year, month, weekday, nth) or date(year, month, 1)) + timedelta(days=later)


def _easter(days: int = 0) -> OnYear:
    def on(year: int) -> date:
        from dateutil.easter import easter  # noqa: PLC0415 - few texts name Easter: no cost for the others

        return easter(year) + timedelta(days=days)

    return on


_MON, _THU, _SUN = 0, 3, 6
_DAYS: tuple[tuple[str, OnYear], ...] = (
    (r"(?:christmas|xmas)\seve", _fixed(12, 24)),
    (r"boxing\sday", _fixed(12, 26)),
    (r"(?:christmas|xmas)(?:\sday)?", _fixed(12, 25)),
    (r"new\syear['’]?s?['’]?\seve", _fixed(12, 31)),
    (r"new\syear['’]?s?['’]?(?:\sday)?(?=\W|$)", _fixed(1, 1)),
    (r"(?:saint|st\.?)\s?valentine['’]?s?(?:\sday)?|valentine['’]?s?\sday", _fixed(2, 14)),
    (r"(?:saint|st\.?)\s?patrick['’]?s?(?:\sday)?", _fixed(3, 17)),
    (r"april\sfools?['’]?s?(?:\sday)?", _fixed(4, 1)),
    (r"earth\sday", _fixed(4, 22)),
    (r"(?:international\sworkers['’]?|may)\sday", _fixed(5, 1)),
    (r"cinco\sde\smayo", _fixed(5, 5)),
    (r"juneteenth|jubilee\sday|freedom\sday", _fixed(6, 19)),
    (r"(?:independence\sday|fourth\sof\sjuly)", _fixed(7, 4)),
    (r"bastille\sday", _fixed(7, 14)),
    (r"all\shallows?['’]?\seve|halloween", _fixed(10, 31)),
    (r"all\ssaints['’]?\sday", _fixed(11, 1)),
    (r"guy\sfawkes(?:\s(?:day|night))?", _fixed(11, 5)),
    (r"veterans?['’]?\sday|armistice\sday|remembrance\sday", _fixed(11, 11)),
    (r"groundhogs?\sday", _fixed(2, 2)),
    (r"women['’]?s\sday", _fixed(3, 8)),
    (r"(?:dr\.?\s)?(?:martin\sluther\sking|mlk)(?:\sjr\.?)?(?:\sday)?", _nth(1, _MON, 3)),
    (r"presidents?['’]?s?\sday|washington['’]?s\sbirthday", _nth(2, _MON, 3)),
    (r"mother['’]?s\sday", _nth(5, _SUN, 2)),
    (r"father['’]?s\sday", _nth(6, _SUN, 3)),
    (r"memorial\sday", _nth(5, _MON, -1)),
    (r"labou?r\sday", _nth(9, _MON, 1)),
    (r"columbus\sday|indigenous\speoples?['’]?\sday", _nth(10, _MON, 2)),
    (r"black\sfriday", _nth(11, _THU, 4, later=1)),
    (r"cyber\smonday", _nth(11, _THU, 4, later=4)),
    (r"thanksgiving(?:\sday)?", _nth(11, _THU, 4)),
    (r"good\sfriday", _easter(-2)),
    (r"easter\smonday", _easter(1)),
    (r"easter(?:\ssunday)?", _easter()),
    (r"(?:mardi\sgras|shrove\stuesday)", _easter(-47)),
    (r"ash\swednesday", _easter(-46)),
    (r"palm\ssunday", _easter(-7)),
    (r"whit\smonday|pentecost\smonday", _easter(50)),
    (r"pentecost|whit\ssunday", _easter(49)),
)
HOLIDAY = "|".join(pattern for pattern, _ in _DAYS)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), on) for pattern, on in _DAYS)


def holiday_named(words: str) -> OnYear:
    """The rule that gives the day of a year on which the holiday of the words (a match of HOLIDAY) falls."""
    return next(on for pattern, on in _COMPILED if pattern.match(words))
