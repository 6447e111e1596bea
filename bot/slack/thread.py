"""Answers tasks that came from Slack in threads there."""

import asyncio
from collections import OrderedDict
from uuid import UUID

import structlog

from bot.slack.conversation import Conversation
from bot.slack.errors import SlackCallError
from bot.slack.ledger import Ledger
from bot.slack.posting import Poster
from bot.slack.progress import replay, task_id_of
from bot.slack.responses import Responses
from core.events import Event, RunStarted
from core.task import Task

_log = structlog.stdlib.get_logger(__name__)

_REMEMBERED = 500


class SlackThreads:
    """A `core.ports.Observer`: notes what happens and writes it from tasks of its own, so that no run waits for Slack."""

    def __init__(self, poster: Poster, ledger: Ledger, responses: Responses) -> None:
        self._poster = poster
        self._ledger = ledger
        self._responses = responses
        self._response_urls: OrderedDict[UUID, str] = OrderedDict()
        self._conversations: dict[UUID, tuple[Conversation, asyncio.Task[None]]] = {}
        self._closed = False

    @property
    def open_now(self) -> tuple[UUID, ...]:
        """The tasks whose threads are being written."""
        return tuple(self._conversations)

    def remember(self, task_id: UUID, response_url: str) -> None:
        """Where to tell the asker, privately, that the channel could not be written to."""
        if not response_url:
            return
        self._response_urls[task_id] = response_url
        while len(self._response_urls) > _REMEMBERED:
            self._response_urls.popitem(last=False)

    async def notice(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            channel = event.task.origin.channel
            if event.task.origin.door == "slack" and channel is not None and not self._closed:
                self._begin(event.task, channel)
        found = self._conversations.get(task_id_of(event))
        if found is not None:
            found[0].tell(event)

    async def finish(self, task: Task) -> None:
        """Write what the thread of an ended task lacks. Whoever calls this holds the claim on the thread, and loses it."""
        events = list(replay(task))
        channel = task.origin.channel
        if not events or channel is None or self._closed:
            _log.warning("slack.thread_not_finished", task_id=str(task.task_id), reason="its end cannot be read")
            await self._ledger.release(task.task_id, rests=not self._closed, in_doubt=False)
            return
        job = self._begin(task, channel)
        for event in events:
            self._conversations[task.task_id][0].tell(event)
        await asyncio.wait([job])

    async def close(self, *, grace_s: float = 5.0) -> None:
        """Write what has ended, for `grace_s` seconds; the process that takes over the others goes on in their threads."""
        self._closed = True
        open_now = list(self._conversations.values())
        ended = [job for conversation, job in open_now if conversation.is_ended]
        if ended:
            await asyncio.wait(ended, timeout=grace_s)
        for _, job in open_now:
            job.cancel()
        await asyncio.gather(*(job for _, job in open_now), return_exceptions=True)

    def _begin(self, task: Task, channel: str) -> asyncio.Task[None]:
        earlier = self._conversations.pop(task.task_id, None)
        if (
            earlier is not None
        ):  # this process gave the run up, and has taken it over again: what is written may have changed
            earlier[1].cancel()
        conversation = Conversation(task, channel, self._poster, self._ledger)
        job = asyncio.create_task(
            self._run(task, conversation, earlier and earlier[1]), name=f"slack thread {task.task_id}"
        )
        self._conversations[task.task_id] = (conversation, job)
        job.add_done_callback(lambda ended: self._forget(task.task_id, ended))
        return job

    def _forget(self, task_id: UUID, ended: asyncio.Task[None]) -> None:
        found = self._conversations.get(task_id)
        if found is not None and found[1] is ended:
            del self._conversations[task_id]
            self._response_urls.pop(task_id, None)

    async def _run(self, task: Task, conversation: Conversation, earlier: asyncio.Task[None] | None) -> None:
        with structlog.contextvars.bound_contextvars(task_id=str(task.task_id)):
            if earlier is not None:
                await asyncio.wait([earlier])  # or it would release the claim of this one
            try:
                await conversation.run()
            except SlackCallError as error:
                _log.warning("slack.thread_not_opened", channel=task.origin.channel, error=str(error))
                await self._tell_asker(task, error)
            except asyncio.CancelledError:
                await conversation.leave(rests=False)
                raise
            except Exception:  # noqa: BLE001 -- the outermost loop of a thread: a broken one must not go unheard
                _log.exception("slack.thread_broke")
            await conversation.leave(rests=True)

    async def _tell_asker(self, task: Task, error: SlackCallError) -> None:
        url = self._response_urls.get(task.task_id)
        if url is not None:
            await self._responses.tell(url, f"I cannot answer here: {error.remedy}. Your task runs as {task.task_id}.")
