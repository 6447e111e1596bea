"""What fails for one message, method or channel costs the others nothing; and what was only put off is not lost."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.slack.outbox import Attachment, Outgoing, Private
from bot.slack.outbox_sender import BROKE
from core.task import Origin, Request
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.slack.conftest import until
from tests.bot.slack.fake_slack import FakeSlack, Refusal
from tests.bot.slack.outbox_senders import TIMES, Process, keys, message, open_process, ours, say

PICTURE = Attachment(content=b"\x89PNG", name="chart.png", title="Errors", alt_text="Errors rise")
AWAY = Refusal("internal_error", 503)
LATER = {"Retry-After": "30"}


@pytest.fixture
async def process(database: Database, slack: FakeSlack) -> AsyncGenerator[Process]:
    slack.hold_post("C1", "1.0")
    async with open_process(database, slack) as opened:
        yield opened


async def given_up(process: Process, key: str) -> str | None:
    """Why the message was given up, once it was."""
    found = await process.outbox.wait_for(key, timeout_s=30)
    assert found is not None
    assert found.state == "given_up"
    return found.error


@pytest.mark.parametrize(
    ("held_up", "method"),
    [
        (PICTURE, "files.getUploadURLExternal"),
        (PICTURE, "files.completeUploadExternal"),
        (Private(user="U1", message=say("no")), "chat.postEphemeral"),
    ],
)
async def test_files_and_private_words_that_slack_does_not_take_hold_up_no_answer(
    process: Process, slack: FakeSlack, held_up: Attachment | Private, method: str
) -> None:
    slack.refusals[method] = [AWAY] * 200
    await process.outbox.put(Outgoing(key="held up", channel="C1", thread="1.0", message=held_up, seq=40))
    await until(lambda: method in slack.calls)
    await process.outbox.put(message("resolved", thread="1.0"))
    await until(lambda: slack.role("resolved"))
    slack.refusals.clear()
    assert (await process.outbox.wait_for("held up", timeout_s=30)).state == "written"  # type: ignore[union-attr]


async def test_uploads_that_are_too_many_are_left_alone_in_all_channels_and_nothing_else_is(
    process: Process, slack: FakeSlack
) -> None:
    slack.channels.add("C2")
    slack.refusals["files.getUploadURLExternal"] = [Refusal("ratelimited", 429, LATER)]
    for channel in ("C1", "C2"):
        await process.outbox.put(Outgoing(key=f"chart {channel}", channel=channel, message=PICTURE))
        await until(lambda: "files.getUploadURLExternal" in slack.calls)
        await asyncio.sleep(0.1)
    await process.outbox.put(message("a"), message("b", channel="C2"))
    await until(lambda: keys(slack) == ["a"] and keys(slack, "C2") == ["b"])
    assert slack.calls.count("files.getUploadURLExternal") == 1


async def test_a_long_rest_of_one_channel_is_not_that_of_the_others(process: Process, slack: FakeSlack) -> None:
    slack.channels.add("C2")
    slack.refusals["chat.postMessage"] = [Refusal("ratelimited", 429, LATER)]
    await process.outbox.put(message("a"))
    await until(lambda: slack.calls)
    await process.outbox.put(message("b"), message("c", channel="C2"))
    await until(lambda: keys(slack, "C2") == ["c"])
    await asyncio.sleep(0.2)
    assert keys(slack) == []


async def test_a_search_for_an_own_message_that_must_wait_holds_up_only_its_thread(
    process: Process, slack: FakeSlack
) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("", closes=True)]
    slack.refusals["conversations.replies"] = [Refusal("ratelimited", 429, LATER)]
    await process.outbox.put(message("lost", thread="1.0"))
    await until(lambda: "conversations.replies" in slack.calls)
    await process.outbox.put(message("behind it", thread="1.0"), message("elsewhere"))
    await until(lambda: keys(slack) == ["elsewhere"])


async def test_slack_is_asked_again_before_an_absurd_time_is_over(database: Database, slack: FakeSlack) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("ratelimited", 429, {"Retry-After": "9" * 40})]
    async with open_process(database, slack, times=replace(TIMES, most_retry_after_s=0.1)) as process:
        await process.outbox.put(message("a"))
        await until(lambda: keys(slack) == ["a"])


async def test_one_strange_answer_after_an_outage_gives_nothing_up(process: Process, slack: FakeSlack) -> None:
    slack.refusals["chat.postMessage"] = [*[AWAY] * TIMES.most_refusals, Refusal("no_such_reason"), AWAY]
    await process.outbox.put(message("a"))
    await until(lambda: keys(slack) == ["a"])


async def test_a_message_that_breaks_the_code_is_given_up_holds_up_nothing_and_waits_for_another_release(
    process: Process, slack: FakeSlack, database: Database
) -> None:
    await process.outbox.put(message("a", thread="1.0"), message("b", thread="1.0"))
    await until(lambda: keys(slack) == ["a", "b"])
    async with database.transaction() as transaction:
        await process.outbox.put(message("poison", thread="1.0"), message("c", thread="1.0"), within=transaction)
        await transaction.execute("update slack_outbox set wanted = jsonb_build_object('rich', 5) where key = 'poison'")
    assert await given_up(process, "poison") == BROKE
    await until(lambda: keys(slack) == ["a", "b", "c"])
    await process.outbox.put(message("poison", "mended", thread="1.0"))
    await until(lambda: keys(slack) == ["a", "b", "c", "poison"])


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived", "invalid_auth"])
async def test_a_rewriting_that_the_channel_or_the_token_forbade_is_made_up_for(
    process: Process, slack: FakeSlack, code: str
) -> None:
    await process.outbox.put(message("plan", "0 of 2"))
    await process.outbox.wait_for("plan", timeout_s=30)
    slack.refusals["chat.update"] = [Refusal(code)]
    await process.outbox.put(message("plan", "1 of 2"))
    assert await given_up(process, "plan") == code
    await process.outbox.put(message("plan", "2 of 2"))
    await asyncio.sleep(0.2)
    assert slack.calls.count("chat.update") == 1  # its next state is not asked for at once
    assert await process.store.revive(channel="C1") == 1
    await until(lambda: slack.role("plan").body["text"] == "2 of 2")  # type: ignore[union-attr]


async def test_the_last_state_of_a_message_is_offered_though_one_before_it_was_refused(
    process: Process, slack: FakeSlack
) -> None:
    await process.outbox.put(message("plan", "0 of 2"))
    await process.outbox.wait_for("plan", timeout_s=30)
    slack.refusals["chat.update"] = [Refusal("invalid_auth")]
    await process.outbox.put(message("plan", "1 of 2"))
    await given_up(process, "plan")
    await process.outbox.put(Outgoing(key="plan", channel="C1", message=say("done"), role="plan", is_final=True))
    await until(lambda: slack.role("plan").body["text"] == "done")  # type: ignore[union-attr]


async def test_a_message_that_somebody_deleted_is_not_taken_up_by_an_invitation(
    process: Process, slack: FakeSlack
) -> None:
    await process.outbox.put(message("a", "one"))
    await process.outbox.wait_for("a", timeout_s=30)
    slack.messages.clear()
    await process.outbox.put(message("a", "two"))
    assert await given_up(process, "a") == "message_not_found"
    assert await process.store.revive(channel="C1") == 0


async def test_what_was_taken_up_again_has_a_day_from_then(
    process: Process, slack: FakeSlack, database: Database
) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("not_in_channel")]
    await process.outbox.put(message("a"))
    await given_up(process, "a")
    await database.execute("update slack_outbox set created_at = now() - interval '2 days'", {})
    slack.refusals["chat.postMessage"] = [AWAY]
    assert await process.store.revive(channel="C1") == 1
    await until(lambda: keys(slack) == ["a"])


async def test_a_private_message_that_may_have_been_shown_is_not_shown_again_and_again(
    process: Process, slack: FakeSlack, database: Database
) -> None:
    slack.refusals["chat.postEphemeral"] = [Refusal("", closes=True, is_done=True)] * 100
    await process.outbox.put(Outgoing(key="a", channel="C1", message=Private(user="U1", message=say("no"))))
    await until(lambda: len(slack.private) == 4)
    await asyncio.sleep(1.0)
    assert len(slack.private) < 10
    await database.execute("update slack_outbox set created_at = now() - interval '31 minutes', not_before = now()", {})
    assert await given_up(process, "a")


async def test_what_may_have_been_posted_before_it_was_given_up_is_looked_for_when_it_is_taken_up(
    process: Process, slack: FakeSlack
) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("", closes=True, is_done=True), Refusal("not_in_channel")]
    slack.refusals["conversations.history"] = [Refusal("not_in_channel")]
    await process.outbox.put(message("a"))
    await given_up(process, "a")
    assert await process.store.revive(channel="C1") == 1
    standing = await process.outbox.wait_for("a", timeout_s=30)
    assert standing is not None
    assert (standing.state, keys(slack)) == ("written", ["a"])


async def test_a_rewriting_without_blocks_takes_away_those_that_stood_there(process: Process, slack: FakeSlack) -> None:
    await process.outbox.put(message("a", "one"))
    await process.outbox.wait_for("a", timeout_s=30)
    slack.unknown_blocks = {block["type"] for shape in ("rich", "plain") for block in getattr(say("x"), shape)}
    await process.outbox.put(message("a", "two"))
    await until(lambda: ours(slack)[-1].words == "two")
    assert ours(slack)[-1].body["blocks"] == []


async def test_what_another_app_wrote_under_the_name_of_a_message_is_not_taken_for_it(
    process: Process, slack: FakeSlack
) -> None:
    foreign: dict[str, Any] = {
        "event_type": "orch_message",
        "event_payload": {"key": "a", "role": "foreign", "version": 1},
    }
    slack.hold_post("C1", "2.0", metadata=foreign)
    slack.refusals["chat.postMessage"] = [Refusal("", closes=True)]
    with capture_logs() as logs:
        await process.outbox.put(message("a"))
        standing = await process.outbox.wait_for("a", timeout_s=30)
    assert slack.role("a")
    assert standing is not None
    assert standing.ts == slack.role("a").ts  # type: ignore[union-attr]
    assert "slack.not_an_own_message" in {line["event"] for line in logs}


async def test_a_search_among_too_many_messages_ends_and_says_so(process: Process, slack: FakeSlack) -> None:
    slack.page = 1
    for number in range(8):
        slack.hold_post("C1", f"{number + 2}.0")
    slack.refusals["chat.postMessage"] = [Refusal("", closes=True)]
    with capture_logs() as logs:
        await process.outbox.put(message("a"))
        await until(lambda: keys(slack) == ["a"])
    assert "slack.own_message_not_found" in {line["event"] for line in logs}


async def test_what_waits_for_a_thread_that_nobody_opens_is_given_up_after_a_day(
    process: Process, database: Database
) -> None:
    await process.outbox.put(message("old", thread="never put"), message("new", thread="not put yet"))
    await database.execute("update slack_outbox set created_at = now() - interval '25 hours' where key = 'old'", {})
    assert await given_up(process, "old") == "thread_never_opened"
    await process.outbox.put(message("not put yet"))
    await process.outbox.wait_for("new", timeout_s=30)
    assert (await process.outbox.find("new")).state == "written"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("channel", "code", "user", "told"),
    [
        pytest.param("C1", "is_archived", "U1", 1, id="whoever-asked"),
        pytest.param("C1", "invalid_auth", "U1", 0, id="nobody-where-no-message-would-go-out"),
        pytest.param("C1", "is_archived", None, 0, id="nobody-for-an-alert"),
        pytest.param("D1", "is_archived", "U1", 0, id="nobody-where-it-is-the-same-conversation"),
    ],
)
async def test_whoever_asked_is_told_in_a_message_of_their_own_where_the_channel_takes_none(
    process: Process,
    slack: FakeSlack,
    task_store: PostgresTaskStore,
    channel: str,
    code: str,
    user: str | None,
    told: int,
) -> None:
    """Half an hour after a command its `response_url` is of no use, and a mention has none."""
    slack.channels |= {"U1", "D1"}
    origin = Origin(door="slack", user=user, channel=channel)
    task, _ = await task_store.add(Request(text="why?", origin=origin))
    slack.refusals["chat.postMessage"] = [Refusal(code)] * 2
    roles = ("opening", "verdict")
    await process.outbox.put(
        *(
            Outgoing(
                key=role, channel=channel, message=say("x"), role=role, task_id=task.task_id,
                response_url=f"{slack.url}/expired",
            )
            for role in roles
        )
    )  # fmt: skip
    for role in roles:
        assert await given_up(process, role) == code
    await until(lambda: len(ours(slack, "U1")) == told)
    assert all(f"/orch show {str(task.task_id)[:8]}" in sent.words for sent in ours(slack, "U1"))
