"""What the core needs of the world, as protocols; the program plugs in the real things."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from core.events import Event
from core.plan import Plan, ToolCall
from core.result import Result, StepResult, ToolResult
from core.task import Claim, Request, Task, TaskDocument, TaskStatus
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
    value that cannot be stored.
    """

    async def add(self, request: Request, *, runs: bool = False) -> tuple[Task, bool]:
        """The stored task, and whether this call made it: a request whose key is known returns the first one's task.

        With `runs`, the job that runs it is stored in the same transaction.
        """
        ...

    async def start(self, task_id: UUID) -> Task:
        """The task, now `running`, its job stored in the same transaction; TaskConflictError unless it was `queued`."""
        ...

    async def get(self, task_id: UUID) -> Task:
        """The task; a plan, result or verification that today's types cannot read is None: see `get_document`."""
        ...

    async def get_document(self, task_id: UUID) -> TaskDocument: ...

    async def get_status(self, task_id: UUID) -> TaskStatus: ...

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


type Conclude = Callable[[Task, Sequence[StepResult]], tuple[Result | None, Verdict]]
"""The end of a task that is cancelled, made of its row and the steps that its run had finished."""


class RunStore(Protocol):
    """What a run stores on its way; TaskConflictError where the claim is no longer the task's newest, or the task has ended.

    Raises StorageError when the database cannot be used.
    """

    def write(self, step: StepResult) -> str:
        """The step as it is stored: whoever writes it as soon as it has ended does so while other steps are still at work."""
        ...

    async def save_plan(self, claim: Claim, plan: Plan) -> None: ...

    async def save_steps(self, claim: Claim, steps: Mapping[str, str]) -> None:
        """Keeps what these steps brought in, as `write` wrote it, until the task ends, for whoever takes the run over."""
        ...

    async def finish(
        self,
        claim: Claim,
        *,
        status: TaskStatus,
        result: Result | None,
        verification: Verdict,
        written: Mapping[str, str],
    ) -> Task:
        """The task as it ended; `written` are the steps of the result that are written already, by their ids."""
        ...
