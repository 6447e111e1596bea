"""Tasks in PostgreSQL: implements `core.ports.TaskStore`. What a run of one stores is in `run_queue.py`."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.rows import class_row, tuple_row

from core.errors import TaskConflictError, TaskNotFoundError
from core.task import Request, Task, TaskDocument, TaskStatus
from storage.database import Database
from storage.group_commit import GroupCommit
from storage.jobs import Jobs
from storage.mapping import to_document, to_task
from storage.rows import TaskRow

_COLUMNS: LiteralString = (
    "task_id, input_task, status, context_json, origin_json, plan_json, result_json, verification_json, created_at, "
    "updated_at, attempt, deaths"
)

_WRITERS = 2
_INSERT: LiteralString = (
    "insert into tasks (task_id, input_task, status, context_json, origin_json, key) "
    "select task_id, input_task, 'queued', context_json, origin_json, key from jsonb_to_recordset(%(rows)s::jsonb) as it"
    "(task_id uuid, input_task text, context_json jsonb, origin_json jsonb, key text) "
    "on conflict (key) do nothing returning task_id, created_at"
)


class PostgresTaskStore:
    """Keeps tasks in the table `tasks`, and sees to it that what is to run has a job."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = Jobs(database)
        self._group = GroupCommit(self._insert, writers=_WRITERS)

    async def add(self, request: Request, *, runs: bool = False) -> tuple[Task, bool]:
        if runs:
            async with self._database.transaction() as connection:
                rows = {uuid4(): request}
                cursor = connection.cursor(row_factory=tuple_row)
                await cursor.execute(_INSERT, {"rows": _write_rows(rows)})
                (task,) = _read_stored(rows, await cursor.fetchall())
                if task is not None:
                    await self._jobs.defer(connection, task.task_id, request)
        else:
            task = await self._group.put(request)
        if task is not None:
            return task, True
        row = await self._fetch_row(f"select {_COLUMNS} from tasks where key = %(key)s", {"key": request.key})
        if row is None:
            raise TaskConflictError(f"the task of key {request.key!r} was deleted just now: send the request again")
        return to_task(row), False

    async def start(self, task_id: UUID) -> Task:
        async with self._database.transaction() as connection:
            cursor = connection.cursor(row_factory=class_row(TaskRow))
            await cursor.execute(
                "update tasks set status = 'running', updated_at = now() where task_id = %(task_id)s and status = 'queued' "
                f"returning {_COLUMNS}",
                {"task_id": task_id},
            )
            row = await cursor.fetchone()
            if row is not None:
                task = to_task(row)
                request = Request(text=task.text, context=task.context, origin=task.origin)
                await self._jobs.defer(connection, task_id, request)
                return task
        status = await self.get_status(task_id)
        raise TaskConflictError(
            f"task {task_id} is {status}, and only a queued task can be run: hand it in again as a new one"
        )

    async def get(self, task_id: UUID) -> Task:
        return to_task(await self._row(task_id))

    async def get_document(self, task_id: UUID) -> TaskDocument:
        return to_document(await self._row(task_id))

    async def get_status(self, task_id: UUID) -> TaskStatus:
        found = await self._database.fetch_one(
            "select status from tasks where task_id = %(task_id)s", {"task_id": task_id}
        )
        if found is None:
            raise TaskNotFoundError(task_id)
        return TaskStatus(found["status"])

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

    async def _insert(self, requests: Sequence[Request]) -> Sequence[Task | None]:
        rows = {uuid4(): request for request in requests}
        found = await self._database.fetch_all(_INSERT, {"rows": _write_rows(rows)}, tuple_row)
        return _read_stored(rows, found)

    async def _row(self, task_id: UUID) -> TaskRow:
        row = await self._fetch_row(f"select {_COLUMNS} from tasks where task_id = %(task_id)s", {"task_id": task_id})
        if row is None:
            raise TaskNotFoundError(task_id)
        return row

    async def _fetch_row(self, statement: LiteralString, values: dict[str, Any]) -> TaskRow | None:
        return await self._database.fetch_one(statement, values, class_row(TaskRow))


def _write_rows(rows: Mapping[UUID, Request]) -> str:
    return json.dumps(
        [
            {
                "task_id": str(task_id),
                "input_task": request.text,
                "context_json": request.context.to_json(),
                "origin_json": request.origin.to_json(),
                "key": request.key,
            }
            for task_id, request in rows.items()
        ]
    )


def _read_stored(rows: Mapping[UUID, Request], found: Iterable[tuple[Any, ...]]) -> list[Task | None]:
    """The tasks as they were stored just now; None where the request's key was known.

    To read all of them back, or to validate them anew, would cost more than the insert.
    """
    stored: dict[UUID, datetime] = dict(found)
    return [_queued(task_id, request, stored.get(task_id)) for task_id, request in rows.items()]


def _queued(task_id: UUID, request: Request, created_at: datetime | None) -> Task | None:
    if created_at is None:
        return None
    moment = created_at.astimezone(UTC)
    return Task.model_construct(
        task_id=task_id,
        text=request.text,
        status=TaskStatus.QUEUED,
        context=request.context,
        origin=request.origin,
        created_at=moment,
        updated_at=moment,
    )


def _escape_like(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
