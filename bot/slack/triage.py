"""Works on the inbox as long as the program runs, beside the other processes that do."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from bot.rounds import cancel, repeat
from bot.slack.conversation import METADATA_EVENT
from bot.slack.desk import Desk
from bot.slack.errors import SlackCallError
from bot.slack.posting import Poster
from bot.slack.render.alert import render_reply
from core.errors import OrchError, StorageError, TaskConflictError
from storage.slack_inbox import InboxItem, SlackInbox

_log = structlog.stdlib.get_logger(__name__)

_PRUNE_S = 3600.0
_MOST_DOUBLINGS = 10
_NOTE_TRIES = 5
_NOTE_RETRY_S = 1.0


@dataclass(frozen=True, kw_only=True)
class TriageTimes:
    """`lease_s`: after so long another process takes over a row; `poll_s`: between two looks for rows that nobody told of.

    `reply_lease_s` is longer: a post waits for its turn in the channel, and for as long as Slack says it is to wait.
    `rest_s`: how long a row rests that could not be dealt with, twice as long each time, up to `most_rest_s`. What Slack
    does not take is given up after `most_attempts`, what breaks the code after `most_breaks`; a database that is away is
    waited for.
    """

    lease_s: float = 30.0
    reply_lease_s: float = 180.0
    poll_s: float = 1.0
    rest_s: float = 5.0
    most_rest_s: float = 300.0
    most_attempts: int = 12
    most_breaks: int = 3


class Triage:
    """Takes rows one by one, and decides about each before the next; replies are posted beside that, at Slack's rates.

    A reply stands in the thread once, unless a process dies, or the database is away, between Slack's taking it and the
    row's taking note of that: Slack has no key for a repeated post.
    """

    def __init__(
        self,
        inbox: SlackInbox,
        desk: Desk,
        run_task: Callable[[UUID], Awaitable[object]],
        poster: Poster,
        times: TriageTimes,
    ) -> None:
        self._inbox = inbox
        self._desk = desk
        self._run_task = run_task
        self._poster = poster
        self._times = times
        self._received = asyncio.Event()
        self._decided = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []

    def wake(self) -> None:
        """There is something new."""
        self._received.set()

    def start(self) -> None:
        self._received.set()  # an earlier process may have left something
        self._decided.set()
        rounds = {
            "slack triage": (self._decide_all, 0.0),
            "slack replies": (self._reply_all, 0.0),
            "slack inbox": (self._prune, _PRUNE_S),
        }
        self._loops = [
            asyncio.create_task(repeat(work, every_s, name=name), name=name) for name, (work, every_s) in rounds.items()
        ]

    async def stop(self) -> None:
        """Leave what is not done to another process, or to the next one."""
        await cancel(self._loops)

    async def _prune(self) -> None:
        await self._inbox.prune()

    async def _decide_all(self) -> None:
        await self._wait_for(self._received)
        while (item := await self._inbox.take(lease_s=self._times.lease_s)) is not None:
            await self._handle(item, self._decide(item))

    async def _reply_all(self) -> None:
        await self._wait_for(self._decided)
        while (item := await self._inbox.take_reply(lease_s=self._times.reply_lease_s)) is not None:
            await self._handle(item, self._reply(item))

    async def _wait_for(self, news: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.poll_s):
                await news.wait()
        news.clear()

    async def _decide(self, item: InboxItem) -> None:
        task_id = await self._desk.decide(item)
        self._decided.set()
        if task_id is None:
            return
        try:
            await self._run_task(task_id)
        except TaskConflictError:
            _log.info("slack.delivered_twice", task_id=str(task_id))
        except OrchError as error:  # it is stored: a sweep of the worker begins it
            _log.warning("slack.run_not_begun", task_id=str(task_id), error=str(error))

    async def _reply(self, item: InboxItem) -> None:
        reply = item.reply
        assert reply is not None
        metadata: dict[str, Any] = {
            "event_type": METADATA_EVENT,
            "event_payload": {"task_id": reply.task_id, "role": reply.role},
        }
        await self._poster.post(item.channel, render_reply(reply.text), metadata=metadata, thread_ts=reply.thread_ts)
        for _ in range(_NOTE_TRIES - 1):
            try:
                return await self._inbox.finish(item, item.reason or reply.role)
            except StorageError as error:
                _log.warning("slack.reply_not_noted", key=item.key, error=str(error))
                await asyncio.sleep(_NOTE_RETRY_S)
        return await self._inbox.finish(item, item.reason or reply.role)

    async def _handle(self, item: InboxItem, work: Awaitable[None]) -> None:
        """Do it; what fails is tried again after a rest."""
        try:
            await work
        except TaskConflictError as error:
            _log.info("slack.claim_lost", error=str(error))
        except asyncio.CancelledError:
            await self._put_off(item, rest_s=0.0)
            raise
        except StorageError as error:
            _log.warning("slack.not_dealt_with", key=item.key, attempt=item.attempt, error=str(error))
            await self._put_off(item)
        except SlackCallError as error:
            _log.warning("slack.not_dealt_with", key=item.key, attempt=item.attempt, error=str(error))
            await self._put_off(item, most_attempts=self._times.most_attempts)
        except Exception:  # noqa: BLE001 -- the outermost loop of a row: one that breaks the code must not stop the others
            _log.exception("slack.broke", key=item.key, attempt=item.attempt)
            await self._put_off(item, most_attempts=self._times.most_breaks)

    async def _put_off(self, item: InboxItem, *, rest_s: float | None = None, most_attempts: int | None = None) -> None:
        if rest_s is None:
            rest_s = min(self._times.rest_s * 2.0 ** min(item.attempt - 1, _MOST_DOUBLINGS), self._times.most_rest_s)
        try:
            if most_attempts is not None and item.attempt >= most_attempts:
                await self._inbox.refuse(item, "gave_up")
                _log.error("slack.given_up", key=item.key, channel=item.channel, attempts=item.attempt)
            else:
                await self._inbox.rest(item, rest_s=rest_s)
        except (StorageError, TaskConflictError) as error:  # then its lease runs out by itself
            _log.warning("slack.not_put_off", key=item.key, error=str(error))
