"""Waiting for the end of tasks, whichever process runs them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic
from uuid import UUID


class Waiters:
    """Who waits hears of an end as soon as `tell` is called, and looks for itself every `poll_s`: a notice may get lost."""

    def __init__(self, *, poll_s: float) -> None:
        self._poll_s = poll_s
        self._waiters: dict[UUID, set[asyncio.Event]] = {}

    async def wait(self, task_id: UUID, timeout_s: float, is_running: Callable[[UUID], Awaitable[bool]]) -> None:
        """Returns when the task does not run any more, or after the time-out."""
        heard = asyncio.Event()
        self._waiters.setdefault(task_id, set()).add(heard)
        ends_at = monotonic() + timeout_s
        try:
            while (left_s := ends_at - monotonic()) > 0 and not heard.is_set() and await is_running(task_id):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(left_s, self._poll_s)):
                        await heard.wait()
        finally:
            waiters = self._waiters[task_id]
            waiters.discard(heard)
            if not waiters:
                del self._waiters[task_id]

    def tell(self, task_id: UUID) -> None:
        """The task has ended, or does not run here any more."""
        for heard in self._waiters.get(task_id, ()):
            heard.set()

    def tell_all(self) -> None:
        """Nobody waits here any more: this process stops."""
        for task_id in tuple(self._waiters):
            self.tell(task_id)
