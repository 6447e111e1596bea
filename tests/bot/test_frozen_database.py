"""A database that takes what it is sent and answers nothing, as a frozen machine or one cut off by the network does."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from time import perf_counter
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from psycopg.conninfo import conninfo_to_dict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.api.deadline import Deadline
from bot.api.root import create_api
from bot.patience import ask_within
from bot.server import Server, bind, url_of
from bot.settings import Settings
from core.task import Origin
from core.task import Request as TaskRequest
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Listener, Script, make_worker, open_test_runtime

LIMIT_S = 1.0
NOBODY = UUID(int=1)


class Wire:
    """Carries bytes between the program and the real server, until it is frozen."""

    def __init__(self, url: str) -> None:
        self._server = conninfo_to_dict(url)
        self._flows = asyncio.Event()
        self._flows.set()
        self._jobs: list[asyncio.Task[None]] = []
        self._ends: list[asyncio.StreamWriter] = []

    def freeze(self) -> None:
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    @asynccontextmanager
    async def url(self) -> AsyncGenerator[str]:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            known = {name: self._server[name] for name in ("user", "password", "dbname") if self._server.get(name)}
            yield f"postgresql://127.0.0.1:{port}/?{urlencode(known)}"
        finally:
            server.close()
            for job in self._jobs:
                job.cancel()
            for end in self._ends:
                end.transport.abort()
            await asyncio.gather(
                *self._jobs, *(end.wait_closed() for end in self._ends), server.wait_closed(), return_exceptions=True
            )

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = str(self._server["host"]), self._server.get("port", 5432)
        if host.startswith("/"):
            beyond = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            beyond = await asyncio.open_connection(host, int(str(port)))
        self._ends += [beyond[1], writer]
        self._jobs += [
            asyncio.create_task(self._carry(source, target))
            for source, target in ((reader, beyond[1]), (beyond[0], writer))
        ]

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while some := await source.read(65_536):
                await self._flows.wait()
                target.write(some)
                await target.drain()
        target.close()


@pytest.fixture
async def wire(database_url: str) -> Wire:
    return Wire(database_url)


@pytest.fixture
async def client(
    wire: Wire, settings: Settings, script: Script, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[httpx.AsyncClient]:
    monkeypatch.setattr("bot.api.deadline.ANSWER_S", LIMIT_S)
    monkeypatch.setattr("bot.api.deadline.MAX_WAIT_S", 0.5)
    async with wire.url() as url, Database(url) as database:
        store = PostgresTaskStore(database)
        app = create_api(settings, lambda given: open_test_runtime(given, database, store, script))
        async with listening(app) as opened:
            yield opened
            wire.thaw()


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    """A client over real HTTP, which has its answer though the app is still busy with what it called off."""
    ready = asyncio.Event()
    with closing(bind("127.0.0.1", 0)) as listener:
        server = Server(app, ready.set)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await ready.wait()
        async with httpx.AsyncClient(base_url=url_of(listener), timeout=30) as client:
            yield client
        server.should_exit = True
        await serving


type Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]

ROUTES: dict[str, Ask] = {
    "list": lambda client: client.get("/tasks"),
    "read": lambda client: client.get(f"/tasks/{NOBODY}"),
    "hand in": lambda client: client.post("/tasks", json={"task": "x"}),
    "hand in once": lambda client: client.post("/tasks", json={"task": "x"}, headers={"Idempotency-Key": "k"}),
    "run": lambda client: client.post(f"/tasks/{NOBODY}/run"),
    "cancel": lambda client: client.post(f"/tasks/{NOBODY}/cancel"),
    "run again": lambda client: client.post(f"/tasks/{NOBODY}/rerun"),
    "charts": lambda client: client.get(f"/tasks/{NOBODY}/charts"),
    "feedback": lambda client: client.get(f"/tasks/{NOBODY}/feedback"),
}


async def test_every_route_answers_in_time_and_works_again_by_itself(client: httpx.AsyncClient, wire: Wire) -> None:
    assert (await client.get("/tasks")).status_code == 200
    wire.freeze()

    async def timed(ask: Ask) -> tuple[httpx.Response, float]:
        began = perf_counter()
        return await ask(client), perf_counter() - began

    for response, took_s in await asyncio.gather(*(timed(ask) for ask in ROUTES.values())):
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert took_s < LIMIT_S + 3
    wire.thaw()
    for _ in range(200):
        if (await client.post("/tasks", json={"task": "x"})).status_code == 201:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not work again")


async def test_health_and_metrics_are_told_meanwhile(
    client: httpx.AsyncClient, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.health.PROBE_TIMEOUT_S", 0.3)
    monkeypatch.setattr("bot.metrics.exposition.READ_TIMEOUT_S", 0.3)
    assert (await client.get("/health")).status_code == 200
    wire.freeze()
    began = perf_counter()
    health, metrics = await asyncio.gather(client.get("/health"), client.get("/metrics"))
    assert perf_counter() - began < 2.0
    assert health.status_code == 503
    assert health.json()["parts"]["database"]["status"] == "failed"
    assert "orch_database_up 0.0" in metrics.text


async def test_a_worker_stops_though_nothing_can_be_handed_over(
    wire: Wire, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.worker._HAND_OVER_S", 0.3)
    script.hold()
    async with wire.url() as url, Database(url) as database:
        worker = make_worker(database, script, Listener())
        worker.start()
        store = PostgresTaskStore(database)
        await store.add(TaskRequest(text="t", origin=Origin(door="slack")), runs=True)
        await until(lambda: script.at_work == 1)
        wire.freeze()
        async with asyncio.timeout(15):
            await worker.stop(grace_s=0.1)
        wire.thaw()


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


@pytest.fixture
def slow_app(monkeypatch: pytest.MonkeyPatch) -> FastAPI | Starlette:
    monkeypatch.setattr("bot.api.deadline.ANSWER_S", 0.1)
    monkeypatch.setattr("bot.api.deadline.MAX_WAIT_S", 0.4)

    async def slow(request: Request) -> Response:
        try:
            await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            request.app.state.stopped = True
            raise
        return PlainTextResponse("at last")

    app = Starlette(routes=[Route("/{path:path}", slow)])
    app.add_middleware(Deadline)
    return app


async def test_work_on_a_request_that_was_refused_is_stopped(slow_app: Starlette) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(slow_app), base_url="http://orch.test") as client:
        response = await client.get("/tasks")
    assert response.status_code == 503
    assert response.json()["type"] == "urn:orch:problem:overdue"
    assert "Idempotency-Key" in response.json()["detail"]
    assert slow_app.state.stopped


async def test_what_waits_for_a_run_is_given_its_time(slow_app: Starlette) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(slow_app), base_url="http://orch.test") as client:
        assert (await client.get("/tasks/1/run")).text == "at last"


async def test_who_is_cancelled_from_outside_is_cancelled(slow_app: Starlette) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(slow_app), base_url="http://orch.test") as client:
        asking = asyncio.create_task(client.get("/tasks"))
        await asyncio.sleep(0.02)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_patience_ends_though_what_was_called_off_does_not() -> None:
    ended = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(1.0)
            ended.set()
            raise

    began = perf_counter()
    with pytest.raises(TimeoutError):
        await ask_within(stubborn(), 0.02)
    assert perf_counter() - began < 0.9
    async with asyncio.timeout(5):
        await ended.wait()
