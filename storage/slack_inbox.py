"""What Slack sent, kept before it is acknowledged; processes share the work on it by short leases."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from core.errors import TaskConflictError
from storage.alert_states import AlertTransaction
from storage.database import Database
from storage.mapping import storable


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A message that was decided on and is to be posted in a thread."""

    thread_ts: str
    task_id: str
    role: str
    text: str


@dataclass(frozen=True, kw_only=True)
class InboxItem:
    """A row that this process has claimed. `attempt` counts the claims, and fences off a process that comes back late.

    `reply` is there when the row was decided about, for the `reason` given then, and its reply is still to be posted.
    """

    key: str
    channel: str
    payload: dict[str, Any]
    received_at: datetime
    attempt: int
    reason: str | None
    reply: Reply | None


@dataclass(frozen=True, kw_only=True)
class InboxCounts:
    """How many rows wait, and why how many of today's (UTC) were refused."""

    waiting: int
    refused: dict[str, int]


@dataclass(frozen=True)
class _ItemRow:
    key: str
    channel: str
    payload: dict[str, Any] | None
    received_at: datetime
    attempt: int
    reason: str | None
    reply: dict[str, str] | None


# A lease that ran out belongs to whoever claimed the row after it.
_OWN: LiteralString = "key = %(key)s and attempt = %(attempt)s and state = 'received'"


class SlackInbox:
    """Keeps what Slack sent in the table `slack_inbox`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, key: str, *, kind: str, team: str | None, channel: str, payload: Mapping[str, Any]) -> bool:
        """Whether it is new: what is known by its key is not kept a second time."""
        values = {"key": key, "kind": kind, "team": team, "channel": channel}
        added = await self._database.execute(
            "insert into slack_inbox (key, kind, team, channel, payload) values "
            "(%(key)s, %(kind)s, %(team)s, %(channel)s, %(payload)s::jsonb) on conflict (key) do nothing",
            {**values, "payload": json.dumps(storable(dict(payload)))},
        )
        return added == 1

    async def take(self, *, lease_s: float) -> InboxItem | None:
        """The oldest row to decide about, now claimed; a channel's rows are decided one after the other, in order."""
        return await self._take(
            "reply is null and not exists (select from slack_inbox as earlier where earlier.state = 'received' "
            "and earlier.reply is null and earlier.channel = it.channel "
            "and (earlier.received_at, earlier.key) < (it.received_at, it.key))",
            lease_s,
        )

    async def take_reply(self, *, lease_s: float) -> InboxItem | None:
        """The oldest row whose reply is to be posted, now claimed."""
        return await self._take("reply is not null", lease_s)

    async def finish(
        self, item: InboxItem, reason: str, *, task_id: UUID | None = None, within: AlertTransaction | None = None
    ) -> None:
        """It is dealt with. TaskConflictError when another process has claimed it since."""
        await self._settle(
            "update slack_inbox set state = 'done', reason = %(reason)s, task_id = coalesce(%(task_id)s, task_id) where ",
            item,
            {"reason": reason, "task_id": task_id},
            within,
        )

    async def refuse(self, item: InboxItem, reason: str, *, within: AlertTransaction | None = None) -> None:
        """It is not taken; its words are dropped. TaskConflictError when another process has claimed it since."""
        await self._settle(
            "update slack_inbox set state = 'refused', reason = %(reason)s, payload = null where ",
            item,
            {"reason": reason},
            within,
        )

    async def decide(self, item: InboxItem, reason: str, reply: Reply, *, within: AlertTransaction) -> None:
        """A reply is to be posted; the row waits for that. TaskConflictError when another process has claimed it since."""
        await self._settle(
            "update slack_inbox set reason = %(reason)s, reply = %(reply)s::jsonb, task_id = %(task_id)s, "
            "lease_until = null where ",
            item,
            {"reason": reason, "reply": json.dumps(asdict(reply)), "task_id": UUID(reply.task_id)},
            within,
        )

    async def rest(self, item: InboxItem, *, rest_s: float) -> None:
        """Leave it to any process, after so many seconds."""
        await self._database.execute(
            "update slack_inbox set lease_until = now() + make_interval(secs => %(rest_s)s) "
            "where key = %(key)s and attempt = %(attempt)s and state = 'received'",
            {"key": item.key, "attempt": item.attempt, "rest_s": rest_s},
        )

    async def counts(self) -> InboxCounts:
        rows = await self._database.fetch_all(
            "select null as reason, count(*) as number from slack_inbox where state = 'received' union all "
            "select reason, count(*) from slack_inbox where state = 'refused' and received_at >= date_trunc('day', now()) "
            "group by reason order by reason",
            {},
        )
        return InboxCounts(
            waiting=sum(row["number"] for row in rows if row["reason"] is None),
            refused={row["reason"]: row["number"] for row in rows if row["reason"] is not None},
        )

    async def prune(self, *, kept_days: int = 7) -> int:
        """How many old rows were dropped; Slack repeats nothing after an hour."""
        return await self._database.execute(
            "delete from slack_inbox where state <> 'received' and received_at < now() - make_interval(days => %(days)s)",
            {"days": kept_days},
        )

    async def _take(self, condition: LiteralString, lease_s: float) -> InboxItem | None:
        row = await self._database.fetch_one(
            "update slack_inbox set attempt = attempt + 1, lease_until = now() + make_interval(secs => %(lease_s)s) "
            "where key = (select key from slack_inbox as it where state = 'received' "
            "and coalesce(lease_until < now(), true) and " + condition + " "
            "order by received_at, key limit 1 for update skip locked) "
            "returning key, channel, payload, received_at, attempt, reason, reply",
            {"lease_s": lease_s},
            class_row(_ItemRow),
        )
        if row is None:
            return None
        return InboxItem(
            key=row.key,
            channel=row.channel,
            payload=row.payload or {},
            received_at=row.received_at,
            attempt=row.attempt,
            reason=row.reason,
            reply=None if row.reply is None else Reply(**row.reply),
        )

    async def _settle(
        self, statement: LiteralString, item: InboxItem, values: dict[str, Any], within: AlertTransaction | None
    ) -> None:
        whole = statement + _OWN
        given = {**values, "key": item.key, "attempt": item.attempt}
        if within is None:
            settled = await self._database.execute(whole, given)
        else:
            settled = (await within.connection.execute(whole, given)).rowcount
        if settled == 0:
            raise TaskConflictError(
                f"another process has claimed {item.key} of the Slack inbox: drop what was done here"
            )
