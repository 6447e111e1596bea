"""What is put stands in Slack once, in its last state and in order, whatever Slack answers."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest
from structlog.testing import capture_logs

from bot.slack.outbox import Attachment, Outgoing, Private
from storage.database import Database
from tests.bot.slack.conftest import until
from tests.bot.slack.fake_slack import FakeSlack, Refusal
from tests.bot.slack.outbox_senders import RATES, Process, keys, least_gap_s, message, open_process, ours, say


@pytest.fixture
async def process(database: Database, slack: FakeSlack) -> AsyncGenerator[Process]:
    async with open_process(database, slack) as opened:
        yield opened


async def test_a_message_is_posted_with_what_it_is_found_by(process: Process, slack: FakeSlack) -> None:
    assert await process.outbox.put(message("digest:payments:2026-W47")) == 1
    standing = await process.outbox.wait_for("digest:payments:2026-W47", timeout_s=30)
    (sent,) = ours(slack)
    assert standing is not None
    assert (standing.state, standing.ts) == ("written", sent.ts)
    assert sent.body["metadata"] == {
        "event_type": "orch_message",
        "event_payload": {"key": "digest:payments:2026-W47", "role": "digest:payments:2026-W47", "version": 1},
    }
    assert (sent.body["parse"], sent.body["link_names"], sent.body["mrkdwn"]) == ("none", False, False)


async def test_the_same_put_twice_does_nothing_and_another_rewrites(process: Process, slack: FakeSlack) -> None:
    await process.outbox.put(message("a", "one"))
    await until(lambda: ours(slack))
    assert await process.outbox.put(message("a", "one")) == 0
    assert await process.outbox.put(message("a", "two")) == 1
    await until(lambda: len(ours(slack)[0].versions) == 2)
    await asyncio.sleep(0.1)
    (sent,) = ours(slack)
    assert [version["text"] for version in sent.versions] == ["one", "two"]


async def test_many_puts_of_one_message_are_few_writings_and_the_last_one_stands(
    process: Process, slack: FakeSlack
) -> None:
    for number in range(100):
        await process.outbox.put(message("a", f"{number}"))
    await until(lambda: ours(slack) and ours(slack)[0].body["text"] == "99")
    assert len(ours(slack)[0].versions) < 20


async def test_what_was_put_as_final_is_not_changed_by_one_who_comes_late(process: Process, slack: FakeSlack) -> None:
    final = Outgoing(key="plan", channel="C1", message=say("done"), is_final=True)
    await process.outbox.put(final)
    assert await process.outbox.put(message("plan", "half done")) == 0
    await until(lambda: ours(slack))
    assert ours(slack)[0].body["text"] == "done"


async def test_a_thread_is_written_in_its_order_below_the_message_that_opens_it(
    process: Process, slack: FakeSlack
) -> None:
    rest = [message(f"m{seq}", thread="opening", seq=seq) for seq in (30, 10, 20)]
    await process.outbox.put(*rest)
    await asyncio.sleep(0.1)
    assert ours(slack) == []
    await process.outbox.put(message("opening", seq=0))
    await until(lambda: len(ours(slack)) == 4)
    assert keys(slack) == ["opening", "m10", "m20", "m30"]
    assert {it.thread_ts for it in ours(slack)[1:]} == {ours(slack)[0].ts}


async def test_an_answer_overtakes_what_it_has_waited_for_long_enough(process: Process, slack: FakeSlack) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("ratelimited", 429, {"Retry-After": "1"})]
    evidence = message("evidence", thread="1.0", seq=20, urgency=2)
    slack.hold_post("C1", "1.0")
    await process.outbox.put(evidence)
    await until(lambda: slack.calls)
    await process.outbox.put(
        Outgoing(key="verdict", channel="C1", thread="1.0", message=say("x"), seq=30, overtakes_after_s=0.1)
    )
    await until(lambda: len(keys(slack)) == 2)
    assert keys(slack) == ["verdict", "evidence"]


async def test_openings_and_verdicts_come_before_details_and_rewritings(database: Database, slack: FakeSlack) -> None:
    slack.hold_post("C1", "1.0")
    async with open_process(database, slack) as process:
        await process.outbox.put(message("plan", "0 of 2", thread="1.0", urgency=1))
        await until(lambda: len(ours(slack)) == 2)
    async with open_process(database, slack, sends=False) as process:
        await process.outbox.put(message("plan", "1 of 2", thread="1.0", urgency=1))
        await process.outbox.put(message("evidence", thread="2.0", urgency=2), message("news", thread="3.0", urgency=1))
        await process.outbox.put(message("verdict", thread="4.0"), message("plan", "2 of 2", thread="1.0", urgency=1))
    for ts in ("2.0", "3.0", "4.0"):
        slack.hold_post("C1", ts)
    async with open_process(database, slack):
        await until(lambda: slack.role("evidence") and len(slack.role("plan").versions) == 2)  # type: ignore[union-attr]
    assert keys(slack) == ["plan", "verdict", "news", "evidence"]
    plan = slack.role("plan")
    assert plan is not None
    assert [version["text"] for version in plan.versions] == ["0 of 2", "2 of 2"]
    assert plan.times[-1] > ours(slack)[-1].times[0]


async def test_what_somebody_waits_for_goes_first_in_whichever_channel_it_is(process: Process) -> None:
    """All channels of a workspace share the rate of its posts."""
    await process.sender.stop()
    for number, (key, urgency) in enumerate((("evidence", 2), ("news", 1), ("more", 2), ("verdict", 0))):
        await process.outbox.put(message(key, channel=f"C{number}", urgency=urgency))
    taken = [await process.claims.take() for _ in range(4)]
    assert [it.key for it in taken if it is not None][:2] == ["verdict", "news"]


async def test_processes_together_keep_to_one_writing_a_channel_in_each_interval(
    database: Database, slack: FakeSlack
) -> None:
    slack.channels = {"C1", "C2"}
    async with open_process(database, slack) as one, open_process(database, slack) as other:
        for number in range(10):
            for process in (one, other):
                await process.outbox.put(message("plan", f"{number}"), message(f"m{number}", channel="C1"))
                await process.outbox.put(message(f"n{number}", channel="C2"))
        await until(lambda: len(ours(slack, "C1")) == 11 and len(ours(slack, "C2")) == 10)
        await until(lambda: slack.role("plan") and slack.role("plan").body["text"] == "9")  # type: ignore[union-attr]
    assert least_gap_s(slack, "C1") >= RATES.channel_s
    assert least_gap_s(slack, "C2") >= RATES.channel_s
    assert max(it.times[0] for it in ours(slack, "C2")) < max(time for it in ours(slack) for time in it.times)


@pytest.mark.parametrize("seconds", ["1"])
async def test_slack_is_left_alone_for_as_long_as_it_says(process: Process, slack: FakeSlack, seconds: str) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("ratelimited", 429, {"Retry-After": seconds})]
    await process.outbox.put(message("a"))
    began = asyncio.get_running_loop().time()
    await until(lambda: ours(slack))
    assert asyncio.get_running_loop().time() - began >= 1.0
    assert slack.calls == ["chat.postMessage"] * 2


LOST = [
    Refusal("internal_error", 500),
    Refusal("internal_error", 500, is_done=True),
    Refusal("fatal_error", is_done=True),
    Refusal("fatal_error"),
    Refusal("", closes=True),
    Refusal("", closes=True, is_done=True),
    Refusal("", 503, {"Content-Type": "text/plain"}, is_done=True),
]


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("thread", [None, "1.0"])
async def test_a_post_whose_answer_is_lost_stands_there_once(
    process: Process, slack: FakeSlack, lost: Refusal, thread: str | None
) -> None:
    slack.hold_post("C1", "1.0")
    slack.page = 2
    for number in range(3):
        slack.hold_post("C1", f"{number + 2}.0")
    slack.refusals["chat.postMessage"] = [lost]
    await process.outbox.put(message("a", thread=thread))
    standing = await process.outbox.wait_for("a", timeout_s=30)
    assert standing is not None
    (sent,) = [it for it in ours(slack) if it.role == "a"]
    assert (standing.state, standing.ts) == ("written", sent.ts)
    assert slack.calls.count("chat.postMessage") == (1 if lost.is_done else 2)


async def test_a_message_that_was_found_is_brought_up_to_date(process: Process, slack: FakeSlack) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("", closes=True, is_done=True)]
    slack.refusals["conversations.history"] = [Refusal("ratelimited", 429, {"Retry-After": "1"})]
    await process.outbox.put(message("a", "one"))
    await until(lambda: "conversations.history" in slack.calls)
    await process.outbox.put(message("a", "two"))
    await until(lambda: ours(slack)[0].body["text"] == "two")
    assert slack.calls.count("chat.postMessage") == 1


async def test_what_a_dead_sender_may_have_posted_is_looked_for(database: Database, slack: FakeSlack) -> None:
    async with open_process(database, slack) as process:
        await process.outbox.put(message("posted"), message("not posted", channel="C2"))
        await process.outbox.wait_for("posted", timeout_s=30)
        await process.outbox.wait_for("not posted", timeout_s=30)
    slack.channels.add("C2")
    await database.execute(
        "update slack_outbox set state = 'waiting', ts = null, written_version = 0, posting_at = now(), error = null, "
        "not_before = now()",
        {},
    )
    slack.calls.clear()
    async with open_process(database, slack) as process:
        assert (await process.outbox.wait_for("posted", timeout_s=30)).state == "written"  # type: ignore[union-attr]
        assert (await process.outbox.wait_for("not posted", timeout_s=30)).state == "written"  # type: ignore[union-attr]
    assert (len(ours(slack)), len(ours(slack, "C2"))) == (1, 1)
    assert sorted(slack.calls) == ["auth.test", "chat.postMessage", "conversations.history", "conversations.history"]


async def test_where_slack_does_not_let_it_look_it_posts_again_and_says_so(process: Process, slack: FakeSlack) -> None:
    slack.lacking_scopes = {"channels:history"}
    slack.refusals["chat.postMessage"] = [Refusal("", closes=True)]
    with capture_logs() as logs:
        await process.outbox.put(message("a"))
        await until(lambda: ours(slack))
    assert "slack.cannot_look_for_own_message" in {line["event"] for line in logs}


async def test_an_outage_is_outlasted_and_nothing_is_lost(process: Process, slack: FakeSlack) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("internal_error", 503)] * 12
    await process.outbox.put(message("a"), message("b", thread="a"))
    await until(lambda: len(ours(slack)) == 2, timeout_s=10)
    assert keys(slack) == ["a", "b"]


@pytest.mark.parametrize(
    "code", ["channel_not_found", "is_archived", "not_in_channel", "invalid_auth", "missing_scope"]
)
async def test_what_slack_will_never_take_is_given_up_told_and_counted(
    process: Process, slack: FakeSlack, code: str
) -> None:
    slack.refusals["chat.postMessage"] = [Refusal(code)]
    url = f"{slack.url}/response"
    with capture_logs() as logs:
        await process.outbox.put(
            Outgoing(key="opening", channel="C1", message=say("x"), response_url=url), message("plan", thread="opening")
        )
        standing = await process.outbox.wait_for("plan", timeout_s=30)
    assert standing is not None
    assert (standing.state, standing.error) == ("given_up", code)
    assert slack.calls == ["chat.postMessage"]
    (told,) = await until(lambda: slack.told)
    assert "I cannot answer here" in told["text"]
    assert [line["key"] for line in logs if line["event"] == "slack.given_up"] == ["opening", "plan"]
    counts = await process.store.counts()
    assert (counts.waiting, counts.given_up) == (0, {code: 2})


async def test_after_an_invitation_what_was_given_up_is_tried_again(process: Process, slack: FakeSlack) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("not_in_channel")]
    await process.outbox.put(message("a"), message("b", thread="a"))
    await process.outbox.wait_for("b", timeout_s=30)
    assert await process.store.revive(channel="C2") == 0
    assert await process.store.revive(channel="C1") == 2
    await until(lambda: keys(slack) == ["a", "b"])


async def test_an_unknown_refusal_is_tried_a_few_times_and_holds_up_no_later_message(
    process: Process, slack: FakeSlack
) -> None:
    slack.hold_post("C1", "1.0")
    slack.refusals["chat.postMessage"] = [Refusal("no_such_reason")] * 5
    await process.outbox.put(message("a", thread="1.0"), message("b", thread="1.0"))
    await until(lambda: keys(slack) == ["b"])
    assert (await process.outbox.find("a")).error == "no_such_reason"  # type: ignore[union-attr]


async def test_a_message_that_somebody_deleted_is_not_written_again(process: Process, slack: FakeSlack) -> None:
    await process.outbox.put(message("a", "one"))
    await process.outbox.wait_for("a", timeout_s=30)
    slack.messages.clear()
    await process.outbox.put(message("a", "two"))
    await until(lambda: "chat.update" in slack.calls)
    await asyncio.sleep(0.1)
    await process.outbox.put(message("a", "three"))
    await asyncio.sleep(0.1)
    assert slack.calls == ["chat.postMessage", "chat.update"]


async def test_blocks_that_are_refused_once_are_not_offered_again(process: Process, slack: FakeSlack) -> None:
    slack.unknown_blocks = {"rich_text"}
    await process.outbox.put(message("a", "one"))
    await process.outbox.wait_for("a", timeout_s=30)
    await process.outbox.put(message("a", "two"))
    await until(lambda: ours(slack)[0].body["text"] == "two")
    assert slack.calls == ["chat.postMessage", "chat.postMessage", "chat.update"]


async def test_a_picture_is_shown_in_its_thread(process: Process, slack: FakeSlack) -> None:
    slack.hold_post("C1", "1.0")
    picture = Attachment(content=b"\x89PNG" * 1000, name="chart.png", title="Errors", alt_text="Errors rise at 10:05")
    await process.outbox.put(Outgoing(key="chart", channel="C1", thread="1.0", message=picture))
    assert (await process.outbox.wait_for("chart", timeout_s=30)).state == "written"  # type: ignore[union-attr]
    (upload,) = slack.uploads.values()
    assert (upload.name, upload.alt_text, upload.content, upload.shared) == (
        "chart.png",
        "Errors rise at 10:05",
        picture.content,
        1,
    )
    assert ours(slack)[-1].thread_ts == "1.0"


@pytest.mark.parametrize(
    ("method", "lost"),
    [
        ("files.getUploadURLExternal", Refusal("internal_error", 500, is_done=True)),
        ("files.completeUploadExternal", Refusal("internal_error", 500, is_done=True)),
        ("files.completeUploadExternal", Refusal("", closes=True, is_done=True)),
        ("files.completeUploadExternal", Refusal("", closes=True)),
        ("files.completeUploadExternal", Refusal("ratelimited", 429, {"Retry-After": "1"})),
    ],
)
async def test_a_picture_is_shown_once_whatever_is_lost(
    process: Process, slack: FakeSlack, method: str, lost: Refusal
) -> None:
    slack.hold_post("C1", "1.0")
    slack.refusals[method] = [lost]
    picture = Attachment(content=b"\x89PNG", name="chart.png", title="Errors", alt_text="Errors rise")
    await process.outbox.put(Outgoing(key="chart", channel="C1", thread="1.0", message=picture))
    assert (await process.outbox.wait_for("chart", timeout_s=30)).state == "written"  # type: ignore[union-attr]
    assert sum(upload.shared for upload in slack.uploads.values()) == 1


async def test_a_picture_that_may_not_be_uploaded_holds_up_nothing(process: Process, slack: FakeSlack) -> None:
    slack.hold_post("C1", "1.0")
    slack.lacking_scopes = {"files:write"}
    picture = Attachment(content=b"\x89PNG", name="chart.png", title="Errors", alt_text="Errors rise")
    await process.outbox.put(
        Outgoing(key="chart", channel="C1", thread="1.0", message=picture, seq=1), message("verdict", thread="1.0")
    )
    await until(lambda: slack.role("verdict"))
    assert (await process.outbox.find("chart")).error == "missing_scope"  # type: ignore[union-attr]


async def test_a_private_message_goes_to_one_person(process: Process, slack: FakeSlack) -> None:
    await process.outbox.put(Outgoing(key="refusal", channel="C1", message=Private(user="U1", message=say("no"))))
    (told,) = await until(lambda: slack.private)
    assert (told["user"], told["channel"], told["text"]) == ("U1", "C1", "no")


async def test_what_a_transaction_puts_is_sent_when_it_commits(
    process: Process, slack: FakeSlack, database: Database
) -> None:
    with contextlib.suppress(RuntimeError):
        async with database.transaction() as transaction:
            await process.outbox.put(message("never"), within=transaction)
            raise RuntimeError
    async with database.transaction() as transaction:
        await process.outbox.put(message("a"), within=transaction)
        await asyncio.sleep(0.1)
        assert ours(slack) == []
    await until(lambda: ours(slack))
    assert keys(slack) == ["a"]


async def test_another_process_sends_what_one_without_a_sender_puts_at_once(
    database: Database, slack: FakeSlack
) -> None:
    async with open_process(database, slack, sends=False) as one, open_process(database, slack):
        await asyncio.sleep(0.2)
        began = asyncio.get_running_loop().time()
        await one.outbox.put(message("a"))
        await until(lambda: ours(slack))
        assert asyncio.get_running_loop().time() - began < 0.5
