"""Processes of ours to measure, and rates that took turns."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from bot.settings import CHECKOUT


@dataclass(kw_only=True)
class Beside:
    """Two rates per second that took turns, round by round."""

    rates: list[float] = field(default_factory=list[float])
    yardsticks: list[float] = field(default_factory=list[float])

    def add(self, rate: float, yardstick: float) -> None:
        self.rates.append(rate)
        self.yardsticks.append(yardstick)

    @property
    def ratio(self) -> float:
        return median(rate / yardstick for rate, yardstick in zip(self.rates, self.yardsticks, strict=True))


@asynccontextmanager
async def process(*arguments: str, environment: dict[str, str]) -> AsyncGenerator[Process]:
    """A process of ours, which is stopped in the end."""
    plain = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        cwd=CHECKOUT,
        env={**plain, **environment},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert started.stderr is not None
    drain = asyncio.create_task(_drop(started.stderr))
    try:
        yield started
    finally:
        if started.returncode is None:
            started.terminate()
        await started.wait()
        await drain


async def _drop(stream: asyncio.StreamReader) -> None:
    while await stream.read(65536):
        pass


async def first_line(started: Process) -> str:
    """The next thing that a process says: first of all, that it is ready."""
    assert started.stdout is not None
    return (await started.stdout.readline()).decode()
