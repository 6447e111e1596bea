"""What people said of a task's answer: one word a person, the last one counts."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from core.errors import TaskNotFoundError
from storage.database import Database
from storage.mapping import storable

type FeedbackValue = Literal["helpful", "rejected"]

NOTE_CHARS = 2000


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """`user_id` is a Slack user's, or the name that a caller of the API gave; `team` is their Slack workspace, or empty."""

    task_id: UUID
    user_id: str
    team: str
    value: FeedbackValue
    note: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class FeedbackCounts:
    """How many people found the answer helpful, and how many wrong."""

    helpful: int = 0
    rejected: int = 0


_COLUMNS: LiteralString = "task_id, user_id, team, value, note, created_at"


class FeedbackStore:
    """Keeps feedback in the table `task_feedback`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self, task_id: UUID, *, user_id: str, team: str | None, value: FeedbackValue, note: str | None = None
    ) -> Feedback:
        """What is kept now: it replaces what this person said of the task before, note included.

        Raises TaskNotFoundError for a task that is not stored.
        """
        words = str(storable(note.strip()[:NOTE_CHARS])) if note else None
        row = await self._database.fetch_one(
            # A select that finds no task inserts nothing: the task's absence is then told by the missing row.
            "insert into task_feedback (task_id, user_id, team, value, note) "
            "select task_id, %(user_id)s, %(team)s, %(value)s, %(note)s from tasks where task_id = %(task_id)s "
            "on conflict (task_id, team, user_id) do update set value = excluded.value, note = excluded.note, "
            f"created_at = now() returning {_COLUMNS}",
            {"task_id": task_id, "user_id": user_id, "team": team or "", "value": value, "note": words or None},
            class_row(Feedback),
        )
        if row is None:
            raise TaskNotFoundError(task_id)
        return row

    async def of(self, task_id: UUID) -> list[Feedback]:
        """What people said of one task, the oldest first."""
        return await self._database.fetch_all(
            f"select {_COLUMNS} from task_feedback where task_id = %(task_id)s order by created_at, team, user_id",
            {"task_id": task_id},
            class_row(Feedback),
        )

    async def counts(self, task_ids: list[UUID]) -> dict[UUID, FeedbackCounts]:
        """The counts of those tasks which have any."""
        rows = await self._database.fetch_all(
            "select task_id, count(*) filter (where value = 'helpful') as helpful, "
            "count(*) filter (where value = 'rejected') as rejected from task_feedback "
            "where task_id = any(%(task_ids)s) group by task_id",
            {"task_ids": task_ids},
        )
        return {row["task_id"]: FeedbackCounts(helpful=row["helpful"], rejected=row["rejected"]) for row in rows}

    async def rejected_since(self, moment: datetime, *, limit: int = 1000) -> list[Feedback]:
        """The rejections since then, the newest first."""
        values: dict[str, Any] = {"moment": moment.astimezone(UTC), "limit": limit}
        return await self._database.fetch_all(
            f"select {_COLUMNS} from task_feedback where value = 'rejected' and created_at >= %(moment)s "
            "order by created_at desc, task_id limit %(limit)s",
            values,
            class_row(Feedback),
        )
