"""One task's thread, from the message that opens it to the verdict."""

import asyncio
from typing import Any
from uuid import UUID

import structlog

from bot.slack.errors import SlackCallError
from bot.slack.posting import Poster
from bot.slack.progress import Progress
from bot.slack.render.evidence import render_evidence
from bot.slack.render.opening import render_opening
from bot.slack.render.pages import Message
from bot.slack.render.plan import render_plan
from bot.slack.render.verdict import render_verdict
from core.errors import StorageError, TaskNotFoundError
from core.events import Event, RunEnded
from core.task import Task
from storage.slack_threads import SlackThread, SlackThreadStore

_log = structlog.stdlib.get_logger(__name__)

METADATA_EVENT = "orch_task"
"""https://docs.slack.dev/messaging/message-metadata"""
_SILENCE_S = 1800.0
"""A run that says nothing for so long has been given up by this process."""
_STORE_TRIES = 3
_STORE_RETRY_S = 0.5


class Conversation:
    """Writes what `tell` hears, at Slack's pace: what comes while a message is under way joins the next writing."""

    def __init__(self, task: Task, channel: str, poster: Poster, store: SlackThreadStore) -> None:
        self._progress = Progress(task=task)
        self._channel = channel
        self._poster = poster
        self._store = store
        self._changed = asyncio.Event()
        self._thread: SlackThread | None = None
        self._written: dict[str, Message] = {}

    @property
    def is_ended(self) -> bool:
        """Whether the run has ended, so that no further event comes."""
        return self._progress.ended is not None

    def tell(self, event: Event) -> None:
        self._progress.take(event)
        self._changed.set()

    async def run(self) -> None:
        """Returns when the verdict is written. SlackCallError when there is no thread to write to."""
        await self._open()
        while True:
            ended = self._progress.ended
            await self._write_plan()
            if ended is not None and ended is self._progress.ended:
                break
            try:
                async with asyncio.timeout(_SILENCE_S):
                    await self._changed.wait()
            except TimeoutError:
                _log.warning("slack.thread_left", reason="the run has said nothing", silent_s=_SILENCE_S)
                return
            self._changed.clear()
        await self._write_end(ended)

    async def _open(self) -> None:
        task = self._progress.task
        self._thread = await self._known_thread(task.task_id)
        if self._thread is None:
            ts = await self._poster.post(self._channel, render_opening(task), metadata=self._metadata("opening"))
            self._thread = SlackThread(task.task_id, self._channel, ts, {"opening": ts})
            await self._keep()

    async def _write_plan(self) -> None:
        plan = self._progress.plan
        if plan is None:
            return
        if "plan" in self._open_thread.messages:
            if render_plan(self._progress, plan) == self._written.get("plan"):
                return
            await self._poster.turn_to_update()
        await self._write("plan", render_plan(self._progress, self._progress.plan or plan))

    async def _write_end(self, ended: RunEnded) -> None:
        pages: list[tuple[str, list[Message]]] = []
        if ended.result is not None:
            pages.append(("evidence", render_evidence(ended.task.task_id, ended.result.report)))
        pages.append(("verdict", render_verdict(ended)))
        for role, messages in pages:
            for number, message in enumerate(messages, 1):
                await self._write(role if number == 1 else f"{role}_{number}", message)

    async def _write(self, role: str, message: Message) -> None:
        """Post the message of this role, or rewrite the one that is there; what Slack refuses is logged."""
        thread = self._open_thread
        ts = thread.messages.get(role)
        try:
            if ts is not None:
                await self._poster.update(thread.channel, ts, message, metadata=self._metadata(role))
            else:
                thread.messages[role] = await self._poster.post(
                    thread.channel, message, metadata=self._metadata(role), thread_ts=thread.thread_ts
                )
                await self._keep()
        except SlackCallError as error:
            _log.warning("slack.message_not_written", role=role, channel=thread.channel, error=str(error))
            return
        self._written[role] = message

    @property
    def _open_thread(self) -> SlackThread:
        assert self._thread is not None
        return self._thread

    def _metadata(self, role: str) -> dict[str, Any]:
        return {
            "event_type": METADATA_EVENT,
            "event_payload": {"task_id": str(self._progress.task.task_id), "role": role},
        }

    async def _known_thread(self, task_id: UUID) -> SlackThread | None:
        """The thread in which an earlier run of the task, in a process that died, has begun to answer."""
        for attempt in range(_STORE_TRIES):
            try:
                return await self._store.get(task_id)
            except StorageError as error:
                _log.warning("slack.thread_not_read", error=str(error), attempt=attempt + 1)
                await asyncio.sleep(_STORE_RETRY_S)
        return None  # a second thread does less harm than none

    async def _keep(self) -> None:
        try:
            await self._store.put(self._open_thread)
        except (StorageError, TaskNotFoundError) as error:
            _log.warning("slack.thread_not_kept", error=str(error))
