import pytest

from core.result import CallStatus
from tests.tools.reading import call, read
from tools.summarize import TOOL

STORY = (
    "We looked at many things today. At 10:04 the error rate of ledger-api rose to 4.2 %. "
    "It was a nice morning. Ana rolled back v2.3.1 at 10:20, e.g. the release of the day. Everyone was happy about it."
)


async def summary(text: str, max_words: int) -> str:
    return (await read(TOOL, text=text, max_words=max_words)).summary


async def test_sentences_with_figures_and_names_stay_in_their_order() -> None:
    assert await summary(STORY, 26) == (
        "At 10:04 the error rate of ledger-api rose to 4.2 %. Ana rolled back v2.3.1 at 10:20, e.g. the release of the day."
    )


async def test_a_short_text_is_its_own_summary() -> None:
    assert await summary("One  two.\nThree four!", 10) == "One two.\nThree four!"


@pytest.mark.parametrize(
    ("text", "max_words", "expected"),
    [
        ("one two three four five.", 3, "one two three…"),
        ("one, two, three", 2, "one, two…"),
        ("one", 1, "one"),
        ("Stop. One two three four.", 2, "Stop."),
        ("", 5, ""),
        (" \n\t ", 5, ""),
        ("# Title alone", 5, "Title alone"),
        ("# Title\n\n- first 1\n- second 2", 9, "first 1\nsecond 2"),
        ("Same 1.\n\nSame 1.\n\nother", 3, "Same 1.\nother"),
    ],
)
async def test_edges(text: str, max_words: int, expected: str) -> None:
    assert await summary(text, max_words) == expected


async def test_nothing_to_say_is_empty_and_a_limit_of_none_is_refused() -> None:
    assert (await call(TOOL, text="", max_words=5)).status is CallStatus.EMPTY
    refused = await call(TOOL, text="a", max_words=0)
    assert refused.status is CallStatus.REFUSED
    assert (await call(TOOL, text="a")).error is not None


@pytest.mark.parametrize(
    ("text", "max_words", "expected"),
    [
        ("The service was never down for any customer.", 4, "The service was never…"),
        ("Latency rose to 400 ms in the evening.", 4, "Latency rose…"),
        ("Ana restarted the broker before the deadline passed.", 4, "Ana restarted the broker…"),
    ],
)
async def test_a_cut_leaves_no_denial_and_no_bare_number(text: str, max_words: int, expected: str) -> None:
    assert await summary(text, max_words) == expected
