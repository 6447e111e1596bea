"""How much waits in the database, for gauges: read by partial indexes alone, whatever lies there finished."""
# ruff: noqa: S608 -- every statement is a LiteralString, which pyright proves: no value can get into one

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from storage.database import Database
from storage.jobs import LIVES, QUEUE

_BY_URGENCY: LiteralString = (
    "select (args ->> 'urgency')::int as urgency, count(*) as number, "
    "greatest(max(extract(epoch from now()) - (args ->> 'since')::bigint), 0)::float as oldest_s "
    "from procrastinate_jobs where status = 'todo' and queue_name = %(queue)s group by 1"
)
_REST: LiteralString = (
    "select (select count(*) from procrastinate_jobs where status = 'doing' and queue_name = %(queue)s) as running, "
    f"(select count(*) from procrastinate_workers where {LIVES}) as workers, inbox.*, outbox.*, "
    "(select count(*) from slack_outbox where state = 'given_up' and settled_at > now() - interval '1 day') "
    "as outbox_given_up from "
    "(select count(*) as inbox_waiting, coalesce(extract(epoch from now() - min(received_at)), 0)::float as inbox_oldest_s "
    "from slack_inbox where state = 'received') as inbox, "
    "(select count(*) as outbox_waiting, "
    "coalesce(extract(epoch from now() - min(greatest(created_at, settled_at))), 0)::float as outbox_oldest_s "
    "from slack_outbox where state = 'waiting') as outbox"
)
_ENDED: LiteralString = (
    "select status, count(*) as number from tasks where status in ('succeeded', 'failed') "
    "and updated_at > now() - interval '5 minutes' group by status"
)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """So many wait, the oldest of them for so long."""

    number: int
    oldest_s: float


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of all processes together: `tasks` that wait for a worker by `core.urgency.urgency`, those at work, who works on them.

    `ended` counts the tasks that ended in the last five minutes by their status; `outbox_given_up` is of the last day.
    """

    tasks: Mapping[int, Waiting]
    running: int
    workers: int
    inbox: Waiting
    outbox: Waiting
    outbox_given_up: int
    ended: Mapping[str, int]


class QueueFigures:
    """Raises StorageError."""

    def __init__(self, database: Database, *, lease_s: float) -> None:
        self._database = database
        self._lease_s = lease_s

    async def read(self) -> Figures:
        """As they are now; workers count that have given a sign of life within the lease."""
        values = {"queue": QUEUE, "lease_s": self._lease_s}
        waiting = await self._database.fetch_all(_BY_URGENCY, values)
        rest = await self._database.fetch_one(_REST, values)
        ended = await self._database.fetch_all(_ENDED, {})
        assert rest is not None
        return Figures(
            tasks={row["urgency"]: Waiting(number=row["number"], oldest_s=row["oldest_s"]) for row in waiting},
            running=rest["running"],
            workers=rest["workers"],
            inbox=Waiting(number=rest["inbox_waiting"], oldest_s=rest["inbox_oldest_s"]),
            outbox=Waiting(number=rest["outbox_waiting"], oldest_s=rest["outbox_oldest_s"]),
            outbox_given_up=rest["outbox_given_up"],
            ended={row["status"]: row["number"] for row in ended},
        )
