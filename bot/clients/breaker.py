"""Keeps one slow or dead system from holding up everything: few calls at once, and none while it does not answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

import structlog

from core.errors import ToolRestingError, ToolUnavailableError

_log = structlog.stdlib.get_logger(__name__)

_NEARLY = 0.9
"""A call that is ended from outside after this share of its time counts as one that was not answered."""
_QUEUE_SHARE = 0.8
"""Waiting for a place ends before the call's own time is up, so that the reason can still be told."""


@dataclass(frozen=True, kw_only=True)
class BreakerLimits:
    """At most `calls` at once. After `failures` in a row, the first begun `over_s` seconds ago or more, it rests `rest_s`.

    Each failed probe doubles the rest, up to `longest_rest_s`. `over_s` is longer than the retries of one task take where a
    system refuses at once: those cost little, and may find it back. Calls that hang are over it with their first time-out.
    """

    calls: int = 32
    failures: int = 5
    over_s: float = 5.0
    rest_s: float = 10.0
    longest_rest_s: float = 60.0


@dataclass(frozen=True, kw_only=True)
class BreakerState:
    """`resting` says in a sentence why the system is not asked; None while it is, or while the next call would ask it."""

    resting: str | None
    at_work: int
    waiting: int


def _is_no_answer(error: BaseException) -> bool:
    return isinstance(error, ToolUnavailableError | TimeoutError)


class Breaker:
    """Guards the calls to one system; `timeout_s` is what a call may take. `counts` says which errors are no answer.

    Any other error is an answer, and so is a success: they end a row of failures. Of a system that has rested, one call at
    a time finds out whether it is back. For one event loop.
    """

    def __init__(
        self,
        system: str,
        *,
        timeout_s: float,
        limits: BreakerLimits | None = None,
        counts: Callable[[BaseException], bool] = _is_no_answer,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._system = system
        self._timeout_s = timeout_s
        self._limits = limits or BreakerLimits()
        self._counts = counts
        self._clock = clock
        self._timer = timer
        self._places = asyncio.Semaphore(self._limits.calls)
        self._at_work = 0
        self._waiting = 0
        self._failures = 0
        self._first_failure: tuple[float, datetime] = (0.0, clock())
        self._rests = 0
        self._resting_until: tuple[float, datetime] | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        resting = self._tell() if self._is_resting else None
        return BreakerState(resting=resting, at_work=self._at_work, waiting=self._waiting)

    @asynccontextmanager
    async def call(self) -> AsyncGenerator[None]:
        """The context of one call. ToolRestingError while the system rests, ToolUnavailableError when no place is free."""
        self._refuse_while_resting()
        await self._take_place()
        began = self._timer()
        is_probe = False
        try:
            # While it waited for a place the others may have found out that nobody answers.
            self._refuse_while_resting()
            is_probe = self._probing = self._resting_until is not None
            yield
        except asyncio.CancelledError:
            # The caller's own time limit ends a call so; who cancels a task that has just begun proves nothing.
            if self._timer() - began >= self._timeout_s * _NEARLY:
                self._fail(began)
            raise
        except ToolRestingError:
            raise
        except Exception as error:
            if self._counts(error):
                self._fail(began)
            else:
                self._answered()
            raise
        else:
            self._answered()
        finally:
            if is_probe:
                self._probing = False
            self._at_work -= 1
            self._places.release()

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # at once
            self._at_work += 1
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(self._timeout_s * _QUEUE_SHARE):
                await self._places.acquire()
        except TimeoutError:
            raise ToolUnavailableError(
                f"{self._system} was not asked: {self._limits.calls} calls to it are at work, and none has ended for "
                f"{self._timeout_s * _QUEUE_SHARE:g} s; try again in a while"
            ) from None
        finally:
            self._waiting -= 1
        self._at_work += 1

    @property
    def _is_resting(self) -> bool:
        until = self._resting_until
        return until is not None and (self._probing or self._timer() < until[0])

    def _refuse_while_resting(self) -> None:
        if self._is_resting:
            raise ToolRestingError(self._tell())

    def _tell(self) -> str:
        since = self._first_failure[1]
        told = f"{self._system} has not answered {self._failures} times since {since:%H:%MZ}"
        if self._resting_until is None or self._timer() >= self._resting_until[0]:
            return f"{told}, and is being asked again now"
        return f"{told}, asked again at {self._resting_until[1]:%H:%M:%SZ}"

    def _fail(self, began: float) -> None:
        now = self._timer()
        if self._failures == 0:
            self._first_failure = (began, self._clock() - timedelta(seconds=now - began))
        self._failures += 1
        limits = self._limits
        enough = self._failures >= limits.failures and now - self._first_failure[0] >= limits.over_s
        # Calls that were under way when the rest began say nothing of the time after it.
        resting = self._resting_until is not None and now < self._resting_until[0]
        if resting or not (enough or self._resting_until is not None):
            return
        rest_s = min(limits.rest_s * 2**self._rests, limits.longest_rest_s)
        self._rests += 1
        self._resting_until = (now + rest_s, self._clock() + timedelta(seconds=rest_s))
        _log.warning("breaker.opened", system=self._system, failures=self._failures, rest_s=rest_s)

    def _answered(self) -> None:
        if self._resting_until is not None:
            _log.info("breaker.closed", system=self._system, failures=self._failures)
        self._failures = 0
        self._rests = 0
        self._resting_until = None
