"""What expressions of time stand for, on a Monday afternoon."""

from datetime import datetime
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tools.dates.finder import find_times, find_zones
from tools.dates.values import Kind, Point, Stamp, TimeExpression

MONDAY = datetime(2026, 11, 23, 16, 12)  # noqa: DTZ001 - local to whoever wrote the text


def shown(item: TimeExpression) -> list[str]:
    if item.seconds is not None:
        return [f"{item.seconds:g} s"]
    return [
        stamp(reading.at) if isinstance(reading, Point) else f"{stamp(reading.start)}..{stamp(reading.end)}"
        for reading in item.readings
    ]


def stamp(value: Stamp | None) -> str:
    return (
        ""
        if value is None
        else value.isoformat(timespec="minutes")
        if isinstance(value, datetime)
        else value.isoformat()
    )


def only(text: str) -> tuple[str, Kind, list[str]]:
    (item,) = find_times(text, MONDAY)
    return text[item.start : item.end], item.kind, shown(item)


@pytest.mark.parametrize(
    ("text", "words", "readings"),
    [
        ("on 2026-02-14", "2026-02-14", ["2026-02-14"]),
        ("on 14 February 2026", "14 February 2026", ["2026-02-14"]),
        ("on Feb. 14th, 2026", "Feb. 14th, 2026", ["2026-02-14"]),
        ("on the 14th of February", "the 14th of February", ["2026-02-14", "2027-02-14"]),
        ("on 02/14/26", "02/14/26", ["2026-02-14"]),
        ("on 23.04.2026", "23.04.2026", ["2026-04-23"]),
        ("in file-20260214.log", "20260214", ["2026-02-14"]),
        ("on Friday", "Friday", ["2026-11-20", "2026-11-27"]),
        ("next Friday", "next Friday", ["2026-12-04"]),
        ("this Friday", "this Friday", ["2026-11-27"]),
        ("last Friday", "last Friday", ["2026-11-20"]),
        ("Friday next week", "Friday next week", ["2026-12-04"]),
        ("the day after tomorrow", "the day after tomorrow", ["2026-11-25"]),
        ("three days ago", "three days ago", ["2026-11-20"]),
        ("in two weeks", "in two weeks", ["2026-12-07"]),
        ("two days before Christmas", "two days before Christmas", ["2026-12-23"]),
        ("the last Friday of January 2027", "the last Friday of January 2027", ["2027-01-29"]),
        ("Easter 2027", "Easter 2027", ["2027-03-28"]),
        ("on the 15th day of next month", "the 15th day of next month", ["2026-12-15"]),
        ("on Tuesday the 24th", "Tuesday the 24th", ["2026-11-24"]),
        ("on February 30th", "February 30th", []),
    ],
)
def test_days(text: str, words: str, readings: list[str]) -> None:
    assert only(text) == (words, Kind.DATE, readings)


@pytest.mark.parametrize(
    ("text", "words", "kind", "readings"),
    [
        ("at 7:05 pm", "7:05 pm", Kind.TIME, ["19:05:00"]),
        ("at 7:05", "7:05", Kind.TIME, ["07:05:00", "19:05:00"]),
        ("at 14:30", "14:30", Kind.TIME, ["14:30:00"]),
        ("half past six in the evening", "half past six in the evening", Kind.TIME, ["18:30:00"]),
        ("quarter to nine", "quarter to nine", Kind.TIME, ["08:45:00", "20:45:00"]),
        ("at noon", "noon", Kind.TIME, ["12:00:00"]),
        ("tomorrow at 9am", "tomorrow at 9am", Kind.DATETIME, ["2026-11-24T09:00"]),
        ("9am tomorrow", "9am tomorrow", Kind.DATETIME, ["2026-11-24T09:00"]),
        ("tonight at 8", "tonight at 8", Kind.DATETIME, ["2026-11-23T20:00"]),
        ("2026-02-14T10:00:00Z", "2026-02-14T10:00:00Z", Kind.DATETIME, ["2026-02-14T10:00"]),
        ("EOD", "EOD", Kind.DATETIME, ["2026-11-23T23:59"]),
        ("in 25 minutes", "in 25 minutes", Kind.DATETIME, ["2026-11-23T16:37"]),
        ("half an hour ago", "half an hour ago", Kind.DATETIME, ["2026-11-23T15:42"]),
        ("90 minutes from now", "90 minutes from now", Kind.DATETIME, ["2026-11-23T17:42"]),
    ],
)
def test_times_of_day(text: str, words: str, kind: Kind, readings: list[str]) -> None:
    assert only(text) == (words, kind, readings)


@pytest.mark.parametrize(
    ("text", "words", "kind", "readings"),
    [
        ("in the past 3 days", "past 3 days", Kind.DATE_RANGE, ["2026-11-20..2026-11-23"]),
        ("over the last 2 hours", "last 2 hours", Kind.DATETIME_RANGE, ["2026-11-23T14:12..2026-11-23T16:12"]),
        ("next week", "next week", Kind.DATE_RANGE, ["2026-11-30..2026-12-07"]),
        ("last month", "last month", Kind.DATE_RANGE, ["2026-10-01..2026-11-01"]),
        ("this quarter", "this quarter", Kind.DATE_RANGE, ["2026-10-01..2027-01-01"]),
        ("in Q1 2027", "Q1 2027", Kind.DATE_RANGE, ["2027-01-01..2027-04-01"]),
        ("week 8 of 2026", "week 8 of 2026", Kind.DATE_RANGE, ["2026-02-16..2026-02-23"]),
        ("the week of February 18", "the week of February 18", Kind.DATE_RANGE, ["2026-02-16..2026-02-23", "2027-02-15..2027-02-22"]),
        ("in March 2026", "March 2026", Kind.DATE_RANGE, ["2026-03-01..2026-04-01"]),
        ("since 2019", "since 2019", Kind.DATE_RANGE, ["2019-01-01.."]),
        ("in the 1990s", "the 1990s", Kind.DATE_RANGE, ["1990-01-01..2000-01-01"]),
        ("from 9 to 17 March 2026", "from 9 to 17 March 2026", Kind.DATE_RANGE, ["2026-03-09..2026-03-17"]),
        ("from March to May 2026", "from March to May 2026", Kind.DATE_RANGE, ["2026-03-01..2026-05-01"]),
        ("Nov 30 - Jan 2", "Nov 30 - Jan 2", Kind.DATE_RANGE, ["2025-11-30..2026-01-02", "2026-11-30..2027-01-02"]),
        ("between 10 and 11:30 today", "between 10 and 11:30 today", Kind.DATETIME_RANGE, ["2026-11-23T10:00..2026-11-23T11:30", "2026-11-23T22:00..2026-11-23T23:30"]),
        ("from 3 to 5pm", "from 3 to 5pm", Kind.TIME_RANGE, ["15:00:00..17:00:00"]),
        ("10:00-10:30 UTC on 14 Feb 2026", "10:00-10:30 UTC on 14 Feb 2026", Kind.DATETIME_RANGE, ["2026-02-14T10:00..2026-02-14T10:30", "2026-02-14T22:00..2026-02-14T22:30"]),
        ("by the end of this month", "by the end of this month", Kind.DATE_RANGE, ["..2026-12-01"]),
        ("no later than tomorrow 5pm", "no later than tomorrow 5pm", Kind.DATETIME_RANGE, ["..2026-11-24T17:00"]),
        ("Thursday before noon", "Thursday before noon", Kind.DATETIME_RANGE, ["..2026-11-19T12:00", "..2026-11-26T12:00"]),
        ("from 2pm for 2 hours", "from 2pm for 2 hours", Kind.TIME_RANGE, ["14:00:00..16:00:00"]),
        ("within 30 minutes", "within 30 minutes", Kind.DATETIME_RANGE, ["2026-11-23T16:12..2026-11-23T16:42"]),
        ("tomorrow morning", "tomorrow morning", Kind.DATETIME_RANGE, ["2026-11-24T08:00..2026-11-24T12:00"]),
        ("next summer", "next summer", Kind.DATE_RANGE, []),
    ],
)  # fmt: skip
def test_ranges(text: str, words: str, kind: Kind, readings: list[str]) -> None:
    assert only(text) == (words, kind, readings)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("it took 2 hours and 30 minutes", 9000),
        ("one and a half hours", 5400),
        ("1h30m", 5400),
        ("a couple of days", 172_800),
        ("half a year", 182.5 * 86_400 - 43_200 * 5),
        ("less than 90 sec", 90),
        ("a fortnight", 14 * 86_400),
    ],
)
def test_lengths(text: str, seconds: float) -> None:
    (item,) = find_times(text, MONDAY)
    assert (item.kind, item.seconds) == (Kind.DURATION, seconds)


@pytest.mark.parametrize(
    "text",
    [
        "every Monday at 9am",
        "weekly",
        "twice a day",
        "on Mondays",
        "every 15 minutes",
        "the 1st of every month",
        "6am daily",
    ],
)
def test_what_comes_again_is_a_set(text: str) -> None:
    (item,) = find_times(text, MONDAY)
    assert (item.kind, item.readings) == (Kind.SET, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "it may fail, march on and sat in the sun",
        "a second attempt with 2048 connections on port 8080",
        "99.95% of 1500 requests in 0.3 of the cases",
        "retry 3/5, support 24/7, ratio 1:1",
        "version 1.2.3 at 10.0.0.12",
        "order 133-03-03-2020, call 138-2010-2015",
        "the end of the line",
        "Spring Boot and the h2 database",
    ],
)
def test_what_is_no_time_is_left(text: str) -> None:
    assert find_times(text, MONDAY) == []


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("at 10:00 UTC", (0,)),
        ("at 10:00 CET", (60,)),
        ("at 10:00 CEST", (120,)),
        ("at 10:00 EDT", (-240,)),
        ("at 10:00+05:30", (330,)),
        ("at 10:00 IST", (60, 120, 330)),
        ("at 10:00 CST", (-360, 480)),
        ("at 10:00 Berlin time", (60,)),
        ("at 10:00 Europe/Berlin", (60,)),
        ("at 10:00 Pacific Daylight Time", (-420,)),
        ("at 10:00", ()),
    ],
)
def test_a_zone_has_every_offset_that_it_may_mean(text: str, offsets: tuple[int, ...]) -> None:
    (item,) = find_times(text, MONDAY)
    assert item.offsets == offsets


def test_zones_alone_are_named_in_words_too() -> None:
    text = "We are in Madrid time, they in UTC+5:30, nobody in Madrid"
    assert [(text[item.start : item.end], item.offsets) for item in find_zones(text, MONDAY)] == [
        ("Madrid time", (60,)),
        ("UTC+5:30", (330,)),
    ]


WORDS = (
    "Friday|next |last |the |of |at |by |before |since |from |to |between |and |3|17|2026|2026-02-14|T10:00|10:00|Z| UTC|pm|a.m.|half |past |quarter "
    "|to |week|month|days|2 hours|in |ago|every |end |March|may|Easter|first |31st|noon|tonight|morning|-|/|.|,| |\n|0|99999999|Feb 30|°|ſ|İ"
).split("|")
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
)
MOMENTS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))  # noqa: DTZ001 - likewise local


@settings(deadline=None, max_examples=400)
@given(text=TEXTS, now=MOMENTS)
def test_any_text_is_read_at_any_time_and_spans_stand_apart(text: str, now: datetime) -> None:
    found = find_times(text, now)
    assert found == find_times(text, now)
    ends = [0, *(item.end for item in found)]
    assert all(end <= item.start < item.end <= len(text) for item, end in zip(found, ends, strict=False))


@settings(deadline=None, max_examples=200)
@example(text="FRIDAY 1")
@given(text=TEXTS)
def test_a_paragraph_behind_changes_nothing(text: str) -> None:
    before = find_times(text, MONDAY)
    after = find_times(f"{text}\n\nUnrelated words follow here.", MONDAY)
    assert after[: len(before)] == before


@pytest.mark.parametrize(
    "seed", ["the ", "1 ", "in ", "from 1 to ", "Monday ", "at 10:00 ", "2026-02-14 ", "next 3 days and ", "a "]
)
def test_a_long_text_takes_linear_time(seed: str) -> None:
    text = (seed * 20_000)[:20_000]
    began = process_time()
    find_times(text, MONDAY)
    assert process_time() - began < 10  # a pattern that back-tracks would take minutes
