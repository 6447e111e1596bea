"""One statement and one commit for what many callers write at the same moment."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from core.errors import InvalidInputError, StorageError

_MOST_AT_ONCE = 100


@dataclass(slots=True, kw_only=True)
class _Waiting[Item, Written]:
    item: Item
    written: asyncio.Future[Written] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit[Item, Written]:
    """Writes the items that are put while a writing is under way together after it; a lone one is written at once.

    `write` stores all of its items or raises and stores none, and answers for each in its place. Where it refuses a group with
    InvalidInputError each item is written by itself, so that what cannot be stored is told to the one who brought it. With one
    of `writers` items are written in the order in which they came; with more, one that is held up does not hold up the rest.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Written]]],
        *,
        most_at_once: int = _MOST_AT_ONCE,
        writers: int = 1,
    ) -> None:
        self._write = write
        self._most_at_once = most_at_once
        self._waiting: deque[_Waiting[Item, Written]] = deque()
        self._most_writers = writers
        self._writers: list[asyncio.Task[None]] = []

    async def put(self, item: Item) -> Written:
        """What `write` answered for the item, once it is committed; raises what it raised.

        An item whose caller is cancelled before its writing has begun is not written.
        """
        waiting = _Waiting[Item, Written](item=item)
        self._waiting.append(waiting)
        self._writers = [writer for writer in self._writers if not writer.done()]
        if len(self._writers) < self._most_writers:
            self._writers.append(asyncio.create_task(self._write_all(), name="group commit"))
        return await waiting.written

    async def settle(self, timeout_s: float) -> None:
        """Returns when what waits is written, or after the time-out."""
        if self._writers:
            await asyncio.wait(self._writers, timeout=timeout_s)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most_at_once))]
                await self._write_group([waiting for waiting in group if not waiting.written.done()])
        except asyncio.CancelledError:
            _fail(self._waiting, StorageError("this process is stopping"))
            raise

    async def _write_group(self, group: Sequence[_Waiting[Item, Written]]) -> None:
        if not group:
            return
        try:
            answers = await self._write([waiting.item for waiting in group])
        except InvalidInputError as error:
            if len(group) == 1:
                _fail(group, error)
            else:
                for waiting in group:
                    await self._write_group([waiting])
        except Exception as error:  # noqa: BLE001 -- it is raised in each of those who wait
            _fail(group, error)
        except asyncio.CancelledError:
            _fail(group, StorageError("this process is stopping"))
            raise
        else:
            for waiting, answer in zip(group, answers, strict=True):
                if not waiting.written.done():
                    waiting.written.set_result(answer)


def _fail[Item, Written](group: Iterable[_Waiting[Item, Written]], error: Exception) -> None:
    for waiting in group:
        if not waiting.written.done():
            waiting.written.set_exception(error)
