"""Answers tasks that came from Slack in threads there."""

import asyncio
from collections import OrderedDict
from uuid import UUID

import structlog

from bot.slack.conversation import Conversation
from bot.slack.errors import SlackCallError
from bot.slack.posting import Poster
from bot.slack.progress import task_id_of
from bot.slack.responses import Responses
from core.events import Event, RunStarted
from core.task import Task
from storage.slack_threads import SlackThreadStore

_log = structlog.stdlib.get_logger(__name__)

_REMEMBERED = 500


class SlackThreads:
    """A `core.ports.Observer`: notes what happens and writes it from tasks of its own, so that no run waits for Slack."""

    def __init__(self, poster: Poster, store: SlackThreadStore, responses: Responses) -> None:
        self._poster = poster
        self._store = store
        self._responses = responses
        self._response_urls: OrderedDict[UUID, str] = OrderedDict()
        self._conversations: dict[UUID, tuple[Conversation, asyncio.Task[None]]] = {}
        self._closed = False

    def remember(self, task_id: UUID, response_url: str) -> None:
        """Where to tell the asker, privately, that the channel could not be written to."""
        if not response_url:
            return
        self._response_urls[task_id] = response_url
        while len(self._response_urls) > _REMEMBERED:
            self._response_urls.popitem(last=False)

    async def notice(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._begin(event.task)
        found = self._conversations.get(task_id_of(event))
        if found is not None:
            found[0].tell(event)

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

    def _begin(self, task: Task) -> None:
        channel = task.origin.channel
        if task.origin.door != "slack" or channel is None or self._closed:
            return
        earlier = self._conversations.pop(task.task_id, None)
        if (
            earlier is not None
        ):  # this process gave the run up, and has taken it over again: what is written may have changed
            earlier[1].cancel()
        conversation = Conversation(task, channel, self._poster, self._store)
        job = asyncio.create_task(self._run(task, conversation), name=f"slack thread {task.task_id}")
        self._conversations[task.task_id] = (conversation, job)
        job.add_done_callback(lambda ended: self._forget(task.task_id, ended))

    def _forget(self, task_id: UUID, ended: asyncio.Task[None]) -> None:
        found = self._conversations.get(task_id)
        if found is not None and found[1] is ended:
            del self._conversations[task_id]
            self._response_urls.pop(task_id, None)

    async def _run(self, task: Task, conversation: Conversation) -> None:
        with structlog.contextvars.bound_contextvars(task_id=str(task.task_id)):
            try:
                await conversation.run()
            except SlackCallError as error:
                _log.warning("slack.thread_not_opened", channel=task.origin.channel, error=str(error))
                await self._tell_asker(task, error)
            except Exception:  # noqa: BLE001 -- the outermost loop of a thread: a broken one must not go unheard
                _log.exception("slack.thread_broke")

    async def _tell_asker(self, task: Task, error: SlackCallError) -> None:
        url = self._response_urls.get(task.task_id)
        if url is not None:
            await self._responses.tell(url, f"I cannot answer here: {error.remedy}. Your task runs as {task.task_id}.")
