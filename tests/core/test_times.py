from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading.times import (
    read_day,
    read_day_in,
    read_elapsed_minutes,
    read_moment,
    read_offset_minutes,
    read_one_moment,
    read_week_start,
    read_window,
)
from core.window import iso

NOW = datetime(2026, 2, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("for 2026-02-14T10:00:00Z to 10:30:00Z", "2026-02-14T10:00:00Z..2026-02-14T10:30:00Z"),
        ("2026-02-14T10:00:00Z..2026-02-14T10:30:00Z", "2026-02-14T10:00:00Z..2026-02-14T10:30:00Z"),
        ("from 2026-02-14 10:00 until 2026-02-14 11:15", "2026-02-14T10:00:00Z..2026-02-14T11:15:00Z"),
        ("2026-02-14T10:00:00+02:00 to 2026-02-14T09:00:00Z", "2026-02-14T08:00:00Z..2026-02-14T09:00:00Z"),
        ("between 10:00 and 10:30 on 2026-02-14", "2026-02-14T10:00:00Z..2026-02-14T10:30:00Z"),
        ("in the last 30 min", "2026-02-14T11:30:00Z..2026-02-14T12:00:00Z"),
        ("over the past two hours", "2026-02-14T10:00:00Z..2026-02-14T12:00:00Z"),
        ("in the last hour", "2026-02-14T11:00:00Z..2026-02-14T12:00:00Z"),
        ("at 2026-02-14T10:00:00Z something broke", "2026-02-14T09:30:00Z..2026-02-14T10:30:00Z"),
        ("2026-02-14T10:30:00Z to 10:00:00Z", None),
        ("the last time we saw this", None),
        ("2026-13-45T99:00:00Z", None),
        ("no time at all", None),
        ("on 2026-02-16 between 13:00 and 13:15 UTC", "2026-02-16T13:00:00Z..2026-02-16T13:15:00Z"),
        ("on 14 February 2026, 10:00 to 10:30", "2026-02-14T10:00:00Z..2026-02-14T10:30:00Z"),
        ("between 10am and 10:30am on Feb 14, 2026", "2026-02-14T10:00:00Z..2026-02-14T10:30:00Z"),
        ("2026-02-14 10:00 to 10:30 Tokyo time", "2026-02-14T01:00:00Z..2026-02-14T01:30:00Z"),
    ],
)
def test_a_window_is_read_from_the_words(text: str, window: str | None) -> None:
    found = read_window(text, NOW)
    assert (str(found) if found else None) == window


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    read_window(text, NOW)
    read_week_start(text)
    read_offset_minutes(text)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 -- the zone is added below
def test_a_moment_reads_back_as_it_was_written(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    assert read_moment(iso(aware)) == aware


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("For the week that starts 2026-02-16: who", date(2026, 2, 16)),
        ("the week of 2026-02-18", date(2026, 2, 16)),
        ("the week beginning on 2026-02-19", date(2026, 2, 19)),
        ("week 8 of 2026", date(2026, 2, 16)),
        ("in 2026-W08", date(2026, 2, 16)),
        ("on 2026-02-16", None),
    ],
)
def test_a_week_starts_on_its_monday(text: str, monday: date | None) -> None:
    assert read_week_start(text) == monday


def test_an_iso_week_that_does_not_exist_is_no_day() -> None:
    assert read_day("2026-W60") is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("an unowned P2 at +25 minutes?", 25),
        ("T+1 hour", 60),
        ("T+30: what now", 30),
        ("at +25", 25),
        ("25 minutes", None),
        ("+1 for this", None),
        ("10:00+02:00", None),
    ],
)
def test_an_offset_has_a_plus_sign(text: str, minutes: float | None) -> None:
    assert read_offset_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("is 12 minutes old", 12),
        ("unowned for 9 minutes", 9),
        ("half an hour ago", 30),
        ("20 minutes in", 20),
        ("soon", None),
    ],
)
def test_what_has_gone_by_is_read_without_a_plus_sign(text: str, minutes: float | None) -> None:
    assert read_elapsed_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("at 10:06 UTC on 14 February 2026", "2026-02-14T10:06:00Z"),
        ("on 2026-05-21 at 09:30 Asia/Tokyo", "2026-05-21T00:30:00Z"),
        ("2026-05-21 09:30 Sao Paulo time", "2026-05-21T12:30:00Z"),
        ("2026-05-21 09:30 Nowhere time", None),
        ("from 2026-02-14 10:00 to 10:30", None),
    ],
)
def test_one_moment_is_read_in_its_zone(text: str, moment: str | None) -> None:
    found = read_one_moment(text)
    assert (iso(found) if found else None) == moment


def test_days_and_weeks_are_named_from_today() -> None:
    today = date(2026, 2, 18)
    assert read_day_in("who is on call tomorrow?", today) == date(2026, 2, 19)
    assert read_week_start("who is on call next week?", today) == date(2026, 2, 23)
    assert read_week_start("in the last week of the month", None) is None
