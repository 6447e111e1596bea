"""Where tasks are answered in Slack, and which of them are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class SlackThread:
    """The thread of a task."""

    task_id: UUID
    channel: str
    thread_ts: str


class SlackThreadStore:
    """Reads tasks and the outbox. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, task_id: UUID) -> SlackThread | None:
        """The thread of the task; None as long as no message opens it."""
        return await self._database.fetch_one(
            "select task_id, origin_json ->> 'channel' as channel, coalesce(origin_json ->> 'thread_ts', (select ts "
            "from slack_outbox where key = 'task:' || tasks.task_id || ':opening' and ts is not null)) as thread_ts from tasks "
            "where task_id = %(task_id)s and origin_json ->> 'channel' is not null and (origin_json ->> 'thread_ts' is not null "
            "or exists (select from slack_outbox where key = 'task:' || tasks.task_id || ':opening' and ts is not null))",
            {"task_id": task_id},
            class_row(SlackThread),
        )

    async def find(self, channel: str, ts: str) -> SlackThread | None:
        """The task that is answered in the thread of this message, or that the message belongs to; the latest of several."""
        return await self._database.fetch_one(
            "select task_id, channel, coalesce(thread_ts, %(ts)s) as thread_ts from slack_outbox where channel = %(channel)s "
            "and task_id is not null and (ts = %(ts)s or thread_ts = %(ts)s) order by id desc limit 1",
            {"channel": channel, "ts": ts},
            class_row(SlackThread),
        )

    async def find_unanswered(
        self, *, settled_s: float, within_s: float, but: Sequence[UUID] = (), limit: int = 100
    ) -> Sequence[UUID]:
        """Tasks of Slack that have ended, and whose verdict nobody has put into the outbox.

        They ended at least `settled_s` seconds ago, since whoever ended one is about to put it, and at most `within_s`.
        """
        rows = await self._database.fetch_all(
            "select task_id from tasks where status in ('succeeded', 'failed') and origin_json ->> 'door' = 'slack' "
            "and origin_json ->> 'channel' is not null and updated_at between now() - make_interval(secs => %(within_s)s) "
            "and now() - make_interval(secs => %(settled_s)s) and task_id <> all(%(but)s::uuid[]) "
            "and not exists (select from slack_outbox where key = 'task:' || tasks.task_id || ':verdict') "
            "order by updated_at limit %(limit)s",
            {"settled_s": settled_s, "within_s": within_s, "but": list(but), "limit": limit},
        )
        return [row["task_id"] for row in rows]

    async def find_undrawn(
        self, *, settled_s: float, within_s: float, but: Sequence[UUID] = (), limit: int = 20
    ) -> Sequence[UUID]:
        """Tasks of Slack that have ended, whose verdict is in the outbox and no chart; the latest first."""
        rows = await self._database.fetch_all(
            "select task_id from tasks where status in ('succeeded', 'failed') and origin_json ->> 'door' = 'slack' "
            "and result_json is not null and updated_at between now() - make_interval(secs => %(within_s)s) "
            "and now() - make_interval(secs => %(settled_s)s) and task_id <> all(%(but)s::uuid[]) "
            "and exists (select from slack_outbox where key = 'task:' || tasks.task_id || ':verdict') "
            "and not exists (select from slack_outbox where key = 'task:' || tasks.task_id || ':chart') "
            "order by updated_at desc limit %(limit)s",
            {"settled_s": settled_s, "within_s": within_s, "but": list(but), "limit": limit},
        )
        return [row["task_id"] for row in rows]
