import asyncio
from typing import LiteralString
from uuid import UUID

import pytest

from core.task import Request, TaskStatus
from storage.database import Database
from storage.retention import ALERT_STATES_KEPT_DAYS, Dropped, Retention
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tests.storage.samples import VERDICT


async def _task(store: PostgresTaskStore, database: Database, *, status: TaskStatus, days: int) -> UUID:
    task, _ = await store.add(Request(text="t"))
    await database.execute(
        "update tasks set status = %(status)s, created_at = now() - make_interval(days => %(days)s) where task_id = %(id)s",
        {"status": status.value, "days": days, "id": task.task_id},
    )
    return task.task_id


async def _left(database: Database, table: LiteralString) -> int:
    found = await database.fetch_one("select count(*) as number from " + table, {})
    assert found is not None
    return found["number"]


@pytest.mark.parametrize(("task_days", "left"), [(0, 5), (30, 3), (365, 5)])
async def test_ended_tasks_are_dropped_after_the_days_that_the_operator_chose(
    task_store: PostgresTaskStore, database: Database, task_days: int, left: int
) -> None:
    for status, days in (
        (TaskStatus.SUCCEEDED, 31),
        (TaskStatus.FAILED, 31),
        (TaskStatus.SUCCEEDED, 29),
        (TaskStatus.QUEUED, 100),
        (TaskStatus.RUNNING, 100),
    ):
        await _task(task_store, database, status=status, days=days)
    dropped = await Retention(database, task_days=task_days).prune()
    assert dropped is not None
    assert (dropped.tasks, await _left(database, "tasks")) == (5 - left, left)


async def test_many_old_tasks_are_dropped_in_one_go(database: Database) -> None:
    await database.execute(
        "insert into tasks (task_id, input_task, status, created_at) "
        "select gen_random_uuid(), 't', 'failed', now() - interval '2 days' from generate_series(1, 1200)",
        {},
    )
    dropped = await Retention(database, task_days=1).prune()
    assert dropped is not None
    assert (dropped.tasks, await _left(database, "tasks")) == (1200, 0)


async def test_old_rows_of_the_inbox_alerts_keys_jobs_and_workers_are_dropped(
    task_store: PostgresTaskStore, database: Database
) -> None:
    await database.execute(
        "insert into slack_inbox (key, kind, channel, state, received_at) "
        "values ('old', 'message', 'C1', 'done', now() - interval '30 days'), ('new', 'message', 'C1', 'done', now()), "
        "('undecided', 'message', 'C1', 'received', now() - interval '30 days')",
        {},
    )
    await database.execute(
        "insert into alert_states (channel, group_key, state, message_ts, updated_at) "
        "values ('C1', 'old', '{}', '{}', now() - make_interval(days => %(days)s)), ('C1', 'new', '{}', '{}', now())",
        {"days": ALERT_STATES_KEPT_DAYS + 1},
    )
    await database.execute(
        "insert into alert_groups (channel, thread_ts, newest_at, state, updated_at) "
        "values ('C1', 'old', now(), '{}', now() - make_interval(days => %(days)s)), ('C1', 'new', now(), '{}', now())",
        {"days": ALERT_STATES_KEPT_DAYS + 1},
    )
    await database.execute(
        "insert into idempotency_keys (scope, key, fingerprint, created_at) "
        "values ('s', 'old', 'f', now() - interval '2 days'), ('s', 'new', 'f', now())",
        {},
    )
    queue = RunQueue(database)
    dead, live = await queue.register(), await queue.register()
    await database.execute(
        "update procrastinate_workers set last_heartbeat = now() - interval '1 day' where id = %(id)s", {"id": dead}
    )
    await task_store.add(Request(text="t"), runs=True)
    await database.execute("update procrastinate_jobs set status = 'failed'", {})
    await database.execute("update procrastinate_events set at = now() - interval '3 days'", {})
    dropped = await Retention(database, task_days=0).prune()
    assert dropped == Dropped(tasks=0, inbox=1, alert_states=1, alert_groups=1, idempotency_keys=1)
    assert await _left(database, "procrastinate_jobs") == 0
    assert ((await queue.beat(dead)).known, (await queue.beat(live)).known) == (False, True)


async def test_one_process_at_a_time_drops(task_store: PostgresTaskStore, database: Database) -> None:
    retention = Retention(database, task_days=1)
    found = await asyncio.gather(*(retention.prune() for _ in range(5)))
    assert any(dropped is not None for dropped in found)
    async with database.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(%s)", (0x6F726369,))
        assert await retention.prune() is None
    assert await retention.prune() is not None


async def test_dropping_leaves_what_runs_alone(task_store: PostgresTaskStore, database: Database) -> None:
    task, _ = await task_store.add(Request(text="t"), runs=True)
    queue = RunQueue(database)
    claim = await queue.take(await queue.register())
    assert claim is not None
    await Retention(database, task_days=1).prune()
    ended = await queue.finish(claim, status=TaskStatus.FAILED, result=None, verification=VERDICT)
    assert ended.task_id == task.task_id
