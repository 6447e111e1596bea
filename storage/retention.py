"""What is dropped because its time is over, in one place; of any number of processes one does it at a time."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from core.errors import StorageError
from storage.database import Database
from storage.idempotency import IdempotencyStore
from storage.jobs import Jobs

DEAD_WORKERS_KEPT_S = 300.0
"""A process that has given no sign of life for so long is taken off the list; one that comes back enters itself again."""
ENDED_JOBS_KEPT_HOURS = 24
"""A job is deleted when it ends; this is for those that somebody ended by hand."""
INBOX_KEPT_DAYS = 7
"""Slack repeats nothing after an hour, so the keys are not needed any more: for a week one may ask what became of an event."""
MESSAGES_KEPT_DAYS = 14
"""Twice as long as the inbox, whose rows name these messages by key, and two weeks after they last changed."""
UNSENT_FILES_KEPT_DAYS = 2
"""What was given up may be taken up again within a day (`SlackOutbox.revive`)."""
PACING_KEPT_DAYS = 1
"""When a channel or a method is free again lies seconds ahead; an hour, where Slack says so. A missing row means: now."""
DIGESTS_KEPT_DAYS = 400
"""A row keeps its week from being told twice, and a schedule never comes back to a week: a year, for whoever looks back."""
ALERT_STATES_KEPT_DAYS = 90
"""An alert of which nothing has been heard for so long begins anew when it comes back; so does a group of them."""
EPISODES_KEPT_DAYS = 400
"""A year and a month, so that a week has last year's beside it."""

# Any number that no other program takes for an advisory lock of its own: "orch" in ASCII, and one after `migrate`'s.
_LOCK_ID = 0x6F726369
_BATCH_ROWS = 500
_TRIES = 10
_TRY_AGAIN_S = 0.1

_OLD: LiteralString = "< now() - make_interval(days => %(days)s)"
# When they ended counts, not when they were asked for: a task that waited for long has not been read yet.
_TASKS: LiteralString = f"tasks where status in ('succeeded', 'failed') and updated_at {_OLD}"
_INBOX: LiteralString = f"slack_inbox where state <> 'received' and received_at {_OLD}"
_STATES: LiteralString = f"alert_states where updated_at {_OLD}"
_GROUPS: LiteralString = f"alert_groups where updated_at {_OLD}"
_EPISODES: LiteralString = f"alert_log where fired_at {_OLD}"
_DIGESTS: LiteralString = f"digests where state <> 'due' and due_at {_OLD}"
_RATES: LiteralString = f"slack_rates where free_at {_OLD}"
_INSTALL_STATES: LiteralString = "slack_install_states where expires_at < now()"
# Those of a task go with it. A group's message is rewritten as long as there is the group, and what opens a thread is
# needed by what waits to be posted there.
_MESSAGES: LiteralString = (
    f"slack_outbox as it where task_id is null and state <> 'waiting' and created_at {_OLD} and settled_at {_OLD} "
    "and not (role = 'alerts' and exists (select from alert_groups as its "
    "where its.channel = it.channel and its.thread_ts = it.thread_ts)) "
    "and not exists (select from slack_outbox as reply where reply.channel = it.channel and reply.state = 'waiting' "
    "and reply.thread_key = it.key)"
)
_UNSENT_FILES: LiteralString = f"slack_outbox where state = 'given_up' and content is not null and settled_at {_OLD}"
_LANES: LiteralString = (
    f"slack_lanes where free_at {_OLD} and not exists (select from slack_outbox "
    "where slack_outbox.channel = slack_lanes.channel and slack_outbox.state = 'waiting')"
)


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """How many rows were dropped; jobs and processes are not counted. `files`: rows that were kept without their content."""

    tasks: int = 0
    inbox: int = 0
    messages: int = 0
    files: int = 0
    lanes: int = 0
    rates: int = 0
    install_states: int = 0
    digests: int = 0
    alert_states: int = 0
    alert_groups: int = 0
    alert_episodes: int = 0
    idempotency_keys: int = 0


class Retention:
    """With `task_days` 0 tasks are kept for ever. Raises StorageError.

    Not dropped: greetings and installations, of which there are no more than people, channels and workspaces (a greeting that
    was forgotten would be said again); what belongs to a task, since that goes with it; the rows of the schedule, which are
    those of the settings.
    """

    def __init__(self, database: Database, *, task_days: int) -> None:
        self._database = database
        self._task_days = task_days
        self._jobs = Jobs(database)
        self._idempotency = IdempotencyStore(database)

    async def prune(self) -> Dropped | None:
        """What was dropped; None where another process is at it."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute("select pg_try_advisory_xact_lock(%(lock)s)", {"lock": _LOCK_ID})
            row: Sequence[bool] | None = await cursor.fetchone()
            if row is None or not row[0]:
                return None
            await self._jobs.prune(workers_s=DEAD_WORKERS_KEPT_S, jobs_hours=ENDED_JOBS_KEPT_HOURS)
            return Dropped(
                tasks=await self._drop(_TASKS, self._task_days) if self._task_days > 0 else 0,
                inbox=await self._drop(_INBOX, INBOX_KEPT_DAYS),
                # Groups first: their messages are kept for them.
                alert_groups=await self._drop(_GROUPS, ALERT_STATES_KEPT_DAYS),
                alert_states=await self._drop(_STATES, ALERT_STATES_KEPT_DAYS),
                alert_episodes=await self._drop(_EPISODES, EPISODES_KEPT_DAYS),
                messages=await self._drop(_MESSAGES, MESSAGES_KEPT_DAYS),
                files=await self._empty(_UNSENT_FILES, UNSENT_FILES_KEPT_DAYS),
                lanes=await self._drop_lanes(),
                rates=await self._drop(_RATES, PACING_KEPT_DAYS),
                install_states=await self._drop(_INSTALL_STATES, 0),
                digests=await self._drop(_DIGESTS, DIGESTS_KEPT_DAYS),
                idempotency_keys=await self._idempotency.prune(),
            )

    async def _drop(self, old: LiteralString, days: int) -> int:
        table = old.partition(" ")[0]
        return await self._in_batches(f"delete from {table} where ctid = any(array(select ctid from {old} ", days)

    async def _empty(self, old: LiteralString, days: int) -> int:
        table = old.partition(" ")[0]
        return await self._in_batches(
            f"update {table} set content = null where ctid = any(array(select ctid from {old} ", days
        )

    async def _in_batches(self, beginning: LiteralString, days: int) -> int:
        """In statements that are short each, and that wait for nobody: what is locked is left to the next time."""
        touched = 0
        statement: LiteralString = beginning + "limit %(limit)s for update skip locked))"
        while True:
            batch = await self._database.execute(statement, {"days": days, "limit": _BATCH_ROWS})
            touched += batch
            if batch < _BATCH_ROWS:
                return touched

    async def _drop_lanes(self) -> int:
        """How many lanes were dropped of channels in which nothing waits; 0 while others are at them all the time.

        Under a lock of the table: a message that is being put, and not to be seen yet, relies on its channel's lane.
        """
        dropped = 0
        for _ in range(_TRIES):
            try:
                async with self._database.transaction() as connection:
                    await connection.execute("lock table slack_lanes in share row exclusive mode nowait")
                    batch = await connection.execute(
                        f"delete from slack_lanes where channel in (select channel from {_LANES} limit %(limit)s)",
                        {"days": PACING_KEPT_DAYS, "limit": _BATCH_ROWS},
                    )
            except StorageError:  # the rest, an hour later
                await asyncio.sleep(_TRY_AGAIN_S)
            else:
                dropped += batch.rowcount
                if batch.rowcount < _BATCH_ROWS:
                    break
        return dropped
