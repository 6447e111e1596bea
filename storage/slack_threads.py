"""Where each task is answered in Slack, so that a run taken over after a crash answers in the same thread."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from psycopg.rows import class_row

from core.errors import TaskNotFoundError
from storage.database import Database
from storage.rows import SlackThreadRow


@dataclass(frozen=True)
class SlackThread:
    """A thread and the messages of ours in it: role (`plan`, `evidence` …) → `ts`."""

    task_id: UUID
    channel: str
    thread_ts: str
    messages: dict[str, str] = field(default_factory=dict[str, str])


class SlackThreadStore:
    """Keeps threads in the table `slack_threads`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, task_id: UUID) -> SlackThread | None:
        row = await self._database.fetch_one(
            "select task_id, channel, thread_ts, messages from slack_threads where task_id = %(task_id)s",
            {"task_id": task_id},
            class_row(SlackThreadRow),
        )
        return None if row is None else SlackThread(row.task_id, row.channel, row.thread_ts, row.messages)

    async def put(self, thread: SlackThread) -> None:
        """Keep the thread; messages join those already kept, unless the task has moved to another thread.

        Raises TaskNotFoundError for a task that is not stored.
        """
        stored = await self._database.execute(
            # A select that finds no task inserts nothing: the task's absence is then told by the count.
            "insert into slack_threads as old (task_id, channel, thread_ts, messages) "
            "select task_id, %(channel)s, %(thread_ts)s, %(messages)s::jsonb from tasks where task_id = %(task_id)s "
            "on conflict (task_id) do update set channel = excluded.channel, thread_ts = excluded.thread_ts, "
            "messages = case when (old.channel, old.thread_ts) = (excluded.channel, excluded.thread_ts) "
            "then old.messages || excluded.messages else excluded.messages end",
            {
                "task_id": thread.task_id,
                "channel": thread.channel,
                "thread_ts": thread.thread_ts,
                "messages": json.dumps(thread.messages),
            },
        )
        if stored == 0:
            raise TaskNotFoundError(thread.task_id)
