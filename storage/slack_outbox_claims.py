"""The senders' side of the outbox: which message may be written now, by whom, and what came of it.

A sender claims a message together with its channel's lane, so that at most one writing to a channel is under way in all
processes, and the next begins only so many seconds after it has ended. A claim runs out by itself: then the next sender
finds the message with `posting_at` and looks in Slack whether it stands there.
"""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.rows import class_row

from storage.database import Database
from storage.mapping import storable
from storage.slack_outbox import CHANNEL

_QUIET_S = 10.0
"""After so long without a notice the connection is asked whether it still stands."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Slack's limits: https://docs.slack.dev/apis/web-api/rate-limits .

    `channel_s`: the least seconds from one writing in a channel to the next. `post_s`, `update_s`, `other_s`: from one
    call of a method to the next in a workspace, on average; `burst` calls may come at once. With the burst, a minute has at
    most 50 rewritings (tier 3), 100 uploads (tier 4), and some 300 posts.
    """

    channel_s: float = 1.0
    post_s: float = 0.2
    update_s: float = 60 / 45
    other_s: float = 60 / 95
    burst: int = 5


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A message that this sender is to write now; `ts` is there where it stands already, to be rewritten.

    `doubted_at`: when an earlier sender was about to post it, of whom nobody knows how that ended. `error`: why it was put off
    the last time, if it was.
    """

    id: int
    claim: UUID
    key: str
    kind: str
    team: str
    channel: str
    thread_ts: str | None
    wanted: dict[str, Any]
    content: bytes | None
    version: int
    shape: str
    ts: str | None
    file_id: str | None
    task_id: UUID | None
    role: str
    response_url: str | None
    attempts: int
    error: str | None
    doubted_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A message that was given up with the one that was to open its thread."""

    key: str
    channel: str
    error: str


_METHOD: LiteralString = (
    "case it.kind when 'file' then 'files.completeUploadExternal' when 'ephemeral' then 'chat.postEphemeral' "
    "else case when it.ts is null then 'chat.postMessage' else 'chat.update' end end"
)
_URGENCY: LiteralString = "case when it.ts is null then it.urgency else it.edit_urgency end"
_WAITING: LiteralString = (
    f"select it.id, it.channel, it.team, {_METHOD} as method, {_URGENCY} as urgency, it.seq, it.ts, it.thread_key, "
    "it.not_before, it.overtakes_at, it.posting_at, coalesce(it.thread_ts, it.thread_key) as thread, "
    "count(*) filter (where it.ts is null and it.kind = 'message') over (partition by it.channel, "
    "coalesce(it.thread_ts, it.thread_key) order by it.seq, it.id rows between unbounded preceding and 1 preceding) as ahead "
    "from slack_outbox as it join slack_lanes as lane using (channel) where it.state = 'waiting' and lane.free_at <= now()"
)
"""What waits in the channels that are free, each with the number of messages that are to be posted before it in its thread.

Files and private messages hold up nothing. Counted in one pass: thousands may wait in a channel during a storm.
"""
_READY: LiteralString = (
    "select * from waiting as it where it.not_before <= now() "
    "and not exists (select from closed where closed.team = it.team and closed.method = it.method) "
    "and (it.ts is not null or it.thread is null or it.overtakes_at <= now() or it.ahead = 0) "
    "and (it.ts is not null or it.thread_key is null "
    "or exists (select from slack_outbox as opener where opener.key = it.thread_key and opener.ts is not null))"
)
_CLAIM: LiteralString = (
    "with closed as materialized (select team, method from slack_rates where free_at > now()), "
    f"waiting as materialized ({_WAITING}), ready as materialized ({_READY}), "
    # What somebody waits for goes first in the whole workspace, since all channels share its rates. Whoever has a lane
    # since this statement began has made it free later than that: it is not taken on what was to be seen before.
    "lane as materialized (select lane.channel from slack_lanes as lane "
    "join (select channel, min(urgency) as urgency from ready group by channel) as first using (channel) "
    "where lane.free_at <= now() order by first.urgency, lane.free_at limit 1 for update of lane skip locked), "
    "found as materialized (select it.id, it.team, ready.method, it.posting_at as doubted_at "
    "from slack_outbox as it join ready using (id) join lane on lane.channel = it.channel "
    "where it.state = 'waiting' order by ready.urgency, ready.seq, ready.id "
    "limit 1 for update of it skip locked), "
    "taken as (update slack_lanes as lane set claim = %(claim)s, free_at = now() + make_interval(secs => %(lease_s)s) "
    "from found, lane as mine where lane.channel = mine.channel), "
    "rated as (insert into slack_rates as old (team, method, free_at) select team, method, "
    "now() - make_interval(secs => (%(burst)s - 1) * interval_s) "
    "from (select team, method, case method when 'chat.postMessage' then %(post_s)s::float "
    "when 'chat.update' then %(update_s)s::float else %(other_s)s::float end as interval_s from found) as call "
    "on conflict (team, method) do update set free_at = greatest(excluded.free_at, old.free_at + make_interval(secs => "
    "case excluded.method when 'chat.postMessage' then %(post_s)s::float when 'chat.update' then %(update_s)s::float "
    "else %(other_s)s::float end))) "
    "update slack_outbox as it set claim = %(claim)s, attempts = it.attempts + 1, "
    "posting_at = case when it.ts is null then coalesce(it.posting_at, now()) end "
    "from found where it.id = found.id returning it.id, it.claim, it.key, it.kind, it.team, it.channel, "
    "coalesce(it.thread_ts, (select opener.ts from slack_outbox as opener where opener.key = it.thread_key)) as thread_ts, "
    "it.wanted, it.content, it.wanted_version as version, it.shape, it.ts, it.file_id, it.task_id, it.role, "
    "it.response_url, it.attempts, it.error, found.doubted_at, it.created_at"
)
_FREE_LANE: LiteralString = (
    "lane as (update slack_lanes set free_at = now() + make_interval(secs => %(lane_s)s), claim = null "
    "where channel = %(channel)s and claim = %(claim)s) "
)
_OWN: LiteralString = "where id = %(id)s and claim = %(claim)s"


class OutboxClaims:
    """Claims messages for one sender at a time. Raises StorageError.

    A claim holds for `lease_s` seconds; whoever has it must have ended its writing by then.
    """

    def __init__(self, database: Database, rates: Rates, *, lease_s: float) -> None:
        self._database = database
        self._rates = rates
        self._lease_s = lease_s

    async def take(self) -> Claimed | None:
        """The message that is to be written next, of the channel that has waited longest; None where none may be now."""
        rates = self._rates
        return await self._database.fetch_one(
            _CLAIM,
            {
                "claim": uuid4(),
                "lease_s": self._lease_s,
                "burst": rates.burst,
                "post_s": rates.post_s,
                "update_s": rates.update_s,
                "other_s": rates.other_s,
            },
            class_row(Claimed),
        )

    async def next_in_s(self) -> float | None:
        """In how many seconds, at the earliest, a message may be ready that is not now; None where time alone frees none."""
        row = await self._database.fetch_one(
            "select extract(epoch from min(at) - now())::float as wait_s from (select greatest(lane.free_at, it.not_before, "
            "coalesce(rate.free_at, '-infinity')) as at from slack_outbox as it join slack_lanes as lane using (channel) "
            f"left join slack_rates as rate on rate.team = it.team and rate.method = {_METHOD} "
            "where it.state = 'waiting' union all select greatest(lane.free_at, it.overtakes_at) from slack_outbox as it "
            "join slack_lanes as lane using (channel) where it.state = 'waiting' and it.overtakes_at > now()) as times "
            "where at > now()",
            {},
        )
        return None if row is None else row["wait_s"]

    async def is_waiting(self, *, within_s: float) -> bool:
        """Whether a message waits that may be written within so many seconds."""
        row = await self._database.fetch_one(
            "select exists (select from slack_outbox as it join slack_lanes as lane using (channel) "
            "where it.state = 'waiting' and greatest(lane.free_at, it.not_before) < now() + make_interval(secs => %(s)s) "
            "and (it.ts is not null or it.thread_key is null or exists (select from slack_outbox as opener "
            "where opener.key = it.thread_key and opener.state <> 'given_up'))) as waits",
            {"s": within_s},
        )
        return row is not None and row["waits"]

    async def note_file(self, claimed: Claimed, file_id: str) -> None:
        """Slack's id of the file, before it is shown anywhere."""
        await self._database.execute(
            f"update slack_outbox set file_id = %(file_id)s {_OWN}", self._values(claimed, file_id=file_id)
        )

    async def wrote(self, claimed: Claimed, ts: str | None, *, version: int, shape: str) -> bool:
        """This version stands in Slack; whether it was still this claim's. What was put since waits for the next writing."""
        return await self._settle(
            claimed,
            "ts = coalesce(%(ts)s, ts), written_version = %(version)s, shape = %(shape)s, attempts = 0, posting_at = null, "
            "error = null, claim = null, settled_at = now(), content = null, "
            "state = case when wanted_version > %(version)s and kind = 'message' then 'waiting' else 'written' end",
            lane_s=self._rates.channel_s,
            ts=ts,
            version=version,
            shape=shape,
        )

    async def put_off(
        self,
        claimed: Claimed,
        error: str,
        *,
        rest_s: float,
        in_doubt: bool,
        lane_s: float | None = None,
        attempts: int | None = None,
    ) -> bool:
        """It is tried again after `rest_s` seconds, and the channel after `lane_s`.

        `in_doubt`: it may stand in Slack all the same. `attempts`: how many count from now on; None: all so far.
        """
        return await self._settle(
            claimed,
            "error = %(error)s, not_before = now() + make_interval(secs => %(rest_s)s), claim = null, "
            "attempts = coalesce(%(attempts)s, attempts), posting_at = case when %(in_doubt)s then posting_at end",
            lane_s=self._rates.channel_s if lane_s is None else lane_s,
            error=storable(error),
            rest_s=rest_s,
            in_doubt=in_doubt,
            attempts=attempts,
        )

    async def give_up(self, claimed: Claimed, error: str, *, in_doubt: bool) -> bool:
        """It is not tried again. `in_doubt`: it may stand in Slack all the same, and whoever takes it up is to look."""
        return await self._settle(
            claimed,
            "state = 'given_up', error = %(error)s, claim = null, settled_at = now(), "
            "posting_at = case when %(in_doubt)s then posting_at end",
            lane_s=0.0,
            error=storable(error),
            in_doubt=in_doubt,
        )

    async def give_up_orphans(self) -> list[Orphan]:
        """What can never be written, now given up, since the message that was to open its thread was given up.

        So is what has waited for a day for one that nobody has put.
        """
        return await self._database.fetch_all(
            "update slack_outbox as it set state = 'given_up', error = coalesce(opener.error, 'thread_never_opened'), "
            "settled_at = now() from slack_outbox as reply left join slack_outbox as opener on opener.key = reply.thread_key "
            "where it.id = reply.id and it.state = 'waiting' and reply.state = 'waiting' and reply.ts is null "
            "and reply.thread_key is not null and ((opener.state = 'given_up' and opener.ts is null) "
            "or (opener.key is null and reply.created_at < now() - interval '1 day')) "
            "returning it.key, it.channel, coalesce(it.error, '') as error",
            {},
            class_row(Orphan),
        )

    async def close_method(self, team: str, method: str, *, for_s: float) -> None:
        """Nobody calls the method in this workspace for so many seconds."""
        await self._database.execute(
            "insert into slack_rates as old (team, method, free_at) values (%(team)s, %(method)s, "
            "now() + make_interval(secs => %(for_s)s)) on conflict (team, method) do update "
            "set free_at = greatest(old.free_at, excluded.free_at)",
            {"team": team, "method": method, "for_s": for_s},
        )

    async def listen(self) -> AsyncGenerator[None]:
        """Something was put, or may have been: begins with one, once it hears. StorageError when the connection is lost."""
        async with self._database.connect() as connection:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(CHANNEL)))
            yield
            while True:
                async with aclosing(connection.notifies(timeout=_QUIET_S)) as notifies:
                    async for _ in notifies:
                        yield
                await connection.execute("select 1")

    async def _settle(self, claimed: Claimed, changes: LiteralString, *, lane_s: float, **values: Any) -> bool:
        row = await self._database.fetch_one(
            f"with {_FREE_LANE} update slack_outbox set {changes} {_OWN} returning id",
            self._values(claimed, lane_s=lane_s, channel=claimed.channel, **values),
        )
        return row is not None

    def _values(self, claimed: Claimed, **values: Any) -> dict[str, Any]:
        return {"id": claimed.id, "claim": claimed.claim, **values}
