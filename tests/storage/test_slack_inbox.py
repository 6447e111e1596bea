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
from storage.slack_inbox import MESSAGES, PEOPLE, Arrival, InboxCounts, InboxItem, SlackInbox
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
    return bool(await inbox.put(arrival(key, channel=channel, payload=payload)))


def arrival(
    key: str,
    *,
    channel: str = "C1",
    urgency: int = MESSAGES,
    payload: dict[str, Any] | None = None,
    reason: str | None = None,
) -> Arrival:
    return Arrival(
        key=key,
        kind="message",
        team="T1",
        channel=channel,
        lane=channel,
        urgency=urgency,
        payload=payload or {"key": key},
        reason=reason,
    )


async def take(inbox: SlackInbox, *, lease_s: float = LEASE_S) -> InboxItem | None:
    found = await inbox.take(lease_s=lease_s)
    return found[0] if found else None


async def test_one_key_is_kept_once_however_often_it_comes(inbox: SlackInbox, other_inbox: SlackInbox) -> None:
    came = await asyncio.gather(*(put(box, "Ev1") for box in (inbox, other_inbox) * 3))
    assert sorted(came) == [False] * 5 + [True]
    assert await inbox.counts() == InboxCounts(waiting=1, refused={})


async def test_what_json_of_the_database_has_no_place_for_is_replaced(inbox: SlackInbox) -> None:
    assert await put(inbox, "Ev1", payload={"text": "a\x00b\ud800", "n": float("inf"), "deep": [{"k\x00": None}]})
    item = await take(inbox)
    assert item is not None
    assert item.payload == {"text": "a\ufffdb\ufffd", "n": None, "deep": [{"k\ufffd": None}]}


async def test_a_channels_rows_are_taken_in_order_each_after_the_one_before_is_done(
    inbox: SlackInbox, other_inbox: SlackInbox
) -> None:
    for key, channel in (("Ev1", "C1"), ("Ev2", "C1"), ("Ev3", "C2")):
        await put(inbox, key, channel=channel)
    first = await take(inbox)
    second = await take(other_inbox)
    assert first is not None
    assert second is not None
    assert (first.key, second.key) == ("Ev1", "Ev3")
    assert await take(other_inbox) is None
    await inbox.finish(first, "new")
    third = await take(other_inbox)
    assert third is not None
    assert third.key == "Ev2"


async def test_many_takers_never_get_the_same_row(inbox: SlackInbox, other_inbox: SlackInbox) -> None:
    for number in range(10):
        await put(inbox, f"Ev{number}", channel=f"C{number}")
    taken = await asyncio.gather(*(take(box) for box in (inbox, other_inbox) * 10))
    keys = [item.key for item in taken if item is not None]
    assert len(keys) == len(set(keys))


async def test_one_taker_gets_a_run_of_a_lane_and_another_nothing_of_it(
    inbox: SlackInbox, other_inbox: SlackInbox, database: Database
) -> None:
    keys = [f"Ev{number:02}" for number in range(12)]
    await inbox.put(*(arrival(key) for key in keys))
    run = await inbox.take(lease_s=LEASE_S, limit=5)
    assert [item.key for item in run] == keys[:5]
    assert await take(other_inbox) is None
    await inbox.finish(run[0], "new")
    assert await take(other_inbox) is None
    await inbox.rest(run[1], rest_s=0.0)
    await inbox.hand_back(run[2:])
    again = await other_inbox.take(lease_s=LEASE_S, limit=2)
    assert [(item.key, item.failures) for item in again] == [(keys[1], 1), (keys[2], 0)]


async def test_takers_at_once_never_part_a_lane(inbox: SlackInbox, other_inbox: SlackInbox) -> None:
    await inbox.put(*(arrival(f"Ev{number:02}", channel=f"C{number % 2}") for number in range(20)))
    runs = await asyncio.gather(*(box.take(lease_s=LEASE_S, limit=3) for box in (inbox, other_inbox) * 6))
    lanes = [{item.lane for item in run} for run in runs if run]
    assert sum(map(len, lanes)) == len(set[str]().union(*lanes))


async def test_people_do_not_wait_behind_a_storm(inbox: SlackInbox) -> None:
    await inbox.put(*(arrival(f"Ev{number}") for number in range(50)))
    await inbox.put(arrival("Ask1", channel="C9", urgency=PEOPLE))
    item = await take(inbox)
    assert item is not None
    assert item.key == "Ask1"


async def test_one_statement_keeps_many_and_tells_which_are_new(inbox: SlackInbox) -> None:
    await put(inbox, "Ev1")
    assert await inbox.put(arrival("Ev1"), arrival("Ev2"), arrival("Ev2"), arrival("Ev3", reason="answered")) == {
        "Ev2",
        "Ev3",
    }
    assert [item.key for item in await inbox.take(lease_s=LEASE_S, limit=9)] == ["Ev1", "Ev2"]


async def test_a_lease_that_ran_out_passes_the_row_on_and_fences_the_first_one_off(
    inbox: SlackInbox, other_inbox: SlackInbox, database: Database
) -> None:
    await put(inbox, "Ev1")
    late = await take(inbox)
    assert late is not None
    assert await take(other_inbox) is None
    await run_out(database)
    item = await take(other_inbox)
    assert item is not None
    assert (late.attempt, item.attempt) == (1, 2)
    with pytest.raises(TaskConflictError, match="another process has claimed Ev1"):
        await inbox.refuse(late, "empty")
    await inbox.rest(late, rest_s=0.0)
    assert await take(inbox) is None
    await other_inbox.finish(item, "new")
    with pytest.raises(TaskConflictError):
        await other_inbox.finish(item, "new")


async def test_a_row_that_rests_is_taken_after_its_rest(inbox: SlackInbox, database: Database) -> None:
    await put(inbox, "Ev1")
    item = await take(inbox)
    assert item is not None
    await inbox.rest(item, rest_s=LEASE_S)
    assert await take(inbox) is None
    await run_out(database)
    assert await take(inbox) is not None


async def test_what_is_refused_is_counted_by_its_reason_for_a_day_and_its_words_are_dropped(
    inbox: SlackInbox, database: Database
) -> None:
    for key, reason in (("Ev1", "human_talk"), ("Ev2", "empty"), ("Ev3", "human_talk"), ("Ev4", "empty")):
        await put(inbox, key)
        item = await take(inbox)
        assert item is not None
        await inbox.refuse(item, reason)
    await database.execute("update slack_inbox set received_at = now() - interval '1 day' where key = 'Ev4'", {})
    await put(inbox, "Ev5")
    assert await inbox.counts() == InboxCounts(waiting=1, refused={"empty": 1, "human_talk": 2})
    rows = await database.fetch_all("select key from slack_inbox where payload is not null", {})
    assert rows == [{"key": "Ev5"}]


async def test_a_decision_takes_effect_with_the_state_it_was_made_on_or_not_at_all(
    inbox: SlackInbox, database: Database, task_store: PostgresTaskStore
) -> None:
    states = AlertStateStore(database)
    task, _ = await task_store.add(Request(text="t"))
    known = KnownAlert(state=alert_state(posts=("1.0", "2.0")), task_id=task.task_id, repeats=3)
    await put(inbox, "Ev1")
    late = await take(inbox, lease_s=0.0)
    item = await take(inbox)
    assert late is not None
    assert item is not None

    async def decide(claimed: InboxItem) -> None:
        async with states.hold("C1") as transaction:
            await transaction.put(known)
            await inbox.finish(claimed, "resolved", task_id=task.task_id, within=transaction)

    with pytest.raises(TaskConflictError):
        await decide(late)
    async with states.hold("C1") as transaction:
        assert await transaction.find("C1", "am:x", "1.0") == []
    await decide(item)
    async with states.hold("C1") as transaction:
        assert await transaction.find("C1", "another", "2.0") == [known]
        assert await transaction.find("C2", "am:x", "2.0") == []
        assert await transaction.find("C1", "another", "9.0") == []
    assert await take(inbox) is None


async def test_a_channel_is_held_by_one_at_a_time_and_others_are_not_held_up(
    database: Database, database_url: str
) -> None:
    order: list[str] = []
    async with Database(database_url) as other_database:
        states, others = AlertStateStore(database), AlertStateStore(other_database)

        async def wait_for(channel: str) -> None:
            async with others.hold(channel):
                order.append(channel)

        async with states.hold("C1"):
            waiting = asyncio.create_task(wait_for("C1"))
            await wait_for("C2")
            await asyncio.sleep(0.05)
            order.append("first")
        await waiting
    assert order == ["C2", "first", "C1"]


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
