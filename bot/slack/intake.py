"""What Slack sends, kept before it is acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import structlog

from core.errors import InvalidInputError, StorageError
from storage.slack_inbox import Arrival, SlackInbox

_log = structlog.stdlib.get_logger(__name__)

_STORE_TIMEOUT_S = 2.0
"""Slack waits three seconds: https://docs.slack.dev/apis/events-api/#responding"""
_MOST_AT_ONCE = 100
_SLOW_S = 0.05
_JUST_NOW_S = 1.0
_WEIGHT = 0.2
"""Of the newest wait in the average of them."""


@dataclass
class _Waiting:
    arrival: Arrival
    kept: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Intake:
    """Writes what arrives into the inbox; `wake` is called for what is new. What is not kept is counted in `ignored`.

    What arrives while a writing is under way is written together after it: one statement, one commit.
    """

    def __init__(self, inbox: SlackInbox, ignored: Counter[str], wake: Callable[[], None]) -> None:
        self._inbox = inbox
        self._ignored = ignored
        self._wake = wake
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._wait_s = 0.0
        self._waited_at = float("-inf")

    @property
    def is_pressed(self) -> bool:
        """Whether acknowledgements have been slow just now, so that all other work had better wait a little."""
        return self._wait_s > _SLOW_S and monotonic() - self._waited_at < _JUST_NOW_S

    async def take(self, arrival: Arrival | str) -> bool:
        """Whether it is new. A str is the reason why it is not one to keep; then it is not.

        StorageError when it could not be kept within the time that Slack waits: then there is nothing to acknowledge.
        """
        if isinstance(arrival, str):
            self.ignore(arrival)
            return False
        began = monotonic()
        waiting = _Waiting(arrival)
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="slack intake")
        try:
            async with asyncio.timeout(_STORE_TIMEOUT_S):
                is_new = await waiting.kept
        except TimeoutError:
            raise StorageError(f"this was not stored within {_STORE_TIMEOUT_S:g} s: see GET /health") from None
        except InvalidInputError as error:  # it will not be storable the next time either
            _log.warning("slack.not_storable", error=str(error))
            self.ignore("not_storable")
            return False
        finally:
            self._waited_at = monotonic()
            self._wait_s += (self._waited_at - began - self._wait_s) * _WEIGHT
        if not is_new:
            self.ignore("delivered_again")
        elif arrival.reason is None:
            self._wake()
        return is_new

    def ignore(self, reason: str) -> None:
        """Count and log why something is not taken."""
        self._ignored[reason] += 1
        _log.info("slack.ignored", reason=reason)

    async def stop(self) -> None:
        """Returns when what is under way is written."""
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=_STORE_TIMEOUT_S)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            batch = [waiting for waiting in batch if not waiting.kept.done()]  # nobody waits for it any more
            try:
                await self._keep(batch)
            except InvalidInputError:  # one of them, and none is kept
                for waiting in batch:
                    await self._keep_one(waiting)

    async def _keep_one(self, waiting: _Waiting) -> None:
        try:
            await self._keep([waiting])
        except InvalidInputError as error:
            if not waiting.kept.done():
                waiting.kept.set_exception(error)

    async def _keep(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        try:
            new = await self._inbox.put(*(waiting.arrival for waiting in batch))
        except InvalidInputError:
            raise
        except BaseException as error:
            failure = error if isinstance(error, Exception) else StorageError("this process is stopping")
            for waiting in batch:
                if not waiting.kept.done():
                    waiting.kept.set_exception(failure)
            if not isinstance(error, StorageError):
                raise
            return
        for waiting in batch:
            if not waiting.kept.done():
                waiting.kept.set_result(waiting.arrival.key in new)
            new.discard(waiting.arrival.key)
