"""Answers tasks that came from Slack in threads there."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog

from bot.charts import Chart
from bot.slack.conversation import Conversation
from bot.slack.outbox import Outbox, Outgoing
from bot.slack.pacing import ThreadTimes
from bot.slack.progress import Progress, replay, task_id_of
from bot.slack.thread_messages import list_charts, list_messages
from core.errors import OrchError
from core.events import Event, RunEnded, RunStarted
from core.task import Task

_log = structlog.stdlib.get_logger(__name__)

type Draw = Callable[[Task], Awaitable[Sequence[Chart]]]

_REMEMBERED = 500
_MOST_DRAWN = 20
"""So many runs may wait for their charts; upkeep comes back to the others of a storm."""


class SlackThreads:
    """A `core.ports.Observer`: notes what happens and puts it from tasks of its own, so that no run waits for it."""

    def __init__(self, outbox: Outbox, draw: Draw, times: ThreadTimes) -> None:
        self._outbox = outbox
        self._draw = draw
        self._times = times
        self._response_urls: OrderedDict[UUID, str] = OrderedDict()
        self._conversations: dict[UUID, tuple[Conversation, asyncio.Task[None]]] = {}
        self._drawings: dict[UUID, asyncio.Task[None]] = {}
        self._pens = asyncio.Semaphore(1)
        self._closed = False

    async def open(self, task: Task, response_url: str | None = None) -> None:
        """Open the thread of a task that has not begun yet, so that the asker sees it taken. StorageError.

        `response_url`: where to tell them, privately, that the channel cannot be written to. It is kept with the opening; in a
        thread that is there already, only for a run of this process.
        """
        channel = task.origin.channel
        if channel is None:
            return
        if response_url:
            self._remember(task.task_id, response_url)
        await self._outbox.put(*self._list(Progress(task=task), channel, response_url or None))

    async def notice(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._begin(event.task)
        found = self._conversations.get(task_id_of(event))
        if found is not None:
            found[0].tell(event)
        elif isinstance(event, RunEnded):  # without a run of this process: it was cancelled, or given up
            self._begin(event.task)
            begun = self._conversations.get(event.task.task_id)
            if begun is not None:
                for missed in replay(event.task):
                    begun[0].tell(missed)

    async def finish(self, task: Task) -> bool:
        """Put what the thread of an ended task lacks; False where this release cannot read how it ended. StorageError."""
        progress = Progress(task=task)
        for event in replay(task):
            progress.take(event)
        channel = task.origin.channel
        if channel is None or progress.ended is None:
            return False
        await self._outbox.put(*self._list(progress, channel, None))
        self._draw_soon(task, channel)
        return True

    def draw(self, task: Task) -> bool:
        """Begin to draw the charts of an ended task; False where too many wait to be drawn."""
        return task.origin.channel is None or self._draw_soon(task, task.origin.channel)

    async def close(self, *, grace_s: float = 5.0) -> None:
        """Put what has ended; the process that takes over the others goes on in their threads."""
        self._closed = True
        open_now = list(self._conversations.values())
        ended = [job for conversation, job in open_now if conversation.is_ended]
        if ended:
            await asyncio.wait(ended, timeout=grace_s)
        jobs = [*(job for _, job in open_now), *self._drawings.values()]
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def _list(self, progress: Progress, channel: str, response_url: str | None) -> list[Outgoing]:
        return list_messages(progress, channel, response_url=response_url, overtakes_s=self._times.overtakes_s)

    def _remember(self, task_id: UUID, response_url: str) -> None:
        self._response_urls[task_id] = response_url
        while len(self._response_urls) > _REMEMBERED:
            self._response_urls.popitem(last=False)

    def _begin(self, task: Task) -> None:
        channel = task.origin.channel
        if task.origin.door != "slack" or channel is None or self._closed:
            return
        earlier = self._conversations.pop(task.task_id, None)
        if earlier is not None:  # this process gave the run up, and has taken it over again
            earlier[1].cancel()
        conversation = Conversation(
            task, channel, self._outbox, self._times, response_url=self._response_urls.get(task.task_id)
        )
        job = asyncio.create_task(self._run(task, channel, conversation), name=f"slack thread {task.task_id}")
        self._conversations[task.task_id] = (conversation, job)
        job.add_done_callback(lambda ended: self._forget(task.task_id, ended))

    def _forget(self, task_id: UUID, ended: asyncio.Task[None]) -> None:
        found = self._conversations.get(task_id)
        if found is not None and found[1] is ended:
            del self._conversations[task_id]
            self._response_urls.pop(task_id, None)

    async def _run(self, task: Task, channel: str, conversation: Conversation) -> None:
        with structlog.contextvars.bound_contextvars(task_id=str(task.task_id)):
            try:
                ended = await conversation.run()
            except Exception:  # noqa: BLE001 -- the outermost loop of a thread: a broken one must not go unheard
                _log.exception("slack.thread_broke")
            else:
                if ended is not None:
                    self._draw_soon(ended.task.model_copy(update={"result": ended.result}), channel)

    def _draw_soon(self, task: Task, channel: str) -> bool:
        """Whether they are drawn, or there is nothing to draw; else upkeep comes back to them."""
        if task.result is None or self._closed or task.task_id in self._drawings:
            return True
        if len(self._drawings) >= _MOST_DRAWN:
            _log.info("slack.chart_put_off", task_id=str(task.task_id), reason="too many runs end at once")
            return False
        drawing = asyncio.create_task(self._draw_all(task, channel), name=f"slack charts {task.task_id}")
        self._drawings[task.task_id] = drawing
        drawing.add_done_callback(lambda _: self._drawings.pop(task.task_id, None))
        return True

    async def _draw_all(self, task: Task, channel: str) -> None:
        """One run's at a time: drawing takes the processor from the runs. The answer stands without them, too."""
        try:
            async with self._pens:
                charts = await self._draw(task)
            await self._outbox.put(*list_charts(task, channel, charts))
        except OrchError as error:
            _log.warning("slack.chart_not_put", task_id=str(task.task_id), error=str(error))
        except Exception:  # noqa: BLE001 -- the outermost loop of a drawing
            _log.exception("slack.chart_broke", task_id=str(task.task_id))
