"""Works on the inbox as long as the program runs, beside the other processes that do."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from time import monotonic
from uuid import UUID

import structlog

from bot.rounds import cancel, repeat
from bot.slack.errors import SlackCallError
from bot.slack.outbox import Outbox, Outgoing
from core.errors import StorageError, TaskConflictError
from storage.slack_inbox import InboxItem, SlackInbox

_log = structlog.stdlib.get_logger(__name__)

_MOST_DOUBLINGS = 10
_OF_THE_LEASE = 0.9
"""Within so much of it a row must be dealt with: the rest is for noting that it was not."""
_YIELD_POLL_S = 0.02
_UNHEARD = 3
"""Rows whose claims came to nothing more often than that are suspected of ending the process: that it begins one is noted."""
GAVE_UP = "gave_up"


@dataclass(frozen=True, kw_only=True)
class TriageTimes:
    """`lease_s`: after so long another process takes over a row; `poll_s`: between two looks for rows that nobody told of.

    `rest_s`: how long a row rests that could not be dealt with, twice as long each time, up to `most_rest_s`. What Slack
    does not take, or what is not done within the lease, is given up after `most_attempts`, what breaks the code after
    `most_breaks`, and what `most_deaths` processes died over, one after the other, before another one does; a database that is
    away is waited for. At most `lanes` lanes are at work at once, and a claim is of `run` rows. `yield_s`: how
    long a row waits while acknowledgements are slow.
    """

    lease_s: float = 20.0
    poll_s: float = 1.0
    rest_s: float = 5.0
    most_rest_s: float = 300.0
    most_attempts: int = 12
    most_breaks: int = 3
    most_deaths: int = 5
    lanes: int = 4
    run: int = 16
    yield_s: float = 0.25


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a row: why it is taken or refused, and what is to be said, kept with the row's end or not at all."""

    reason: str
    refused: bool = False
    task_id: UUID | None = None
    outgoing: tuple[Outgoing, ...] = ()


type Handler = Callable[[InboxItem], Awaitable[Outcome | None]]
"""Deals with one kind of row; None: it has settled the row itself. To do it again, after a process died, is harmless."""


class Triage:
    """Claims rows and hands each to the handler of its kind: those of a lane one after the other, lanes side by side."""

    def __init__(
        self,
        inbox: SlackInbox,
        handlers: Mapping[str, Handler],
        *,
        outbox: Outbox,
        times: TriageTimes,
        tell_given_up: Callable[[InboxItem], Awaitable[Sequence[Outgoing]]],
        is_pressed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._inbox = inbox
        self._handlers = handlers
        self._outbox = outbox
        self._times = times
        self._tell_given_up = tell_given_up
        self._is_pressed = is_pressed
        self._received = asyncio.Event()
        self._lanes: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(times.lanes)
        # One after the other, so that of those at work only the one that ends the process is counted.
        self._suspects = asyncio.Lock()
        self._loops: list[asyncio.Task[None]] = []
        self.dealt_with: Counter[str] = Counter()

    def wake(self) -> None:
        """There is something new."""
        self._received.set()

    def start(self) -> None:
        self._received.set()  # an earlier process may have left something
        self._loops = [asyncio.create_task(repeat(self._claim_all, 0.0, name="slack triage"), name="slack triage")]

    async def stop(self) -> None:
        """Leave what is not done to another process, or to the next one."""
        await cancel(self._loops)
        await cancel(list(self._lanes))

    async def _claim_all(self) -> None:
        await self._wait_for(self._received)
        while len(self._lanes) < self._times.lanes:
            claimed_at = monotonic()
            items = await self._inbox.take(lease_s=self._times.lease_s, limit=self._times.run)
            for _, run in groupby(sorted(items, key=lambda item: item.lane), key=lambda item: item.lane):
                self._begin(list(run), claimed_at)
            if len(items) < self._times.run:
                return

    def _begin(self, run: list[InboxItem], claimed_at: float) -> None:
        job = asyncio.create_task(self._work(run, claimed_at), name=f"slack lane {run[0].lane}")
        self._lanes.add(job)
        job.add_done_callback(self._end)

    def _end(self, job: asyncio.Task[None]) -> None:
        self._lanes.discard(job)
        self._received.set()  # the lane may hold more, which nobody can claim before

    async def _work(self, run: list[InboxItem], claimed_at: float) -> None:
        """One after the other; where one is put off, or time runs short, those behind it are left to their turn."""
        left = list(run)
        try:
            async with self._places:
                while left and monotonic() - claimed_at < self._times.lease_s / 2:
                    await self._yield_to_acknowledgements()
                    item = left.pop(0)
                    within_s = self._times.lease_s * _OF_THE_LEASE - (monotonic() - claimed_at)
                    if not await self._handle(item, within_s):
                        break
        finally:
            with contextlib.suppress(StorageError):  # then their leases run out by themselves
                await self._inbox.hand_back(left)

    async def _wait_for(self, news: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.poll_s):
                await news.wait()
        news.clear()

    async def _yield_to_acknowledgements(self) -> None:
        """What Slack waits for goes first; a row waits for it a little, and then has its turn all the same."""
        deadline = monotonic() + self._times.yield_s
        while self._is_pressed() and monotonic() < deadline:  # noqa: ASYNC110 -- a measure, which has no event
            await asyncio.sleep(_YIELD_POLL_S)

    async def _deal(self, item: InboxItem) -> None:
        """Hand it to its handler, and settle it together with what is to be said."""
        handler = self._handlers.get(item.kind)
        outcome = (
            Outcome(reason=f"no handler for {item.kind}", refused=True) if handler is None else await handler(item)
        )
        if outcome is not None:
            await self._settle(item, outcome)

    async def _settle(self, item: InboxItem, outcome: Outcome) -> None:
        async with self._inbox.transaction() as transaction:
            await self._outbox.put(*outcome.outgoing, within=transaction)
            if outcome.refused:
                await self._inbox.refuse(item, outcome.reason, within=transaction)
            else:
                await self._inbox.finish(item, outcome.reason, task_id=outcome.task_id, within=transaction)
        self.dealt_with[f"{item.kind}: {outcome.reason}"] += 1
        task_id = None if outcome.task_id is None else str(outcome.task_id)
        event = "slack.refused" if outcome.refused else "slack.dealt_with"
        _log.info(event, kind=item.kind, reason=outcome.reason, channel=item.channel, key=item.key, task_id=task_id)

    async def _handle(self, item: InboxItem, within_s: float) -> bool:
        """Do it; what fails is tried again after a rest. Whether the rows behind it may go on."""
        if item.deaths >= self._times.most_deaths:
            return await self._give_up(item)
        try:
            async with asyncio.timeout(within_s):
                if item.attempt - item.failures <= _UNHEARD:
                    await self._deal(item)
                else:
                    async with self._suspects:
                        await self._inbox.note_begun(item)
                        await self._deal(item)
        except TaskConflictError as error:
            _log.info("slack.claim_lost", error=str(error))
            return False
        except asyncio.CancelledError:
            with contextlib.suppress(StorageError):  # then its lease runs out by itself
                await self._inbox.hand_back([item])
            raise
        except StorageError as error:
            _log.warning("slack.not_dealt_with", key=item.key, failures=item.failures + 1, error=str(error))
            return await self._put_off(item, most=None)
        except SlackCallError as error:
            _log.warning("slack.not_dealt_with", key=item.key, failures=item.failures + 1, error=str(error))
            return await self._put_off(item, most=self._times.most_attempts)
        except TimeoutError:
            error = f"it was not done within {within_s:.1f} s, and another process may begin it"
            _log.warning("slack.not_dealt_with", key=item.key, failures=item.failures + 1, error=error)
            return await self._put_off(item, most=self._times.most_attempts)
        except Exception:  # noqa: BLE001 -- the outermost loop of a row: one that breaks the code must not stop the others
            _log.exception("slack.broke", key=item.key, failures=item.failures + 1)
            return await self._put_off(item, most=self._times.most_breaks)
        return True

    async def _put_off(self, item: InboxItem, *, most: int | None) -> bool:
        """Whether it is given up, so that the rows behind it may go on."""
        if most is None or item.failures + 1 < most:
            doublings = min(item.failures, _MOST_DOUBLINGS)
            await self._rest(item, rest_s=min(self._times.rest_s * 2.0**doublings, self._times.most_rest_s))
            return False
        return await self._give_up(item)

    async def _give_up(self, item: InboxItem) -> bool:
        """Whether it has ended so, and its author is told; else it is tried again."""
        try:
            outgoing = await self._say_given_up(item)
            await self._settle(item, Outcome(reason=GAVE_UP, refused=True, outgoing=outgoing))
        except (StorageError, TaskConflictError) as error:
            _log.warning("slack.not_put_off", key=item.key, error=str(error))
            return False
        _log.error(
            "slack.given_up",
            key=item.key,
            kind=item.kind,
            channel=item.channel,
            failures=item.failures,
            deaths=item.deaths,
        )
        return True

    async def _say_given_up(self, item: InboxItem) -> tuple[Outgoing, ...]:
        try:
            async with asyncio.timeout(self._times.lease_s * (1.0 - _OF_THE_LEASE) / 2):
                return tuple(await self._tell_given_up(item))
        except StorageError:
            raise
        except Exception:  # noqa: BLE001 -- what broke the code may break this, too; the row must end all the same
            _log.exception("slack.author_not_told", key=item.key)
            return ()

    async def _rest(self, item: InboxItem, *, rest_s: float) -> None:
        try:
            await self._inbox.rest(item, rest_s=rest_s)
        except StorageError as error:  # then its lease runs out by itself
            _log.warning("slack.not_put_off", key=item.key, error=str(error))
