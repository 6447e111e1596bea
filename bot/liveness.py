"""Whether this process lives, for the others; whether they do, for this one; and what becomes of their tasks."""

import contextlib
from collections.abc import Callable, Collection
from time import monotonic

import structlog

from core.errors import StorageError
from storage.run_queue import RunQueue

_log = structlog.stdlib.get_logger(__name__)


class Liveness:
    """Gives signs of life, and takes back what those left who give none any more for `lease_s`.

    `jobs` are those that this process works on, `lost` is told which of them others have, and `in_touch` that the database
    can be used again.
    """

    def __init__(
        self,
        queue: RunQueue,
        *,
        lease_s: float,
        jobs: Callable[[], Collection[int]],
        lost: Callable[[Collection[int]], None],
        in_touch: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._lease_s = lease_s
        self._jobs = jobs
        self._lost = lost
        self._in_touch = in_touch
        self._in_touch_since: float | None = None
        self._strays: frozenset[int] = frozenset()
        self.worker_id: int | None = None
        """Under which this process takes jobs; None before its first sign of life."""

    async def beat(self) -> None:
        """Give a sign of life, and give up the runs whose tasks others have."""
        held = frozenset(self._jobs())
        was_silent = False
        try:
            if self.worker_id is None:
                self.worker_id = await self._queue.register()
            sign = await self._queue.beat(self.worker_id)
            ours = sign.jobs
            if not sign.known:
                self.worker_id = await self._queue.register()
                ours = await self._queue.adopt(self.worker_id, held)
            was_silent = not sign.known or sign.silent_s > self._lease_s
        except StorageError:
            self._in_touch_since = None
            raise
        if self._in_touch_since is None or was_silent:
            self._in_touch_since = monotonic()
            self._in_touch()
        if gone := held - ours:
            self._lost(gone)
        await self._return_strays(self.worker_id, ours)

    async def sweep(self) -> None:
        """Bring back what dead processes left. One that was itself out of touch does not know who is dead."""
        since = self._in_touch_since
        if self.worker_id is None or since is None or monotonic() - since < self._lease_s:
            return
        for task_id in await self._queue.upkeep.take_back_stalled(self.worker_id, self._lease_s):
            _log.warning("task.taken_back", task_id=str(task_id))
        for task_id in await self._queue.upkeep.give_jobs_to_jobless():
            _log.warning("task.begun_late", task_id=str(task_id))
        await self._queue.upkeep.raise_waiting()

    async def leave(self) -> None:
        """Say that this process takes no more jobs."""
        if self.worker_id is not None:
            with contextlib.suppress(StorageError):  # then it is held dead after a while
                await self._queue.unregister(self.worker_id)

    async def _return_strays(self, worker_id: int, ours: frozenset[int]) -> None:
        """Let go of jobs that are this process's and at which nothing is at work: it never heard that it had taken them.

        One that is seen for the first time may be about to be begun.
        """
        strays = ours.difference(self._jobs())
        seen_before = strays & self._strays
        self._strays = strays
        if seen_before:
            for job_id in await self._queue.put_back_strays(worker_id, seen_before):
                _log.warning("task.stray_returned", job_id=job_id)
