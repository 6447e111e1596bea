"""What is known of the alerts of each channel: see `core.alert_lifecycle`."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from core.alert_lifecycle import AlertState
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class KnownAlert:
    """An alert's state, the task that looks into it, and how many of its news got no reply."""

    state: AlertState
    task_id: UUID | None = None
    repeats: int = 0


@dataclass(frozen=True)
class _Row:
    state: str
    task_id: UUID | None
    repeats: int


@dataclass(frozen=True)
class AlertTransaction:
    """Holds one alert of one channel until it ends; what is written in it takes effect together."""

    connection: AsyncConnection[TupleRow]

    async def find(self, channel: str, group_key: str, message_ts: str) -> list[KnownAlert]:
        """The alert of that key, and those which that message spoke of."""
        async with self.connection.cursor(row_factory=class_row(_Row)) as cursor:
            await cursor.execute(
                "select state::text, task_id, repeats from alert_states where channel = %(channel)s "
                "and (group_key = %(group_key)s or message_ts @> array[%(message_ts)s]) for update",
                {"channel": channel, "group_key": group_key, "message_ts": message_ts},
            )
            rows = await cursor.fetchall()
        return [
            KnownAlert(state=AlertState.model_validate_json(row.state), task_id=row.task_id, repeats=row.repeats)
            for row in rows
        ]

    async def put(self, known: KnownAlert) -> None:
        state = known.state
        await self.connection.execute(
            "insert into alert_states (channel, group_key, state, message_ts, thread_ts, task_id, repeats) values "
            "(%(channel)s, %(group_key)s, %(state)s::jsonb, %(message_ts)s, %(thread_ts)s, %(task_id)s, %(repeats)s) "
            "on conflict (channel, group_key) do update set state = excluded.state, message_ts = excluded.message_ts, "
            "thread_ts = excluded.thread_ts, task_id = excluded.task_id, repeats = excluded.repeats, updated_at = now()",
            {
                "channel": state.channel,
                "group_key": state.group_key,
                "state": json.dumps(state.to_json()),
                "message_ts": list(dict.fromkeys((*state.posts, *state.edited))),
                "thread_ts": state.thread_ts,
                "task_id": known.task_id,
                "repeats": known.repeats,
            },
        )


class AlertStateStore:
    """Keeps states in the table `alert_states`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def hold(self, channel: str, group_key: str) -> AsyncGenerator[AlertTransaction]:
        """A transaction in which nobody else, in any process, decides about this alert of this channel."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(%(name)s, 0))", {"name": f"{channel}\x1f{group_key}"}
            )
            yield AlertTransaction(connection)
