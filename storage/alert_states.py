"""What is known of the alerts of each channel: see `core.alert_lifecycle`."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from core.alert_grouping import LONGEST, TOGETHER_WITHIN, AlertGroup
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
class _GroupRow:
    state: str


@dataclass(frozen=True)
class AlertTransaction:
    """Holds the alerts of one channel until it ends; what is written in it takes effect together."""

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

    async def groups_near(self, channel: str, at: Decimal) -> list[AlertGroup]:
        """The groups of the channel that an alert of that time could belong to."""
        return await self._groups(
            "newest_at between to_timestamp(%(from)s) and to_timestamp(%(to)s)",
            {
                "channel": channel,
                "from": at - Decimal(TOGETHER_WITHIN.total_seconds()),
                "to": at + Decimal(LONGEST.total_seconds()),
            },
        )

    async def find_group(self, channel: str, thread_ts: str | None) -> AlertGroup | None:
        """The group of that thread; None for a thread of an older release, which had none."""
        found = await self._groups("thread_ts = %(thread_ts)s", {"channel": channel, "thread_ts": thread_ts})
        return found[0] if found else None

    async def put_group(self, group: AlertGroup) -> None:
        await self.connection.execute(
            "insert into alert_groups (channel, thread_ts, newest_at, state) values "
            "(%(channel)s, %(thread_ts)s, to_timestamp(%(newest_at)s), %(state)s::jsonb) on conflict (channel, thread_ts) "
            "do update set newest_at = excluded.newest_at, state = excluded.state, updated_at = now()",
            {
                "channel": group.channel,
                "thread_ts": group.thread_ts,
                "newest_at": group.newest_at,
                "state": json.dumps(group.to_json()),
            },
        )

    async def _groups(self, condition: LiteralString, values: dict[str, object]) -> list[AlertGroup]:
        async with self.connection.cursor(row_factory=class_row(_GroupRow)) as cursor:
            await cursor.execute(
                f"select state::text from alert_groups where channel = %(channel)s and {condition}",  # noqa: S608 -- literals
                values,
            )
            rows = await cursor.fetchall()
        return [AlertGroup.model_validate_json(row.state) for row in rows]


class AlertStateStore:
    """Keeps states in the table `alert_states`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def hold(self, channel: str) -> AsyncGenerator[AlertTransaction]:
        """A transaction in which nobody else, in any process, decides about an alert of this channel."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(%(name)s, 0))", {"name": f"alerts of {channel}"}
            )
            yield AlertTransaction(connection)
