"""What a run leaves in the store on its way: its plan and its finished steps; and the verdict on one that broke or died."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from bot.redaction import redact
from core.errors import StorageError, TaskConflictError, TaskNotFoundError
from core.events import Event, PlanBuilt, StepEnded
from core.plan import Plan
from core.ports import RunStore
from core.task import Claim
from core.verdict import Verdict
from core.verifier import broken

_log = structlog.stdlib.get_logger(__name__)
_MAX_REASON_CHARS = 1000


class RunRecorder:
    """Hears a run's events, stores what a later run of the task can go on from, and passes them on.

    The plan is stored beside the calls that it asks for. Steps are stored behind the run, those that ended within
    `ledger_s` in one statement: a run that is shorter stores none. A step counts as finished once that statement is
    committed; one that was not is run once more by whoever takes the task over, which is harmless, since steps only read.
    Each step is written as soon as it has ended, while others are still at work; `written` has them all by their ids.
    Where the store refuses because another run has the task, `lost` is told why.
    """

    def __init__(
        self,
        store: RunStore,
        claim: Claim,
        tell: Callable[[Event], Awaitable[None]],
        *,
        known: Collection[str] = (),
        ledger_s: float = 0.25,
        lost: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._claim = claim
        self._tell = tell
        self._ledger_s = ledger_s
        self._lost = lost
        self._unsaved_plan: Plan | None = None
        self._known = frozenset(known)
        self._unsaved_steps: dict[str, str] = {}
        self.written: dict[str, str] = {}
        self._loop = asyncio.get_running_loop()
        self._next_flush_at = self._loop.time() + ledger_s
        self._timer: asyncio.TimerHandle | None = None
        self._saving: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def notice(self, event: Event) -> None:
        if isinstance(event, PlanBuilt) and self._claim.task.plan is None:
            self._unsaved_plan = event.plan
            self._saving = asyncio.create_task(self._try(self._store_plan), name=f"plan of {event.task_id}")
        elif isinstance(event, StepEnded) and event.step.step_id not in self._known:
            text = self._store.write(event.step)
            self.written[event.step.step_id] = self._unsaved_steps[event.step.step_id] = text
            if self._timer is None:
                self._timer = self._loop.call_at(self._next_flush_at, self._begin_to_flush)
        await self._tell(event)

    async def save(self) -> None:
        """Store the plan that is not stored yet, if any; the steps go with the run's result. Raises as `RunStore` does."""
        self._cancel_timer()
        while self._saving is not None and not self._saving.done():
            await asyncio.wait([self._saving])  # which lives on where the waiting is cancelled
            self._cancel_timer()  # of steps that ended meanwhile; where it was quicker, they are being stored
        await self._store_plan()

    async def flush(self) -> None:
        """Store all that another run of the task could go on from. Raises as `RunStore` does."""
        await self.save()
        await self._store_steps()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin_to_flush(self) -> None:
        before = self._saving

        async def flush() -> None:
            if before is not None:
                await asyncio.wait([before])
            await self._try(self._store_plan)
            if self._unsaved_plan is None:  # steps without their plan are of no use
                await self._try(self._store_steps)
            self._next_flush_at = self._loop.time() + self._ledger_s
            self._timer = None
            if self._unsaved_steps:
                self._timer = self._loop.call_at(self._next_flush_at, self._begin_to_flush)

        self._saving = asyncio.create_task(flush(), name=f"steps of {self._claim.task.task_id}")

    async def _try(self, store: Callable[[], Awaitable[None]]) -> None:
        """`save` and `flush` meet again what failed here, and tell."""
        try:
            await store()
        except StorageError as error:
            _log.warning("task.progress_not_stored", error=str(error))
        except (TaskConflictError, TaskNotFoundError) as error:
            self._lost(str(error))

    async def _store_plan(self) -> None:
        async with self._lock:
            if self._unsaved_plan is not None:
                await self._store.save_plan(self._claim, self._unsaved_plan)
                self._unsaved_plan = None

    async def _store_steps(self) -> None:
        async with self._lock:
            steps = dict(self._unsaved_steps)
            if steps:
                await self._store.save_steps(self._claim, steps)
                self._unsaved_steps = {name: text for name, text in self._unsaved_steps.items() if name not in steps}

    async def close(self) -> None:
        """Store nothing more."""
        self._cancel_timer()
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.wait([self._saving])


def broken_by(error: Exception) -> Verdict:
    """The verdict on a run that an error ended; no secret is in its reason."""
    cause = error
    while isinstance(cause, ExceptionGroup):  # a task group wraps what its first failed task raised
        cause = next(iter(cause.exceptions))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType] -- isinstance narrows to ExceptionGroup[Unknown]
    return broken(redact(f"the run broke: {type(cause).__name__}: {cause}")[:_MAX_REASON_CHARS])  # pyright: ignore[reportUnknownArgumentType] -- likewise


def died_each_time(claim: Claim) -> Verdict:
    """The verdict on a task that no process has lived to end."""
    return _given_up(claim, f"{claim.deaths} times and its process died each time")


def never_ended(claim: Claim) -> Verdict:
    """The verdict on a task that was taken up again and again, by processes that were stopped, paused or out of reach."""
    return _given_up(claim, f"{claim.attempt - 1} times and came to no end")


def _given_up(claim: Claim, how: str) -> Verdict:
    task = claim.task
    since, until = (time.isoformat(" ", "seconds") for time in (task.created_at, task.updated_at))
    return broken(
        f"the run was taken up {how}; see the log of orch from {since} to {until} for task {task.task_id}, then hand it in "
        "again as a new one"
    )
