"""ISO weeks in a time zone: Monday, 00:00 to Monday, 00:00 by the clock on the wall there."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from core.errors import InvalidInputError

_WEEK = re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{1,2})", re.IGNORECASE)
_DAYS = 7
_LATE_IN_THE_WEEK = 3


@dataclass(frozen=True, order=True)
class IsoWeek:
    """A week of ISO 8601, written `2026-W08`; week 1 is the one with the year's first Thursday."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Self:
        """The week of `2026-W08` or of a day such as `2026-02-18`; InvalidInputError for anything else."""
        words = text.strip()
        match = _WEEK.fullmatch(words)
        try:
            if match is None:
                return cls.of(date.fromisoformat(words))
            week = cls(int(match["year"]), int(match["week"]))
            _ = week.next().monday  # a year and a week that the calendar has
        except (ValueError, OverflowError):
            raise InvalidInputError(
                f"{text!r} is no week: give one such as 2026-W08, or a day in it such as 2026-02-18", pointer="?week"
            ) from None
        return week

    @classmethod
    def of(cls, day: date) -> Self:
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def told_at(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """The week that a digest of that moment tells of: until Wednesday the one before, then the one that runs."""
        day = moment.astimezone(zone).date()
        return cls.of(day if day.weekday() >= _LATE_IN_THE_WEEK else day - timedelta(days=_DAYS))

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    def before(self) -> "IsoWeek":
        return IsoWeek.of(self.monday - timedelta(days=_DAYS))

    def next(self) -> "IsoWeek":
        return IsoWeek.of(self.monday + timedelta(days=_DAYS))

    def begins(self, zone: ZoneInfo) -> datetime:
        """The first moment of the week there, in UTC; where its midnight is skipped, the first that exists."""
        return datetime.combine(self.monday, time(0), tzinfo=zone).astimezone(UTC)

    def ends(self, zone: ZoneInfo) -> datetime:
        """The first moment after the week."""
        return self.next().begins(zone)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"
