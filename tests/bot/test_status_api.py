import asyncio
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from bot.api.root import create_api
from bot.company import Company, CompanySystem
from bot.health import Health, Part, SystemProbe, database_probe, fixed, worker_probe
from bot.settings import Settings
from core.errors import StorageError
from core.task import TaskDocument
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.conftest import serve
from tests.bot.fakes import Listener, Script, echo_company, make_worker, open_test_runtime


async def test_health_tells_of_every_part(client: httpx.AsyncClient) -> None:
    response = await client.get("/health")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    report = response.json()
    assert report["status"] == "ok"
    assert set(report["parts"]) == {"database", "slack", "jira", "metrics", "logs"}
    assert report["parts"]["slack"] == {"status": "closed", "detail": "SLACK_BOT_TOKEN is not set"}
    assert (await client.get("/ready")).status_code == 200


def broken_company(transport: httpx.AsyncBaseTransport, *, in_process: bool = False) -> Company:
    client = httpx.AsyncClient(transport=transport, base_url="http://jira.test")
    jira = CompanySystem(
        name="jira", client=client, place="http://jira.test", health_path="/health", in_process=in_process
    )
    return replace(echo_company(), jira=jira)


async def never(request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(60)
    return httpx.Response(200)


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused", request=request)


@pytest.mark.parametrize(
    ("transport", "words"),
    [
        (httpx.MockTransport(refuse), "cannot be reached (connection refused)"),
        (httpx.MockTransport(never), "has not answered for 0.2 s"),
        (httpx.MockTransport(lambda _: httpx.Response(500)), "answers 500"),
        (httpx.MockTransport(lambda _: httpx.Response(401)), "correct the credentials"),
    ],
)
async def test_a_system_that_fails_degrades_but_tasks_are_taken(
    settings: Settings, database: Database, script: Script, transport: httpx.AsyncBaseTransport, words: str
) -> None:
    store = PostgresTaskStore(database)
    app = create_api(
        settings,
        lambda given: open_test_runtime(given, database, store, script, company=lambda: broken_company(transport)),
    )
    async with serve(app) as client:
        response = await client.get("/health")
        assert response.status_code == 200
        assert response.json()["status"] == "degraded"
        assert words in response.json()["parts"]["jira"]["detail"]
        assert (await client.post("/tasks", json={"task": "x"})).status_code == 201


async def test_a_mock_that_still_reads_its_data_is_starting() -> None:
    company = broken_company(httpx.MockTransport(never), in_process=True)
    health = Health({}, {"jira": SystemProbe(company.jira, timeout_s=0.01)})
    report = await health.report()
    assert (report.takes_tasks, report.is_ready) == (True, False)


async def test_what_a_system_said_is_kept_for_a_while() -> None:
    asked = 0

    def count(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(404)

    company = broken_company(httpx.MockTransport(count))
    probe = SystemProbe(company.jira)
    parts = await asyncio.gather(*(probe() for _ in range(5)))
    assert {part.status for part in parts} == {"ok"}
    assert asked == 1


async def test_without_a_database_nothing_is_taken(app: FastAPI, database: Database) -> None:
    async with serve(app) as client:
        await database.close()
        health = await client.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "down")
        assert health.json()["parts"]["database"]["status"] == "failed"
        for response in (
            await client.post("/tasks", json={"task": "x"}),
            await client.get("/tasks"),
            await client.get(f"/tasks/{UUID(int=1)}"),
            await client.post(f"/tasks/{UUID(int=1)}/run", json={}),
            await client.post("/tasks", json={"task": "x"}, headers={"Idempotency-Key": "k"}),
        ):
            assert response.status_code == 503
            assert response.headers["retry-after"] == "5"
            assert response.json()["type"] == "urn:orch:problem:storage-unavailable"


async def test_a_silent_database_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.health.PROBE_TIMEOUT_S", 0.01)

    async def ping() -> None:
        await asyncio.sleep(60)

    part = await database_probe(ping, "the database")()
    assert part == Part(status="failed", detail="the database has not answered for 0.01 s")


async def test_a_worker_that_stopped_is_told(database: Database, script: Script) -> None:
    worker = make_worker(database, script, Listener())
    probe = worker_probe(worker)
    assert (await probe()).status == "failed"
    worker.start()
    assert (await probe()).status == "ok"
    worker.close()
    assert (await probe()).status == "stopping"
    await worker.stop(grace_s=0)
    report = await Health({"worker": probe}, {"slack": fixed(Part(status="closed", detail=""))}).report()
    assert report.status == "down"


async def test_a_defect_of_ours_is_a_problem_and_tells_no_secret(
    settings: Settings, database: Database, script: Script
) -> None:
    class Defective(PostgresTaskStore):
        async def get_document(self, task_id: UUID) -> TaskDocument:
            raise ZeroDivisionError("password=hunter22")

    store = Defective(database)
    app = create_api(settings, lambda given: open_test_runtime(given, database, store, script))
    async with serve(app) as client:
        response = await client.get(f"/tasks/{UUID(int=1)}")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "hunter22" not in response.text


async def test_a_start_that_fails_says_why(settings: Settings) -> None:
    def opener(_: Settings) -> None:
        raise StorageError("the database is away: start it")

    app = create_api(settings, opener)  # type: ignore[arg-type] -- it never gets to open
    messages: list[dict[str, str]] = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: dict[str, str]) -> None:
        messages.append(message)

    with pytest.raises(StorageError):
        await app({"type": "lifespan", "state": {}}, receive, send)  # type: ignore[arg-type] -- plain dictionaries do
    assert messages == [{"type": "lifespan.startup.failed", "message": "the database is away: start it"}]


async def test_tools_have_their_schemas(client: httpx.AsyncClient) -> None:
    (tool,) = (await client.get("/tools")).json()["tools"]
    assert set(tool) == {"name", "description", "input_schema", "output_schema"}


async def test_swagger_shows_the_p1_example(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    body = described["paths"]["/tasks"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"]["context"]["service"] == "saas-api"
    names = set(described["components"]["schemas"])
    assert {"TaskBody", "Context", "Problem", "TaskDocument"} <= names
    assert "HTTPValidationError" not in str(described)


@pytest.mark.parametrize("path", ["/", "/docs", "/manual/docs"])
async def test_pages_have_a_content_security_policy(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'unsafe-inline'" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_the_closed_slack_door_says_so(client: httpx.AsyncClient) -> None:
    response = await client.post("/slack/events", json={"type": "url_verification"})
    assert response.status_code == 503
    assert "SLACK_BOT_TOKEN is not set" in response.json()["detail"]
