"""What a run leaves in the store on its way: its plan, and the verdict on one that broke or never came to its end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from uuid import UUID

from bot.redaction import redact
from core.errors import StorageError, TaskConflictError, TaskNotFoundError
from core.events import Event, PlanBuilt
from core.plan import Plan
from core.ports import TaskStore
from core.task import Abandoned
from core.verdict import Verdict
from core.verifier import broken

_MAX_REASON_CHARS = 1000


class PlanRecorder:
    """Hears a run's events, stores its plan, and passes them on.

    The plan is stored beside the calls that it asks for; one that could not be stored then is stored with the end of the run.
    """

    def __init__(self, store: TaskStore, task_id: UUID, tell: Callable[[Event], Awaitable[None]]) -> None:
        self._store = store
        self._task_id = task_id
        self._tell = tell
        self._unsaved: Plan | None = None
        self._saving: asyncio.Task[None] | None = None

    async def notice(self, event: Event) -> None:
        if isinstance(event, PlanBuilt):
            self._unsaved = event.plan
            self._saving = asyncio.create_task(self._try_to_save(), name=f"plan of {self._task_id}")
        await self._tell(event)

    async def save(self) -> None:
        """Store the plan that is not stored yet, if any. Raises as `core.ports.TaskStore` does."""
        if self._saving is not None:
            await self._saving
        await self._store_unsaved()

    async def _try_to_save(self) -> None:
        with contextlib.suppress(StorageError, TaskConflictError, TaskNotFoundError):  # `save` meets it again and tells
            await self._store_unsaved()

    async def _store_unsaved(self) -> None:
        if self._unsaved is not None:
            await self._store.save_plan(self._task_id, self._unsaved)
            self._unsaved = None


def broken_by(error: Exception) -> Verdict:
    """The verdict on a run that an error ended; no secret is in its reason."""
    cause = error
    while isinstance(cause, ExceptionGroup):  # a task group wraps what its first failed task raised
        cause = next(iter(cause.exceptions))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType, reportUnknownMemberType] -- isinstance narrows to ExceptionGroup[Unknown]
    return broken(redact(f"the run broke: {type(cause).__name__}: {cause}")[:_MAX_REASON_CHARS])  # pyright: ignore[reportUnknownArgumentType] -- likewise


def died_each_time(found: Abandoned) -> Verdict:
    """The verdict on a task that no process has lived to end."""
    task = found.task
    since, until = (time.isoformat(" ", "seconds") for time in (task.created_at, task.updated_at))
    return broken(
        f"the run was taken up {found.deaths} times and its process died each time, or lost the database; see the log of "
        f"orch from {since} to {until} for task {task.task_id}, then hand it in again as a new one"
    )
