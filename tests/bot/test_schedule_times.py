from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule_times import Cron
from core.errors import SettingsError

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
)
WEEK = timedelta(days=7)

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2008, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- made aware by `timezones`
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def fires(expression: str, zone: str, after: str, count: int) -> list[str]:
    cron = Cron(expression, zone)
    moment = datetime.fromisoformat(after)
    found: list[str] = []
    for _ in range(count):
        following = cron.next_after(moment)
        assert following is not None
        moment = following
        found.append(moment.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes"))
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "after", "times"),
    [
        pytest.param(
            "0 9 * * 1",
            "Europe/Berlin",
            "2026-03-20T00:00:00+00:00",
            ["2026-03-23T09:00+01:00", "2026-03-30T09:00+02:00"],
            id="nine-on-mondays-in-winter-and-in-summer",
        ),
        pytest.param(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00:00+00:00",
            ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"],
            id="a-time-that-is-skipped-fires-when-the-change-is-over",
        ),
        pytest.param(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00+00:00",
            ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"],
            id="a-time-that-comes-twice-fires-the-first-time",
        ),
        pytest.param(
            "0 0 * * *",
            "Asia/Beirut",
            "2026-03-28T12:00:00+00:00",
            ["2026-03-29T01:00+03:00", "2026-03-30T00:00+03:00"],
            id="a-midnight-that-is-skipped",
        ),
        pytest.param(
            "0 12 * * *",
            "Pacific/Apia",
            "2011-12-29T00:00:00+00:00",
            ["2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T12:00+14:00"],
            id="a-day-that-is-skipped",
        ),
        pytest.param(
            "0 8 * * 0,6",
            "UTC",
            "2026-02-13T00:00:00+00:00",
            ["2026-02-14T08:00+00:00", "2026-02-15T08:00+00:00"],
            id="day-nought-is-sunday",
        ),
        pytest.param(
            "0 8 * * 5-7",
            "UTC",
            "2026-02-13T00:00:00+00:00",
            ["2026-02-13T08:00+00:00", "2026-02-14T08:00+00:00", "2026-02-15T08:00+00:00", "2026-02-20T08:00+00:00"],
            id="day-seven-is-sunday",
        ),
        pytest.param(
            "0 8 13 * fri",
            "UTC",
            "2026-04-04T00:00:00+00:00",
            ["2026-04-10T08:00+00:00", "2026-04-13T08:00+00:00", "2026-04-17T08:00+00:00"],
            id="either-day-will-do",
        ),
        pytest.param("0 0 29 2 *", "UTC", "2026-01-01T00:00:00+00:00", ["2028-02-29T00:00+00:00"], id="a-leap-day"),
    ],
)
def test_the_wall_clock_is_kept(expression: str, zone: str, after: str, times: list[str]) -> None:
    assert fires(expression, zone, after, len(times)) == times


@given(zone=zones, after=moments, clock=clocks)
def test_a_daily_time_fires_once_for_every_day_of_the_calendar(zone: str, after: datetime, clock: time) -> None:
    cron = Cron(f"{clock.minute} {clock.hour} * * *", zone)
    place = ZoneInfo(zone)
    first = cron.next_after(after)
    assert first is not None
    found: list[datetime] = [first]
    while len(found) < 12:
        following = cron.next_after(found[-1])
        assert following is not None
        found.append(following)
    assert found == sorted(set(found))
    shown = [fired.astimezone(place).replace(tzinfo=None) for fired in found]
    for fired, wall in zip(found, shown, strict=True):
        wanted = datetime.combine(wall.date(), clock)
        exists = wanted.replace(tzinfo=place).astimezone(UTC).astimezone(place).replace(tzinfo=None) == wanted
        if exists and wall != wanted:
            # Only the time of a day that a change of the clock took away whole fires on another day.
            before = (fired - timedelta(minutes=1)).astimezone(place).replace(tzinfo=None)
            assert wall - before > timedelta(minutes=1)
        elif not exists:
            assert wall > wanted
    days = {wall.date() for wall in shown}
    assert (max(days) - min(days)).days in {11, 10, 12}


@given(zone=zones, after=moments, weekday=st.integers(0, 6), clock=clocks)
def test_a_weekly_time_is_found_within_a_week_and_two_days_and_is_after_what_was_asked(
    zone: str, after: datetime, weekday: int, clock: time
) -> None:
    fired = Cron(f"{clock.minute} {clock.hour} * * {weekday}", zone).next_after(after)
    assert fired is not None
    assert after < fired <= after + WEEK + timedelta(days=2)


@given(zone=zones, after=moments, later=st.timedeltas(timedelta(0), WEEK), minute=st.integers(0, 59))
def test_who_asks_later_gets_no_earlier_time(zone: str, after: datetime, later: timedelta, minute: int) -> None:
    cron = Cron(f"{minute} * * * *", zone)
    first, second = cron.next_after(after), cron.next_after(after + later)
    assert first is not None
    assert second is not None
    assert first <= second
    # Whoever looks between two times, however late, finds the same next one: replicas agree.
    if after + later < first:
        assert first == second


@pytest.mark.parametrize(
    ("expression", "zone", "reason"),
    [
        ("0 9 * *", "UTC", "'0 9 [*] [*]' has 4 fields instead of 5: give minute, hour"),
        ("61 9 * * *", "UTC", "'61 9 [*] [*] [*]' cannot be read"),
        ("0 9 * * 8", "UTC", "the day of week '8'"),
        ("0 9 * * mo", "UTC", "the day of week 'mo'"),
        ("0 9 31 2 *", "UTC", "names a day that never comes"),
        ("0 9 * * 1", "Mars/Olympus", "time zone 'Mars/Olympus' is not known: give an IANA name"),
        ("0 9 * * 1", "../etc/passwd", "time zone '../etc/passwd' is not known"),
        ("0 9 * * 1", "", "time zone '' is not known"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_remedy(expression: str, zone: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Cron(expression, zone)
