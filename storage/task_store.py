"""Tasks in PostgreSQL: implements `core.ports.TaskStore`, one round trip an operation."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.rows import class_row

from core.errors import TaskConflictError, TaskNotFoundError
from core.plan import Plan
from core.result import Result
from core.task import Abandoned, Door, Request, Task, TaskDocument, TaskStatus
from core.verdict import Verdict
from storage.database import Database
from storage.mapping import to_document, to_jsonb, to_task
from storage.rows import TaskRow

_BRIEF_COLUMNS: LiteralString = (
    "task_id, input_task, status, context_json, origin_json, plan_json, created_at, updated_at, attempt, deaths"
)
_COLUMNS: LiteralString = f"{_BRIEF_COLUMNS}, result_json, verification_json"
_LEASE: LiteralString = "lease_until = now() + make_interval(secs => %(lease_s)s)"
# No lease ends then: it tells a run that was handed back in order from one whose process died.
_RELEASED: LiteralString = "timestamptz 'epoch'"
# A run that lost its task must not write over the run that took it: the attempt is its fencing token.
_OWN: LiteralString = "task_id = %(task_id)s and status = 'running' and attempt = coalesce(%(attempt)s::int, attempt)"


class PostgresTaskStore:
    """Keeps tasks in the table `tasks`.

    A store remembers the attempt of every run it began; when another process took the task over meanwhile, what this one
    writes is refused with TaskConflictError.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._attempts: dict[UUID, int] = {}

    async def add(self, request: Request, *, runs: bool = False) -> tuple[Task, bool]:  # noqa: ARG002 -- the sweep takes it
        values = {
            "task_id": uuid4(),
            "input_task": request.text,
            "context_json": json.dumps(request.context.to_json()),
            "origin_json": json.dumps(request.origin.to_json()),
            "key": request.key,
        }
        row = await self._fetch_row(
            "insert into tasks (task_id, input_task, status, context_json, origin_json, key) values (%(task_id)s, "
            "%(input_task)s, 'queued', %(context_json)s::jsonb, %(origin_json)s::jsonb, %(key)s) "
            f"on conflict (key) do nothing returning {_COLUMNS}",
            values,
        )
        if row is not None:
            return to_task(row), True
        row = await self._fetch_row(f"select {_COLUMNS} from tasks where key = %(key)s", values)
        if row is None:
            raise TaskConflictError(f"the task of key {request.key!r} was deleted just now: send the request again")
        return to_task(row), False

    async def cancel(self, task_id: UUID, verification: Verdict) -> Task:
        row = await self._fetch_row(
            "update tasks set status = 'failed', verification_json = %(verification_json)s::jsonb, attempt = attempt + 1, "
            "updated_at = now() where task_id = %(task_id)s and status in ('queued', 'running') "
            f"returning {_COLUMNS}",
            {"task_id": task_id, "verification_json": to_jsonb(verification)},
        )
        if row is None:
            found = await self._row(task_id)
            raise TaskConflictError(f"task {task_id} is {found.status} already: there is nothing to cancel")
        return to_task(row)

    async def get(self, task_id: UUID) -> Task:
        return to_task(await self._row(task_id))

    async def get_document(self, task_id: UUID) -> TaskDocument:
        return to_document(await self._row(task_id))

    async def list_documents(
        self,
        *,
        status: TaskStatus | None = None,
        service: str | None = None,
        text: str | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[TaskDocument]:
        """Tasks newest first; `text` is looked for in the task's words, case aside."""
        conditions: list[LiteralString] = ["true"]
        values: dict[str, Any] = {"limit": limit}
        if status is not None:
            conditions.append("status = %(status)s")
            values["status"] = status.value
        if service is not None:
            conditions.append("context_json ->> 'service' = %(service)s")
            values["service"] = service
        if text is not None:
            conditions.append(r"input_task ilike %(pattern)s escape '\'")
            values["pattern"] = f"%{_escape_like(text)}%"
        if before is not None:
            conditions.append("(created_at, task_id) < (%(created_at)s, %(task_id)s)")
            values["created_at"], values["task_id"] = before
        rows = await self._database.fetch_all(
            f"select {_COLUMNS} from tasks where {' and '.join(conditions)} "
            "order by created_at desc, task_id desc limit %(limit)s",
            values,
            class_row(TaskRow),
        )
        return [to_document(row) for row in rows]

    async def start(self, task_id: UUID, *, lease_s: float) -> Task:
        row = await self._fetch_row(
            f"update tasks set status = 'running', attempt = attempt + 1, updated_at = now(), {_LEASE} "
            f"where task_id = %(task_id)s and status = 'queued' returning {_COLUMNS}",
            {"task_id": task_id, "lease_s": lease_s},
        )
        if row is None:
            found = await self._row(task_id)
            raise TaskConflictError(
                f"task {task_id} is {found.status}, and only a queued task can be run: hand it in again as a new one"
            )
        return self._own(row)

    async def extend_lease(self, task_id: UUID, *, lease_s: float) -> None:
        await self._update_own(task_id, f"update tasks set {_LEASE} where {_OWN}", {"lease_s": lease_s})

    async def release(self, task_id: UUID) -> None:
        await self._update_own(task_id, f"update tasks set lease_until = {_RELEASED} where {_OWN}", {})

    async def take_abandoned(self, *, lease_s: float) -> Abandoned | None:
        row = await self._fetch_row(
            f"update tasks set deaths = deaths + (lease_until > {_RELEASED})::int, attempt = attempt + 1, updated_at = now(), "
            f"{_LEASE} where task_id = (select task_id from tasks where status = 'running' and lease_until < now() "
            f"order by lease_until limit 1 for update skip locked) returning {_COLUMNS}",
            {"lease_s": lease_s},
        )
        return None if row is None else Abandoned(task=self._own(row), deaths=row.deaths)

    async def take_waiting(self, *, doors: Sequence[Door], queued_s: float, lease_s: float) -> Task | None:
        row = await self._fetch_row(
            f"update tasks set status = 'running', attempt = attempt + 1, updated_at = now(), {_LEASE} where task_id = "
            "(select task_id from tasks where status = 'queued' and origin_json ->> 'door' = any(%(doors)s) "
            "and created_at < now() - make_interval(secs => %(queued_s)s) "
            # In the order of their index: without the door, the planner would pass over every queued task of the API.
            f"order by origin_json ->> 'door', created_at limit 1 for update skip locked) returning {_COLUMNS}",
            {"doors": list(doors), "queued_s": queued_s, "lease_s": lease_s},
        )
        return None if row is None else self._own(row)

    async def save_plan(self, task_id: UUID, plan: Plan) -> None:
        statement: LiteralString = f"update tasks set plan_json = %(plan_json)s::jsonb, updated_at = now() where {_OWN}"
        await self._update_own(task_id, statement, {"plan_json": to_jsonb(plan)})

    async def finish(self, task_id: UUID, *, status: TaskStatus, result: Result | None, verification: Verdict) -> Task:
        if not status.is_final:
            raise ValueError(f"task {task_id} cannot end as {status}: give succeeded or failed")
        values = {
            "task_id": task_id,
            "attempt": self._attempts.get(task_id),
            "status": status.value,
            "result_json": None if result is None else to_jsonb(result),
            "verification_json": to_jsonb(verification),
        }
        row = await self._fetch_row(
            "update tasks set status = %(status)s, result_json = %(result_json)s::json, lease_until = null, "
            "verification_json = %(verification_json)s::jsonb, updated_at = now() "
            f"where {_OWN} returning {_BRIEF_COLUMNS}",
            values,
        )
        if row is None:
            raise await self._lost(task_id)
        self._attempts.pop(task_id, None)
        return to_task(row).model_copy(update={"result": result, "verification": verification})

    def _own(self, row: TaskRow) -> Task:
        self._attempts[row.task_id] = row.attempt
        return to_task(row)

    async def _update_own(self, task_id: UUID, statement: LiteralString, values: dict[str, Any]) -> None:
        own = {**values, "task_id": task_id, "attempt": self._attempts.get(task_id)}
        if await self._database.execute(statement, own) == 0:
            raise await self._lost(task_id)

    async def _lost(self, task_id: UUID) -> TaskConflictError:
        found = await self._row(task_id)
        if found.status != TaskStatus.RUNNING:
            self._attempts.pop(task_id, None)
            return TaskConflictError(f"task {task_id} is {found.status}, not running: drop what this run still has")
        return TaskConflictError(
            f"another process has taken over task {task_id} (attempt {found.attempt}): drop what this run still has"
        )

    async def _row(self, task_id: UUID) -> TaskRow:
        row = await self._fetch_row(f"select {_COLUMNS} from tasks where task_id = %(task_id)s", {"task_id": task_id})
        if row is None:
            raise TaskNotFoundError(task_id)
        return row

    async def _fetch_row(self, statement: LiteralString, values: dict[str, Any]) -> TaskRow | None:
        return await self._database.fetch_one(statement, values, class_row(TaskRow))


def _escape_like(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
