"""What is due when. A due row is taken, its work made, and the row moved on, in one transaction: many processes do it once."""

import json
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from storage.database import Database
from storage.mapping import storable


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What the operator wants done: `kind` says what, `payload` with what, `cron` and `tz` when."""

    key: str
    kind: str
    cron: str
    tz: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ScheduledRow:
    """A row as it is stored; `last_outcome` says what became of the time `last_run`."""

    key: str
    kind: str
    cron: str
    tz: str
    payload: dict[str, Any]
    next_run: datetime
    last_run: datetime | None
    last_outcome: str | None


@dataclass(frozen=True)
class Due:
    """A row that this transaction holds alone. Without `advance` it is due again when the transaction ends."""

    row: ScheduledRow
    connection: AsyncConnection[TupleRow]

    async def advance(self, next_run: datetime, *, outcome: str) -> None:
        """The row is next due at `next_run`; the time that it was due at ended as `outcome`."""
        await self.connection.execute(
            "update schedule set last_run = next_run, last_outcome = %(outcome)s, next_run = %(next_run)s, "
            "updated_at = now() where key = %(key)s",
            {"key": self.row.key, "next_run": next_run, "outcome": outcome},
        )


class ScheduleStore:
    """Keeps the table `schedule`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, planned: Planned, next_run: datetime) -> ScheduledRow:
        """The row as it stands now: a new one, or one whose times were changed, is due at `next_run`, any other stays due."""
        row = await self._database.fetch_one(
            "insert into schedule as it (key, kind, cron, tz, payload, next_run) values "
            "(%(key)s, %(kind)s, %(cron)s, %(tz)s, %(payload)s::jsonb, %(next_run)s) "
            "on conflict (key) do update set kind = excluded.kind, cron = excluded.cron, tz = excluded.tz, "
            "payload = excluded.payload, next_run = case when (it.cron, it.tz) = (excluded.cron, excluded.tz) "
            "then it.next_run else excluded.next_run end, updated_at = now() "
            "returning key, kind, cron, tz, payload, next_run, last_run, last_outcome",
            {
                "key": planned.key,
                "kind": planned.kind,
                "cron": planned.cron,
                "tz": planned.tz,
                "payload": json.dumps(storable(dict(planned.payload))),
                "next_run": next_run,
            },
            class_row(ScheduledRow),
        )
        assert row is not None
        return row

    async def retire(self, kind: str, *, but: Collection[str]) -> int:
        """How many rows of the kind were dropped, all that the keys do not name."""
        return await self._database.execute(
            "delete from schedule where kind = %(kind)s and key <> all(%(keys)s)", {"kind": kind, "keys": list(but)}
        )

    async def all(self) -> list[ScheduledRow]:
        """Every row, the next due first."""
        return await self._database.fetch_all(
            "select key, kind, cron, tz, payload, next_run, last_run, last_outcome from schedule order by next_run, key",
            {},
            class_row(ScheduledRow),
        )

    @asynccontextmanager
    async def take(
        self, now: datetime, kinds: Collection[str], *, but: Collection[str] = ()
    ) -> AsyncGenerator[Due | None]:
        """The row of these kinds that is due longest and that nobody else holds; None when there is none but these keys."""
        async with self._database.transaction() as connection:
            async with connection.cursor(row_factory=class_row(ScheduledRow)) as cursor:
                await cursor.execute(
                    "select key, kind, cron, tz, payload, next_run, last_run, last_outcome from schedule "
                    "where next_run <= %(now)s and kind = any(%(kinds)s) and key <> all(%(but)s) "
                    "order by next_run, key limit 1 for update skip locked",
                    {"now": now, "kinds": list(kinds), "but": list(but)},
                )
                row = await cursor.fetchone()
            yield None if row is None else Due(row, connection)
