"""The newest tasks that one person in Slack may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class RecentTask:
    """`outcome` is the verdict's word, as `core.verdict.Outcome` has it; None where there is none yet."""

    task_id: UUID
    text: str
    status: str
    outcome: str | None
    service: str | None
    channel: str | None
    created_at: datetime


class SlackHome:
    """Reads the table `tasks`. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recent(
        self, team: str | None, user: str, channels: Sequence[str], *, limit: int
    ) -> tuple[RecentTask, ...]:
        """The newest tasks of this workspace that the user asked for, or that came from one of these channels."""
        rows = await self._database.fetch_all(
            "select task_id, left(input_task, 500) as text, status, verification_json ->> 'verdict' as outcome, "
            "context_json ->> 'service' as service, origin_json ->> 'channel' as channel, created_at from tasks "
            "where origin_json ->> 'door' in ('slack', 'schedule') "
            "and coalesce(origin_json ->> 'team', '') = coalesce(%(team)s, '') "
            "and (origin_json ->> 'user' = %(user)s or origin_json ->> 'channel' = any(%(channels)s)) "
            "order by created_at desc, task_id desc limit %(limit)s",
            {"team": team, "user": user, "channels": list(channels), "limit": limit},
            class_row(RecentTask),
        )
        return tuple(rows)
