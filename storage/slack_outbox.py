"""What is to stand in Slack: one row a message, in its latest state. Putting is all that callers do; senders do the rest."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from storage.database import Database
from storage.mapping import storable

type Kind = Literal["message", "file", "ephemeral"]
type Transaction = AsyncConnection[TupleRow]
"""A connection within a transaction, such as `Database.transaction` gives."""

CHANNEL = "slack_outbox"
"""What a put tells to whoever listens: https://www.postgresql.org/docs/current/sql-notify.html"""

_TS = re.compile(r"\d+\.\d+")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A row as it is put; what each field means is told where `bot.slack.outbox` makes it."""

    key: str
    kind: Kind
    team: str | None
    channel: str
    thread: str | None
    wanted: Mapping[str, Any]
    content: bytes | None = None
    role: str
    task_id: UUID | None = None
    seq: int = 100
    urgency: int = 1
    edit_urgency: int = 3
    overtakes_after_s: float | None = None
    is_final: bool = False
    response_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A message of ours: `ts` once it stands in Slack; `error` says why it does not."""

    key: str
    role: str
    channel: str
    thread_ts: str | None
    ts: str | None
    state: str
    error: str | None


@dataclass(frozen=True, kw_only=True)
class OutboxCounts:
    """`oldest_s`: for how long the oldest row waits; `given_up`: why, and how many, in the last day."""

    waiting: int
    oldest_s: float
    failing: dict[str, int] = field(default_factory=dict[str, int])
    given_up: dict[str, int] = field(default_factory=dict[str, int])


_STANDING: LiteralString = (
    "select it.key, it.role, it.channel, it.ts, it.state, it.error, "
    "coalesce(it.thread_ts, (select opener.ts from slack_outbox as opener where opener.key = it.thread_key)) as thread_ts "
    "from slack_outbox as it "
)

_TELL: LiteralString = "select number, case when number > 0 then pg_notify('slack_outbox', '') end as told from (select count(*) as number from "

# The message is not there any more, or never will be changed: https://docs.slack.dev/reference/methods/chat.update#errors .
# Every other reason is the channel's or the app's, and passes with it.
_IS_GONE: LiteralString = "(it.ts is not null and coalesce(it.error, '') in ('message_not_found', 'cant_update_message', 'edit_window_closed'))"
# A plan changes every second: while its channel is closed, Slack is asked once a minute, and for its last state.
_STAYS: LiteralString = (
    f"old.wanted is not distinct from excluded.wanted or (old.state = 'given_up' and ({_IS_GONE.replace('it.', 'old.')} "
    "or (old.ts is not null and not excluded.is_final and old.settled_at > now() - interval '1 minute')))"
)
_TAKEN_UP: LiteralString = f"old.state = 'given_up' and not ({_STAYS})"

_PUT: LiteralString = (
    "with given as (select * from jsonb_to_recordset(%(rows)s::jsonb) as given(key text, kind text, team text, "
    "channel text, thread_ts text, thread_key text, wanted jsonb, content text, role text, task_id uuid, seq int, "
    "urgency int, edit_urgency int, overtakes_after_s float, is_final boolean, response_url text)), "
    "lanes as (insert into slack_lanes (channel) select distinct channel from given on conflict do nothing), "
    "put as (insert into slack_outbox as old (key, kind, team, channel, thread_ts, thread_key, wanted, content, role, "
    "task_id, seq, urgency, edit_urgency, overtakes_at, is_final, response_url) "
    "select key, kind, coalesce(team, ''), channel, thread_ts, thread_key, wanted, decode(content, 'base64'), role, "
    "task_id, seq, urgency, edit_urgency, now() + make_interval(secs => overtakes_after_s), "
    "is_final, response_url from given order by seq, key "
    "on conflict (key) do update set wanted = excluded.wanted, is_final = excluded.is_final, "
    "content = excluded.content, "
    "wanted_version = old.wanted_version + (old.wanted is distinct from excluded.wanted)::int, "
    "response_url = coalesce(excluded.response_url, old.response_url), "
    # A message that somebody deleted is not to be written again; any other may be taken now, and waits since now.
    f"state = case when {_STAYS} then old.state else 'waiting' end, "
    f"attempts = case when {_TAKEN_UP} then 0 else old.attempts end, error = case when {_TAKEN_UP} then null else old.error end, "
    f"created_at = case when {_TAKEN_UP} then now() else old.created_at end "
    "where (old.wanted, old.is_final) is distinct from (excluded.wanted, excluded.is_final) "
    "and (excluded.is_final or not old.is_final) and (old.kind = 'message' or old.state = 'waiting') "
    "returning key) " + _TELL + "put) as counted"
)


class SlackOutbox:
    """Keeps outgoing messages in the table `slack_outbox`. Raises StorageError; InvalidInputError for what cannot be kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, *entries: Entry, within: Transaction | None = None) -> int:
        """How many are new or changed: what stands there, or waits, as it is wanted is left alone.

        What was put as final is changed by nothing but another final. `within` a transaction they are sent once it commits.
        """
        if not entries:
            return 0
        latest = {entry.key: _row(entry) for entry in entries}  # one statement cannot change a row twice
        values = {"rows": json.dumps(list(latest.values()))}
        if within is None:
            row = await self._database.fetch_one(_PUT, values)
            return 0 if row is None else row["number"]
        found = await (await within.execute(_PUT, values)).fetchone()
        return 0 if found is None else found[0]

    async def find(self, key: str) -> Standing | None:
        """The message of this key."""
        return await self._database.fetch_one(_STANDING + "where it.key = %(key)s", {"key": key}, class_row(Standing))

    async def of_task(self, task_id: UUID) -> Sequence[Standing]:
        """Every message of the task, in the order of its thread."""
        return await self._database.fetch_all(
            _STANDING + "where it.task_id = %(task_id)s order by it.seq, it.id",
            {"task_id": task_id},
            class_row(Standing),
        )

    async def revive(
        self, *, channel: str | None = None, errors: Sequence[str] | None = None, within_s: float = 86_400.0
    ) -> int:
        """How many messages are tried again that were given up: after an invitation to the channel, or with a new token."""
        row = await self._database.fetch_one(
            "with back as (update slack_outbox as it set state = 'waiting', attempts = 0, error = null, not_before = now(), "
            "created_at = now(), settled_at = null "
            "where state = 'given_up' and settled_at > now() - make_interval(secs => %(within_s)s) "
            f"and (%(channel)s::text is null or channel = %(channel)s) and not {_IS_GONE} "
            "and (%(errors)s::text[] is null or error = any(%(errors)s)) returning key) " + _TELL + "back) as counted",
            {"channel": channel, "errors": None if errors is None else list(errors), "within_s": within_s},
        )
        return 0 if row is None else row["number"]

    async def counts(self) -> OutboxCounts:
        waiting = await self._database.fetch_one(
            "select count(*) as waiting, coalesce(extract(epoch from now() - min(greatest(created_at, settled_at))), 0)::float "
            "as oldest_s from slack_outbox where state = 'waiting'",
            {},
        )
        rows = await self._database.fetch_all(
            "select state, coalesce(error, '') as error, count(*) as number from slack_outbox "
            "where (state = 'waiting' and error is not null) "
            "or (state = 'given_up' and settled_at > now() - interval '1 day') group by state, error order by error",
            {},
        )
        assert waiting is not None
        by_state: dict[str, dict[str, int]] = {"waiting": {}, "given_up": {}}
        for row in rows:
            by_state[row["state"]][row["error"]] = row["number"]
        return OutboxCounts(
            waiting=waiting["waiting"],
            oldest_s=waiting["oldest_s"],
            failing=by_state["waiting"],
            given_up=by_state["given_up"],
        )


def _row(entry: Entry) -> dict[str, Any]:
    is_ts = entry.thread is not None and _TS.fullmatch(entry.thread) is not None
    return {
        "key": entry.key,
        "kind": entry.kind,
        "team": entry.team,
        "channel": entry.channel,
        "thread_ts": entry.thread if is_ts else None,
        "thread_key": None if is_ts else entry.thread,
        "wanted": storable(dict(entry.wanted)),
        "content": None if entry.content is None else b64encode(entry.content).decode(),
        "role": entry.role,
        "task_id": None if entry.task_id is None else str(entry.task_id),
        "seq": entry.seq,
        "urgency": entry.urgency,
        "edit_urgency": entry.edit_urgency,
        "overtakes_after_s": entry.overtakes_after_s,
        "is_final": entry.is_final,
        "response_url": entry.response_url,
    }
