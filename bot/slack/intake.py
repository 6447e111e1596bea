"""What Slack sends, kept before it is acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from time import monotonic

import structlog

from core.errors import InvalidInputError, StorageError
from storage.group_commit import GroupCommit
from storage.slack_inbox import Arrival, SlackInbox

_log = structlog.stdlib.get_logger(__name__)

_STORE_TIMEOUT_S = 2.0
"""Slack waits three seconds: https://docs.slack.dev/apis/events-api/#responding"""
_SLOW_S = 0.05
_JUST_NOW_S = 1.0
_WEIGHT = 0.2
"""Of the newest wait in the average of them."""


class Intake:
    """Writes what arrives into the inbox; `wake` is called for what is new. What is not kept is counted in `ignored`.

    What arrives while a writing is under way is written together after it: one statement, one commit.
    """

    def __init__(self, inbox: SlackInbox, ignored: Counter[str], wake: Callable[[], None]) -> None:
        self._inbox = inbox
        self._ignored = ignored
        self._wake = wake
        self._group = GroupCommit(self._keep)
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
        try:
            async with asyncio.timeout(_STORE_TIMEOUT_S):
                is_new = await self._group.put(arrival)
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
        await self._group.settle(_STORE_TIMEOUT_S)

    async def _keep(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        new = await self._inbox.put(*arrivals)
        first = {arrival.key: at for at, arrival in reversed(list(enumerate(arrivals)))}
        return [arrival.key in new and first[arrival.key] == at for at, arrival in enumerate(arrivals)]
