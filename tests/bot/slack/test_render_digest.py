import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.render.digest import render_digest, render_rest
from bot.slack.render.pages import Message
from core.digest.compose import SECTIONS
from core.digest.model import Digest, Section, SectionStatus, Source, Statement
from tests.bot.slack.fake_slack import check_message

NAMES = tuple(compose.__module__.rpartition(".")[2] for compose in SECTIONS)
QUERY = Source(kind="query", text="alert log 2026-02-09T00:00:00Z..2026-02-16T00:00:00Z")


def section(
    name: str, *texts: str, status: SectionStatus | None = None, note: str | None = None, source: Source = QUERY
) -> Section:
    return Section(
        name=name,
        title=name.capitalize(),
        status=status or (SectionStatus.OK if texts else SectionStatus.EMPTY),
        statements=tuple(Statement(text=text, sources=(source,)) for text in texts),
        note=note,
    )


def digest(*sections: Section) -> Digest:
    return Digest(
        team="core",
        week="2026-W07",
        zone="Europe/Lisbon",
        start=datetime(2026, 2, 9, tzinfo=UTC),
        end=datetime(2026, 2, 16, tzinfo=UTC),
        until=datetime(2026, 2, 16, tzinfo=UTC),
        made_at=datetime(2026, 2, 16, 9, tzinfo=UTC),
        headline="3 alerts",
        sections=sections,
    )


def check(message: Message) -> None:
    for blocks in (message.rich, message.plain):
        assert check_message(blocks, message.text) == []
        assert len(json.dumps(blocks, ensure_ascii=False)) <= 11_000


statements = st.lists(st.text(min_size=1, max_size=400), max_size=40)


@settings(max_examples=15)
@given(texts=st.lists(statements, min_size=len(NAMES), max_size=len(NAMES)), note=st.text(max_size=3000))
def test_a_digest_of_any_size_is_one_message_that_slack_takes(texts: list[list[str]], note: str) -> None:
    made = digest(
        *(
            section(name, *found, status=SectionStatus.PARTIAL if number % 3 == 0 else None, note=note)
            for number, (name, found) in enumerate(zip(NAMES, texts, strict=True))
        )
    )
    check(render_digest(made))
    for page in render_rest(made):
        check(page)


def test_what_the_channel_has_no_room_for_stands_in_the_thread() -> None:
    lines = [f"line {number} of a section " + "x" * 200 for number in range(1, 21)]
    made = digest(*(section(name, *lines) for name in NAMES))
    message = render_digest(made, more="in the thread")
    assert "lines more: in the thread" in json.dumps(message.rich)
    assert all(f'"{name.capitalize()}"' in json.dumps(message.rich) for name in NAMES)
    rest = json.dumps([page.rich for page in render_rest(made)])
    assert rest.count("line 7 of a section") >= 3
    small = digest(section("alerts", "1 alert"))
    assert render_rest(small) == []
    assert "lines more" not in json.dumps(render_digest(small).rich)


def test_empty_partial_and_failed_sections_look_different() -> None:
    text = render_digest(
        digest(
            section("noise"),
            section("repeats"),
            section("unowned", status=SectionStatus.FAILED, note="Jira did not answer in time"),
            section("incidents", "OPS-1: slow", status=SectionStatus.PARTIAL, note="only the newest were read"),
            section("actions", status=SectionStatus.PARTIAL, note="the database is away"),
        )
    ).text
    assert "None this week\nNoise, Repeats" in text
    assert "Unowned\n⚠️ could not be looked up: Jira did not answer in time" in text
    assert "⚠️ not whole: only the newest were read" in text
    assert "⚠️ nothing found, but not whole: the database is away" in text


@pytest.mark.parametrize(
    ("count", "before", "told"),
    [(5, 2, "5 alerts ↑ from 2"), (1, 9, "1 alerts ↓ from 9"), (3, 3, "3 alerts as before"), (3, None, "3 alerts [1]")],
)
def test_figures_stand_beside_those_of_the_week_before(count: int, before: int | None, told: str) -> None:
    statement = Statement(text=f"{count} alerts", sources=(QUERY,), count=count, before=before)
    made = Section(name="alerts", title="Alerts", status=SectionStatus.OK, statements=(statement,))
    assert told in render_digest(digest(made)).text


def test_a_ticket_is_a_link_and_a_task_is_named() -> None:
    ticket = Source(kind="ticket", text="OPS-1", url="https://tracker.example/browse/OPS-1")
    task = Source(kind="task", text="0b5c2b3c-0000-4000-8000-000000000000")
    blocks = json.dumps(
        render_digest(
            digest(section("unowned", "OPS-1 (P1): slow", source=ticket), section("causes", "1 alert", source=task))
        ).rich
    )
    assert '{"type": "link", "url": "https://tracker.example/browse/OPS-1", "text": "OPS-1"}' in blocks
    assert '"task 0b5c2b3c"' in blocks


def test_hostile_words_neither_mention_nor_format_nor_link() -> None:
    hostile = "<!channel> <@U1> *bold* <https://evil.example|OPS-1> @here"
    trap = Source(kind="ticket", text="OPS-9", url="javascript:alert(1)")
    message = render_digest(digest(section("alerts", hostile), section("unowned", "OPS-9: x", source=trap)))
    for shown in (message.text, json.dumps(message.rich), json.dumps(message.plain)):
        assert "<!channel>" not in shown
        assert "<@U1>" not in shown
        assert "<https://evil" not in shown
    assert '"type": "link"' not in json.dumps(message.rich)
    assert '"mrkdwn"' not in json.dumps(message.rich) + json.dumps(message.plain)
