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
from storage.slack_inbox import InboxItem, Reply, SlackInbox

_log = structlog.stdlib.get_logger(__name__)

_PRUNE_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class TriageTimes:
    """`lease_s`: after so long another process takes over a row; `poll_s`: between two looks for rows that nobody told of.

    `rest_s`: how long a row rests that could not be dealt with; after `most_attempts` it is refused.
    """

    lease_s: float = 30.0
    poll_s: float = 1.0
    rest_s: float = 5.0
    most_attempts: int = 6


class Triage:
    """Takes rows one by one, and decides about each before the next; replies are posted beside that, at Slack's rates."""

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
        self._news = asyncio.Event()
        self._loops: list[asyncio.Task[None]] = []
        self._replying: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    def start(self) -> None:
        self.wake()  # an earlier process may have left something
        self._loops = [
            asyncio.create_task(repeat(self._work, 0.0, name="slack triage"), name="slack triage"),
            asyncio.create_task(repeat(self._prune, _PRUNE_S, name="slack inbox"), name="slack inbox"),
        ]

    async def stop(self) -> None:
        """Leave what is not done to another process, or to the next one."""
        await cancel([*self._loops, *self._replying])

    async def _prune(self) -> None:
        await self._inbox.prune()

    async def _work(self) -> None:
        """Wait for news, then deal with everything there is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.poll_s):
                await self._news.wait()
        self._news.clear()
        while (item := await self._inbox.take(lease_s=self._times.lease_s)) is not None:
            if item.reply is None:
                await self._handle(item, self._decide(item))
            else:
                self._reply_soon(item, item.reply)

    async def _decide(self, item: InboxItem) -> None:
        task_id = await self._desk.decide(item)
        if task_id is None:
            return
        try:
            await self._run_task(task_id)
        except TaskConflictError:
            _log.info("slack.delivered_twice", task_id=str(task_id))
        except OrchError as error:  # it is stored: a sweep of the worker begins it
            _log.warning("slack.run_not_begun", task_id=str(task_id), error=str(error))

    def _reply_soon(self, item: InboxItem, reply: Reply) -> None:
        job = asyncio.create_task(self._handle(item, self._reply(item, reply)), name=f"slack reply {item.key}")
        self._replying.add(job)
        job.add_done_callback(self._replying.discard)

    async def _reply(self, item: InboxItem, reply: Reply) -> None:
        metadata: dict[str, Any] = {
            "event_type": METADATA_EVENT,
            "event_payload": {"task_id": reply.task_id, "role": reply.role},
        }
        await self._poster.post(item.channel, render_reply(reply.text), metadata=metadata, thread_ts=reply.thread_ts)
        await self._inbox.finish(item, reply.role)

    async def _handle(self, item: InboxItem, work: Awaitable[None]) -> None:
        """Do it; what fails is tried again after a rest, a few times."""
        try:
            await work
        except TaskConflictError as error:
            _log.info("slack.claim_lost", error=str(error))
        except (StorageError, SlackCallError) as error:
            _log.warning("slack.not_dealt_with", key=item.key, attempt=item.attempt, error=str(error))
            await self._put_off(item)
        except Exception:  # noqa: BLE001 -- the outermost loop of a row: one that breaks the code must not stop the others
            _log.exception("slack.broke", key=item.key, attempt=item.attempt)
            await self._put_off(item)

    async def _put_off(self, item: InboxItem) -> None:
        try:
            if item.attempt >= self._times.most_attempts:
                await self._inbox.refuse(item, "gave_up")
            else:
                await self._inbox.rest(item, rest_s=self._times.rest_s)
        except (StorageError, TaskConflictError) as error:  # then its lease runs out by itself
            _log.warning("slack.not_put_off", key=item.key, error=str(error))
