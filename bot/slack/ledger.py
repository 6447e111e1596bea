"""What is recorded of threads, for those who write them: a store that is away is logged and holds up nobody for long."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import structlog

from core.errors import StorageError, TaskNotFoundError
from storage.slack_threads import Claim, SlackThread, SlackThreadStore

_log = structlog.stdlib.get_logger(__name__)

_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Times:
    """`claim_s`: how long a claim holds unless it is extended; `poll_s`: between two tries to get one.

    `sweep_s`: between two searches for unfinished threads; `settled_s`: how long a task must have ended; `rest_s`: how long
    a thread rests that could not be finished.
    """

    claim_s: float = 30.0
    poll_s: float = 0.5
    sweep_s: float = 10.0
    settled_s: float = 10.0
    rest_s: float = 60.0


class Ledger:
    """Claims on threads and their messages.

    A claim keeps two processes from writing one thread, and is what makes the end of a dead writer known. It cannot make a
    post happen once alone: Slack has no key for a repeated `chat.postMessage`, and without a history scope nobody can look
    up what stands in a channel. A process that dies between Slack's taking a message and the store's taking its `ts`
    leaves a message that the next one posts again; where that is the opening message, a second thread. The claim records
    that a thread is about to be opened, so that the next writer tells of it in the log.
    """

    def __init__(self, store: SlackThreadStore, times: Times) -> None:
        self._store = store
        self._times = times

    async def claim(self, task_id: UUID, channel: str) -> Claim | None:
        """The claim; None where there is no such task any more.

        Another process that holds it is given the time of one claim to end or to die; then it is taken from it.
        """
        deadline = monotonic() + self._times.claim_s
        failures = 0
        while True:
            by_force = monotonic() >= deadline
            try:
                claim = await self._store.claim(task_id, channel, lease_s=self._times.claim_s, by_force=by_force)
            except StorageError as error:
                failures += 1
                _log.warning("slack.thread_not_read", error=str(error), attempt=failures)
                if failures == _TRIES:
                    return Claim()  # a second thread does less harm than none
            else:
                if claim is not None or by_force:
                    return claim
            await asyncio.sleep(self._times.poll_s)

    async def keep(self, thread: SlackThread) -> None:
        await self._try(self._store.put(thread))

    async def finish(self, task_id: UUID) -> None:
        await self._try(self._store.finish(task_id))

    async def release(self, task_id: UUID, *, rests: bool, in_doubt: bool) -> None:
        """`rests`: writing failed, so that to try again at once would not help."""
        rest_s = self._times.rest_s if rests else 0.0
        await self._try(self._store.release(task_id, rest_s=rest_s, in_doubt=in_doubt))

    async def _try(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except (StorageError, TaskNotFoundError) as error:
            _log.warning("slack.thread_not_kept", error=str(error))
