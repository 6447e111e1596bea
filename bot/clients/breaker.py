"""Keeps one slow or dead system from holding up everything: few calls at once, and none while it does not answer.

A system that fails now and then is not left alone: while some answer comes between the failures, asking again helps more than
not asking. Such a one is held to its number of calls at once, and to the time that each may take.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Literal

import structlog

from core.errors import ToolRestingError, ToolUnavailableError

_log = structlog.stdlib.get_logger(__name__)

_NEARLY = 0.9
"""A call that is ended from outside after this share of its time counts as one that was not answered."""
_TOLD_CHARS = 240

type BreakerPhase = Literal["closed", "open", "half_open"]
"""`closed`: the system is asked; `open`: it is not; `half_open`: one call asks it, to find out."""


@dataclass(frozen=True, kw_only=True)
class BreakerLimits:
    """At most `calls` at once. After `failures` in a row, the first begun `over_s` seconds ago or more, it rests `rest_s`.

    Each failed probe doubles the rest, up to `longest_rest_s`. `over_s` is longer than the retries of one task take where a
    system refuses at once: those cost little, and may find it back. Calls that hang are over it with their first time-out.
    Who waits for a place does so for `queue_share` of a call's time: its own ends after that, so that the reason can be told.
    """

    calls: int = 32
    failures: int = 5
    over_s: float = 5.0
    rest_s: float = 10.0
    longest_rest_s: float = 60.0
    queue_share: float = 0.8


@dataclass(frozen=True, kw_only=True)
class BreakerState:
    """`resting` says in a sentence why the system is not asked; None while it is, or while the next call would ask it.

    `opened` counts how often it was found dead since the program began; `at_work` and `waiting` are calls of this moment.
    """

    resting: str | None
    phase: BreakerPhase
    at_work: int
    waiting: int
    opened: int


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
        self._last_words = ""
        self._rests = 0
        self._opened = 0
        self._resting_until: tuple[float, datetime] | None = None
        self._probe: object | None = None

    @property
    def system(self) -> str:
        """What the system is called in messages."""
        return self._system

    @property
    def timeout_s(self) -> float:
        """What a call may take."""
        return self._timeout_s

    @property
    def state(self) -> BreakerState:
        until = self._resting_until
        phase: BreakerPhase = "closed" if until is None else "open" if self._timer() < until[0] else "half_open"
        return BreakerState(
            resting=self._tell() if self._is_resting else None,
            phase=phase,
            at_work=self._at_work,
            waiting=self._waiting,
            opened=self._opened,
        )

    @asynccontextmanager
    async def call(self) -> AsyncGenerator[None]:
        """The context of one call. ToolRestingError while the system rests, ToolUnavailableError when no place is free."""
        self._refuse_while_resting()
        await self._take_place()
        began = self._timer()
        own: object | None = None
        try:
            # While it waited for a place the others may have found out that nobody answers.
            self._refuse_while_resting()
            if self._resting_until is not None:
                own = self._probe = object()
            yield
        except asyncio.CancelledError:
            # The caller's own time limit ends a call so; who cancels a task that has just begun proves nothing.
            if self._timer() - began >= self._timeout_s * _NEARLY:
                self._fail(began, own, f"no answer within {self._timeout_s:g} s")
            raise
        except ToolRestingError:
            raise
        except Exception as error:
            if self._counts(error):
                self._fail(began, own, str(error) or f"no answer within {self._timeout_s:g} s")
            else:
                self._answered()
            raise
        else:
            self._answered()
        finally:
            if own is not None and self._probe is own:
                self._probe = None
            self._at_work -= 1
            self._places.release()

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # at once
            self._at_work += 1
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(self._timeout_s * self._limits.queue_share):
                await self._places.acquire()
        except TimeoutError:
            raise ToolUnavailableError(
                f"{self._system} was not asked: {self._limits.calls} calls to it are at work, and no place came free within "
                f"{self._timeout_s * self._limits.queue_share:g} s; try again in a while"
            ) from None
        finally:
            self._waiting -= 1
        self._at_work += 1

    @property
    def _is_resting(self) -> bool:
        until = self._resting_until
        return until is not None and (self._probe is not None or self._timer() < until[0])

    def _refuse_while_resting(self) -> None:
        if self._is_resting:
            raise ToolRestingError(self._tell())

    def _tell(self) -> str:
        now, since = self._clock(), self._first_failure[1]
        day = "" if since.date() == now.date() else f"{since:%Y-%m-%d} "
        told = f"{self._system} has not answered {self._failures} times since {day}{since:%H:%MZ}"
        if self._resting_until is None or self._timer() >= self._resting_until[0]:
            told += ", and is being asked again now"
        else:
            told += f", asked again at {self._resting_until[1]:%H:%M:%SZ}"
        return f"{told}; the last time: {self._last_words}" if self._last_words else told

    def _fail(self, began: float, own: object | None, words: str) -> None:
        now = self._timer()
        if self._failures == 0:
            self._first_failure = (began, self._clock() - timedelta(seconds=now - began))
        self._failures += 1
        self._last_words = words if len(words) <= _TOLD_CHARS else f"{words[: _TOLD_CHARS - 1]}…"
        limits = self._limits
        if self._resting_until is None:
            if self._failures < limits.failures or now - self._first_failure[0] < limits.over_s:
                return
            self._opened += 1
        # Calls that were under way when the rest began say nothing of the time after it: only its probe does.
        elif own is None or self._probe is not own:
            return
        rest_s = min(limits.rest_s * 2**self._rests, limits.longest_rest_s)
        self._rests += 1
        self._resting_until = (now + rest_s, self._clock() + timedelta(seconds=rest_s))
        _log.warning("breaker.opened", system=self._system, failures=self._failures, rest_s=rest_s, reason=words)

    def _answered(self) -> None:
        if self._resting_until is not None:
            _log.info("breaker.closed", system=self._system, failures=self._failures)
        self._failures = 0
        self._rests = 0
        self._resting_until = None
        self._last_words = ""
