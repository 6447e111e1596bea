"""What processes tell each other through the database: a job waits, a task has ended."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg import sql

from storage.database import Database
from storage.jobs import JOB_CHANNEL

END_CHANNEL: LiteralString = "orch_task_ended"
_QUIET_S = 10.0
"""After so long without a notice the connection is asked whether it still stands."""


@dataclass(frozen=True)
class JobWaits:
    """There is something to run."""


@dataclass(frozen=True)
class TaskEnded:
    task_id: UUID


type Notice = JobWaits | TaskEnded


class Notices:
    """Heard as long as `listen` goes on; what is told meanwhile to nobody is lost, so listeners look by themselves, too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listen(self) -> AsyncGenerator[Notice]:
        """Every notice; begins with one that a job waits, once it hears. StorageError when the connection is lost."""
        async with self._database.connect() as connection:
            for channel in (JOB_CHANNEL, END_CHANNEL):
                await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
            yield JobWaits()
            while True:
                async with aclosing(connection.notifies(timeout=_QUIET_S)) as notifies:
                    async for notice in notifies:
                        if notice.channel == JOB_CHANNEL:
                            yield JobWaits()
                        else:
                            yield TaskEnded(UUID(notice.payload))
                await connection.execute("select 1")
