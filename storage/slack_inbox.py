"""What Slack sent, kept before it is acknowledged; processes share the work on it by short leases."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from core.errors import TaskConflictError
from storage.alert_states import AlertTransaction
from storage.database import Database
from storage.mapping import storable

type Transaction = AsyncConnection[TupleRow]


PEOPLE, MESSAGES = 0, 1
"""Urgencies: somebody waits for an answer to the one; the others come in storms."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One thing that Slack sent. `key` is unique for ever; the rows of a `lane` are dealt with one after the other.

    With a `reason` nothing is left to be done about it: it is kept so that a second delivery does nothing.
    """

    key: str
    kind: str
    team: str | None
    channel: str
    lane: str
    urgency: int
    payload: Mapping[str, Any]
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class InboxItem:
    """A row that this process has claimed. `attempt` counts the claims, and fences off a process that comes back late.

    `failures` counts how often it could not be dealt with; `deaths`, over how many processes it was noted that they begin it
    and nothing more.
    """

    key: str
    kind: str
    team: str | None
    channel: str
    lane: str
    payload: dict[str, Any]
    received_at: datetime
    attempt: int
    failures: int
    deaths: int = 0


@dataclass(frozen=True, kw_only=True)
class InboxCounts:
    """How many rows wait, for how long the oldest one, and why how many of today's (UTC) were refused."""

    waiting: int
    refused: dict[str, int]
    oldest_s: float = field(default=0.0, compare=False)


# A lease that ran out belongs to whoever claimed the row after it.
_OWN: LiteralString = "key = %(key)s and attempt = %(attempt)s and state = 'received'"
_COLUMNS: LiteralString = "it.key, kind, team, channel, lane, payload, received_at, attempt, failures, deaths"
_TAKING = 7_391_046_215
"""Of the advisory lock under which rows are claimed: an arbitrary number, orch's own."""


class SlackInbox:
    """Keeps what Slack sent in the table `slack_inbox`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Within it, the end of a row takes effect together with what else is written."""
        return self._database.transaction()

    async def put(self, *arrivals: Arrival) -> set[str]:
        """The keys that are new, in one statement: what is known by its key is not kept a second time.

        Raises InvalidInputError when one of them cannot be stored, and then none is.
        """
        rows = await self._database.fetch_all(
            "insert into slack_inbox (key, kind, team, channel, lane, urgency, payload, reason, state) "
            "select key, kind, team, channel, lane, urgency, case when reason is null then payload::jsonb end, reason, "
            "case when reason is null then 'received' else 'done' end from unnest(%(key)s::text[], %(kind)s::text[], "
            "%(team)s::text[], %(channel)s::text[], %(lane)s::text[], %(urgency)s::int[], %(payload)s::text[], "
            "%(reason)s::text[]) with ordinality as it(key, kind, team, channel, lane, urgency, payload, reason, number) "
            "order by number on conflict (key) do nothing returning key",
            {
                **{
                    name: [getattr(arrival, name) for arrival in arrivals]
                    for name in ("key", "kind", "team", "channel", "lane", "urgency", "reason")
                },
                "payload": [_jsonb(arrival.payload) for arrival in arrivals],
            },
        )
        return {row["key"] for row in rows}

    async def take(self, *, lease_s: float, limit: int = 1) -> list[InboxItem]:
        """The next rows, now claimed: people's first, then in the order in which they came.

        No row is given while an earlier one of its lane is somebody else's, so that each lane is worked on in order.
        """
        async with self._database.transaction() as connection:
            # Two that choose at once would not see each other's choice, and part a lane between them.
            await connection.execute("select pg_advisory_xact_lock(%(name)s)", {"name": _TAKING})
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(
                    "with chosen as materialized (select key from slack_inbox as it where state = 'received' "
                    "and coalesce(lease_until < now(), true) and not exists (select from slack_inbox as earlier "
                    "where earlier.state = 'received' and earlier.lane = it.lane "
                    "and earlier.seq < it.seq and earlier.lease_until >= now()) order by urgency, seq limit %(limit)s) "
                    "update slack_inbox as it set attempt = attempt + 1, "
                    "lease_until = now() + make_interval(secs => %(lease_s)s) from chosen where it.key = chosen.key "
                    f"returning {_COLUMNS}, it.seq, it.urgency",
                    {"lease_s": lease_s, "limit": limit},
                )
                rows = await cursor.fetchall()
        return [_to_item(row) for row in sorted(rows, key=lambda row: (row["urgency"], row["seq"]))]

    async def finish(
        self,
        item: InboxItem,
        reason: str,
        *,
        task_id: UUID | None = None,
        within: Transaction | AlertTransaction | None = None,
    ) -> None:
        """It is dealt with. TaskConflictError when another process has claimed it since."""
        await self._settle(
            "update slack_inbox set state = 'done', reason = %(reason)s, task_id = coalesce(%(task_id)s, task_id) where ",
            item,
            {"reason": reason, "task_id": task_id},
            within,
        )

    async def refuse(
        self, item: InboxItem, reason: str, *, within: Transaction | AlertTransaction | None = None
    ) -> None:
        """It is not taken; its words are dropped. TaskConflictError when another process has claimed it since."""
        await self._settle(
            "update slack_inbox set state = 'refused', reason = %(reason)s, payload = null where ",
            item,
            {"reason": reason},
            within,
        )

    async def note_begun(self, item: InboxItem) -> None:
        """It counts as a death from now on, until it ends, rests, or is handed back."""
        await self._database.execute(
            "update slack_inbox set deaths = deaths + 1 where " + _OWN, {"key": item.key, "attempt": item.attempt}
        )

    async def rest(self, item: InboxItem, *, rest_s: float) -> None:
        """It could not be dealt with: leave it to any process, after so many seconds."""
        await self._database.execute(
            "update slack_inbox set lease_until = now() + make_interval(secs => %(rest_s)s), failures = failures + 1, "
            "deaths = 0 where " + _OWN,
            {"key": item.key, "attempt": item.attempt, "rest_s": rest_s},
        )

    async def hand_back(self, items: Sequence[InboxItem]) -> None:
        """Leave them to any process, at once, as if they had not been claimed."""
        if items:
            await self._database.execute(
                "update slack_inbox as it set lease_until = null, deaths = 0 from unnest(%(key)s::text[], %(attempt)s::int[]) "
                "as own(key, attempt) where it.key = own.key and it.attempt = own.attempt and it.state = 'received'",
                {"key": [item.key for item in items], "attempt": [item.attempt for item in items]},
            )

    async def counts(self) -> InboxCounts:
        rows = await self._database.fetch_all(
            "select null as reason, count(*) as number, coalesce(extract(epoch from now() - min(received_at)), 0)::float "
            "as oldest_s from slack_inbox where state = 'received' union all "
            "select reason, count(*), 0 from slack_inbox where state = 'refused' and received_at >= date_trunc('day', now()) "
            "group by reason order by reason",
            {},
        )
        return InboxCounts(
            waiting=sum(row["number"] for row in rows if row["reason"] is None),
            oldest_s=max(row["oldest_s"] for row in rows),
            refused={row["reason"]: row["number"] for row in rows if row["reason"] is not None},
        )

    async def _settle(
        self,
        statement: LiteralString,
        item: InboxItem,
        values: dict[str, Any],
        within: Transaction | AlertTransaction | None,
    ) -> None:
        whole = statement + _OWN
        given = {**values, "key": item.key, "attempt": item.attempt}
        if within is None:
            settled = await self._database.execute(whole, given)
        else:
            connection = within.connection if isinstance(within, AlertTransaction) else within
            settled = (await connection.execute(whole, given)).rowcount
        if settled == 0:
            raise TaskConflictError(
                f"another process has claimed {item.key} of the Slack inbox: drop what was done here"
            )


def _to_item(row: Mapping[str, Any]) -> InboxItem:
    return InboxItem(
        key=row["key"],
        kind=row["kind"],
        team=row["team"],
        channel=row["channel"],
        lane=row["lane"],
        payload=row["payload"] or {},
        received_at=row["received_at"],
        attempt=row["attempt"],
        failures=row["failures"],
        deaths=row["deaths"],
    )


def _jsonb(payload: Mapping[str, Any]) -> str:
    """JSON text that PostgreSQL takes; only what it does not take as it is, is walked through."""
    try:
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:  # NaN, or half of a surrogate pair
        text = r"\u0000"
    return text if r"\u0000" not in text else json.dumps(storable(dict(payload)), allow_nan=False)
