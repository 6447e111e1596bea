"""Where each task is answered in Slack, and which process writes there: after a crash another one goes on in the thread."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import class_row

from core.errors import TaskNotFoundError
from storage.database import Database
from storage.rows import SlackThreadRow

_MOST_RESCUES = 20


@dataclass(frozen=True)
class SlackThread:
    """A thread and the messages of ours in it: role (`plan`, `evidence` …) → `ts`."""

    task_id: UUID
    channel: str
    thread_ts: str
    messages: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to write a task's thread, which is None as long as no opening message is recorded.

    `in_doubt`: an earlier writer was about to open the thread, and never said how that ended. `finished`: nothing is left
    to write.
    """

    thread: SlackThread | None = None
    in_doubt: bool = False
    finished: bool = False


@dataclass(frozen=True)
class _ClaimRow:
    channel: str
    thread_ts: str | None
    messages: dict[str, str]
    finished: bool
    was_opening: bool


class SlackThreadStore:
    """Keeps threads in the table `slack_threads`. Each store is one writer. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = uuid4().hex

    async def get(self, task_id: UUID) -> SlackThread | None:
        """The thread that is recorded; None where no opening message is."""
        row = await self._database.fetch_one(
            "select task_id, channel, thread_ts, messages from slack_threads where task_id = %(task_id)s",
            {"task_id": task_id},
            class_row(SlackThreadRow),
        )
        if row is None or row.thread_ts is None:
            return None
        return SlackThread(row.task_id, row.channel, row.thread_ts, row.messages)

    async def claim(self, task_id: UUID, channel: str, *, lease_s: float, by_force: bool = False) -> Claim | None:
        """The claim, now this writer's for so many seconds; None while it is another's, or where there is no such task.

        By force it is taken from a writer that still holds it.
        """
        row = await self._database.fetch_one(
            "with before as (select opening_at from slack_threads where task_id = %(task_id)s) "
            "insert into slack_threads as old (task_id, channel, claimed_by, claimed_until, opening_at) "
            "select task_id, %(channel)s, %(writer)s, now() + make_interval(secs => %(lease_s)s), now() "
            "from tasks where task_id = %(task_id)s "
            "on conflict (task_id) do update set claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until, "
            "opening_at = case when old.thread_ts is null then excluded.opening_at end "
            "where old.claimed_by is null or old.claimed_by = excluded.claimed_by or old.claimed_until < now() "
            "or %(by_force)s returning channel, thread_ts, messages, finished_at is not null as finished, "
            "exists (select from before where opening_at is not null) as was_opening",
            self._values(task_id, channel=channel, lease_s=lease_s, by_force=by_force),
            class_row(_ClaimRow),
        )
        if row is None:
            return None
        if row.thread_ts is None:
            return Claim(in_doubt=row.was_opening, finished=row.finished)
        return Claim(thread=SlackThread(task_id, row.channel, row.thread_ts, row.messages), finished=row.finished)

    async def extend_claims(self, task_ids: Collection[UUID], *, lease_s: float) -> None:
        """Keep those of the claims that are still this writer's."""
        await self._database.execute(
            "update slack_threads set claimed_until = now() + make_interval(secs => %(lease_s)s) "
            "where claimed_by = %(writer)s and task_id = any(%(task_ids)s)",
            {"writer": self._writer, "task_ids": list(task_ids), "lease_s": lease_s},
        )

    async def release(self, task_id: UUID, *, rest_s: float = 0.0, in_doubt: bool = False) -> None:
        """Leave the thread, finished or not, to whoever claims it next.

        `take_unfinished` passes it over for `rest_s` seconds, and four times as long after each rescue. `in_doubt`: this
        writer was about to open the thread, and does not know how that ended.
        """
        await self._database.execute(
            "update slack_threads set claimed_by = null, opening_at = case when %(in_doubt)s then opening_at end, "
            "claimed_until = now() + make_interval(secs => %(rest_s)s * 4 ^ least(rescues, 8)) "
            "where task_id = %(task_id)s and claimed_by = %(writer)s",
            self._values(task_id, rest_s=rest_s, in_doubt=in_doubt),
        )

    async def finish(self, task_id: UUID) -> None:
        """Record that nothing is left to write."""
        await self._database.execute(
            "update slack_threads set finished_at = now() where task_id = %(task_id)s", {"task_id": task_id}
        )

    async def take_unfinished(self, *, lease_s: float, settled_s: float, within_s: float) -> UUID | None:
        """A task of Slack that has ended, and whose thread is neither finished nor claimed, now claimed by this writer.

        It ended at least `settled_s` seconds ago, since whoever ended it is about to write, and at most `within_s`. A
        thread that has been taken up twenty times is left as it is.
        """
        row = await self._database.fetch_one(
            "with found as (select task.task_id, task.origin_json ->> 'channel' as channel from tasks as task "
            "left join slack_threads as thread using (task_id) "
            "where task.status in ('succeeded', 'failed') and task.origin_json ->> 'door' = 'slack' "
            "and task.updated_at between now() - make_interval(secs => %(within_s)s) "
            "and now() - make_interval(secs => %(settled_s)s) and task.origin_json ->> 'channel' is not null "
            "and thread.finished_at is null and coalesce(thread.rescues, 0) < %(most)s "
            "and coalesce(thread.claimed_until < now(), true) "
            "order by task.updated_at limit 1 for update of task skip locked) "
            "insert into slack_threads as old (task_id, channel, claimed_by, claimed_until, rescues) "
            "select task_id, channel, %(writer)s, now() + make_interval(secs => %(lease_s)s), 1 from found "
            "on conflict (task_id) do update set claimed_by = excluded.claimed_by, "
            "claimed_until = excluded.claimed_until, rescues = old.rescues + 1 "
            # What another process has done since this statement began: the row as it is now decides.
            "where coalesce(old.claimed_until < now(), true) and old.finished_at is null returning task_id",
            {
                "writer": self._writer,
                "lease_s": lease_s,
                "settled_s": settled_s,
                "within_s": within_s,
                "most": _MOST_RESCUES,
            },
        )
        return None if row is None else row["task_id"]

    async def put(self, thread: SlackThread) -> None:
        """Keep the thread; messages join those already kept, unless the task has moved to another thread.

        Raises TaskNotFoundError for a task that is not stored.
        """
        stored = await self._database.execute(
            # A select that finds no task inserts nothing: the task's absence is then told by the count.
            "insert into slack_threads as old (task_id, channel, thread_ts, messages) "
            "select task_id, %(channel)s, %(thread_ts)s, %(messages)s::jsonb from tasks where task_id = %(task_id)s "
            "on conflict (task_id) do update set channel = excluded.channel, thread_ts = excluded.thread_ts, "
            "opening_at = null, messages = case when (old.channel, old.thread_ts) = (excluded.channel, excluded.thread_ts) "
            "then old.messages || excluded.messages else excluded.messages end",
            self._values(
                thread.task_id,
                channel=thread.channel,
                thread_ts=thread.thread_ts,
                messages=json.dumps(thread.messages),
            ),
        )
        if stored == 0:
            raise TaskNotFoundError(thread.task_id)

    def _values(self, task_id: UUID, **values: Any) -> dict[str, Any]:
        return {"task_id": task_id, "writer": self._writer, **values}
