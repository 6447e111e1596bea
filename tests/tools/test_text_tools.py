"""What holds for all five text tools, whatever the text."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base import Json
from core.result import CallStatus
from tests.tools.reading import call, read
from tools import classify_priority, extract_action_items, extract_deadlines, extract_entities, summarize
from tools.arguments import MAX_TEXT_CHARS
from tools.spec import AnyTool

TOOLS: tuple[AnyTool, ...] = (
    classify_priority.TOOL,
    extract_action_items.TOOL,
    extract_deadlines.TOOL,
    extract_entities.TOOL,
    summarize.TOOL,
)
FRAGMENTS = (
    "P1|SEV-2|no |not |outage|is down|customers|data loss|@ana|Ana|Bob|Owner: |due |by |within |Friday|EOD|2026-02-14|T10:00"
    "|10:00|Z| UTC|+02:00|5pm|30 minutes|1h30m|- [ ] |- |# |TODO(|): |Action: |must |should |to |please |fix |rotate "
    "|ledger-api|a.b.com|10.0.0.1|::1|OPS-1|3f2a9bc|2.5%|#ops|https://x.io/|503|v1.2.3|. |, |\n|\n\n| |(|)|-|:|…|é|0"
    "|99999999999|\u2028|\x00|😀"
).split("|")
HOSTILE = (
    "a|1|a-|@a| |0:|a@a.|http://a|no a a bug, |P1 |Owner: Ana |(|...|1%|Bob must fix. |- [ ] Ana to fix\n|within 5 minutes "
).split("|")
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8)), max_size=30).map("".join),
)


def arguments(tool: AnyTool, text: str, max_words: int = 50) -> dict[str, Json]:
    return {"text": text, "max_words": max_words} if tool is summarize.TOOL else {"text": text}


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
@settings(deadline=None, max_examples=60)
@given(text=TEXTS)
async def test_no_text_breaks_a_tool_and_reading_twice_gives_the_same(tool: AnyTool, text: str) -> None:
    first, second = await call(tool, **arguments(tool, text)), await call(tool, **arguments(tool, text))
    assert first.status in {CallStatus.OK, CallStatus.EMPTY}
    assert first.output == second.output
    assert first.citations == ()
    assert first.attempts == 1


@settings(deadline=None, max_examples=150)
@given(text=TEXTS)
async def test_entities_stand_where_they_say_and_never_overlap(text: str) -> None:
    entities = (await read(extract_entities.TOOL, text=text)).entities
    assert all(text[entity.start : entity.end] == entity.text != "" for entity in entities)
    ends = [0, *(entity.end for entity in entities)]
    assert all(entity.start >= end for entity, end in zip(entities, ends, strict=False))


@settings(deadline=None, max_examples=150)
@given(text=TEXTS, max_words=st.integers(min_value=1, max_value=60))
async def test_a_summary_keeps_to_its_words_and_to_those_of_the_text(text: str, max_words: int) -> None:
    summary = (await read(summarize.TOOL, text=text, max_words=max_words)).summary
    assert len(summary.split()) <= max_words
    one_line = " ".join(text.split())
    assert all(word.removesuffix("…") in one_line for word in summary.split())


@settings(deadline=None, max_examples=150)
@given(text=TEXTS)
async def test_owners_and_due_times_are_words_of_the_text(text: str) -> None:
    one_line = " ".join(text.split())
    for item in (await read(extract_action_items.TOOL, text=text)).action_items:
        assert item.text
        assert item.owner is None or item.owner in one_line
        assert item.due is None or item.due in one_line


@settings(deadline=None, max_examples=150)
@given(text=TEXTS)
async def test_a_deadline_has_a_moment_or_minutes_but_not_both(text: str) -> None:
    for item in (await read(extract_deadlines.TOOL, text=text)).deadlines:
        assert item.text in " ".join(text.split())
        assert item.at is None or item.within_minutes is None
        assert item.within_minutes is None or item.within_minutes >= 0


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
@pytest.mark.parametrize("seed", HOSTILE)
async def test_the_longest_hostile_text_is_read_in_linear_time(tool: AnyTool, seed: str) -> None:
    text = (seed * (MAX_TEXT_CHARS // len(seed) + 1))[:MAX_TEXT_CHARS]
    began = (
        process_time()
    )  # of this process alone; a pattern that back-tracks would take minutes, a linear one under a second
    await read(tool, **arguments(tool, text))
    assert process_time() - began < 10


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_a_text_that_is_too_long_is_refused(tool: AnyTool) -> None:
    result = await call(tool, **arguments(tool, "a" * (MAX_TEXT_CHARS + 1)))
    assert result.status is CallStatus.REFUSED
    assert result.error is not None
    assert "argument text has 200,001 characters; at most 200,000 are taken: shorten it" in result.error.message


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
async def test_half_a_character_is_refused(tool: AnyTool) -> None:
    assert (await call(tool, **arguments(tool, "a\ud83d"))).status is CallStatus.REFUSED
