import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

import structlog

from bot.health import Part

_log = structlog.stdlib.get_logger(__name__)


class Indexes:
    """Prepares the search indexes in the background, so that the first task need not wait for them."""

    def __init__(self, prepare: Mapping[str, Callable[[], Awaitable[object]]]) -> None:
        self._prepare = dict(prepare)
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._parts: dict[str, Part] = {}

    async def __aenter__(self) -> Self:
        self._jobs = {name: asyncio.create_task(self._run(name), name=f"index {name}") for name in self._prepare}
        return self

    async def __aexit__(self, *_: object) -> None:
        for job in self._jobs.values():
            job.cancel()
        await asyncio.gather(*self._jobs.values(), return_exceptions=True)

    async def probe(self) -> Part:
        """`failed` when any could not be prepared, `starting` while any is being prepared."""
        waiting = [name for name in self._prepare if name not in self._parts]
        failed = {name: part.detail for name, part in self._parts.items() if part.status == "failed"}
        if failed:
            return Part(status="failed", detail="; ".join(f"{name}: {detail}" for name, detail in failed.items()))
        if waiting:
            return Part(status="starting", detail=f"preparing {', '.join(waiting)}")
        return Part(status="ok", detail=f"{', '.join(self._parts)} are prepared")

    async def _run(self, name: str) -> None:
        try:
            await self._prepare[name]()
        except Exception as error:  # noqa: BLE001 -- the outermost edge of a background job: the tools prepare it again when asked, and say what is wrong
            _log.warning("index.not_prepared", index=name, error=str(error))
            self._parts[name] = Part(status="failed", detail=str(error) or type(error).__name__)
        else:
            self._parts[name] = Part(status="ok", detail="")
