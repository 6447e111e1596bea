import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID, uuid4

import pytest

from core.errors import TaskNotFoundError
from core.task import Door, Origin, Request, TaskStatus
from storage.database import Database
from storage.slack_threads import Claim, SlackThread, SlackThreadStore
from storage.task_store import PostgresTaskStore
from tests.storage.samples import RESULT, VERDICT

LEASE_S = 30.0
DAY_S = 86_400.0


@pytest.fixture
def threads(database: Database) -> SlackThreadStore:
    return SlackThreadStore(database)


@pytest.fixture
async def other_threads(database_url: str) -> AsyncGenerator[SlackThreadStore]:
    """The store of another process."""
    async with Database(database_url) as database:
        yield SlackThreadStore(database)


async def stored(store: PostgresTaskStore, *, door: Door = "slack", channel: str | None = "C1") -> UUID:
    task, _ = await store.add(Request(text="t", origin=Origin(door=door, channel=channel)))
    return task.task_id


async def ended(store: PostgresTaskStore, *, door: Door = "slack", channel: str | None = "C1") -> UUID:
    task_id = await stored(store, door=door, channel=channel)
    await store.start(task_id, lease_s=LEASE_S)
    await store.finish(task_id, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)
    return task_id


async def take(threads: SlackThreadStore, *, settled_s: float = 0.0, within_s: float = DAY_S) -> UUID | None:
    return await threads.take_unfinished(lease_s=LEASE_S, settled_s=settled_s, within_s=within_s)


async def test_a_thread_is_kept_with_its_messages(threads: SlackThreadStore, task_store: PostgresTaskStore) -> None:
    task, _ = await task_store.add(Request(text="t"))
    assert await threads.get(task.task_id) is None
    await threads.put(SlackThread(task.task_id, "C1", "1.0", {"root": "1.0"}))
    await threads.put(SlackThread(task.task_id, "C1", "1.0", {"plan": "1.1", "root": "1.0"}))
    await threads.put(SlackThread(task.task_id, "C1", "1.0", {"report": "1.2"}))
    kept = SlackThread(task.task_id, "C1", "1.0", {"root": "1.0", "plan": "1.1", "report": "1.2"})
    assert await threads.get(task.task_id) == kept
    await threads.put(SlackThread(task.task_id, "C2", "2.0", {"root": "2.0"}))
    assert await threads.get(task.task_id) == SlackThread(task.task_id, "C2", "2.0", {"root": "2.0"})


async def test_a_thread_needs_its_task(threads: SlackThreadStore) -> None:
    with pytest.raises(TaskNotFoundError):
        await threads.put(SlackThread(uuid4(), "C1", "1.0"))


async def test_one_of_many_writers_claims_a_thread(
    task_store: PostgresTaskStore, threads: SlackThreadStore, other_threads: SlackThreadStore
) -> None:
    task_id = await stored(task_store)
    claims = await asyncio.gather(
        *(store.claim(task_id, "C1", lease_s=LEASE_S) for store in (threads, other_threads) * 3)
    )
    assert {claims[::2].count(None), claims[1::2].count(None)} == {0, 3}
    assert await threads.get(task_id) is None


async def test_a_claim_is_passed_on_when_it_is_released_runs_out_or_is_taken_by_force(
    task_store: PostgresTaskStore, threads: SlackThreadStore, other_threads: SlackThreadStore
) -> None:
    task_id = await stored(task_store)
    thread = SlackThread(task_id, "C1", "1.0", {"opening": "1.0"})
    assert await threads.claim(task_id, "C1", lease_s=LEASE_S) == Claim()
    await threads.put(thread)
    assert await other_threads.claim(task_id, "C1", lease_s=LEASE_S) is None
    assert await other_threads.claim(task_id, "C1", lease_s=LEASE_S, by_force=True) == Claim(thread=thread)
    await threads.release(task_id)  # no longer its own to release
    await threads.extend_claims([task_id], lease_s=-1)
    assert await threads.claim(task_id, "C1", lease_s=LEASE_S) is None
    await other_threads.release(task_id, rest_s=60)
    assert await threads.claim(task_id, "C1", lease_s=LEASE_S) == Claim(thread=thread)
    await threads.extend_claims([task_id], lease_s=-1)
    assert await other_threads.claim(task_id, "C1", lease_s=LEASE_S) == Claim(thread=thread)


async def test_an_opening_of_which_nobody_told_the_end_is_in_doubt(
    task_store: PostgresTaskStore, threads: SlackThreadStore, other_threads: SlackThreadStore
) -> None:
    task_id = await stored(task_store)
    assert await threads.claim(task_id, "C1", lease_s=-1) == Claim()  # and nothing more: its process died
    assert await other_threads.claim(task_id, "C1", lease_s=LEASE_S) == Claim(in_doubt=True)
    await other_threads.release(task_id, in_doubt=True)
    assert await threads.claim(task_id, "C1", lease_s=LEASE_S) == Claim(in_doubt=True)
    await threads.release(task_id)  # Slack has refused it
    assert await threads.claim(task_id, "C1", lease_s=LEASE_S) == Claim()


async def test_nobody_claims_the_thread_of_no_task(threads: SlackThreadStore) -> None:
    assert await threads.claim(uuid4(), "C1", lease_s=LEASE_S, by_force=True) is None


async def test_unfinished_threads_of_ended_tasks_are_taken_once(
    task_store: PostgresTaskStore, threads: SlackThreadStore, other_threads: SlackThreadStore
) -> None:
    without_row, half_written = await ended(task_store), await ended(task_store)
    await threads.put(SlackThread(half_written, "C1", "1.0", {"opening": "1.0"}))
    finished, claimed = await ended(task_store), await ended(task_store)
    for task_id in (finished, claimed):
        await threads.claim(task_id, "C1", lease_s=LEASE_S)
    await threads.finish(finished)
    await threads.release(finished)
    await stored(task_store)
    await ended(task_store, door="api")
    await ended(task_store, channel=None)
    taken = [found for found in await asyncio.gather(*map(take, [threads, other_threads] * 4)) if found is not None]
    while (found := await take(other_threads)) is not None:
        taken.append(found)
    assert sorted(taken) == sorted([without_row, half_written])


async def test_only_ends_of_the_right_age_are_taken_up(
    task_store: PostgresTaskStore, threads: SlackThreadStore, database: Database
) -> None:
    task_id = await ended(task_store)
    assert await take(threads, settled_s=60) is None
    await database.execute("update tasks set updated_at = now() - interval '2 minutes'", {})
    assert await take(threads, settled_s=60, within_s=90) is None
    assert await take(threads, settled_s=60) == task_id


async def test_a_thread_that_cannot_be_finished_rests_longer_each_time_and_is_left_at_last(
    task_store: PostgresTaskStore, threads: SlackThreadStore, database: Database
) -> None:
    task_id = await ended(task_store)
    rests: list[float] = []
    for _ in range(3):
        assert await take(threads) == task_id
        await threads.release(task_id, rest_s=60)
        assert await take(threads) is None
        rest = "select extract(epoch from claimed_until - now())::float as seconds from slack_threads"
        row = await database.fetch_one(rest, {})
        assert row is not None
        rests.append(row["seconds"])
        await database.execute("update slack_threads set claimed_until = now() - interval '1 second'", {})
    assert rests == pytest.approx([240, 960, 3840], abs=5)
    await database.execute("update slack_threads set rescues = 20", {})
    assert await take(threads) is None
