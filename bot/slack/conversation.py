"""One task's thread, from the message that opens it to the verdict."""

import asyncio
from typing import Any

import structlog

from bot.slack.errors import SlackCallError
from bot.slack.ledger import Ledger
from bot.slack.posting import Poster
from bot.slack.progress import Progress
from bot.slack.render.evidence import render_evidence
from bot.slack.render.opening import render_opening
from bot.slack.render.pages import Message
from bot.slack.render.plan import render_plan
from bot.slack.render.verdict import render_verdict
from core.events import Event, RunEnded
from core.task import Task
from storage.slack_threads import SlackThread

_log = structlog.stdlib.get_logger(__name__)

METADATA_EVENT = "orch_task"
"""https://docs.slack.dev/messaging/message-metadata"""
_SILENCE_S = 1800.0
"""A run that says nothing for so long has been given up by this process."""


class Conversation:
    """Writes what `tell` hears, at Slack's pace: what comes while a message is under way joins the next writing."""

    def __init__(self, task: Task, channel: str, poster: Poster, ledger: Ledger) -> None:
        self._progress = Progress(task=task)
        self._channel = channel
        self._poster = poster
        self._ledger = ledger
        self._changed = asyncio.Event()
        self._thread: SlackThread | None = None
        self._written: dict[str, Message] = {}
        self._is_opening = False

    @property
    def is_ended(self) -> bool:
        """Whether the run has ended, so that no further event comes."""
        return self._progress.ended is not None

    def tell(self, event: Event) -> None:
        self._progress.take(event)
        self._changed.set()

    async def run(self) -> None:
        """Returns when the verdict is written, here or elsewhere. SlackCallError when there is no thread to write to."""
        if not await self._open():
            return
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

    async def leave(self, *, rests: bool) -> None:
        """Leave the thread to whoever goes on with it; `rests` when to go on at once would not help."""
        await self._ledger.release(self._progress.task.task_id, rests=rests, in_doubt=self._is_opening)

    async def _open(self) -> bool:
        """Whether there is something to write: another process may have finished the thread."""
        task = self._progress.task
        claim = await self._ledger.claim(task.task_id, self._channel)
        if claim is None or claim.finished:
            return False
        self._thread = claim.thread
        if self._thread is None and task.origin.thread_ts is not None:
            self._thread = SlackThread(task.task_id, self._channel, task.origin.thread_ts)
            await self._ledger.keep(self._thread)
        elif self._thread is None:
            if claim.in_doubt:
                _log.warning(
                    "slack.opening_in_doubt", channel=self._channel, remedy="there may be two: delete the first"
                )
            self._thread = await self._post_opening(task)
        return True

    async def _post_opening(self, task: Task) -> SlackThread:
        self._is_opening = True
        try:
            ts = await self._poster.post(self._channel, render_opening(task), metadata=self._metadata("opening"))
        except SlackCallError:
            self._is_opening = False
            raise
        thread = SlackThread(task.task_id, self._channel, ts, {"opening": ts})
        await self._ledger.keep(thread)
        self._is_opening = False
        return thread

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
        evidence = [] if ended.result is None else render_evidence(ended.task.task_id, ended.result.report)
        await self._write_pages("evidence", evidence)
        if await self._write_pages("verdict", render_verdict(ended)):
            await self._ledger.finish(ended.task.task_id)

    async def _write_pages(self, role: str, pages: list[Message]) -> bool:
        """Whether all stand there. What an earlier process has written is as it is to be: a task ends once."""
        roles = [role if number == 1 else f"{role}_{number}" for number in range(1, len(pages) + 1)]
        for page_role, page in zip(roles, pages, strict=True):
            if page_role not in self._open_thread.messages:
                await self._write(page_role, page)
        return self._open_thread.messages.keys() >= set(roles)

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
                await self._ledger.keep(thread)
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
