"""Work that is done again and again as long as the program runs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from core.errors import StorageError

_log = structlog.stdlib.get_logger(__name__)


async def repeat(work: Callable[[], Awaitable[None]], every_s: float, *, name: str) -> None:
    """Never returns: does the work, rests, and begins anew; a round that fails is logged under this name."""
    while True:
        try:
            await work()
        except StorageError as error:
            _log.warning("round.storage_unusable", work=name, error=str(error))
        except Exception:  # noqa: BLE001 -- the outermost loop: one bad round must not end the next ones
            _log.exception("round.broke", work=name)
        await asyncio.sleep(every_s)


async def cancel(jobs: list[asyncio.Task[None]]) -> None:
    """Returns when every job has ended."""
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
