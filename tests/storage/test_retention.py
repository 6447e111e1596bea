import asyncio
from dataclasses import dataclass, replace
from typing import LiteralString
from uuid import UUID

import pytest

from core.task import Request, TaskStatus
from storage.database import Database
from storage.feedback import FeedbackStore
from storage.past_tasks import PastTasksStore
from storage.retention import Dropped, Retention
from storage.run_queue import RunQueue
from storage.slack_outbox import Entry, SlackOutbox
from storage.slack_outbox_claims import OutboxClaims, Rates
from storage.task_store import PostgresTaskStore
from tests.storage.samples import VERDICT


async def _task(store: PostgresTaskStore, database: Database, *, status: TaskStatus, days: int) -> UUID:
    task, _ = await store.add(Request(text="t"))
    await database.execute(
        "update tasks set status = %(status)s, created_at = now() - interval '1 year', "
        "updated_at = now() - make_interval(days => %(days)s) where task_id = %(id)s",
        {"status": status.value, "days": days, "id": task.task_id},
    )
    return task.task_id


async def _names(database: Database, named: LiteralString) -> set[str]:
    rows = await database.fetch_all("select " + named, {})
    return {name for row in rows for name in row.values()}


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
        "insert into tasks (task_id, input_task, status, updated_at) "
        "select gen_random_uuid(), 't', 'failed', now() - interval '2 days' from generate_series(1, 1200)",
        {},
    )
    dropped = await Retention(database, task_days=1).prune()
    assert dropped is not None
    assert (dropped.tasks, await _left(database, "tasks")) == (1200, 0)


@dataclass(frozen=True)
class Rows:
    """Rows of a table by name; `old` ones are to go. `counted` is the field of `Dropped` that tells of them."""

    counted: str
    named: LiteralString
    statement: LiteralString
    old: frozenset[str]
    kept: frozenset[str]


TABLES = [
    Rows(
        counted="inbox",
        named="key from slack_inbox",
        statement="insert into slack_inbox (key, kind, channel, state, received_at) values "
        "('done', 'message', 'C1', 'done', now() - interval '8 days'), "
        "('refused', 'message', 'C1', 'refused', now() - interval '8 days'), "
        "('this week', 'message', 'C1', 'done', now() - interval '6 days'), "
        "('undecided', 'message', 'C1', 'received', now() - interval '30 days')",
        old=frozenset({"done", "refused"}),
        kept=frozenset({"this week", "undecided"}),
    ),
    Rows(
        counted="alert_states",
        named="group_key from alert_states",
        statement="insert into alert_states (channel, group_key, state, message_ts, updated_at) values "
        "('C1', 'old', '{}', '{}', now() - interval '91 days'), ('C1', 'new', '{}', '{}', now() - interval '89 days')",
        old=frozenset({"old"}),
        kept=frozenset({"new"}),
    ),
    Rows(
        counted="alert_groups",
        named="thread_ts from alert_groups",
        statement="insert into alert_groups (channel, thread_ts, newest_at, state, updated_at) values "
        "('C1', 'old', now(), '{}', now() - interval '91 days'), ('C1', 'new', now(), '{}', now() - interval '89 days')",
        old=frozenset({"old"}),
        kept=frozenset({"new"}),
    ),
    Rows(
        counted="alert_episodes",
        named="title from alert_log",
        statement="insert into alert_log (channel, group_key, episode, message_ts, vendor, title, fired_at) values "
        "('C1', 'k', 1, '1.0', 'v', 'old', now() - interval '401 days'), "
        "('C1', 'k', 2, '1.0', 'v', 'last year', now() - interval '371 days')",
        old=frozenset({"old"}),
        kept=frozenset({"last year"}),
    ),
    Rows(
        counted="messages",
        named="key from slack_outbox",
        statement="insert into slack_outbox (key, channel, thread_ts, thread_key, kind, wanted, role, state, ts, created_at, "
        "settled_at) select key, 'C1', thread_ts, thread_key, 'message', '{}', role, state, '9.0', "
        "now() - make_interval(days => created), now() - make_interval(days => settled) from (values "
        "('written', null, null, 'digest', 'written', 15, 15), ('given up', null, null, 'hello', 'given_up', 15, 15), "
        "('young', null, null, 'digest', 'written', 13, 13), ('rewritten', null, null, 'alerts', 'written', 15, 13), "
        "('waiting', null, null, 'hello', 'waiting', 15, null), "
        "('opener', null, null, 'digest', 'written', 15, 15), ('reply', null, 'opener', 'digest_2', 'waiting', 15, null), "
        "('of a group', '1.0', null, 'alerts', 'written', 80, 80), ('of no group', '2.0', null, 'alerts', 'written', 80, 80)"
        ") as it(key, thread_ts, thread_key, role, state, created, settled)",
        old=frozenset({"written", "given up", "of no group"}),
        kept=frozenset({"young", "rewritten", "waiting", "opener", "reply", "of a group"}),
    ),
    Rows(
        counted="lanes",
        named="channel from slack_lanes",
        statement="with waiting as (insert into slack_outbox (key, channel, kind, wanted, role) "
        "values ('a', 'C waiting', 'message', '{}', 'hello')) insert into slack_lanes (channel, free_at) values "
        "('C old', now() - interval '2 days'), ('C waiting', now() - interval '2 days'), ('C used', now()), "
        "('C held', now() + interval '1 hour')",
        old=frozenset({"C old"}),
        kept=frozenset({"C waiting", "C used", "C held"}),
    ),
    Rows(
        counted="rates",
        named="method from slack_rates",
        statement="insert into slack_rates (team, method, free_at) values ('T1', 'old', now() - interval '2 days'), "
        "('T1', 'used', now()), ('T1', 'closed', now() + interval '1 hour')",
        old=frozenset({"old"}),
        kept=frozenset({"used", "closed"}),
    ),
    Rows(
        counted="install_states",
        named="digest::text from slack_install_states",
        statement=r"insert into slack_install_states (digest, expires_at) values ('\x01', now() - interval '1 second'), "
        r"('\x02', now() + interval '5 minutes')",
        old=frozenset({r"\x01"}),
        kept=frozenset({r"\x02"}),
    ),
    Rows(
        counted="digests",
        named="week from digests",
        statement="insert into digests (team, week, payload, due_at, state) values "
        "('a', 'told', '{}', now() - interval '401 days', 'handed_over'), "
        "('a', 'given up', '{}', now() - interval '401 days', 'given_up'), "
        "('a', 'last year', '{}', now() - interval '370 days', 'handed_over'), "
        "('a', 'due', '{}', now() - interval '401 days', 'due')",
        old=frozenset({"told", "given up"}),
        kept=frozenset({"last year", "due"}),
    ),
    Rows(
        counted="idempotency_keys",
        named="key from idempotency_keys",
        statement="insert into idempotency_keys (scope, key, fingerprint, created_at) values "
        "('s', 'old', 'f', now() - interval '2 days'), ('s', 'new', 'f', now())",
        old=frozenset({"old"}),
        kept=frozenset({"new"}),
    ),
]


@pytest.mark.parametrize("rows", TABLES, ids=lambda rows: rows.counted)
async def test_what_nothing_can_need_any_more_is_dropped_and_nothing_else(rows: Rows, database: Database) -> None:
    await database.execute(rows.statement, {})
    if rows.counted == "messages":
        await database.execute(
            "insert into alert_groups (channel, thread_ts, newest_at, state) values ('C1', '1.0', now(), '{}')", {}
        )
    assert await _names(database, rows.named) == rows.old | rows.kept
    assert await Retention(database, task_days=0).prune() == replace(Dropped(), **{rows.counted: len(rows.old)})
    assert await _names(database, rows.named) == rows.kept
    assert await Retention(database, task_days=0).prune() == Dropped()


async def test_a_file_that_was_given_up_is_not_kept_for_as_long_as_its_task(
    task_store: PostgresTaskStore, database: Database
) -> None:
    task, _ = await task_store.add(Request(text="t"))
    await database.execute(
        "insert into slack_outbox (key, channel, kind, wanted, content, role, task_id, state, settled_at) "
        "select key, 'C1', 'file', '{}', 'picture', 'chart', %(id)s, state, now() - make_interval(hours => hours) from (values "
        "('lost', 'given_up', 50), ('to be revived', 'given_up', 20), ('waiting', 'waiting', 50)) as it(key, state, hours)",
        {"id": task.task_id},
    )
    assert await Retention(database, task_days=0).prune() == Dropped(files=1)
    assert await _names(database, "key from slack_outbox where content is not null") == {"to be revived", "waiting"}
    assert await _names(database, "key from slack_outbox") == {"lost", "to be revived", "waiting"}


async def test_what_belongs_to_a_task_stays_with_it_and_goes_with_it(
    task_store: PostgresTaskStore, database: Database
) -> None:
    task_id = await _task(task_store, database, status=TaskStatus.SUCCEEDED, days=100)
    await database.execute(
        "insert into slack_outbox (key, channel, kind, wanted, role, task_id, state, created_at, settled_at) values "
        "('a', 'C1', 'message', '{}', 'verdict', %(id)s, 'written', now() - interval '1 year', now() - interval '1 year')",
        {"id": task_id},
    )
    await FeedbackStore(database).put(task_id, user_id="U1", team=None, value="helpful")
    await PastTasksStore(database).forget(task_id)
    tables: tuple[LiteralString, ...] = ("slack_outbox", "task_feedback", "forgotten_tasks")
    await Retention(database, task_days=0).prune()
    assert [await _left(database, table) for table in tables] == [1, 1, 1]
    await Retention(database, task_days=90).prune()
    assert [await _left(database, table) for table in tables] == [0, 0, 0]


async def test_ended_jobs_and_dead_workers_are_dropped(task_store: PostgresTaskStore, database: Database) -> None:
    queue = RunQueue(database)
    dead, live = await queue.register(), await queue.register()
    await database.execute(
        "update procrastinate_workers set last_heartbeat = now() - interval '1 day' where id = %(id)s", {"id": dead}
    )
    await task_store.add(Request(text="t"), runs=True)
    await database.execute("update procrastinate_jobs set status = 'failed'", {})
    await database.execute("update procrastinate_events set at = now() - interval '3 days'", {})
    await Retention(database, task_days=0).prune()
    assert await _left(database, "procrastinate_jobs") == 0
    assert await _left(database, "procrastinate_events") == 0
    assert ((await queue.beat(dead)).known, (await queue.beat(live)).known) == (False, True)


async def test_dropping_waits_for_nobody_and_comes_back_to_what_was_locked(database: Database) -> None:
    await database.execute(
        "insert into slack_outbox (key, channel, kind, wanted, role, state, created_at, settled_at) select n::text, 'C1', "
        "'message', '{}', 'hello', 'written', now() - interval '20 days', now() - interval '20 days' "
        "from generate_series(1, 1100) as n",
        {},
    )
    await database.execute("insert into slack_lanes (channel, free_at) values ('C1', now() - interval '2 days')", {})
    retention = Retention(database, task_days=0)
    async with database.transaction() as connection:
        await connection.execute("select from slack_outbox where key = '7' for update")
        await connection.execute("insert into slack_lanes (channel) values ('C2')")
        async with asyncio.timeout(10.0):
            assert await retention.prune() == Dropped(messages=1099)
    assert await retention.prune() == Dropped(messages=1, lanes=1)


async def test_a_message_that_is_put_while_its_lane_is_dropped_is_sent(database: Database, database_url: str) -> None:
    """The put relies on the lane that is there; it cannot be seen before it commits."""
    await database.execute("insert into slack_lanes (channel, free_at) values ('C1', now() - interval '2 days')", {})
    entry = Entry(key="a", kind="message", team=None, channel="C1", thread=None, wanted={}, role="hello")
    async with Database(database_url) as other:
        async with other.transaction() as connection:
            await SlackOutbox(other).put(entry, within=connection)
            await Retention(database, task_days=0).prune()
        await Retention(database, task_days=0).prune()
    taken = await OutboxClaims(database, Rates(), lease_s=15.0).take()
    assert taken is not None
    assert taken.key == "a"


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
