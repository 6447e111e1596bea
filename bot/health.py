"""The state of each part of the program."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Literal

import httpx
from pydantic import BaseModel

from bot.clients.breaker import BreakerState
from bot.company import CompanySystem
from bot.llm.reranking import ModelReranker
from bot.patience import ask_within
from bot.settings import Settings
from bot.worker import Worker
from core.errors import StorageError

PROBE_TIMEOUT_S = 2.0
PROBE_KEPT_S = 5.0
REPORT_TIMEOUT_S = 3.0
"""What a part may take to tell how it is, its own time-outs included: who asks for health is answered then."""


class Part(BaseModel):
    """`closed` is a choice of the operator's, `starting` and `stopping` pass, `failed` says in `detail` what is wrong."""

    status: Literal["ok", "starting", "stopping", "closed", "failed"]
    detail: str


class HealthReport(BaseModel):
    """`down`: no task can be taken; `degraded`: tasks are taken, but a part has failed."""

    status: Literal["ok", "degraded", "down"]
    parts: dict[str, Part]

    @property
    def takes_tasks(self) -> bool:
        return self.status != "down"

    @property
    def is_ready(self) -> bool:
        """Whether tasks are taken and nothing is still starting, or stopping already."""
        return self.takes_tasks and all(part.status not in {"starting", "stopping"} for part in self.parts.values())


type Probe = Callable[[], Awaitable[Part]]


class Health:
    """Asks every part; tasks can be taken when each of `needed` is ok."""

    def __init__(self, needed: Mapping[str, Probe], others: Mapping[str, Probe]) -> None:
        self._needed = dict(needed)
        self._others = dict(others)

    def add(self, name: str, probe: Probe) -> None:
        """Another part, without which tasks can still be taken."""
        self._others[name] = probe

    async def report(self) -> HealthReport:
        probes = {**self._needed, **self._others}
        found = await asyncio.gather(*(_ask(probe) for probe in probes.values()))
        parts = dict(zip(probes, found, strict=True))
        if any(parts[name].status != "ok" for name in self._needed):
            return HealthReport(status="down", parts=parts)
        failed = any(part.status == "failed" for part in parts.values())
        return HealthReport(status="degraded" if failed else "ok", parts=parts)


async def _ask(probe: Probe) -> Part:
    async def ask() -> Part:
        return await probe()

    try:
        return await ask_within(ask(), REPORT_TIMEOUT_S)
    except TimeoutError:
        return Part(status="failed", detail=f"its state could not be told within {REPORT_TIMEOUT_S:g} s")


def fixed(part: Part) -> Probe:
    """A part whose state does not change while the program runs."""

    async def probe() -> Part:
        return part

    return probe


def database_probe(ping: Callable[[], Awaitable[None]], place: str) -> Probe:
    """Asks the database, each time; `place` says which one it is."""

    async def asked() -> None:
        await ping()

    async def probe() -> Part:
        try:
            await ask_within(asked(), PROBE_TIMEOUT_S)
        except StorageError as error:
            return Part(status="failed", detail=str(error))
        except TimeoutError:
            return Part(status="failed", detail=f"{place} has not answered for {PROBE_TIMEOUT_S:g} s")
        return Part(status="ok", detail=place)

    return probe


def worker_probe(worker: Worker) -> Probe:
    """Whether this process runs tasks, or, where it is not to, whether others do."""

    async def probe() -> Part:
        state = worker.state
        if state.stopping:
            return Part(status="stopping", detail=f"{state.running} running, no new one is begun")
        if not state.alive:
            return Part(status="failed", detail="it has stopped")
        try:
            queue = await ask_within(worker.look_at_queue(), PROBE_TIMEOUT_S)
        except (StorageError, TimeoutError):
            return Part(status="ok", detail=f"{state.running} running here; the queue cannot be read")
        detail = f"{state.running} running here, {queue.waiting} waiting, {queue.workers} processes at work"
        if not state.works and queue.workers == 0:
            return Part(status="failed", detail=f"{detail}: start one with `python -m bot worker`")
        return Part(status="ok", detail=detail)

    return probe


def slack_probe(settings: Settings) -> Probe:
    """Whether the operator opened the Slack door."""
    reason = settings.slack_closed_because
    return fixed(Part(status="closed", detail=reason) if reason else Part(status="ok", detail="configured"))


def model_probe(reranker: ModelReranker) -> Probe:
    """Whether a model is configured, and whether it answers; it is not asked for this, since each question has its price."""

    async def probe() -> Part:
        client = reranker.client
        if client is None:
            return Part(status="closed", detail=reranker.closed_because)
        state = client.breaker.state if client.breaker is not None else None
        if state is not None and state.resting:
            return Part(status="failed", detail=f"{state.resting} ({client.place}); hits keep the order of the search")
        return Part(status="ok", detail=client.place + (_busy(state) if state is not None else ""))

    return probe


def _busy(state: BreakerState) -> str:
    """A word on calls that wait because too many others are at work."""
    return f", {state.at_work} calls at work and {state.waiting} waiting for a place" if state.waiting else ""


class SystemProbe:
    """Asks a company system for any answer at all; what it said is kept for some seconds."""

    def __init__(
        self, system: CompanySystem, *, timeout_s: float = PROBE_TIMEOUT_S, kept_s: float = PROBE_KEPT_S
    ) -> None:
        self._system = system
        self._timeout_s = timeout_s
        self._kept_s = kept_s
        self._asked_at = float("-inf")
        self._part = Part(status="starting", detail="not asked yet")
        self._lock = asyncio.Lock()

    async def __call__(self) -> Part:
        async with self._lock:
            if monotonic() - self._asked_at > self._kept_s:
                self._part = await self._ask()
                self._asked_at = monotonic()
            return self._part

    async def _ask(self) -> Part:
        breaker = self._system.breaker
        state = breaker.state if breaker is not None else None
        if state is not None and state.resting:
            # Its health page may answer while what tasks ask of it does not.
            return Part(status="failed", detail=f"{state.resting} ({self._system.place})")
        part = await self._ask_it()
        return part.model_copy(update={"detail": part.detail + _busy(state)}) if state is not None else part

    async def _ask_it(self) -> Part:
        place = self._system.place
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._system.client.get(self._system.health_path)
        except TimeoutError:
            if self._system.in_process:
                return Part(status="starting", detail=f"{place} reads its data")
            return Part(status="failed", detail=f"{place} has not answered for {self._timeout_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Part(status="failed", detail=f"{place} cannot be reached ({str(error) or type(error).__name__})")
        if response.status_code in {401, 403}:
            return Part(status="failed", detail=f"{place} refuses us ({response.status_code}): correct the credentials")
        if response.is_server_error:
            return Part(status="failed", detail=f"{place} answers {response.status_code}")
        return Part(status="ok", detail=place)
