"""A worker in a process of its own, for tests that kill or pause it: `python -m tests.bot.worker_process URL LOG STEP_S`.

Its runs have four steps, each of which takes `STEP_S` seconds and leaves a line in the log: `pid step started|ended`.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bot.observers import Observers
from bot.worker import Worker, WorkerTimes
from core.plan import ToolCall
from core.result import ToolResult
from storage.database import Database
from storage.notices import Notices
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Script, ScriptedToolbox, scripted_pipeline

TIMES = WorkerTimes(beat_s=0.1, lease_s=1.0, sweep_s=0.1, poll_s=0.1, retry_s=0.05, ledger_s=0.05)


class LoggingToolbox(ScriptedToolbox):
    def __init__(self, log: Path, step_s: float) -> None:
        super().__init__(Script())
        self._log = log
        self._step_s = step_s

    async def call(self, call: ToolCall) -> ToolResult:
        self._write(call, "started")
        await asyncio.sleep(self._step_s)
        result = await super().call(call)
        self._write(call, "ended")
        return result

    def _write(self, call: ToolCall, what: str) -> None:
        with self._log.open("a") as log:
            log.write(f"{os.getpid()} {call.arguments['step']} {what}\n")


async def main(url: str, log: Path, step_s: float) -> None:
    """Returns when it is asked to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    pipeline = scripted_pipeline(Script(steps=4), LoggingToolbox(log, step_s))
    async with Database(url) as database:
        worker = Worker(
            PostgresTaskStore(database),
            RunQueue(database),
            Notices(database),
            pipeline,
            Observers(),
            times=replace(TIMES),
        )
        worker.start()
        print("ready", flush=True)  # noqa: T201 -- the test reads it
        await stop.wait()
        await worker.stop(grace_s=0.0)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
