"""What is dropped because its time is over, in one place; of any number of processes one does it at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from storage.database import Database
from storage.idempotency import IdempotencyStore
from storage.jobs import Jobs
from storage.slack_inbox import SlackInbox

DEAD_WORKERS_KEPT_S = 300.0
"""A process that has given no sign of life for so long is taken off the list; one that comes back enters itself again."""
ENDED_JOBS_KEPT_HOURS = 24
"""A job is deleted when it ends; this is for those that somebody ended by hand."""
ALERT_STATES_KEPT_DAYS = 90
"""An alert of which nothing has been heard for so long begins anew when it comes back; so does a group of them."""

# Any number that no other program takes for an advisory lock of its own: "orch" in ASCII, and one after `migrate`'s.
_LOCK_ID = 0x6F726369
_BATCH_ROWS = 500
_DROP_TASKS: LiteralString = (
    "delete from tasks where task_id in (select task_id from tasks where status in ('succeeded', 'failed') "
    "and created_at < now() - make_interval(days => %(days)s) order by created_at limit %(limit)s)"
)


@dataclass(frozen=True)
class Dropped:
    """How many rows were dropped; jobs and processes are not counted."""

    tasks: int
    inbox: int
    alert_states: int
    alert_groups: int
    idempotency_keys: int


class Retention:
    """With `task_days` 0 tasks are kept for ever. Raises StorageError."""

    def __init__(self, database: Database, *, task_days: int) -> None:
        self._database = database
        self._task_days = task_days
        self._jobs = Jobs(database)
        self._inbox = SlackInbox(database)
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
                tasks=await self._drop_tasks(),
                inbox=await self._inbox.prune(),
                alert_states=await self._database.execute(
                    "delete from alert_states where updated_at < now() - make_interval(days => %(days)s)",
                    {"days": ALERT_STATES_KEPT_DAYS},
                ),
                alert_groups=await self._database.execute(
                    "delete from alert_groups where updated_at < now() - make_interval(days => %(days)s)",
                    {"days": ALERT_STATES_KEPT_DAYS},
                ),
                idempotency_keys=await self._idempotency.prune(),
            )

    async def _drop_tasks(self) -> int:
        """In statements that are short each, so that nobody waits for them."""
        dropped = 0
        while self._task_days > 0:
            batch = await self._database.execute(_DROP_TASKS, {"days": self._task_days, "limit": _BATCH_ROWS})
            dropped += batch
            if batch < _BATCH_ROWS:
                break
        return dropped
