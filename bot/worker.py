"""Works the tasks that are to run, beside any number of other processes that do; and waits for those that others work."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from bot.liveness import Liveness
from bot.patience import ask_within
from bot.places import Places
from bot.rounds import cancel, repeat
from bot.task_run import TaskRun
from bot.waiting import Waiters
from core.cancellation import Cancellation, cancelled, is_cancellation
from core.errors import OrchError, StorageError, TaskNotFoundError
from core.events import Event, RunEnded
from core.pipeline import Pipeline
from core.ports import Observer, TaskStore
from core.result import Result, StepResult
from core.task import Claim, Task, TaskStatus
from core.verdict import Verdict
from storage.notices import Notices, TaskEnded
from storage.retention import Retention
from storage.run_queue import QueueState, RunQueue

_log = structlog.stdlib.get_logger(__name__)

_HAND_OVER_S = 10.0
"""What the database may take to note that a run is handed over; after that its lease runs out."""


class WorkerClosedError(OrchError):
    """This process is stopping and begins no further runs."""


@dataclass(frozen=True, kw_only=True)
class WorkerTimes:
    """In seconds.

    A process gives a sign of life every `beat_s`; one that has not for `lease_s` is held dead, which every process looks for
    each `sweep_s`. `poll_s`: how often one looks for tasks that it was not told of. Every `prune_s` old rows are dropped.
    A run in which nothing has happened for `patience_s` waits for a system, and leaves its place to another. For the others
    see `TaskRun`.
    """

    beat_s: float = 2.0
    lease_s: float = 8.0
    sweep_s: float = 2.0
    poll_s: float = 1.0
    retry_s: float = 0.5
    ledger_s: float = 0.25
    deadline_s: float = 120.0
    prune_s: float = 3600.0
    patience_s: float = 1.0


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """`running` counts the runs of this process, of which there may be `places` at once; `works`: it runs tasks itself."""

    alive: bool
    stopping: bool
    works: bool
    running: int
    places: int


class Worker:
    """A `core.service.Runner`.

    `concurrency`, `per_channel` and `is_pressed` are those of `Places`. A task whose process died in `max_deaths` runs ends as
    failed: it may be what kills the process; so does one that came to no end in `max_attempts`, whatever became of them. With
    `works` False it runs nothing itself.
    """

    def __init__(
        self,
        store: TaskStore,
        queue: RunQueue,
        notices: Notices,
        pipeline: Pipeline,
        observer: Observer,
        *,
        works: bool = True,
        concurrency: int = 8,
        per_channel: int = 6,
        max_deaths: int = 3,
        max_attempts: int = 20,
        times: WorkerTimes | None = None,
        retention: Retention | None = None,
        is_pressed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._queue = queue
        self._notices = notices
        self._pipeline = pipeline
        self._observer = observer
        self._works = works
        self._max_deaths = max_deaths
        self._max_attempts = max_attempts
        self._times = times or WorkerTimes()
        self._retention = retention
        self._places = Places(concurrency, per_channel, patience_s=self._times.patience_s, is_pressed=is_pressed)
        self._runs: dict[UUID, TaskRun] = {}
        self._waiters = Waiters(poll_s=self._times.poll_s)
        self._news = asyncio.Event()
        self._liveness = Liveness(
            queue,
            lease_s=self._times.lease_s,
            jobs=lambda: [run.claim.job_id for run in self._runs.values()],
            lost=self._lose_jobs,
            in_touch=self._news.set,
        )
        self._loops: list[asyncio.Task[None]] = []
        self._errands: set[asyncio.Task[None]] = set()
        self._taking = asyncio.Lock()
        self._closed = False
        self._stopping = asyncio.Lock()
        self._hurried = asyncio.Event()
        self._stopped = False

    @property
    def state(self) -> WorkerState:
        return WorkerState(
            alive=bool(self._loops) and not any(loop.done() for loop in self._loops),
            stopping=self._closed,
            works=self._works,
            running=len(self._runs),
            places=self._places.number,
        )

    async def look_at_queue(self) -> QueueState:
        """What waits, and who works on it, in all processes. StorageError."""
        return await self._queue.look(self._times.lease_s)

    def start(self) -> None:
        """Begin to run tasks, to give signs of life, and to look for what dead processes left."""
        times = self._times
        rounds = {"ends": (self._hear, times.retry_s)}
        if self._works:
            rounds |= {
                "beats": (self._liveness.beat, times.beat_s),
                "tasks": (self._take_all, 0.0),
                "sweep": (self._sweep, times.sweep_s),
            }
        if self._retention is not None:
            rounds["old rows"] = (self._prune, times.prune_s)
        self._loops = [
            asyncio.create_task(repeat(work, every_s, name=f"worker {name}"), name=f"worker {name}")
            for name, (work, every_s) in rounds.items()
        ]

    def close(self) -> None:
        """Take nothing new from now on."""
        self._closed = True
        self._news.set()

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Take nothing new, let what runs end for `grace_s` seconds, and hand the rest over to other processes.

        The second call waits for the first.
        """
        self.close()
        async with self._stopping:
            if not self._stopped:
                await self._stop(grace_s)
                self._stopped = True

    def hurry(self) -> None:
        """A stop gives no more grace: what still runs is handed over now."""
        self._hurried.set()

    async def _stop(self, grace_s: float) -> None:
        jobs = [run.job for run in self._runs.values() if run.job is not None]
        if jobs:
            _log.info("worker.stopping", runs=len(jobs), grace_s=grace_s)
            await self._wait_for(jobs, grace_s)
        with contextlib.suppress(TimeoutError):
            # A task that is being taken now would be nobody's; a database that is frozen gives none.
            async with asyncio.timeout(_HAND_OVER_S), self._taking:
                await cancel(self._loops)
        left = list(self._runs.values())
        with contextlib.suppress(TimeoutError):
            await ask_within(self._leave(left), _HAND_OVER_S)
        for run in left:
            self._drop(run)
        if self._errands:
            await asyncio.wait(self._errands, timeout=grace_s)
        self._waiters.tell_all()  # of runs elsewhere, too: who waits may ask another process

    async def _wait_for(self, jobs: Sequence[asyncio.Task[None]], grace_s: float) -> None:
        """Returns when the jobs have ended, the grace is over, or somebody hurries."""
        ended = asyncio.ensure_future(asyncio.wait(jobs))
        hurried = asyncio.ensure_future(self._hurried.wait())
        try:
            await asyncio.wait({ended, hurried}, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            hurried.cancel()

    async def _leave(self, left: Sequence[TaskRun]) -> None:
        await cancel(self._loops)
        await asyncio.gather(*(run.hand_over() for run in left))
        await self._liveness.leave()

    async def begin(self, task_id: UUID) -> Task:
        if self._closed:
            raise WorkerClosedError("orch is stopping and begins no further runs: try again in a moment")
        task = await self._store.start(task_id)
        self._news.set()
        return task

    async def wait(self, task_id: UUID, timeout_s: float) -> None:
        await self._waiters.wait(task_id, timeout_s, self._runs_somewhere)

    async def cancel(self, task_id: UUID, stop: Cancellation) -> Task:
        run = self._runs.get(task_id)
        if run is not None:
            await run.keep_steps()
        task, at_work = await self._queue.cancel(task_id, lambda task, steps: self._conclude(task, steps, stop))
        self._waiters.tell(task_id)
        run = self._runs.get(task_id)
        if run is None and not at_work:
            await self._tell_cancelled(task)
        elif run is not None and not run.given_up:
            run.given_up = True
            await run.stop()
            await self._tell_cancelled(task)
        return task

    def _conclude(
        self, task: Task, finished: Sequence[StepResult], stop: Cancellation
    ) -> tuple[Result | None, Verdict]:
        try:
            return self._pipeline.conclude(task, finished, stop)
        except Exception:  # noqa: BLE001 -- the end of a run: whatever broke, who asked for its end must get it
            _log.exception("task.report_broke", task_id=str(task.task_id))
            return None, cancelled(stop, "no report could be made of what it had found: see the log of orch")

    async def _runs_somewhere(self, task_id: UUID) -> bool:
        if task_id in self._runs:
            return True
        try:
            return await self._store.get_status(task_id) is TaskStatus.RUNNING
        except TaskNotFoundError:
            return False
        except StorageError:  # that is no news of the task: whoever waits goes on
            return True

    async def _take_all(self) -> None:
        """One round: wait for news and a free place, then take what there is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.poll_s):
                await self._news.wait()
        self._news.clear()
        while not self._closed and self._places.has_room(self._runs.values()) and self._liveness.worker_id is not None:
            async with self._taking:
                claim = await self._queue.take(
                    self._liveness.worker_id, full_channels=self._places.full_channels(self._runs.values())
                )
                if claim is not None:
                    self._begin(claim)
            if claim is None:
                break

    def _begin(self, claim: Claim) -> None:
        times = self._times
        run = TaskRun(
            claim,
            self._queue,
            self._pipeline,
            self._tell,
            deadline_s=times.deadline_s,
            ledger_s=times.ledger_s,
            retry_s=times.retry_s,
            max_deaths=self._max_deaths,
            max_attempts=self._max_attempts,
            stored=self._waiters.tell,
            lost=self._lose,
        )
        earlier = self._runs.get(run.task_id)
        self._runs[run.task_id] = run
        if earlier is not None:  # it was taken back from this process, which has not noticed yet, and has it again
            self._lose(earlier, "it has begun anew")
        run.begin().add_done_callback(lambda job: self._forget(run, job))

    def _forget(self, run: TaskRun, job: asyncio.Task[None]) -> None:
        if not (self._closed and job.cancelled()):  # else it is about to be handed over
            self._drop(run)
        if not job.cancelled() and (error := job.exception()) is not None:
            _log.error("task.end_lost", task_id=str(run.task_id), exc_info=error)

    def _drop(self, run: TaskRun) -> None:
        if self._runs.get(run.task_id) is run:
            del self._runs[run.task_id]
        self._waiters.tell(run.task_id)
        self._news.set()

    async def _hear(self) -> None:
        """What other processes tell, as long as the connection holds."""
        async with contextlib.aclosing(self._notices.listen()) as notices:
            async for notice in notices:
                if isinstance(notice, TaskEnded):
                    self._hear_of_end(notice.task_id)
                else:
                    self._news.set()

    def _hear_of_end(self, task_id: UUID) -> None:
        self._waiters.tell(task_id)
        run = self._runs.get(task_id)
        if run is not None and not run.ending:
            self._lose(run, "it was ended from outside")

    async def _tell_cancelled(self, task: Task) -> None:
        _log.info("task.cancelled", task_id=str(task.task_id))
        if task.verification is not None:
            await self._tell(RunEnded(task=task, result=task.result, verification=task.verification))

    async def _tell(self, event: Event) -> None:
        try:
            await self._observer.notice(event)
        except Exception:  # noqa: BLE001 -- the port's promise: an observer must not fail a run
            _log.exception("observer.failed", noticed=type(event).__name__)

    def _lose_jobs(self, job_ids: Collection[int]) -> None:
        for run in list(self._runs.values()):
            if run.claim.job_id in job_ids and not run.ending:
                self._lose(run, "it has lost its job")

    def _lose(self, run: TaskRun, reason: str) -> None:
        """Another process has the task, or somebody ended it."""
        if run.given_up or run.ended:
            return
        run.given_up = True
        _log.warning("task.given_up", task_id=str(run.task_id), reason=reason)
        self._run_errand(self._give_up(run))

    async def _give_up(self, run: TaskRun) -> None:
        await run.stop()
        try:
            await self._queue.deny_death(run.claim)
            task = await self._store.get(run.task_id)
        except (
            StorageError,
            TaskNotFoundError,
        ) as error:  # what is not denied counts as a death, of which several are allowed
            _log.warning("task.given_up_unsaid", task_id=str(run.task_id), error=str(error))
            return
        if task.verification is not None and is_cancellation(task.verification):
            await self._tell_cancelled(task)

    async def _sweep(self) -> None:
        if not self._closed:
            await self._liveness.sweep()

    async def _prune(self) -> None:
        if self._retention is not None and (dropped := await self._retention.prune()) is not None:
            _log.info("storage.pruned", **vars(dropped))

    def _run_errand(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            await work

        errand = asyncio.create_task(run())
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)


@contextlib.asynccontextmanager
async def open_worker(worker: Worker, *, grace_s: float = 10.0) -> AsyncGenerator[Worker]:
    """The worker at work; it stops with the context, in grace."""
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop(grace_s=grace_s)
