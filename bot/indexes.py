import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

import structlog

from bot.health import Part

_AGAIN_S = 10.0
_LONGEST_AGAIN_S = 120.0

_log = structlog.stdlib.get_logger(__name__)


class Indexes:
    """Prepares the search indexes in the background, so that the first task need not wait for them.

    One that could not be prepared, because a system that it is made from is down, say, is tried again until it could. `prepared`
    is called once all of them are.
    """

    def __init__(
        self,
        prepare: Mapping[str, Callable[[], Awaitable[object]]],
        *,
        prepared: Callable[[], None] = lambda: None,
        again_s: float = _AGAIN_S,
    ) -> None:
        self._prepare = dict(prepare)
        self._prepared = prepared
        self._again_s = again_s
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
        again_s = self._again_s
        while True:
            try:
                await self._prepare[name]()
            except Exception as error:  # noqa: BLE001 -- the outermost edge of a background job: the tools prepare it again when asked, and say what is wrong
                _log.warning("index.not_prepared", index=name, error=str(error), again_in_s=again_s)
                self._parts[name] = Part(status="failed", detail=str(error) or type(error).__name__)
                await asyncio.sleep(again_s)
                again_s = min(again_s * 2, _LONGEST_AGAIN_S)
            else:
                self._parts[name] = Part(status="ok", detail="")
                if all(part.status == "ok" for part in self._parts.values()) and len(self._parts) == len(self._prepare):
                    self._prepared()
                return
