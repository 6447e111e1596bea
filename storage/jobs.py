"""The jobs that run tasks, one a task, in procrastinate's tables: stored in whichever transaction makes the task runnable.

A job's `lock` and `queueing_lock` are its task's id: of two jobs of one task neither waits beside the other, nor runs.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import LiteralString
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from core.task import Request
from core.urgency import urgency
from storage.database import Database

QUEUE: LiteralString = "tasks"
JOB_CHANNEL: LiteralString = f"procrastinate_queue_v1#{QUEUE}"
"""procrastinate's trigger notifies it of every new job; `wake` does of those that are to be run again."""
CLASS_WIDTH = 1_000_000
"""Of the two parts of a priority, urgency counts before the turn; so many turns fit below one urgency."""
LIVES: LiteralString = (
    "last_heartbeat between now() - make_interval(secs => %(lease_s)s) and now() + make_interval(secs => %(lease_s)s)"
)
"""Of procrastinate's workers. A sign of life from the future is that of a clock that was set back since."""

_TASK_NAME = "run_task"
_FIND_TURN: LiteralString = """
    select exists (select from procrastinate_jobs where queueing_lock = %(lock)s and status = 'todo')
        or exists (select from procrastinate_jobs where lock = %(lock)s and status = 'doing'),
      (select max(priority) from procrastinate_jobs
        where status = 'todo' and priority between %(lowest)s and %(highest)s),
      (select min(priority) from procrastinate_jobs
        where status = 'todo' and priority between %(lowest)s and %(highest)s and args ->> 'lane' = %(lane)s),
      floor(extract(epoch from now()))::bigint
"""


class Jobs:
    """Raises StorageError when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connector = PsycopgConnector()
        self._app = App(connector=self._connector)

    async def defer(self, connection: AsyncConnection[TupleRow], task_id: UUID, request: Request) -> bool:
        """Whether a job was stored, in the connection's transaction; False where the task has one already.

        Its priority is by urgency first. Within one urgency channels take turns: a channel's next task ranks behind its
        last one, and no new one before the first of those that wait. See also `QueueUpkeep.raise_waiting`.
        """
        lane = request.origin.channel or request.origin.door
        urgent = urgency(request)
        highest = (urgent + 1) * CLASS_WIDTH
        lowest = highest - CLASS_WIDTH + 1
        with self._unwrapped():
            cursor = await connection.execute(
                _FIND_TURN, {"lock": str(task_id), "lane": lane, "highest": highest, "lowest": lowest}
            )
            row = await cursor.fetchone()
            assert row is not None
            known, first, own_last, since = row
            if known:
                return False
            turn = highest if first is None else first
            if own_last is not None:
                turn = min(turn, own_last - 1)
            await self._app.configure_task(
                _TASK_NAME,
                queue=QUEUE,
                lock=str(task_id),
                queueing_lock=str(task_id),
                priority=max(lowest, turn),
                connection=connection,
            ).defer_async(lane=lane, channel=request.origin.channel, urgency=urgent, since=since)
            return True

    async def register_worker(self) -> int:
        """The number under which this process is to give signs of life."""
        async with self._manager() as manager:
            return await manager.register_worker()

    async def unregister_worker(self, worker_id: int) -> None:
        async with self._manager() as manager:
            await manager.unregister_worker(worker_id)

    async def prune(self, *, workers_s: float, jobs_hours: int) -> None:
        """Drops workers without a sign of life for so long, and jobs that ended so long ago without being deleted."""
        async with self._manager() as manager:
            await manager.prune_stalled_workers(workers_s)
            await manager.delete_old_jobs(jobs_hours, include_failed=True, include_cancelled=True, include_aborted=True)

    @asynccontextmanager
    async def _manager(self) -> AsyncGenerator[JobManager]:
        """Procrastinate's own operations, on the connections of our pool."""
        await self._connector.open_async(self._database.pool)
        with self._database.translated(), self._unwrapped():
            yield self._app.job_manager

    @contextmanager
    def _unwrapped(self) -> Generator[None]:
        """The driver's own error, which is translated at the edge of `Database`, in place of procrastinate's."""
        try:
            yield
        except ConnectorException as error:
            raise (error.__cause__ or error) from None


async def put_back(connection: AsyncConnection[TupleRow], job_id: int) -> None:
    """The job waits again, at once and at its old place, and idle workers hear of it."""
    await connection.execute(
        "select procrastinate_retry_job_v2(%(job_id)s, now(), null, null, null)", {"job_id": job_id}
    )
    await connection.execute(
        "select pg_notify(%(channel)s, %(job_id)s::text)", {"channel": JOB_CHANNEL, "job_id": job_id}
    )
