"""Tasks by where in Slack they came from: the last one of a channel or thread, by the beginning of an id, in an hour."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from storage.database import Database

_PREFIX = re.compile(r"[0-9a-f-]{1,36}")

# A workspace sees its own tasks, and those that came through other doors than Slack.
_VISIBLE: LiteralString = "coalesce(origin_json ->> 'team', %(team)s, '') = coalesce(%(team)s, '')"
_ASKED: LiteralString = (
    "origin_json ->> 'door' = 'slack' and origin_json ->> 'user' is not null "
    "and created_at > now() - interval '1 hour' and key is distinct from %(key)s"
)


@dataclass(frozen=True, kw_only=True)
class Started:
    """How many tasks were asked for within the hour, and when the first of the newest `quota` of them was."""

    number: int
    frees_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Work:
    """How many tasks are queued and running, and how long the oldest queued one waits."""

    queued: int
    running: int
    oldest_queued_s: float


class SlackTasks:
    """Looks tasks up in the table `tasks`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest_in_channel(self, team: str | None, channel: str) -> UUID | None:
        """The task that was begun there last."""
        return await self._id(
            f"select task_id from tasks where origin_json ->> 'door' = 'slack' and {_VISIBLE} "
            "and origin_json ->> 'channel' = %(channel)s order by created_at desc limit 1",
            {"team": team, "channel": channel},
        )

    async def latest_in_thread(self, team: str | None, channel: str, thread_ts: str) -> UUID | None:
        """The last task that is answered in this thread; None when it is no thread of orch's."""
        return await self._id(
            "select tasks.task_id from tasks where task_id in ("
            "select task_id from slack_outbox where channel = %(channel)s and thread_ts = %(thread_ts)s union "
            "select task_id from slack_outbox where channel = %(channel)s and ts = %(thread_ts)s union "
            "select task_id from tasks where origin_json ->> 'door' = 'slack' and origin_json ->> 'channel' = %(channel)s "
            f"and origin_json ->> 'thread_ts' = %(thread_ts)s) and {_VISIBLE} order by created_at desc limit 1",
            {"team": team, "channel": channel, "thread_ts": thread_ts},
        )

    async def with_prefix(self, team: str | None, prefix: str, *, limit: int = 5) -> list[UUID]:
        """The newest tasks whose id begins so."""
        wanted = prefix.lower()
        if not _PREFIX.fullmatch(wanted):
            return []
        rows = await self._database.fetch_all(
            f"select task_id from tasks where {_VISIBLE} and task_id between %(low)s::uuid and %(high)s::uuid "
            "and starts_with(task_id::text, %(prefix)s) order by created_at desc limit %(limit)s",
            {
                "team": team,
                "prefix": wanted,
                "low": _filled(wanted, "0"),
                "high": _filled(wanted, "f"),
                "limit": limit,
            },
        )
        return [row["task_id"] for row in rows]

    async def with_key(self, key: str) -> UUID | None:
        """The task of this key."""
        return await self._id("select task_id from tasks where key = %(key)s", {"key": key})

    async def asker(self, task_id: UUID) -> str | None:
        """The person in Slack who asked for the task; None where it was an alert, or nobody there."""
        row = await self._database.fetch_one(
            "select origin_json ->> 'user' as name from tasks where task_id = %(task_id)s "
            "and origin_json ->> 'door' = 'slack'",
            {"task_id": task_id},
        )
        return None if row is None else row["name"]

    async def rerun_at_work(self, task_id: UUID) -> UUID | None:
        """The task that repeats this one and has not ended."""
        return await self._id(
            "select task_id from tasks where context_json ->> 'rerun_of' = %(of)s and status in ('queued', 'running') "
            "order by created_at desc limit 1",
            {"of": str(task_id)},
        )

    async def work(self) -> Work:
        row = await self._database.fetch_one(
            "select count(*) filter (where status = 'queued' and origin_json ->> 'door' in ('slack', 'schedule')) as queued, "
            "count(*) filter (where status = 'running') as running, coalesce(extract(epoch from now() - min(created_at) "
            "filter (where status = 'queued' and origin_json ->> 'door' in ('slack', 'schedule'))), 0)::float as oldest_s "
            "from tasks where status in ('queued', 'running')",
            {},
        )
        assert row is not None
        return Work(queued=row["queued"], running=row["running"], oldest_queued_s=row["oldest_s"])

    async def at_work_in(self, team: str | None, channel: str, *, limit: int = 5) -> list[UUID]:
        """The channel's tasks that have not ended, the newest first."""
        rows = await self._database.fetch_all(
            f"select task_id from tasks where origin_json ->> 'door' = 'slack' and {_VISIBLE} "
            "and origin_json ->> 'channel' = %(channel)s and status in ('queued', 'running') "
            "order by created_at desc limit %(limit)s",
            {"team": team, "channel": channel, "limit": limit},
        )
        return [row["task_id"] for row in rows]

    @asynccontextmanager
    async def counting(self, *names: str) -> AsyncGenerator[None]:
        """While it lasts, nobody else, in any process, counts under these names."""
        async with self._database.transaction() as connection:
            for name in sorted(set(names)):
                await connection.execute("select pg_advisory_xact_lock(hashtextextended(%(name)s, 1))", {"name": name})
            yield

    async def asked_by(self, team: str | None, user: str, *, quota: int, key: str) -> Started:
        """What this person asked for within the hour, the request of this key aside."""
        return await self._started(
            f"select count(*) as number, (array_agg(created_at order by created_at desc))[%(quota)s] as first from tasks "
            f"where {_ASKED} and {_VISIBLE} and origin_json ->> 'user' = %(name)s",
            {"team": team, "name": user, "quota": quota, "key": key},
        )

    async def asked_in(self, team: str | None, channel: str, *, quota: int, key: str) -> Started:
        """What people asked for in this channel within the hour, the request of this key aside."""
        return await self._started(
            f"select count(*) as number, (array_agg(created_at order by created_at desc))[%(quota)s] as first from tasks "
            f"where {_ASKED} and {_VISIBLE} and origin_json ->> 'channel' = %(name)s",
            {"team": team, "name": channel, "quota": quota, "key": key},
        )

    async def _started(self, statement: LiteralString, values: dict[str, Any]) -> Started:
        row = await self._database.fetch_one(statement, values)
        assert row is not None
        return Started(number=row["number"], frees_at=row["first"])

    async def _id(self, statement: LiteralString, values: dict[str, Any]) -> UUID | None:
        row = await self._database.fetch_one(statement, values)
        return None if row is None else row["task_id"]


def _filled(prefix: str, digit: str) -> str:
    """The least or the greatest id that may begin so."""
    return prefix.replace("-", "").ljust(32, digit)[:32]
