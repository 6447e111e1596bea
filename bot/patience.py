import asyncio
from collections.abc import Coroutine
from typing import Any

_ending: set[asyncio.Task[Any]] = set()
"""Work that was called off and has not ended yet: a task that nobody holds may vanish in the middle."""


async def ask_within[T](work: Coroutine[Any, Any, T], timeout_s: float) -> T:
    """What the work brings; TimeoutError the moment its time is up.

    Unlike `asyncio.timeout` this does not wait for work that was called off to end: a statement to a database that is frozen
    takes ten seconds more for that. It is called off all the same where the caller is.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
        if done:
            return task.result()
        raise TimeoutError
    finally:
        if not task.done():
            task.cancel()
            _ending.add(task)
            task.add_done_callback(_end)


def _end(task: asyncio.Task[Any]) -> None:
    _ending.discard(task)
    if not task.cancelled():
        task.exception()  # nobody asks for it any more
