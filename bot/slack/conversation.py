"""One task's thread, as this process hears of its run: rendered anew as it goes on, and put into the outbox."""

import asyncio
import contextlib

import structlog

from bot.slack.outbox import Outbox, Outgoing
from bot.slack.pacing import ThreadTimes
from bot.slack.progress import Progress
from bot.slack.thread_messages import list_messages
from core.errors import InvalidInputError, StorageError
from core.events import Event, RunEnded
from core.task import Task

_log = structlog.stdlib.get_logger(__name__)


class Conversation:
    """Puts what `tell` hears. What comes while the last state is being put, or has just been, joins the next one."""

    def __init__(
        self, task: Task, channel: str, outbox: Outbox, times: ThreadTimes, *, response_url: str | None = None
    ) -> None:
        self._progress = Progress(task=task)
        self._channel = channel
        self._outbox = outbox
        self._times = times
        self._response_url = response_url
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._put: dict[str, Outgoing] = {}

    @property
    def is_ended(self) -> bool:
        """Whether the run has ended, so that no further event comes."""
        return self._progress.ended is not None

    def tell(self, event: Event) -> None:
        self._progress.take(event)
        self._changed.set()
        if self._progress.ended is not None:
            self._ended.set()

    async def run(self) -> RunEnded | None:
        """Returns when all is put: how the run ended; None where it was given up by this process."""
        while True:
            self._changed.clear()
            is_first_plan = self._progress.plan is not None and not any(it.role == "plan" for it in self._put.values())
            if is_first_plan:
                await self._rest(self._times.gather_s)
            ended = self._progress.ended
            await self._put_all()
            if ended is not None:
                return ended
            if self._progress.plan is not None:
                await self._rest(self._times.every_s)
            try:
                async with asyncio.timeout(self._times.silence_s):
                    await self._changed.wait()
            except TimeoutError:
                _log.warning("slack.thread_left", reason="the run has said nothing", silent_s=self._times.silence_s)
                return None

    async def _rest(self, rest_s: float) -> None:
        """Let more come; the end of the run is waited for by people."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._ended.wait()

    async def _put_all(self) -> None:
        """Put what has changed. While the database is away it is tried again, with what has come meanwhile."""
        retry_s = self._times.retry_s
        while True:
            now = list_messages(
                self._progress,
                self._channel,
                response_url=self._response_url,
                overtakes_s=self._times.overtakes_s,
            )
            changed = [outgoing for outgoing in now if self._put.get(outgoing.key) != outgoing]
            try:
                await self._outbox.put(*changed)
            except InvalidInputError as error:
                _log.error("slack.message_not_storable", error=str(error))
            except StorageError as error:
                _log.warning("slack.message_not_put", error=str(error), retry_s=retry_s)
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, self._times.most_retry_s)
                continue
            self._put |= {outgoing.key: outgoing for outgoing in changed}
            return
