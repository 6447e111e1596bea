import asyncio
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

import pytest

from core.alert import AlertStatus
from core.alert_lifecycle import AlertState
from core.errors import TaskConflictError
from core.task import Request
from storage.alert_states import AlertStateStore, KnownAlert
from storage.database import Database
from storage.slack_inbox import InboxCounts, InboxItem, Reply, SlackInbox
from storage.task_store import PostgresTaskStore

LEASE_S = 30.0


@pytest.fixture
def inbox(database: Database) -> SlackInbox:
    return SlackInbox(database)


@pytest.fixture
async def other_inbox(database_url: str) -> AsyncGenerator[SlackInbox]:
    """The inbox as another process sees it."""
    async with Database(database_url) as database:
        yield SlackInbox(database)


async def put(inbox: SlackInbox, key: str, *, channel: str = "C1", payload: dict[str, Any] | None = None) -> bool:
    return await inbox.put(key, kind="message", team="T1", channel=channel, payload=payload or {"key": key})


async def test_one_key_is_kept_once_however_often_it_comes(inbox: SlackInbox, other_inbox: SlackInbox) -> None:
    came = await asyncio.gather(*(put(box, "Ev1") for box in (inbox, other_inbox) * 3))
    assert sorted(came) == [False] * 5 + [True]
    assert await inbox.counts() == InboxCounts(waiting=1, refused={})


async def test_what_json_of_the_database_has_no_place_for_is_replaced(inbox: SlackInbox) -> None:
    assert await put(inbox, "Ev1", payload={"text": "a\x00b\ud800", "n": float("inf"), "deep": [{"k\x00": None}]})
    item = await inbox.take(lease_s=LEASE_S)
    assert item is not None
    assert item.payload == {"text": "a\ufffdb\ufffd", "n": None, "deep": [{"k\ufffd": None}]}


async def test_a_channels_rows_are_taken_in_order_each_after_the_one_before_is_done(
    inbox: SlackInbox, other_inbox: SlackInbox
) -> None:
    for key, channel in (("Ev1", "C1"), ("Ev2", "C1"), ("Ev3", "C2")):
        await put(inbox, key, channel=channel)
    first = await inbox.take(lease_s=LEASE_S)
    second = await other_inbox.take(lease_s=LEASE_S)
    assert first is not None
    assert second is not None
    assert (first.key, second.key) == ("Ev1", "Ev3")
    assert await other_inbox.take(lease_s=LEASE_S) is None
    await inbox.finish(first, "new")
    third = await other_inbox.take(lease_s=LEASE_S)
    assert third is not None
    assert third.key == "Ev2"


async def test_many_takers_never_get_the_same_row(inbox: SlackInbox, other_inbox: SlackInbox) -> None:
    for number in range(10):
        await put(inbox, f"Ev{number}", channel=f"C{number}")
    taken = await asyncio.gather(*(box.take(lease_s=LEASE_S) for box in (inbox, other_inbox) * 10))
    keys = [item.key for item in taken if item is not None]
    assert len(keys) == len(set(keys))


async def test_a_lease_that_ran_out_passes_the_row_on_and_fences_the_first_one_off(
    inbox: SlackInbox, other_inbox: SlackInbox, database: Database
) -> None:
    await put(inbox, "Ev1")
    late = await inbox.take(lease_s=LEASE_S)
    assert late is not None
    assert await other_inbox.take(lease_s=LEASE_S) is None
    await run_out(database)
    item = await other_inbox.take(lease_s=LEASE_S)
    assert item is not None
    assert (late.attempt, item.attempt) == (1, 2)
    with pytest.raises(TaskConflictError, match="another process has claimed Ev1"):
        await inbox.refuse(late, "empty")
    await inbox.rest(late, rest_s=0.0)
    assert await inbox.take(lease_s=LEASE_S) is None
    await other_inbox.finish(item, "new")
    with pytest.raises(TaskConflictError):
        await other_inbox.finish(item, "new")


async def test_a_row_that_rests_is_taken_after_its_rest(inbox: SlackInbox, database: Database) -> None:
    await put(inbox, "Ev1")
    item = await inbox.take(lease_s=LEASE_S)
    assert item is not None
    await inbox.rest(item, rest_s=LEASE_S)
    assert await inbox.take(lease_s=LEASE_S) is None
    await run_out(database)
    assert await inbox.take(lease_s=LEASE_S) is not None


async def test_what_is_refused_is_counted_by_its_reason_for_a_day_and_its_words_are_dropped(
    inbox: SlackInbox, database: Database
) -> None:
    for key, reason in (("Ev1", "human_talk"), ("Ev2", "empty"), ("Ev3", "human_talk"), ("Ev4", "empty")):
        await put(inbox, key)
        item = await inbox.take(lease_s=LEASE_S)
        assert item is not None
        await inbox.refuse(item, reason)
    await database.execute("update slack_inbox set received_at = now() - interval '1 day' where key = 'Ev4'", {})
    await put(inbox, "Ev5")
    assert await inbox.counts() == InboxCounts(waiting=1, refused={"empty": 1, "human_talk": 2})
    rows = await database.fetch_all("select key from slack_inbox where payload is not null", {})
    assert rows == [{"key": "Ev5"}]


async def test_old_rows_are_dropped_when_nothing_is_left_to_do_about_them(
    inbox: SlackInbox, database: Database
) -> None:
    for key in ("Ev1", "Ev2"):
        await put(inbox, key)
    item = await inbox.take(lease_s=LEASE_S)
    assert item is not None
    await inbox.finish(item, "new")
    assert await inbox.prune() == 0
    await database.execute("update slack_inbox set received_at = now() - interval '8 days'", {})
    assert await inbox.prune() == 1
    assert await inbox.counts() == InboxCounts(waiting=1, refused={})


async def test_a_decision_takes_effect_with_the_state_it_was_made_on_or_not_at_all(
    inbox: SlackInbox, database: Database, task_store: PostgresTaskStore
) -> None:
    states = AlertStateStore(database)
    task, _ = await task_store.add(Request(text="t"))
    reply = Reply(thread_ts="1.0", task_id=str(task.task_id), role="resolved", text="Resolved.")
    known = KnownAlert(state=alert_state(posts=("1.0", "2.0")), task_id=task.task_id, repeats=3)
    await put(inbox, "Ev1")
    late = await inbox.take(lease_s=0.0)
    item = await inbox.take(lease_s=LEASE_S)
    assert late is not None
    assert item is not None

    async def decide(claimed: InboxItem) -> None:
        async with states.hold("C1", "am:x") as transaction:
            await transaction.put(known)
            await inbox.decide(claimed, "resolved", reply, within=transaction)

    with pytest.raises(TaskConflictError):
        await decide(late)
    async with states.hold("C1", "am:x") as transaction:
        assert await transaction.find("C1", "am:x", "1.0") == []
    await decide(item)
    async with states.hold("C1", "another") as transaction:
        assert await transaction.find("C1", "another", "2.0") == [known]
        assert await transaction.find("C2", "am:x", "2.0") == []
        assert await transaction.find("C1", "another", "9.0") == []
    assert await inbox.take(lease_s=LEASE_S) is None
    decided = await inbox.take_reply(lease_s=LEASE_S)
    assert decided is not None
    assert (decided.reason, decided.reply) == ("resolved", reply)


async def test_an_alert_is_held_by_one_at_a_time_and_others_are_not_held_up(
    database: Database, database_url: str
) -> None:
    order: list[str] = []
    async with Database(database_url) as other_database:
        states, others = AlertStateStore(database), AlertStateStore(other_database)

        async def wait_for(key: str) -> None:
            async with others.hold("C1", key):
                order.append(key)

        async with states.hold("C1", "am:x"):
            waiting = asyncio.create_task(wait_for("am:x"))
            await wait_for("am:y")
            await asyncio.sleep(0.05)
            order.append("first")
        await waiting
    assert order == ["am:y", "first", "am:x"]


async def run_out(database: Database) -> None:
    """Time passes, until every lease and rest has ended."""
    await database.execute("update slack_inbox set lease_until = now() - interval '1 second'", {})


def alert_state(*, posts: tuple[str, ...]) -> AlertState:
    return AlertState(
        channel="C1",
        group_key="am:x",
        status=AlertStatus.FIRING,
        thread_ts=posts[0],
        at=Decimal("1794000001.000100"),
        fingerprint="f",
        episodes=1,
        event_ids=("Ev1",),
        posts=posts,
    )
