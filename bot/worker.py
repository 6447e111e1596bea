"""Owns the runs of this process: starts them, keeps their leases, and takes over what a dead process left."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

import structlog

from bot.rounds import cancel, repeat
from bot.run_records import PlanRecorder, broken_by, died_each_time
from core.errors import OrchError, StorageError, TaskConflictError, TaskNotFoundError
from core.events import Event, RunEnded, RunStarted
from core.pipeline import Pipeline, Run
from core.ports import Observer, TaskStore
from core.result import Result
from core.task import SELF_RUNNING_DOORS, Abandoned, Task, TaskStatus
from core.verdict import Verdict
from core.verifier import cancelled

_log = structlog.stdlib.get_logger(__name__)


class WorkerClosedError(OrchError):
    """This process is stopping and begins no further runs."""


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """`running` counts the runs that are at work, `waiting` those which wait for a free place."""

    alive: bool
    running: int
    waiting: int


@dataclass(kw_only=True)
class _Active:
    """A run of this process; `leased_until` is on the monotonic clock, `ended` is set when its end is stored."""

    task: Task
    leased_until: float
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    job: asyncio.Task[None] = field(init=False)


class Worker:
    """A `core.service.Runner`.

    A run holds a lease in the store, extended every third of `lease_s`. A run whose lease could not be kept is given up,
    because another process may have taken it by then. A sweep every `sweep_s` seconds takes over whatever has no lease,
    and begins what a door that runs its tasks itself has left queued for `queued_s` seconds: its process died in between.
    A task whose lease ran out in `max_deaths` runs ends as failed: it may be what kills the process.
    At most `concurrency` runs are at work; further ones wait, `running` and leased, for a free place.
    """

    def __init__(
        self,
        store: TaskStore,
        pipeline: Pipeline,
        observer: Observer,
        *,
        concurrency: int = 8,
        lease_s: float = 30.0,
        sweep_s: float = 5.0,
        queued_s: float = 5.0,
        retry_s: float = 0.5,
        max_deaths: int = 3,
    ) -> None:
        self._store = store
        self._pipeline = pipeline
        self._observer = observer
        self._concurrency = concurrency
        self._lease_s = lease_s
        self._sweep_s = sweep_s
        self._queued_s = queued_s
        self._retry_s = retry_s
        self._max_deaths = max_deaths
        self._places = asyncio.Semaphore(concurrency)
        self._active: dict[UUID, _Active] = {}
        self._at_work: set[UUID] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._closed = False

    @property
    def state(self) -> WorkerState:
        alive = bool(self._loops) and not any(loop.done() for loop in self._loops)
        return WorkerState(
            alive=alive and not self._closed,
            running=len(self._at_work),
            waiting=len(self._active) - len(self._at_work),
        )

    def start(self) -> None:
        """Begin to keep leases and to look for what other processes left."""
        rounds = {"leases": (self._keep_leases, self._lease_s / 3), "sweep": (self._sweep, self._sweep_s)}
        self._loops = [
            asyncio.create_task(repeat(work, every_s, name=f"worker {name}"), name=f"worker {name}")
            for name, (work, every_s) in rounds.items()
        ]

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Take nothing new, let what runs end for `grace_s` seconds, and leave the rest to the next process."""
        self._closed = True
        jobs = [active.job for active in self._active.values()]
        if jobs:
            _log.info("worker.stopping", runs=len(jobs), grace_s=grace_s)
            await asyncio.wait(jobs, timeout=grace_s)
        left = {task_id: active.job for task_id, active in self._active.items()}
        await cancel([*self._loops, *left.values()])
        for task_id in left:
            with contextlib.suppress(
                StorageError, TaskConflictError, TaskNotFoundError
            ):  # then its lease runs out by itself
                await self._store.release(task_id)
            _log.warning("task.left_for_next_process", task_id=str(task_id))

    async def begin(self, task_id: UUID) -> Task:
        if self._closed:
            raise WorkerClosedError("orch is stopping and begins no further runs: try again in a moment")
        leased_until = monotonic() + self._lease_s
        task = await self._store.start(task_id, lease_s=self._lease_s)
        self._run_soon(task, leased_until)
        return task

    async def wait(self, task_id: UUID, timeout_s: float) -> None:
        active = self._active.get(task_id)
        if active is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await active.ended.wait()

    async def stop_run(self, task: Task) -> None:
        self._give_up(task.task_id, "it was cancelled")
        await self._tell(
            RunEnded(task=task, result=None, verification=task.verification or cancelled("somebody", task.updated_at))
        )

    def _run_soon(self, task: Task, leased_until: float) -> None:
        active = _Active(task=task, leased_until=leased_until)
        self._active[task.task_id] = active
        active.job = asyncio.create_task(self._run(active), name=f"run {task.task_id}")
        active.job.add_done_callback(lambda job: self._forget(active, job))

    def _forget(self, active: _Active, job: asyncio.Task[None]) -> None:
        active.ended.set()
        self._active.pop(active.task.task_id, None)
        if not job.cancelled() and (error := job.exception()) is not None:
            _log.error("task.end_lost", task_id=str(active.task.task_id), exc_info=error)

    async def _run(self, active: _Active) -> None:
        task_id = active.task.task_id
        async with self._places:
            self._at_work.add(task_id)
            try:
                with structlog.contextvars.bound_contextvars(task_id=str(task_id)):
                    await self._run_to_end(active)
            finally:
                self._at_work.discard(task_id)

    async def _run_to_end(self, active: _Active) -> None:
        task_id = active.task.task_id
        await self._tell(RunStarted(task=active.task))
        recorder = PlanRecorder(self._store, task_id, self._tell)
        run: Run | None = None
        try:
            run = await self._pipeline.run(active.task, recorder)
            status = TaskStatus.SUCCEEDED if run.verification.passed else TaskStatus.FAILED
            verdict = run.verification
        except Exception as error:  # noqa: BLE001 -- the outermost loop of a run: whatever broke, the task must end
            _log.exception("task.run_broke")
            status = TaskStatus.FAILED
            verdict = broken_by(error)
        result = run.result if run is not None else None
        ended = await self._record(active, recorder, status, result, verdict)
        active.ended.set()
        if ended is not None:
            await self._tell(RunEnded(task=ended, result=result, verification=verdict))

    async def _record(
        self, active: _Active, recorder: PlanRecorder, status: TaskStatus, result: Result | None, verdict: Verdict
    ) -> Task | None:
        """The task as stored at its end; None when it is no longer ours to end.

        While the database cannot be used it tries again, as long as the lease lasts; after that a sweep runs it anew.
        """
        task_id = active.task.task_id
        tried_before = False
        while True:
            try:
                await recorder.save()
                return await self._store.finish(task_id, status=status, result=result, verification=verdict)
            except StorageError as error:
                tried_before = True
                _log.warning("task.end_not_stored", error=str(error), leased_for_s=active.leased_until - monotonic())
                await asyncio.sleep(self._retry_s)
            except (TaskConflictError, TaskNotFoundError) as error:
                stored = await self._ended_already(task_id) if tried_before else None
                if stored is None:
                    _log.warning("task.no_longer_ours", error=str(error))
                return stored
            except Exception as error:  # what cannot be stored as it is must not leave the task running for ever
                if result is None:
                    raise
                _log.exception("task.result_not_storable")
                status, result, verdict = TaskStatus.FAILED, None, broken_by(error)

    async def _ended_already(self, task_id: UUID) -> Task | None:
        """The task, where an earlier try stored its end and only the answer to it was lost."""
        try:
            task = await self._store.get(task_id)
        except (StorageError, TaskNotFoundError):
            return None
        return task if task.status.is_final else None

    async def _tell(self, event: Event) -> None:
        try:
            await self._observer.notice(event)
        except Exception:  # noqa: BLE001 -- the port's promise: an observer must not fail a run
            _log.exception("observer.failed", noticed=type(event).__name__)

    async def _keep_leases(self) -> None:
        for task_id, active in list(self._active.items()):
            asked_at = monotonic()
            try:
                await self._store.extend_lease(task_id, lease_s=self._lease_s)
                active.leased_until = asked_at + self._lease_s
            except StorageError as error:
                _log.warning("task.lease_not_extended", task_id=str(task_id), error=str(error))
                if monotonic() >= active.leased_until:
                    self._give_up(task_id, "its lease ran out while the database could not be used")
            except (TaskConflictError, TaskNotFoundError) as error:
                self._give_up(task_id, str(error))

    def _give_up(self, task_id: UUID, reason: str) -> None:
        active = self._active.get(task_id)
        if active is not None and not active.job.done():
            _log.warning("task.given_up", task_id=str(task_id), reason=reason)
            active.job.cancel()

    async def _sweep(self) -> None:
        for take in (self._take_abandoned, self._take_waiting):
            while not self._closed and len(self._active) < self._concurrency and await take():
                pass

    async def _take_abandoned(self) -> bool:
        """Whether there was a run to take over."""
        leased_until = monotonic() + self._lease_s
        found = await self._store.take_abandoned(lease_s=self._lease_s)
        if found is None:
            return False
        task = found.task
        if task.task_id in self._active:  # our own, late with its lease: it is leased anew and goes on
            self._active[task.task_id].leased_until = leased_until
        elif found.deaths >= self._max_deaths:
            await self._end_deadly(found)
        else:
            _log.warning("task.taken_over", task_id=str(task.task_id))
            self._run_soon(task, leased_until)
        return True

    async def _end_deadly(self, found: Abandoned) -> None:
        verdict = died_each_time(found)
        task_id = found.task.task_id
        _log.error("task.kills_its_process", task_id=str(task_id), deaths=found.deaths)
        try:
            ended = await self._store.finish(task_id, status=TaskStatus.FAILED, result=None, verification=verdict)
        except (TaskConflictError, TaskNotFoundError) as error:
            _log.warning("task.no_longer_ours", task_id=str(task_id), error=str(error))
            return
        await self._tell(RunEnded(task=ended, result=None, verification=verdict))

    async def _take_waiting(self) -> bool:
        """Whether there was a task to begin."""
        leased_until = monotonic() + self._lease_s
        task = await self._store.take_waiting(doors=SELF_RUNNING_DOORS, queued_s=self._queued_s, lease_s=self._lease_s)
        if task is None:
            return False
        _log.warning("task.begun_late", task_id=str(task.task_id), door=task.origin.door)
        self._run_soon(task, leased_until)
        return True


@contextlib.asynccontextmanager
async def open_worker(worker: Worker) -> AsyncGenerator[Worker]:
    """The worker at work; it stops with the context, in grace."""
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop()
