"""The one door that every caller uses: REST, web, Slack, terminal and schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.ports import TaskStore
from core.task import Request, Task, TaskDocument, TaskStatus, check_context, check_text


class Runner(Protocol):
    """Owns the runs of this process."""

    async def begin(self, task_id: UUID) -> Task:
        """The task, now running in the background; TaskConflictError unless it was queued."""
        ...

    async def wait(self, task_id: UUID, timeout_s: float) -> None:
        """Returns when the run of this process has ended, at once when there is none, or after the time-out."""
        ...


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A stored task, and whether this request made it (False: its key was known already)."""

    task: Task
    created: bool


class TaskService:
    """Submit, run, read tasks."""

    def __init__(self, store: TaskStore, runner: Runner) -> None:
        self._store = store
        self._runner = runner

    async def submit(self, request: Request) -> Submission:
        """The task, stored and queued. InvalidInputError where text or context cannot be taken."""
        text = check_text(request.text)
        check_context(request.context.to_json())
        task, created = await self._store.add(request.model_copy(update={"text": text}))
        return Submission(task=task, created=created)

    async def run(self, task_id: UUID) -> Task:
        """The task, running in the background. Raises TaskNotFoundError, and TaskConflictError unless it was queued."""
        return await self._runner.begin(task_id)

    async def wait(self, task_id: UUID, timeout_s: float) -> None:
        """Returns when the task's run has ended, or after the time-out; at once when it is not run by this process."""
        await self._runner.wait(task_id, timeout_s)

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
