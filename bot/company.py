"""HTTP clients of the company's three systems: the real ones where a base URL is set, else the mock ones in-process."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette

from bot.clients.breaker import Breaker, BreakerLimits
from bot.settings import Settings
from company_details.company_sim.mock_systems.jira.app import create_app as create_jira
from company_details.company_sim.mock_systems.logs.app import create_app as create_logs
from company_details.company_sim.mock_systems.metrics.app import create_app as create_metrics

_CONNECT_TIMEOUT_S = 3.0
_KEPT_CONNECTIONS = 10
_MAX_CONNECTIONS = 50
_MOCK_PATIENCE_S = 60.0
_TITLES = {"jira": "Jira", "metrics": "Prometheus", "logs": "Loki"}

type MockFactory = Callable[[Path], Starlette]


@dataclass(frozen=True, kw_only=True)
class CompanySystem:
    """One system and the client to ask it; `place` says where it is, without credentials.

    A mock `in_process` reads its data when it starts, and answers once it has. Whoever asks for the sake of a task passes the
    `breaker`.
    """

    name: str
    client: httpx.AsyncClient
    place: str
    health_path: str
    in_process: bool = False
    breaker: Breaker | None = None


@dataclass(frozen=True, kw_only=True)
class Company:
    jira: CompanySystem
    metrics: CompanySystem
    logs: CompanySystem

    @property
    def systems(self) -> tuple[CompanySystem, ...]:
        return (self.jira, self.metrics, self.logs)


@asynccontextmanager
async def open_company(settings: Settings, *, timeout_s: float | None = None) -> AsyncGenerator[Company]:
    """The three systems, their clients open. `timeout_s` bounds a request; unset, the company tools' own time-out does."""
    data_dir = settings.company_root / "mock_systems" / "data"
    limit_s = timeout_s or settings.company_tool_timeout_s
    async with AsyncExitStack() as stack:

        async def open_system(name: str, base_url: str | None, mock: MockFactory, health_path: str) -> CompanySystem:
            # A mock in this process is silent while it reads its data, and then it answers.
            limits = BreakerLimits() if base_url is not None else BreakerLimits(over_s=_MOCK_PATIENCE_S)
            breaker = Breaker(_TITLES[name], timeout_s=limit_s, limits=limits)
            if base_url is not None:
                client = await stack.enter_async_context(_remote(base_url, limit_s))
                return CompanySystem(
                    name=name, client=client, place=_place(base_url), health_path=health_path, breaker=breaker
                )
            app = mock(data_dir)
            await stack.enter_async_context(app.router.lifespan_context(app))
            client = await stack.enter_async_context(_in_process(name, app, limit_s))
            place = f"the mock {name} system in this process"
            return CompanySystem(
                name=name, client=client, place=place, health_path="/health", in_process=True, breaker=breaker
            )

        yield Company(
            jira=await open_system("jira", settings.jira_base_url, create_jira, "/rest/api/3/serverInfo"),
            # https://prometheus.io/docs/prometheus/latest/management_api/#health-check
            metrics=await open_system("metrics", settings.metrics_base_url, create_metrics, "/-/healthy"),
            # https://grafana.com/docs/loki/latest/reference/loki-http-api/#readiness-check
            logs=await open_system("logs", settings.logs_base_url, create_logs, "/ready"),
        )


def _remote(base_url: str, timeout_s: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_TIMEOUT_S)),
        limits=httpx.Limits(max_connections=_MAX_CONNECTIONS, max_keepalive_connections=_KEPT_CONNECTIONS),
        trust_env=False,  # a proxy of the environment is for the outside, and its credentials are no business of ours
        headers={"User-Agent": "orch"},
    )


def _in_process(name: str, app: Starlette, timeout_s: float) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{name}.mock", timeout=timeout_s)


def _place(base_url: str) -> str:
    parts = urlsplit(base_url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
