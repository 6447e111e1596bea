"""What an expression of time stands for: days, clock times, periods and spans, each with every reading that it allows."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum


class Kind(StrEnum):
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DATE_RANGE = "daterange"
    TIME_RANGE = "timerange"
    DATETIME_RANGE = "datetimerange"
    DURATION = "duration"
    SET = "set"
    ZONE = "timezone"


type Stamp = date | time | datetime


@dataclass(frozen=True)
class Point:
    """One moment: a day, a time of day, or both."""

    at: Stamp


@dataclass(frozen=True)
class Range:
    """From `start` up to, and without, `end`; None where a side is open."""

    start: Stamp | None
    end: Stamp | None


type Reading = Point | Range


@dataclass(frozen=True, kw_only=True)
class TimeExpression:
    """An expression of time where it stands (0-based, end open).

    `readings` are what it may stand for, the past one before the coming one and the morning before the evening; empty for
    a set, and for what no calendar has (the 30th of February). `seconds` is how long a duration is. `offsets` are the
    minutes from UTC that the zone may mean: several where its letters are in use for several zones, none without a zone.
    """

    start: int
    end: int
    kind: Kind
    readings: tuple[Reading, ...] = ()
    seconds: float | None = None
    zone: str | None = None
    offsets: tuple[int, ...] = ()


@dataclass(frozen=True)
class Found[T]:
    """What was read, and where it ends."""

    end: int
    value: T


@dataclass(frozen=True, kw_only=True)
class Spanned:
    """A range as read: its kind, its readings, and the zone of its times."""

    kind: Kind
    readings: tuple[Reading, ...]
    offsets: tuple[int, ...] = ()
    zone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Day:
    """A calendar day; `month`, `day` and `year` are what the words gave, so that a range can set the other years."""

    choices: tuple[date, ...]
    year: int | None = None
    month: int | None = None
    day: int | None = None
    nearest: date | None = None


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A time of day: two choices where the half of the day is open; `open_half` says so, `bare` for a mere number."""

    choices: tuple[time, ...]
    open_half: bool = False
    bare: bool = False
    days_later: int = 0


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the day, such as the morning."""

    first: time
    last: time


@dataclass(frozen=True, kw_only=True)
class Period:
    """A stretch of whole days; `year` and `month` as in Day."""

    choices: tuple[tuple[date, date], ...]
    year: int | None = None
    month: int | None = None
    ends: bool = False


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of time to the second."""

    first: datetime
    last: datetime


@dataclass(frozen=True, kw_only=True)
class Length:
    """A span by its units: months vary in length, so they are kept apart from days, and days from seconds."""

    months: float = 0
    days: float = 0
    seconds: float = 0
    working_days: int = 0

    @property
    def total_seconds(self) -> float:
        """Its length with the year at 365 days and the month at 30."""
        years, months = divmod(self.months, 12)
        return (years * 365 + months * 30 + self.days + self.working_days) * 86_400 + self.seconds

    @property
    def in_days(self) -> bool:
        """Whether it counts whole days or longer."""
        return not self.seconds and self.days == int(self.days) and self.months == int(self.months)


def shift(moment: datetime, length: Length, sign: int = 1) -> datetime:
    """The moment a span later (earlier for -1); OverflowError and ValueError beyond the calendar."""
    months = moment.year * 12 + moment.month - 1 + sign * int(length.months)
    year, month = divmod(months, 12)
    moved = moment.replace(year=year, month=month + 1, day=min(moment.day, days_in_month(year, month + 1)))
    rest = timedelta(days=length.days + (length.months - int(length.months)) * 30, seconds=length.seconds)
    moved += sign * rest
    for _ in range(length.working_days):
        moved += timedelta(days=sign)
        while moved.weekday() > 4:  # noqa: PLR2004 - Saturday is 5
            moved += timedelta(days=sign)
    return moved


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def month_start(year: int, month: int) -> date:
    """The first of the month; a month beyond 12 or below 1 carries over into the year."""
    years, months = divmod(month - 1, 12)
    return date(year + years, months + 1, 1)


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())
