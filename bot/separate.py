"""A process that runs tasks and serves nothing."""

import asyncio
import signal
from collections.abc import Callable

import structlog

from bot.app import open_runtime
from bot.runtime import Runtime
from bot.settings import Settings

_log = structlog.stdlib.get_logger(__name__)


async def work(settings: Settings, on_ready: Callable[[], None]) -> None:
    """Returns when a signal to stop has come, and what ran has ended or was handed over: at a second signal, at once.

    Everything is wired as in the app, so that threads in Slack are written from here, too. Raises as `open_runtime` does.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    opened: Runtime | None = None

    def asked_to_stop() -> None:
        if stop.is_set() and opened is not None:
            opened.worker.hurry()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop)
    # What it is for, whatever the app beside it is told by the same environment.
    async with open_runtime(settings.model_copy(update={"workers": "inside"}), lasting=True) as runtime:
        opened = runtime
        on_ready()
        await stop.wait()
        _log.info("worker.asked_to_stop", running=runtime.worker.state.running)
