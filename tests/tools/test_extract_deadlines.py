import pytest

from tests.tools.reading import read
from tools.extract_deadlines import TOOL


async def found(text: str) -> list[tuple[str, str | None, float | None]]:
    return [(item.text, item.at, item.within_minutes) for item in (await read(TOOL, text=text)).deadlines]


@pytest.mark.parametrize(
    ("text", "words", "minutes"),
    [
        ("Acknowledge within 30 minutes.", "within 30 minutes", 30),
        ("reply in two hours", "in two hours", 120),
        ("no later than 15 min after", "no later than 15 min", 15),
        ("within the next 1h30m", "within the next 1h30m", 90),
        ("within 1 hour and 30 minutes", "within 1 hour and 30 minutes", 90),
        ("in half an hour", "in half an hour", 30),
        ("within an hour", "within an hour", 60),
        ("page at +25 minutes", "at +25 minutes", 25),
        ("T+25 min", "T+25 min", 25),
        ("30 minutes from now", "30 minutes from now", 30),
        ("within 90 seconds", "within 90 seconds", 1.5),
        ("within 5-10 minutes", "within 5-10 minutes", 10),
        ("deadline: 2 days", "deadline: 2 days", 2880),
        ("within\n30 minutes", "within 30 minutes", 30),
    ],
)
async def test_a_span_becomes_minutes(text: str, words: str, minutes: float) -> None:
    assert await found(text) == [(words, None, minutes)]


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("by 2026-02-16 17:00 UTC", "by 2026-02-16 17:00 UTC", "2026-02-16T17:00:00Z"),
        ("by 2026-02-16T17:00:30Z.", "by 2026-02-16T17:00:30Z", "2026-02-16T17:00:30Z"),
        ("by 2026-02-16T17:00+02:00", "by 2026-02-16T17:00+02:00", "2026-02-16T15:00:00Z"),
        ("by 2026-02-16T17:00:00-05:00", "by 2026-02-16T17:00:00-05:00", "2026-02-16T22:00:00Z"),
        ("by 2026-02-16 17:00 UTC+2", "by 2026-02-16 17:00 UTC+2", "2026-02-16T15:00:00Z"),
        ("by 2026-02-16 17:00", "by 2026-02-16 17:00", "2026-02-16T17:00:00"),
        ("due 2026-02-16", "due 2026-02-16", "2026-02-16"),
        ("Due: Feb 16, 2026", "Due: Feb 16, 2026", "2026-02-16"),
        (
            "no later than 16 February 2026 at 5pm UTC",
            "no later than 16 February 2026 at 5pm UTC",
            "2026-02-16T17:00:00Z",
        ),
        ("before 12am GMT on 1st March 2026", "before 12am GMT on 1st March 2026", "2026-03-01T00:00:00Z"),
        ("by EOD 2026-02-16", "by EOD 2026-02-16", "2026-02-16"),
        ("by 17:00 CET on 2026-02-16", "by 17:00 CET on 2026-02-16", "2026-02-16T16:00:00Z"),
        ("by 17:00 EDT on 2026-07-16", "by 17:00 EDT on 2026-07-16", "2026-07-16T21:00:00Z"),
        ("by Q1 2027", "by Q1 2027", "2027-03-31"),
        ("before March 2027", "before March 2027", "2027-03-01"),
    ],
)
async def test_a_full_date_becomes_a_moment(text: str, words: str, at: str) -> None:
    assert await found(text) == [(words, at, None)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rotate by Friday", "by Friday"),
        ("EOD please", "EOD"),
        ("by EOD Friday", "by EOD Friday"),
        ("by end of next week", "by end of next week"),
        ("by close of business on Friday", "by close of business on Friday"),
        ("by 5pm tomorrow", "by 5pm tomorrow"),
        ("before Monday morning", "before Monday morning"),
        ("by 10:00 UTC", "by 10:00 UTC"),
        ("deadline is tomorrow", "deadline is tomorrow"),
        ("on or before March 3", "on or before March 3"),
        ("by the 16th", "by the 16th"),
        ("by noon", "by noon"),
        ("ASAP", "ASAP"),
        ("within 2 business days", "within 2 business days"),
        ("by 2026-02-30", "by 2026-02-30"),
        ("by 17:00 IST on 2026-02-16", "by 17:00 IST on 2026-02-16"),
    ],
)
async def test_what_needs_a_reference_keeps_its_words_alone(text: str, words: str) -> None:
    assert await found(text) == [(words, None, None)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "errors in the last 30 minutes",
        "for the next 2 hours",
        "it took 30 minutes",
        "due to a failure",
        "restarted by Ana on Friday",
        "it rose in two-week sprints",
        "standby 10:00",
        "the plugin 5 minutes",
    ],
)
async def test_what_is_no_deadline_is_left(text: str) -> None:
    assert await found(text) == []


async def test_several_come_in_the_order_of_the_text() -> None:
    words = [item[0] for item in await found("Fix by Friday; acknowledge within 5 min, update in 1 hour, done by EOD.")]
    assert words == ["by Friday", "within 5 min", "in 1 hour", "by EOD"]


WRITTEN = "2026-11-23T16:12:00+01:00"  # a Monday


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("rotate by Friday", "by Friday", "2026-11-27"),
        ("by EOD Friday", "by EOD Friday", "2026-11-27"),
        ("by COB", "by COB", "2026-11-23"),
        ("by end of next week", "by end of next week", "2026-12-06"),
        ("by the end of the month", "by the end of the month", "2026-11-30"),
        ("by EOM", "by EOM", "2026-11-30"),
        ("by 5pm tomorrow", "by 5pm tomorrow", "2026-11-24T16:00:00Z"),
        ("before Monday morning", "before Monday morning", "2026-11-30T07:00:00Z"),
        ("by 10:00 UTC", "by 10:00 UTC", "2026-11-24T10:00:00Z"),
        ("ETA 18:30 CET", "ETA 18:30 CET", "2026-11-23T17:30:00Z"),
        ("by half past five", "by half past five", "2026-11-23T16:30:00Z"),
        ("due next Tuesday at noon", "due next Tuesday at noon", "2026-12-01T11:00:00Z"),
        ("by Christmas", "by Christmas", "2026-12-25"),
        ("by the 16th", "by the 16th", "2026-12-16"),
        ("by next sprint", "by next sprint", None),
    ],
)
async def test_a_reference_time_makes_a_moment_of_it(text: str, words: str, at: str | None) -> None:
    (item,) = (await read(TOOL, text=text, reference_time=WRITTEN)).deadlines
    assert (item.text, item.at, item.within_minutes) == (words, at, None)


async def test_letters_of_several_zones_are_reported() -> None:
    (item,) = (await read(TOOL, text="by 17:00 IST tomorrow", reference_time=WRITTEN)).deadlines
    assert item.at is None
    assert item.note == "IST may be UTC+01:00, UTC+02:00 or UTC+05:30"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Page the backup 15 minutes after the page, and the manager after a further 5 minutes.", [20]),
        ("The lead must be told 15 minutes after the page and the director within another 10 minutes.", [15, 25]),
        ("Reply within 5 minutes, then within a further 5 minutes.", [5, 10]),
        ("It took another 5 minutes.", []),
        ("Errors rose 5 minutes after the deployment.", []),
    ],
)
async def test_a_chain_adds_up(text: str, minutes: list[float]) -> None:
    assert [item.within_minutes for item in (await read(TOOL, text=text)).deadlines] == minutes
