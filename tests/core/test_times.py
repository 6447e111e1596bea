from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading.times import read_day, read_moment, read_offset_minutes, read_week_start, read_window
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
    [("an unowned P2 at +25 minutes?", 25), ("T+1 hour", 60), ("25 minutes", None), ("+1 for this", None)],
)
def test_an_offset_has_a_plus_sign(text: str, minutes: float | None) -> None:
    assert read_offset_minutes(text) == minutes
