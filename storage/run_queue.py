"""The tasks to run, taken one by one, and what their runs store. What dead processes leave is in `queue_upkeep.py`.

Implements `core.ports.RunStore`. A job is taken and its task's attempt counted up in one statement of our own, not by
procrastinate's `fetch_job`: that attempt is the fencing token, and channels at their quota are passed over.
"""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row, dict_row, tuple_row
from psycopg_pool import PoolTimeout

from core.errors import TaskConflictError, TaskNotFoundError
from core.plan import Plan
from core.ports import Conclude
from core.result import Result, StepResult
from core.task import Claim, Task, TaskStatus
from core.verdict import Verdict
from storage.database import Database
from storage.jobs import LIVES, QUEUE, Jobs, put_back
from storage.mapping import UNENDED_COLUMNS, result_to_json, to_jsonb, to_step, to_task
from storage.notices import END_CHANNEL
from storage.queue_upkeep import QueueUpkeep
from storage.rows import TaskRow, TaskStepRow

_OWN: LiteralString = "task_id = %(task_id)s and status = 'running' and attempt = %(attempt)s"
_TAKE: LiteralString = """
    with job as (
      select id, lock from procrastinate_jobs as waiting
      where status = 'todo' and queue_name = %(queue)s and (scheduled_at is null or scheduled_at <= now())
        and (args ->> 'channel' is null or args ->> 'channel' <> all(%(full)s))
        and not exists (select from procrastinate_jobs as other where other.lock = waiting.lock and other.status = 'doing')
      order by priority desc, id limit 1 for update skip locked
    ), taken as (
      update procrastinate_jobs as job_row set status = 'doing', worker_id = %(worker_id)s
      from job where job_row.id = job.id returning job_row.id, job_row.lock
    ), begun as (
      update tasks set status = 'running', attempt = attempt + 1, updated_at = now()
      from taken where task_id = taken.lock::uuid and status in ('queued', 'running') returning tasks.*
    )
    select taken.id as job_id, begun.*, extract(epoch from begun.updated_at - before.updated_at)::float as waited_s
    from taken left join begun on true left join tasks as before on before.task_id = begun.task_id
"""
"""The last join finds the task as it was before the statement: nothing had happened to it since it began to wait."""
_FIND_STEPS: LiteralString = (
    "select task_id, step_id, attempt, result_json, ended_at from task_steps where task_id = %(task_id)s "
    "order by ended_at, step_id"
)
# Whoever has a job locked now waits for the task, and finds then that it has ended: to wait for that job would be a deadlock.
_CANCEL: LiteralString = """
    with ended as (
      update tasks set status = 'failed', result_json = %(result_json)s::json,
        verification_json = %(verification_json)s::jsonb, attempt = attempt + 1, updated_at = now()
      where task_id = %(task_id)s returning task_id, updated_at
    ), jobs as (
      delete from procrastinate_jobs where id in (
        select id from procrastinate_jobs where (status = 'todo' and queueing_lock = %(task_id)s::text)
          or (status = 'doing' and lock = %(task_id)s::text) for update skip locked
      ) returning status
    ), steps as (
      delete from task_steps where task_id = %(task_id)s
    ), told as (
      select pg_notify(%(channel)s, task_id::text) from ended
    )
    select updated_at, exists (select from jobs where status = 'doing') from ended where (select count(*) from told) > 0
"""
_BEAT_PATIENCE_S = 0.5
"""So long a sign of life waits for a connection of the pool; then it has one of its own."""


@dataclass(frozen=True)
class SignOfLife:
    """`known`: the worker is still on the list of those that live; `jobs`: those that are still its own.

    `silent_s`: how long ago the last sign was, by the clock of the database.
    """

    known: bool
    silent_s: float
    jobs: frozenset[int]


@dataclass(frozen=True)
class QueueState:
    """How many tasks wait for a free place, and how many processes run tasks."""

    waiting: int
    workers: int


class RunQueue:
    """Raises StorageError when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = Jobs(database)
        self.upkeep = QueueUpkeep(database)

    async def register(self) -> int:
        """The number under which this process takes jobs and gives signs of life."""
        return await self._jobs.register_worker()

    async def unregister(self, worker_id: int) -> None:
        """Says that this process takes no more jobs; those that it still has are taken over at once."""
        await self._jobs.unregister_worker(worker_id)

    async def beat(self, worker_id: int) -> SignOfLife:
        """Gives a sign of life, on a connection of its own where others have all those of the pool: no run is to die of that."""
        with self._database.translated():
            with suppress(PoolTimeout):
                async with self._database.pool.connection(timeout=_BEAT_PATIENCE_S) as connection:
                    return await _beat(connection, worker_id)
            async with self._database.connect() as connection:
                return await _beat(connection, worker_id)

    async def adopt(self, worker_id: int, job_ids: Collection[int]) -> frozenset[int]:
        """Those of the jobs that are this worker's now: they had lost their worker, and nobody has taken them yet."""
        rows = await self._database.fetch_all(
            "update procrastinate_jobs set worker_id = %(worker_id)s "
            "where id = any(%(job_ids)s) and status = 'doing' and worker_id is null returning id",
            {"worker_id": worker_id, "job_ids": list(job_ids)},
        )
        return frozenset(row["id"] for row in rows)

    async def look(self, lease_s: float) -> QueueState:
        """What waits, and who works on it: processes that have given a sign of life within so many seconds."""
        found = await self._database.fetch_one(
            "select (select count(*) from procrastinate_jobs where status = 'todo' and queue_name = %(queue)s) as waiting, "
            "(select count(*) from procrastinate_workers "
            f"where {LIVES}) as workers",
            {"queue": QUEUE, "lease_s": lease_s},
        )
        assert found is not None
        return QueueState(waiting=found["waiting"], workers=found["workers"])

    async def take(self, worker_id: int, *, full_channels: Collection[str] = ()) -> Claim | None:
        """The most urgent task to run, of channels that are not full, now `running` and this worker's; None: nothing waits."""
        while True:
            found = await self._database.fetch_one(
                _TAKE, {"queue": QUEUE, "worker_id": worker_id, "full": list(full_channels)}
            )
            if found is None:
                return None
            job_id, waited_s = found.pop("job_id"), found.pop("waited_s")
            if found["task_id"] is not None:
                row = TaskRow(**{name: value for name, value in found.items() if name in TaskRow.model_fields})
                return Claim(
                    task=to_task(row), attempt=row.attempt, job_id=job_id, deaths=row.deaths, waited_s=waited_s
                )
            # Its task ended without it, or is deleted.
            await self._database.execute("delete from procrastinate_jobs where id = %(job_id)s", {"job_id": job_id})

    async def find_steps(self, claim: Claim) -> tuple[StepResult, ...]:
        """The steps that earlier runs of the task finished; one that today's types cannot read is to be done anew."""
        return _read_steps(
            await self._database.fetch_all(_FIND_STEPS, {"task_id": claim.task.task_id}, class_row(TaskStepRow))
        )

    async def save_plan(self, claim: Claim, plan: Plan) -> None:
        found = await self._database.fetch_one(
            # What is kept of another plan, which today's types could not read, has the ids of this one's steps.
            f"with own as (update tasks set plan_json = %(plan_json)s::jsonb, updated_at = now() where {_OWN} "
            "returning task_id), steps as (delete from task_steps where task_id = (select task_id from own)) "
            "select task_id from own",
            {**_token(claim), "plan_json": to_jsonb(plan)},
        )
        if found is None:
            raise await self._lost(claim)

    def write(self, step: StepResult) -> str:
        """The step as it is stored."""
        return to_jsonb(step)

    async def save_steps(self, claim: Claim, steps: Mapping[str, str]) -> None:
        found = await self._database.fetch_one(
            f"with own as (select task_id, attempt from tasks where {_OWN} for share), "
            "kept as (insert into task_steps (task_id, step_id, attempt, result_json) "
            "select task_id, step_id, attempt, result_json from own, "
            "json_each(%(steps)s::json) as step (step_id, result_json) on conflict do nothing) "
            "select count(*) as own from own",
            # As an array of texts each quote and backslash in 300 kB would be escaped once more, and read again.
            {**_token(claim), "steps": f"{{{','.join(f'{json.dumps(name)}:{text}' for name, text in steps.items())}}}"},
        )
        if found is None or found["own"] == 0:
            raise await self._lost(claim)

    async def finish(
        self,
        claim: Claim,
        *,
        status: TaskStatus,
        result: Result | None,
        verification: Verdict,
        written: Mapping[str, str] | None = None,
    ) -> Task:
        """The task as it ended; its job and its steps are gone with the same statement, and whoever waits is told."""
        if not status.is_final:
            raise ValueError(f"task {claim.task.task_id} cannot end as {status}: give succeeded or failed")
        row = await self._database.fetch_one(
            "with ended as (update tasks set status = %(status)s, result_json = %(result_json)s::json, "
            "verification_json = %(verification_json)s::jsonb, updated_at = now() "
            f"where {_OWN} returning {UNENDED_COLUMNS}), "
            "job as (delete from procrastinate_jobs where exists (select from ended) and id in "  # see _CANCEL
            "(select id from procrastinate_jobs where id = %(job_id)s for update skip locked)), "
            "steps as (delete from task_steps where task_id = (select task_id from ended)), "
            "told as (select pg_notify(%(channel)s, task_id::text) from ended) "
            f"select {UNENDED_COLUMNS} from ended where (select count(*) from told) > 0",
            {
                **_token(claim),
                "job_id": claim.job_id,
                "status": status.value,
                "result_json": None if result is None else result_to_json(result, written or {}),
                "verification_json": to_jsonb(verification),
                "channel": END_CHANNEL,
            },
            class_row(TaskRow),
        )
        if row is None:
            raise await self._lost(claim)
        return to_task(row).model_copy(update={"result": result, "verification": verification})

    async def cancel(self, task_id: UUID, conclude: Conclude) -> tuple[Task, bool]:
        """The task as it ended, failed and out of reach of its run, and whether a run was at work on it.

        `conclude` makes the end out of the steps that are stored, while the task is locked: a run that ends just now does
        so before, or not at all. TaskNotFoundError; TaskConflictError where the task has ended already.
        """
        values: dict[str, Any] = {"task_id": task_id}
        async with self._database.transaction() as connection:
            cursor = connection.cursor(row_factory=class_row(TaskRow))
            await cursor.execute(
                f"select {UNENDED_COLUMNS} from tasks where task_id = %(task_id)s and status in ('queued', 'running') "
                "for no key update",
                values,
            )
            row = await cursor.fetchone()
            if row is not None:
                task = to_task(row)
                steps = connection.cursor(row_factory=class_row(TaskStepRow))
                await steps.execute(_FIND_STEPS, values)
                result, verification = conclude(task, _read_steps(await steps.fetchall()))
                ended = connection.cursor(row_factory=tuple_row)
                await ended.execute(
                    _CANCEL,
                    {
                        **values,
                        "result_json": None if result is None else result_to_json(result, {}),
                        "verification_json": to_jsonb(verification),
                        "channel": END_CHANNEL,
                    },
                )
                found = await ended.fetchone()
                assert found is not None
                updated_at, at_work = found
                return task.model_copy(
                    update={
                        "status": TaskStatus.FAILED,
                        "result": result,
                        "verification": verification,
                        "updated_at": updated_at.astimezone(UTC),
                    }
                ), at_work
        found = await self._database.fetch_one("select status from tasks where task_id = %(task_id)s", values)
        if found is None:
            raise TaskNotFoundError(task_id)
        raise TaskConflictError(f"task {task_id} is {found['status']} already: there is nothing to cancel")

    async def find_ended_by(self, claim: Claim) -> Task | None:
        """The task, where this run's end of it is stored, though the answer to that was lost."""
        row = await self._database.fetch_one(
            f"select {UNENDED_COLUMNS}, result_json, verification_json from tasks "
            "where task_id = %(task_id)s and attempt = %(attempt)s and status in ('succeeded', 'failed')",
            _token(claim),
            class_row(TaskRow),
        )
        return None if row is None else to_task(row)

    async def put_back_strays(self, worker_id: int, job_ids: Collection[int]) -> list[int]:
        """Those of the jobs that were this worker's, and wait again now; no death is counted."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "select id from procrastinate_jobs where id = any(%(job_ids)s) and status = 'doing' "
                "and worker_id = %(worker_id)s for update skip locked",
                {"worker_id": worker_id, "job_ids": list(job_ids)},
            )
            found: list[int] = [row[0] for row in await cursor.fetchall()]
            for job_id in found:
                await put_back(connection, job_id)
        return found

    async def hand_back(self, claim: Claim) -> None:
        """Lets any process take the task over at once; no death is counted. TaskConflictError: it is not this run's."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "select id from procrastinate_jobs where id = %(job_id)s and status = 'doing' "
                f"and exists (select from tasks where {_OWN}) for update",
                {**_token(claim), "job_id": claim.job_id},
            )
            if await cursor.fetchone() is not None:
                await put_back(connection, claim.job_id)
                return
        raise await self._lost(claim)

    async def deny_death(self, claim: Claim) -> None:
        """A run that was taken over says that its process lives: it was out of reach, or paused, and no death."""
        await self._database.execute(
            "update tasks set deaths = greatest(deaths - 1, 0) "
            "where task_id = %(task_id)s and status = 'running' and attempt >= %(attempt)s",
            _token(claim),
        )

    async def _lost(self, claim: Claim) -> TaskConflictError | TaskNotFoundError:
        """Why nothing was stored."""
        task_id = claim.task.task_id
        found = await self._database.fetch_one(
            "select status, attempt from tasks where task_id = %(task_id)s", {"task_id": task_id}
        )
        if found is None:
            return TaskNotFoundError(task_id)
        if found["status"] != TaskStatus.RUNNING:
            return TaskConflictError(f"task {task_id} is {found['status']}, not running: drop what this run still has")
        return TaskConflictError(
            f"another run has taken over task {task_id} (attempt {found['attempt']}): drop what this run still has"
        )


async def _beat(connection: AsyncConnection[TupleRow], worker_id: int) -> SignOfLife:
    cursor = await connection.cursor(row_factory=dict_row).execute(
        "with before as (select last_heartbeat from procrastinate_workers where id = %(worker_id)s), "
        "beat as (update procrastinate_workers set last_heartbeat = now() where id = %(worker_id)s) "
        "select (select extract(epoch from now() - last_heartbeat)::float8 from before) as silent_s, "
        "array(select id from procrastinate_jobs where worker_id = %(worker_id)s and status = 'doing') as jobs",
        {"worker_id": worker_id},
    )
    found = await cursor.fetchone()
    assert found is not None
    silent_s: float | None = found["silent_s"]
    return SignOfLife(known=silent_s is not None, silent_s=silent_s or 0.0, jobs=frozenset(found["jobs"]))


def _read_steps(rows: Sequence[TaskStepRow]) -> tuple[StepResult, ...]:
    steps = (to_step(row.result_json, row.task_id) for row in rows)
    return tuple(step for step in steps if step is not None)


def _token(claim: Claim) -> dict[str, Any]:
    return {"task_id": claim.task.task_id, "attempt": claim.attempt}
