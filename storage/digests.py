"""The digest of each team and week: one row, made with the time that was due, posted by whichever process claims it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from core.errors import TaskConflictError
from storage.database import Database
from storage.mapping import storable


@dataclass(frozen=True, kw_only=True)
class DueDigest:
    """A row that this process has claimed; `attempt` counts the claims, and fences off a process that comes back late."""

    team: str
    week: str
    payload: dict[str, Any]
    due_at: datetime
    attempt: int


@dataclass(frozen=True, kw_only=True)
class StuckDigest:
    """One that could not be posted so far, or was given up in the last week; `reason` says why."""

    team: str
    week: str
    reason: str


async def add_digest(
    connection: AsyncConnection[TupleRow], *, team: str, week: str, payload: Mapping[str, Any], due_at: datetime
) -> bool:
    """Whether the team had no digest of that week yet; it has now, once the transaction commits."""
    added = await connection.execute(
        "insert into digests (team, week, payload, due_at) values (%(team)s, %(week)s, %(payload)s::jsonb, %(due_at)s) "
        "on conflict (team, week) do nothing",
        {"team": team, "week": week, "payload": json.dumps(storable(dict(payload))), "due_at": due_at},
    )
    return added.rowcount == 1


class DigestStore:
    """Keeps the table `digests`. Raises StorageError; TaskConflictError when another process has claimed the row since."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, *, lease_s: float) -> DueDigest | None:
        """The digest that is due longest, now claimed."""
        return await self._database.fetch_one(
            "update digests set attempt = attempt + 1, lease_until = now() + make_interval(secs => %(lease_s)s) "
            "where (team, week) = (select team, week from digests where state = 'due' "
            "and coalesce(lease_until < now(), true) order by due_at, team limit 1 for update skip locked) "
            "returning team, week, payload, due_at, attempt",
            {"lease_s": lease_s},
            class_row(DueDigest),
        )

    async def stuck(self) -> list[StuckDigest]:
        """What somebody should know of, the latest first."""
        return await self._database.fetch_all(
            "select team, week, reason from digests where reason is not null and (state = 'due' or "
            "(state = 'given_up' and due_at > now() - interval '7 days')) order by due_at desc, team limit 5",
            {},
            class_row(StuckDigest),
        )

    async def hand_over(self, digest: DueDigest, connection: AsyncConnection[TupleRow]) -> None:
        """It stands in the outbox, where the same transaction has put it."""
        settled = await connection.execute(
            "update digests set state = 'handed_over', reason = null, handed_over_at = now() "
            "where team = %(team)s and week = %(week)s and attempt = %(attempt)s and state = 'due'",
            _own(digest),
        )
        _check_own(digest, settled.rowcount)

    async def rest(self, digest: DueDigest, reason: str, *, rest_s: float) -> None:
        """It is to be tried again, by any process, after so many seconds."""
        settled = await self._database.execute(
            "update digests set reason = %(reason)s, lease_until = now() + make_interval(secs => %(rest_s)s) "
            "where team = %(team)s and week = %(week)s and attempt = %(attempt)s and state = 'due'",
            {**_own(digest), "reason": storable(reason), "rest_s": rest_s},
        )
        _check_own(digest, settled)

    async def give_up(self, digest: DueDigest, reason: str) -> None:
        """It will not be posted."""
        settled = await self._database.execute(
            "update digests set state = 'given_up', reason = %(reason)s "
            "where team = %(team)s and week = %(week)s and attempt = %(attempt)s and state = 'due'",
            {**_own(digest), "reason": storable(reason)},
        )
        _check_own(digest, settled)


def _own(digest: DueDigest) -> dict[str, Any]:
    return {"team": digest.team, "week": digest.week, "attempt": digest.attempt}


def _check_own(digest: DueDigest, rows: int) -> None:
    if rows == 0:
        raise TaskConflictError(
            f"another process has claimed the digest of {digest.team} for {digest.week}: drop what was done here"
        )
