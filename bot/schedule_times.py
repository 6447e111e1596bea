"""When a cron expression fires next, by the clock on the wall of a time zone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger  # pyright: ignore[reportMissingTypeStubs] -- it has none

from core.errors import SettingsError

_FIELDS = 5
_TICK = timedelta(microseconds=1)
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY = r"(?:[0-7]|sun|mon|tue|wed|thu|fri|sat)"
_DAY_ITEM = re.compile(
    rf"(?P<every>\*)?(?:(?P<first>{_DAY})(?:-(?P<last>{_DAY}))?)?(?:/(?P<step>[1-7]))?", re.IGNORECASE
)
_REMEDY = "give minute, hour, day of month, month and day of week, such as '0 9 * * 1' for Mondays at nine"


class _Trigger(Protocol):
    """What is used of APScheduler's CronTrigger, which has no types."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None: ...


class Cron:
    """A cron expression in a time zone, as crontab(5) reads it; SettingsError for either that cannot be read.

    Day of week 0 and 7 are Sunday, and where both days are restricted either will do. Each time of the wall clock counts once:
    one that a change of the clock skips fires when the change is over, one that comes twice fires the first time.
    """

    def __init__(self, expression: str, zone: str) -> None:
        self.expression = " ".join(expression.split())
        self.zone = read_zone(zone)
        self._triggers = _triggers(self.expression)
        if self.next_after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
            raise SettingsError(f"the cron expression {expression!r} names a day that never comes: {_REMEDY}")

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after, not at, the moment, in UTC; None when there is none."""
        wall = moment.astimezone(self.zone).replace(tzinfo=None)
        for candidate in self._walls(wall):
            fires = _instant(candidate, self.zone)
            if fires > moment:
                return fires
        return None

    def _walls(self, after: datetime) -> Iterator[datetime]:
        while True:
            # The wall clock is counted as if it were UTC, which has no changes: APScheduler's own zones
            # (3.11) leave out a day whose midnight does not exist, and fire twice in an hour that comes twice.
            begin = (after + _TICK).replace(tzinfo=UTC)
            found = [
                fires for trigger in self._triggers if (fires := trigger.get_next_fire_time(None, begin)) is not None
            ]
            if not found:
                return
            after = min(found).replace(tzinfo=None)
            yield after


def read_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name; SettingsError when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"the time zone {name!r} is not known: give an IANA name such as Europe/Berlin") from None


@lru_cache(maxsize=256)
def _triggers(expression: str) -> tuple[_Trigger, ...]:
    values = expression.split()
    if len(values) != _FIELDS:
        raise SettingsError(
            f"the cron expression {expression!r} has {len(values)} fields instead of {_FIELDS}: {_REMEDY}"
        )
    day, weekday = values[2], values[4]
    days = _weekdays(weekday, expression)
    both = not day.startswith("*") and not weekday.startswith("*")
    pairs = ((day, "*"), ("*", days)) if both else ((day, days),)
    try:
        return tuple(_trigger(values[0], values[1], first, values[3], second) for first, second in pairs)
    except ValueError as error:
        raise SettingsError(f"the cron expression {expression!r} cannot be read ({error}): {_REMEDY}") from None


def _trigger(*fields: str) -> _Trigger:
    read = CronTrigger.from_crontab  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- it has no types
    return cast("_Trigger", read(" ".join(fields), timezone=UTC))


def _weekdays(field: str, expression: str) -> str:
    """The days by name: APScheduler counts from Monday where crontab counts from Sunday.

    https://github.com/agronholm/apscheduler/issues/286
    """
    if field == "*":
        return field
    days: set[int] = set()
    for item in field.split(","):
        match = _DAY_ITEM.fullmatch(item)
        if match is None or (match["every"] is None) == (match["first"] is None):
            raise SettingsError(f"the day of week {item!r} of {expression!r} cannot be read: {_REMEDY}")
        first = 0 if match["every"] else _day(match["first"])
        last = 6 if match["every"] else _day(match["last"] or (match["first"] if match["step"] is None else "6"))
        # Sunday ends a week as well as it begins one.
        last = last if last >= first else last + 7
        days.update(number % 7 for number in range(first, last + 1, int(match["step"] or 1)))
    return ",".join(_DAYS[number] for number in sorted(days))


def _day(name: str) -> int:
    return int(name) if name.isdigit() else _DAYS.index(name.lower())


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the wall clock of the zone shows that time or, where it skips it, a later one."""
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if late >= early:
        return early
    # Skipped: the clock changes between the two, when it first shows more than `wall`.
    while early - late > _TICK * 1000:
        middle = late + (early - late) / 2
        shown = middle.astimezone(zone).replace(tzinfo=None)
        late, early = (late, middle) if shown > wall else (middle, early)
    return early.replace(microsecond=0)
