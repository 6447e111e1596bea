"""What the core needs of the world, as protocols; the program plugs in the real things."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from core.events import Event
from core.plan import Plan, ToolCall
from core.result import Result, ToolResult
from core.task import Abandoned, Door, Request, Task, TaskDocument, TaskStatus
from core.verdict import Verdict

type Clock = Callable[[], datetime]


class Planner(Protocol):
    """Turns a request into a plan; never fails: what it could not read it says in the plan's notes."""

    async def plan(self, request: Request, now: datetime) -> Plan: ...


class Toolbox(Protocol):
    """Calls tools; a failure comes back as data, never as an exception. A call is issued when `call` is called."""

    def call(self, call: ToolCall) -> Coroutine[Any, Any, ToolResult]: ...


class Observer(Protocol):
    """Hears of a run's progress. It must not fail a run: what it raises is logged and dropped."""

    async def notice(self, event: Event) -> None: ...


class TaskStore(Protocol):
    """Keeps tasks.

    Raises StorageError when the database cannot be used, TaskNotFoundError for an unknown id, InvalidInputError for a
    value that cannot be stored. What a run writes (`extend_lease`, `save_plan`, `finish`) raises TaskConflictError when
    the task does not run any more, or another process has taken it over since this one began it.
    """

    async def add(self, request: Request, *, runs: bool = False) -> tuple[Task, bool]:
        """The stored task, and whether this call made it: a request whose key is known returns the first one's task.

        With `runs`, the job that runs it is stored in the same transaction.
        """
        ...

    async def cancel(self, task_id: UUID, verification: Verdict) -> Task:
        """The task, ended as failed with this verdict, and out of reach of whoever runs it.

        TaskConflictError where it has ended already.
        """
        ...

    async def get(self, task_id: UUID) -> Task:
        """The task; a plan, result or verification that today's types cannot read is None: see `get_document`."""
        ...

    async def get_document(self, task_id: UUID) -> TaskDocument: ...

    async def list_documents(
        self,
        *,
        status: TaskStatus | None = None,
        service: str | None = None,
        text: str | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[TaskDocument]:
        """Tasks newest first; `before` is the (created_at, task_id) of the last one already seen."""
        ...

    async def start(self, task_id: UUID, *, lease_s: float) -> Task:
        """The task, now `running` and leased; TaskConflictError unless it was `queued`."""
        ...

    async def extend_lease(self, task_id: UUID, *, lease_s: float) -> None: ...

    async def release(self, task_id: UUID) -> None:
        """Hands the run back: the next sweep of any process takes it over, and counts no death."""
        ...

    async def take_abandoned(self, *, lease_s: float) -> Abandoned | None:
        """A `running` task handed back, or whose lease ran out (its process died), leased anew to the caller."""
        ...

    async def take_waiting(self, *, doors: Sequence[Door], queued_s: float, lease_s: float) -> Task | None:
        """A task of these doors that is still `queued` after so many seconds, now `running` and leased to the caller."""
        ...

    async def save_plan(self, task_id: UUID, plan: Plan) -> None: ...

    async def finish(
        self, task_id: UUID, *, status: TaskStatus, result: Result | None, verification: Verdict
    ) -> Task: ...
