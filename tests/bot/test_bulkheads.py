import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import pytest

from bot.clients.breaker import Breaker, BreakerLimits
from bot.company import Company, open_company
from bot.health import SystemProbe
from bot.settings import Settings
from bot.sources import open_sources
from core.plan import ToolCall
from core.result import CallStatus, ToolResult
from tools.catalog import TOOLS
from tools.registry import CallLimits, Registry

TIMEOUT_S = 0.5
METRICS = ToolCall(
    tool="metrics_query",
    arguments={"service": "saas-api", "start_time": "2026-02-14T10:00:00Z", "end_time": "2026-02-14T10:30:00Z"},
)
TICKETS = ToolCall(tool="jira_search_tickets", arguments={"text": "checkout timeout", "status": "open"})


@dataclass
class SilentServer:
    """Takes connections and never answers; counts what it was asked."""

    asked: int = 0
    held: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.held.append(writer)
        while line := await reader.readline():
            self.asked += line.startswith(b"GET /api/")


@pytest.fixture
async def silent(settings: Settings) -> AsyncGenerator[tuple[SilentServer, Settings]]:
    server = SilentServer()
    listener = await asyncio.start_server(server.take, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    changed = settings.model_copy(
        update={
            "metrics_base_url": f"http://127.0.0.1:{port}",
            "company_tool_timeout_s": TIMEOUT_S,
            "company_root": Settings().company_root,
        }
    )
    yield server, changed
    listener.close()
    for writer in server.held:
        writer.close()


@pytest.fixture
async def company(silent: tuple[SilentServer, Settings]) -> AsyncGenerator[Company]:
    async with open_company(silent[1]) as opened:
        # A time-out of half a second asks for as much less patience.
        breaker = Breaker("Prometheus", timeout_s=TIMEOUT_S, limits=BreakerLimits(over_s=TIMEOUT_S / 2))
        yield replace(opened, metrics=replace(opened.metrics, breaker=breaker))


@pytest.fixture
async def registry(silent: tuple[SilentServer, Settings], company: Company, tmp_path: Path) -> AsyncGenerator[Registry]:
    settings = silent[1].model_copy(update={"data_dir": tmp_path})
    async with open_sources(settings, company) as opened:
        limits = CallLimits(company_timeout_s=TIMEOUT_S, max_retries=2, backoff_s=0.05)
        yield Registry(TOOLS, opened.sources, limits)


async def test_a_system_that_hangs_takes_its_own_places_alone_and_who_does_not_need_it_ends_meanwhile(
    silent: tuple[SilentServer, Settings], tmp_path: Path
) -> None:
    server, settings = silent
    settings = settings.model_copy(update={"data_dir": tmp_path, "company_tool_timeout_s": 60.0})
    async with open_company(settings) as company, open_sources(settings, company) as opened:
        registry = Registry(TOOLS, opened.sources, CallLimits(company_timeout_s=60.0, max_retries=2))
        hanging = [asyncio.create_task(registry.call(METRICS)) for _ in range(60)]
        while server.asked < BreakerLimits().calls:  # noqa: ASYNC110 -- the server counts, and tells nobody
            await asyncio.sleep(0.01)
        found = await asyncio.gather(*(registry.call(TICKETS) for _ in range(20)))
        assert {result.status for result in found} == {CallStatus.OK}
        assert not any(call.done() for call in hanging)
        assert server.asked == BreakerLimits().calls
        assert company.metrics.breaker is not None
        assert company.metrics.breaker.state.waiting == 60 - BreakerLimits().calls
        part = await SystemProbe(company.metrics, timeout_s=0.1)()
        assert part.status == "failed"
        for call in hanging:
            call.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_system_that_hangs_is_soon_not_asked_any_more_and_the_call_ends_at_once_with_the_reason(
    registry: Registry, silent: tuple[SilentServer, Settings], company: Company
) -> None:
    server = silent[0]
    await asyncio.gather(*(registry.call(METRICS) for _ in range(6)))
    asked = server.asked
    began = perf_counter()
    results: list[ToolResult] = [await registry.call(METRICS) for _ in range(20)]
    assert perf_counter() - began < TIMEOUT_S * 2
    assert server.asked == asked
    for result in results:
        assert (result.status, result.attempts) == (CallStatus.FAILED, 1)
        assert result.error is not None
        assert result.error.kind == "unavailable"
        assert "Prometheus has not answered" in result.error.message
        assert ", asked again at " in result.error.message
    part = await SystemProbe(company.metrics)()
    assert part.status == "failed"
    assert part.detail.startswith("Prometheus has not answered")
    assert (await SystemProbe(company.jira)()).status == "ok"
