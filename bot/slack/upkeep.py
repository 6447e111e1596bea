"""Keeps the claims on threads that are being written, and finishes those that a process left when it died."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from bot.rounds import cancel, repeat
from bot.slack.ledger import Times
from bot.slack.thread import SlackThreads
from core.task import Task
from storage.slack_threads import SlackThreadStore

_log = structlog.stdlib.get_logger(__name__)

_WITHIN_S = 86_400.0
"""An answer that comes later than a day helps nobody; the task is still to be seen in the list of tasks."""


class Upkeep:
    """Two rounds that go on from `start` to `stop`; `read_task` gives a task as it is stored."""

    def __init__(
        self,
        store: SlackThreadStore,
        threads: SlackThreads,
        read_task: Callable[[UUID], Awaitable[Task]],
        times: Times,
    ) -> None:
        self._store = store
        self._threads = threads
        self._read_task = read_task
        self._times = times
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        rounds = {
            "slack claims": (self._extend_claims, self._times.claim_s / 3),
            "slack unfinished": (self._finish_all, self._times.sweep_s),
        }
        self._loops = [
            asyncio.create_task(repeat(work, every_s, name=name), name=name) for name, (work, every_s) in rounds.items()
        ]

    async def stop(self) -> None:
        await cancel(self._loops)

    async def _extend_claims(self) -> None:
        open_now = self._threads.open_now
        if open_now:
            await self._store.extend_claims(open_now, lease_s=self._times.claim_s)

    async def _finish_all(self) -> None:
        """One after the other, so that new runs do not wait behind them for Slack's rates."""
        while (task_id := await self._take()) is not None:
            if task_id not in self._threads.open_now:  # else it is late with its claim, which it has again now
                _log.warning("slack.thread_taken_up", task_id=str(task_id))
                await self._threads.finish(await self._read_task(task_id))

    async def _take(self) -> UUID | None:
        return await self._store.take_unfinished(
            lease_s=self._times.claim_s, settled_s=self._times.settled_s, within_s=_WITHIN_S
        )
