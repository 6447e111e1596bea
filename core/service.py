"""The one door that every caller uses: REST, web, Slack, terminal and schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from core.cancellation import Cancellation
from core.errors import TaskConflictError
from core.ports import Clock, TaskStore
from core.task import (
    SELF_RUNNING_DOORS,
    Origin,
    Request,
    Task,
    TaskDocument,
    TaskStatus,
    check_context,
    check_text,
)

_RERUN_OF = "rerun_of"
"""The context key under which a task names the one that it repeats."""


class Runner(Protocol):
    """Works the runs, in this process or in others."""

    async def begin(self, task_id: UUID) -> Task:
        """The task, now running in the background; TaskConflictError unless it was queued."""
        ...

    async def wait(self, task_id: UUID, timeout_s: float) -> None:
        """Returns when the task does not run any more, whichever process runs it, or after the time-out."""
        ...

    async def cancel(self, task_id: UUID, stop: Cancellation) -> Task:
        """The task, ended with what its run had found; the run stops, whichever process has it, and its end is told of.

        Raises TaskNotFoundError, and TaskConflictError where the task has ended already.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A stored task, and whether this request made it (False: its key was known already)."""

    task: Task
    created: bool


class TaskService:
    """Submit, run, cancel, repeat, read tasks."""

    def __init__(self, store: TaskStore, runner: Runner, *, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._runner = runner
        self._clock = clock

    async def submit(self, request: Request) -> Submission:
        """The task, stored and queued. InvalidInputError where text or context cannot be taken.

        What comes through a door that runs its tasks itself (`SELF_RUNNING_DOORS`) is run without any further call: the
        task and the job that runs it are stored together, or neither is.
        """
        return await self._submit(request, runs=request.origin.door in SELF_RUNNING_DOORS)

    async def run(self, task_id: UUID) -> Task:
        """The task, running in the background. Raises TaskNotFoundError, and TaskConflictError unless it was queued."""
        return await self._runner.begin(task_id)

    async def wait(self, task_id: UUID, timeout_s: float) -> None:
        """Returns when the task has ended, whichever process runs it, or after the time-out; at once for one not begun."""
        await self._runner.wait(task_id, timeout_s)

    async def cancel(self, task_id: UUID, by: str) -> Task:
        """The task, ended as failed, with a report on the steps that had ended: `by` is who stopped it, in words for people.

        A run at work, in whichever process, stops at its next step at the latest, and can store nothing any more.
        Raises TaskNotFoundError, and TaskConflictError where the task has ended already.
        """
        return await self._runner.cancel(task_id, Cancellation(by=by, at=self._clock()))

    async def rerun(self, task_id: UUID, origin: Origin, key: str | None) -> Submission:
        """A new task with the text and context of one that has ended, run at once whatever its door.

        Its context names the old one as `rerun_of`. `key` is that of `Request`: a repeated call gives the first one's task.
        Raises TaskNotFoundError, and TaskConflictError while the old task is queued or running.
        """
        old = await self._store.get(task_id)
        if not old.status.is_final:
            raise TaskConflictError(
                f"task {task_id} is {old.status}, and only one that has ended is run again: wait for it, or cancel it"
            )
        context = old.context.model_copy(update={_RERUN_OF: str(task_id)})
        return await self._submit(Request(text=old.text, context=context, origin=origin, key=key), runs=True)

    async def _submit(self, request: Request, *, runs: bool) -> Submission:
        text = check_text(request.text)
        check_context(request.context.to_json())
        if text != request.text:
            request = request.model_copy(update={"text": text})
        task, created = await self._store.add(request, runs=runs)
        return Submission(task=task, created=created)

    async def get(self, task_id: UUID) -> Task:
        return await self._store.get(task_id)

    async def get_document(self, task_id: UUID) -> TaskDocument:
        """The task's row as it is stored."""
        return await self._store.get_document(task_id)

    async def list_documents(
        self,
        *,
        status: TaskStatus | None = None,
        service: str | None = None,
        text: str | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[TaskDocument]:
        """Rows newest first; `before` is the (created_at, task_id) of the last one already seen."""
        return await self._store.list_documents(status=status, service=service, text=text, before=before, limit=limit)
