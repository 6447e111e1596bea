"""Finds tasks that ended without their verdict or their charts in the outbox: their process died in between."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from bot.rounds import cancel, repeat
from bot.slack.pacing import ThreadTimes
from bot.slack.thread import SlackThreads
from core.errors import OrchError, StorageError, TaskNotFoundError
from core.task import Task
from storage.slack_threads import SlackThreadStore

_log = structlog.stdlib.get_logger(__name__)

_AT_FIRST_S = 86_400.0
"""An answer that comes later than a day helps nobody; the task is still to be seen in the list of tasks."""
_LATER_S = 3600.0
_REMEMBERED = 1000


class Upkeep:
    """A round that goes on from `start` to `stop`; `read_task` gives a task as it is stored.

    Two processes may find the same task: what they put is the same.
    """

    def __init__(
        self,
        store: SlackThreadStore,
        threads: SlackThreads,
        read_task: Callable[[UUID], Awaitable[Task]],
        times: ThreadTimes,
    ) -> None:
        self._store = store
        self._threads = threads
        self._read_task = read_task
        self._times = times
        self._within_s = _AT_FIRST_S
        self._unreadable: OrderedDict[UUID, None] = OrderedDict()
        self._drawn: OrderedDict[UUID, None] = OrderedDict()
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        rounds = {"slack unfinished": self._finish_all, "slack undrawn": self._draw_all}
        self._loops = [
            asyncio.create_task(repeat(work, self._times.sweep_s, name=name), name=name)
            for name, work in rounds.items()
        ]

    async def stop(self) -> None:
        await cancel(self._loops)

    async def _finish_all(self) -> None:
        found = await self._store.find_unanswered(
            settled_s=self._times.settled_s, within_s=self._within_s, but=list(self._unreadable)
        )
        for task_id in found:
            if not await self._finish(task_id):
                _remember(self._unreadable, task_id)
        self._within_s = _LATER_S

    async def _finish(self, task_id: UUID) -> bool:
        """Whether its thread is whole; one task that cannot be told of must not keep the others' answers back."""
        try:
            if await self._threads.finish(await self._read_task(task_id)):
                return True
        except TaskNotFoundError:  # its time is over
            return True
        except StorageError:
            raise
        except Exception:  # noqa: BLE001 -- the outermost loop of a thread
            _log.exception("slack.thread_broke", task_id=str(task_id))
            return False
        _log.warning("slack.thread_not_finished", task_id=str(task_id), reason="its end cannot be read")
        return False

    async def _draw_all(self) -> None:
        """Once in a process: a report that rests on no metrics has no charts, however often they are asked for."""
        found = await self._store.find_undrawn(
            settled_s=self._times.undrawn_s, within_s=_LATER_S, but=list(self._drawn)
        )
        for task_id in found:
            try:
                if not self._threads.draw(await self._read_task(task_id)):
                    return
            except StorageError:
                raise
            except OrchError as error:
                _log.warning("slack.not_drawn", task_id=str(task_id), error=str(error))
            _remember(self._drawn, task_id)


def _remember(known: OrderedDict[UUID, None], task_id: UUID) -> None:
    known[task_id] = None
    while len(known) > _REMEMBERED:
        known.popitem(last=False)
