"""Finished tasks as what later searches may find."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from core.errors import TaskNotFoundError
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class PastTask:
    """A finished task as it stands in storage; `changed_at` is when the last of this changed.

    `remembered` is False where it was forgotten, or rejected by as many people as found it helpful, or more.
    """

    task_id: UUID
    text: str
    context: dict[str, Any]
    brief: Any
    report: Any
    verification: Any
    created_at: datetime
    changed_at: datetime
    remembered: bool
    helpful: int


_CHANGED_AT: LiteralString = "greatest(task.updated_at, said.newest, forgotten.changed_at) as changed_at"
_TASKS: LiteralString = (
    "from tasks as task left join forgotten_tasks as forgotten using (task_id) left join lateral (select "
    "max(created_at) as newest, count(*) filter (where value = 'helpful') as helpful, count(*) filter "
    "(where value = 'rejected') as rejected from task_feedback where task_id = task.task_id) as said on true "
)
# Only the report of a result: its evidence is many times as large.
_PAST: LiteralString = (
    "select task.task_id, input_task as text, context_json as context, plan_json -> 'brief' as brief, result_json -> 'report' as report, "
    f"verification_json as verification, task.created_at, {_CHANGED_AT}, coalesce(said.helpful, 0) as helpful, "
    "not coalesce(forgotten.forgotten, false) "
    f"and coalesce(said.rejected = 0 or said.rejected < said.helpful, true) as remembered {_TASKS}"
)
# To find a report its whole result is taken apart: it is not for what is known already.
_CHANGED: LiteralString = (
    f"with changed as (select task.task_id, {_CHANGED_AT} {_TASKS} "
    "where task.status in ('succeeded', 'failed') and task.task_id in ("
    "select task_id from tasks where status in ('succeeded', 'failed') and updated_at >= %(moment)s "
    "union select task_id from task_feedback where created_at >= %(moment)s "
    "union select task_id from forgotten_tasks where changed_at >= %(moment)s)), "
    "unknown as (select changed.task_id from changed "
    "left join unnest(%(ids)s::uuid[], %(moments)s::timestamptz[]) as known (task_id, changed_at) using (task_id) "
    "where known.changed_at is distinct from changed.changed_at "
    "order by changed.changed_at, changed.task_id limit %(limit)s) "
    f"{_PAST} where task.task_id in (select task_id from unknown) order by changed_at, task.task_id"
)


class PastTasksStore:
    """Reads what became of tasks, and keeps which of them are forgotten. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, *, limit: int) -> list[PastTask]:
        """The tasks that ended last, newest first."""
        return await self._database.fetch_all(
            f"{_PAST} where task.status in ('succeeded', 'failed') order by task.updated_at desc limit %(limit)s",
            {"limit": limit},
            class_row(PastTask),
        )

    async def changed_since(
        self, moment: datetime, *, limit: int, known: Mapping[UUID, datetime] = {}
    ) -> list[PastTask]:
        """The finished tasks that ended, were judged or forgotten from then on, the oldest change first.

        Those that are `known` as of their last change are left out.
        """
        return await self._database.fetch_all(
            _CHANGED,
            {"moment": moment, "limit": limit, "ids": list(known), "moments": list(known.values())},
            class_row(PastTask),
        )

    async def forget(self, task_id: UUID, *, forgotten: bool = True) -> None:
        """Later searches do not find the task any more, or find it again. Raises TaskNotFoundError."""
        kept = await self._database.execute(
            "insert into forgotten_tasks (task_id, forgotten) select task_id, %(forgotten)s from tasks "
            "where task_id = %(task_id)s on conflict (task_id) do update set forgotten = excluded.forgotten, "
            "changed_at = now()",
            {"task_id": task_id, "forgotten": forgotten},
        )
        if kept == 0:
            raise TaskNotFoundError(task_id)
