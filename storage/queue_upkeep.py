"""What becomes of the tasks whose process died, of those that nobody was given, and of those that wait for long."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from core.task import SELF_RUNNING_DOORS, Request
from core.urgency import P1
from storage.database import Database
from storage.jobs import CLASS_WIDTH, LIVES, QUEUE, Jobs, put_back
from storage.mapping import UNENDED_COLUMNS, to_task
from storage.rows import TaskRow

_WAITED_ENOUGH_S = 2.0
"""What is to run and has had no job for so long is given one; there is none without, but for rows that others brought in."""
_STALLED: LiteralString = (
    "status = 'doing' and queue_name = %(queue)s and not exists (select from procrastinate_workers "
    f"where id = procrastinate_jobs.worker_id and {LIVES})"
)


class QueueUpkeep:
    """Raises StorageError when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = Jobs(database)

    async def take_back_stalled(self, worker_id: int, lease_s: float) -> list[UUID]:
        """The tasks whose worker has given no sign of life for so long: they wait again, with one death more.

        None as long as the asking worker has given none itself, or the server has not been up for so long: where this
        process was paused, or the database's clock jumped, everybody seems dead.
        """
        values = {"worker_id": worker_id, "lease_s": lease_s, "queue": QUEUE}
        rows = await self._database.fetch_all(
            f"select id from procrastinate_jobs where {_STALLED} "
            "and now() - pg_postmaster_start_time() > make_interval(secs => %(lease_s)s) "
            f"and exists (select from procrastinate_workers where id = %(worker_id)s and {LIVES})",
            values,
        )
        taken = [await self._take_back(row["id"], lease_s) for row in rows]
        return [task_id for task_id in taken if task_id is not None]

    async def give_jobs_to_jobless(self) -> list[UUID]:
        """The tasks that were to run and had no job, such as imported ones: they have one now."""
        values = {"doors": list(SELF_RUNNING_DOORS), "waited_s": _WAITED_ENOUGH_S}
        jobless: LiteralString = (
            "updated_at < now() - make_interval(secs => %(waited_s)s) "
            "and not exists (select from procrastinate_jobs where status = 'todo' and queueing_lock = task_id::text) "
            "and not exists (select from procrastinate_jobs where status = 'doing' and lock = task_id::text)"
        )
        rows = await self._database.fetch_all(
            f"(select {UNENDED_COLUMNS} from tasks where status = 'running' and {jobless} limit 100) union all "
            f"(select {UNENDED_COLUMNS} from tasks where status = 'queued' and origin_json ->> 'door' = any(%(doors)s) "
            f"and {jobless} limit 100)",
            values,
            class_row(TaskRow),
        )
        return [row.task_id for row in rows if await self._give_job(row)]

    async def raise_waiting(self) -> int:
        """How many of the tasks that have waited for a minute were moved up, so that none waits for ever.

        Each goes before those of its urgency that waited less, and becomes one more urgent with every minute, up to just
        below a P1: those, and what is worse, are overtaken by nothing.
        """
        return await self._database.execute(
            "update procrastinate_jobs set priority = aim from (select id as job_id, (1 + case when urgent >= %(p1)s "
            "then urgent else least(%(p1)s - 1, urgent + minutes) end) * %(width)s as aim from (select id, "
            "(args ->> 'urgency')::int as urgent, "
            "floor((extract(epoch from now()) - (args ->> 'since')::bigint) / 60)::int as minutes "
            "from procrastinate_jobs where status = 'todo' and queue_name = %(queue)s) as waiting where minutes > 0) as late "
            "where id = job_id and status = 'todo' and priority < aim",
            {"width": CLASS_WIDTH, "queue": QUEUE, "p1": P1},
        )

    async def _take_back(self, job_id: int, lease_s: float) -> UUID | None:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                f"select lock::uuid from procrastinate_jobs where id = %(job_id)s and {_STALLED} for update skip locked",
                {"job_id": job_id, "lease_s": lease_s, "queue": QUEUE},
            )
            found = await cursor.fetchone()
            if found is None:  # another process was first, or the worker is back
                return None
            await connection.execute(
                "update tasks set deaths = deaths + 1 where task_id = %(task_id)s and status = 'running'",
                {"task_id": found[0]},
            )
            await put_back(connection, job_id)
            return found[0]

    async def _give_job(self, row: TaskRow) -> bool:
        task = to_task(row)
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "select 1 from tasks where task_id = %(task_id)s and status in ('queued', 'running') for update skip locked",
                {"task_id": task.task_id},
            )
            if await cursor.fetchone() is None:
                return False
            request = Request(text=task.text, context=task.context, origin=task.origin)
            return await self._jobs.defer(connection, task.task_id, request)
