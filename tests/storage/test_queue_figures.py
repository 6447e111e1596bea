from uuid import uuid4

from psycopg.rows import tuple_row

from core.task import Context, Origin, Request
from storage import queue_figures
from storage.database import Database
from storage.jobs import QUEUE
from storage.queue_figures import QueueFigures, Waiting
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore

LEASE_S = 8.0


async def test_nothing_waits_in_an_empty_database(database: Database) -> None:
    found = await QueueFigures(database, lease_s=LEASE_S).read()
    nothing = Waiting(number=0, oldest_s=0.0)
    assert (dict(found.tasks), found.running, found.workers) == ({}, 0, 0)
    assert (found.inbox, found.outbox, found.outbox_given_up) == (nothing, nothing, 0)
    assert found.ended == {}


async def test_what_waits_and_what_is_at_work_are_told_apart(database: Database, task_store: PostgresTaskStore) -> None:
    queue = RunQueue(database)
    worker_id = await queue.register()
    for severity in ("P1", "P2", "P2"):
        request = Request(text="t", context=Context(severity=severity), origin=Origin(door="slack"))
        await task_store.add(request, runs=True)
    claim = await queue.take(worker_id)
    assert claim is not None
    assert 0.0 <= claim.waited_s < 60.0
    found = await QueueFigures(database, lease_s=LEASE_S).read()
    assert {urgency: waiting.number for urgency, waiting in found.tasks.items()} == {6: 2}
    assert (found.running, found.workers) == (1, 1)


async def test_the_messages_to_and_from_slack_that_wait_are_counted(database: Database) -> None:
    await _fill_slack(database, settled=0)
    found = await QueueFigures(database, lease_s=LEASE_S).read()
    assert (found.inbox.number, found.outbox.number, found.outbox_given_up) == (1, 1, 1)
    assert found.inbox.oldest_s >= 60
    assert found.outbox.oldest_s >= 60


async def test_no_reading_walks_through_what_has_ended(database: Database, task_store: PostgresTaskStore) -> None:
    await _fill_slack(database, settled=5_000)
    await database.execute(
        "insert into procrastinate_jobs (queue_name, task_name, status, args) "
        "select %(queue)s, 'run_task', 'succeeded', '{}' from generate_series(1, 5000)",
        {"queue": QUEUE},
    )
    await database.execute(
        "insert into tasks (task_id, input_task, status, context_json, origin_json, updated_at) select gen_random_uuid(), 't', "
        "'succeeded', '{}', '{}', now() - interval '1 day' from generate_series(1, 5000)",
        {},
    )
    await task_store.add(Request(text="t", origin=Origin(door="slack")), runs=True)
    for table in ("tasks", "slack_inbox", "slack_outbox", "procrastinate_jobs"):
        async with database.connect() as connection:
            await connection.execute(f"analyze {table}".encode())
    values = {"queue": QUEUE, "lease_s": LEASE_S}
    statements = (queue_figures._BY_URGENCY, queue_figures._REST, queue_figures._ENDED)  # pyright: ignore[reportPrivateUsage] -- the very ones
    for statement in statements:
        rows = await database.fetch_all(f"explain {statement}", values, tuple_row)
        plan = "\n".join(row[0] for row in rows)
        scanned = [line.strip() for line in plan.splitlines() if "Seq Scan" in line]
        assert not [line for line in scanned if "procrastinate_workers" not in line], plan


async def _fill_slack(database: Database, *, settled: int) -> None:
    await database.execute(
        "insert into slack_inbox (key, kind, channel, lane, urgency, payload, state, received_at) "
        "select 'k' || n, 'message', 'C1', 'C1', 1, '{}', case when n = 0 then 'received' else 'done' end, "
        "now() - interval '2 minutes' from generate_series(0, %(settled)s) as n",
        {"settled": settled},
    )
    await database.execute("insert into slack_lanes (channel) values ('C1')", {})
    await database.execute(
        "insert into slack_outbox (key, kind, channel, wanted, role, state, created_at, settled_at) "
        "select %(id)s || n, 'message', 'C1', '{}', 'plan', "
        "case n when 0 then 'waiting' when 1 then 'given_up' else 'written' end, now() - interval '2 minutes', "
        "case when n > 0 then now() end from generate_series(0, 1 + %(settled)s) as n",
        {"settled": settled, "id": str(uuid4())},
    )
