"""One run of a task, from its claim to its stored end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic
from uuid import UUID

import structlog

from bot.run_records import RunRecorder, broken_by, died_each_time, never_ended
from core.errors import StorageError, TaskConflictError, TaskNotFoundError
from core.events import Event, RunEnded, RunStarted
from core.pipeline import Pipeline, Run
from core.result import Result, StepResult
from core.task import Claim, Task, TaskStatus
from core.verdict import Verdict
from storage.run_queue import RunQueue

_log = structlog.stdlib.get_logger(__name__)


class TaskRun:
    """`ending`: its end is being stored, `given_up`: others have its task, or have ended it.

    `stored` is called when its end is stored, `lost` when the store says that another run has the task.
    """

    def __init__(
        self,
        claim: Claim,
        queue: RunQueue,
        pipeline: Pipeline,
        tell: Callable[[Event], Awaitable[None]],
        *,
        deadline_s: float,
        ledger_s: float,
        retry_s: float,
        max_deaths: int,
        max_attempts: int,
        stored: Callable[[UUID], None],
        lost: Callable[["TaskRun", str], None],
    ) -> None:
        self.claim = claim
        self.ending = False
        self.given_up = False
        self.ended = False
        self._queue = queue
        self._pipeline = pipeline
        self._moved_at = monotonic()
        self._tell = self._moving(tell)
        self._deadline_s = deadline_s
        self._ledger_s = ledger_s
        self._retry_s = retry_s
        self._max_deaths = max_deaths
        self._max_attempts = max_attempts
        self._stored = stored
        self._lost = lost
        self._recorder: RunRecorder | None = None
        self.job: asyncio.Task[None] | None = None

    def is_waiting(self, patience_s: float) -> bool:
        """Whether nothing has happened in the run for so long: it waits for a system that is slow."""
        return monotonic() - self._moved_at > patience_s

    def _moving(self, tell: Callable[[Event], Awaitable[None]]) -> Callable[[Event], Awaitable[None]]:
        async def moved(event: Event) -> None:
            self._moved_at = monotonic()
            await tell(event)

        return moved

    @property
    def task_id(self) -> UUID:
        return self.claim.task.task_id

    def begin(self) -> asyncio.Task[None]:
        """The run, at work in the background."""
        self.job = asyncio.create_task(self._run(), name=f"run {self.task_id}")
        return self.job

    async def stop(self) -> None:
        """Returns when the run is at work no more and stores nothing more."""
        await self._stop_job()
        if self._recorder is not None:
            await self._recorder.close()

    async def keep_steps(self) -> None:
        """Stores what the run has finished so far, if it can."""
        if self._recorder is not None:
            with contextlib.suppress(StorageError, TaskConflictError, TaskNotFoundError):
                await self._recorder.flush()

    async def hand_over(self) -> None:
        """Stops the run; the next one begins at once, and goes on from what this one has finished."""
        await self._stop_job()
        if self.ended:
            return
        try:
            if self._recorder is not None:
                await self._recorder.flush()
            await self._queue.hand_back(self.claim)
            _log.info("task.handed_over", task_id=str(self.task_id))
        except (TaskConflictError, TaskNotFoundError) as error:
            _log.warning("task.no_longer_ours", task_id=str(self.task_id), error=str(error))
        except StorageError as error:  # then it is taken over when this process gives no more signs of life
            _log.warning("task.left_for_next_process", task_id=str(self.task_id), error=str(error))

    async def _stop_job(self) -> None:
        if self.job is not None:
            self.job.cancel()
            await asyncio.gather(self.job, return_exceptions=True)

    async def _run(self) -> None:
        with structlog.contextvars.bound_contextvars(task_id=str(self.task_id)):
            if self.claim.deaths >= self._max_deaths:
                await self._end_unrun(died_each_time(self.claim))
            elif self.claim.attempt > self._max_attempts:
                await self._end_unrun(never_ended(self.claim))
            else:
                await self._run_to_end()

    async def _run_to_end(self) -> None:
        claim = self.claim
        known = await self._find_known()
        await self._tell(RunStarted(task=claim.task, waited_s=claim.waited_s))
        recorder = self._recorder = RunRecorder(
            self._queue,
            claim,
            self._tell,
            known={step.step_id for step in known},
            ledger_s=self._ledger_s,
            lost=lambda reason: self._lost(self, reason),
        )
        run: Run | None = None
        try:
            run = await self._pipeline.run(claim.task, recorder, known=known, deadline_s=self._deadline_s)
            status = TaskStatus.SUCCEEDED if run.verification.passed else TaskStatus.FAILED
            verdict = run.verification
        except Exception as error:  # noqa: BLE001 -- the outermost loop of a run: whatever broke, the task must end
            _log.exception("task.run_broke")
            status = TaskStatus.FAILED
            verdict = broken_by(error)
        result = run.result if run is not None else None
        ended = await self._record(recorder, status, result, verdict)
        if ended is not None:
            await self._tell(RunEnded(task=ended, result=result, verification=verdict))

    async def _find_known(self) -> tuple[StepResult, ...]:
        """What an earlier run has finished; where it cannot be read just now, the steps are run again."""
        if self.claim.attempt == 1 or self.claim.task.plan is None:
            return ()
        try:
            known = await self._queue.find_steps(self.claim)
        except StorageError as error:
            _log.warning("task.steps_not_read", error=str(error))
            return ()
        _log.info("task.taken_over", attempt=self.claim.attempt, steps_known=len(known))
        return known

    async def _record(
        self, recorder: RunRecorder, status: TaskStatus, result: Result | None, verdict: Verdict
    ) -> Task | None:
        """The task as stored at its end; None when it is no longer ours to end.

        While the database cannot be used it tries again: nobody can take the task over meanwhile.
        """
        tried_before = False
        while True:
            try:
                await recorder.save()
                self.ending = True
                task = await self._queue.finish(
                    self.claim, status=status, result=result, verification=verdict, written=recorder.written
                )
            except StorageError as error:
                tried_before = True
                _log.warning("task.end_not_stored", error=str(error))
                await asyncio.sleep(self._retry_s)
                continue
            except (TaskConflictError, TaskNotFoundError) as error:
                stored = await self._ended_already() if tried_before else None
                if stored is None:
                    self._lost(self, str(error))
                    return None
                task = stored
            except Exception as error:  # what cannot be stored as it is must not leave the task running for ever
                if result is None:
                    raise
                _log.exception("task.result_not_storable")
                status, result, verdict = TaskStatus.FAILED, None, broken_by(error)
                continue
            self.ended = True
            self._stored(self.task_id)
            return task

    async def _ended_already(self) -> Task | None:
        """The task, where an earlier try stored its end and only the answer to it was lost."""
        with contextlib.suppress(StorageError, TaskNotFoundError):
            return await self._queue.find_ended_by(self.claim)
        return None

    async def _end_unrun(self, verdict: Verdict) -> None:
        """It may be the task that kills the process: nothing of it is looked at any more."""
        _log.error("task.never_ends", deaths=self.claim.deaths, attempts=self.claim.attempt)
        recorder = RunRecorder(self._queue, self.claim, self._tell)
        ended = await self._record(recorder, TaskStatus.FAILED, None, verdict)
        if ended is not None:
            await self._tell(RunEnded(task=ended, result=None, verification=verdict))
