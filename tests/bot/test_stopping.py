"""The program told to stop in the middle of a run: it says so, and another process goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.api.bodies import P1_EXAMPLE
from core.task import Origin, Request, Task
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.test_program import START_TIMEOUT_S, program


@pytest.fixture
async def silent_url() -> AsyncGenerator[str]:
    """A company system that takes every request and answers none."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        for writer in held:
            writer.close()
        server.close()


@asynccontextmanager
async def serving(settings: dict[str, str]) -> AsyncGenerator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    async with program("serve", **settings) as process, asyncio.timeout(START_TIMEOUT_S):
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        url = next(word for word in line.split() if word.startswith("http://"))
        async with httpx.AsyncClient(base_url=url) as client:
            yield process, client


async def _ended(store: PostgresTaskStore, document: dict[str, Any]) -> Task:
    for _ in range(600):
        task = await store.get(document["task_id"])
        if task.status.is_final:
            return task
        await asyncio.sleep(0.05)
    raise AssertionError("the task did not end")


async def test_a_stop_is_told_and_what_runs_is_handed_over_to_a_separate_worker(
    database_url: str, database: Database, task_store: PostgresTaskStore, tmp_path: Path, silent_url: str
) -> None:
    settings = {
        "ORCHESTRATOR_DATABASE_URL": database_url,
        "ORCHESTRATOR_DATA_DIR": str(tmp_path),
        "ORCHESTRATOR_PORT": "0",
        "ORCHESTRATOR_STOP_GRACE_S": "6",  # asking for the health of a silent system takes two
    }
    async with serving({**settings, "COMPANY_METRICS_BASE_URL": silent_url}) as (process, client):
        task = (await client.post("/tasks", json=P1_EXAMPLE)).json()
        path = f"/tasks/{task['task_id']}/run"
        assert (await client.post(path, headers={"Prefer": "respond-async"})).status_code == 202
        await asyncio.sleep(0.7)
        process.terminate()
        await asyncio.sleep(0.2)
        ready, health = await client.get("/ready"), await client.get("/health")
        assert (ready.status_code, health.status_code) == (503, 503)
        assert health.json()["parts"]["worker"]["status"] == "stopping"
        other = (await client.post("/tasks", json=P1_EXAMPLE)).json()
        refused = await client.post(f"/tasks/{other['task_id']}/run")
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:orch:problem:stopping")
        assert refused.headers["retry-after"]
        await process.communicate()
    assert (await task_store.get(task["task_id"])).status == "running"
    async with program("worker", **settings) as process, asyncio.timeout(START_TIMEOUT_S):
        assert process.stdout is not None
        assert (await process.stdout.readline()).decode() == "orch runs tasks\n"
        assert (await _ended(task_store, task)).status == "succeeded"
        process.terminate()
        _, log = await process.communicate()
        assert process.returncode == 0, log.decode()
    found = await database.fetch_one(
        "select attempt, deaths from tasks where task_id = %(id)s", {"id": task["task_id"]}
    )
    assert found == {"attempt": 2, "deaths": 0}


async def test_a_second_signal_ends_the_grace_and_whoever_waits_is_told_where_to_look(
    database_url: str, task_store: PostgresTaskStore, tmp_path: Path, silent_url: str
) -> None:
    settings = {
        "ORCHESTRATOR_DATABASE_URL": database_url,
        "ORCHESTRATOR_DATA_DIR": str(tmp_path),
        "ORCHESTRATOR_PORT": "0",
        "ORCHESTRATOR_STOP_GRACE_S": "50",
        "ORCHESTRATOR_COMPANY_TOOL_TIMEOUT_S": "50",
        "COMPANY_METRICS_BASE_URL": silent_url,
    }
    async with serving(settings) as (process, client):
        task = (await client.post("/tasks", json=P1_EXAMPLE)).json()
        waiting = asyncio.create_task(client.post(f"/tasks/{task['task_id']}/run", timeout=40))
        await asyncio.sleep(0.7)
        process.terminate()
        await asyncio.sleep(0.3)
        assert not waiting.done()
        process.terminate()
        async with asyncio.timeout(15):
            response = await waiting
            await process.communicate()
    assert (response.status_code, response.json()["status"]) == (202, "running")
    assert response.headers["location"] == f"/tasks/{task['task_id']}"
    assert (await task_store.get(task["task_id"])).status == "running"


async def test_a_second_signal_ends_the_grace_of_a_separate_worker_too(
    database_url: str, task_store: PostgresTaskStore, tmp_path: Path, silent_url: str
) -> None:
    settings = {
        "ORCHESTRATOR_DATABASE_URL": database_url,
        "ORCHESTRATOR_DATA_DIR": str(tmp_path),
        "ORCHESTRATOR_STOP_GRACE_S": "50",
        "ORCHESTRATOR_COMPANY_TOOL_TIMEOUT_S": "50",
        "COMPANY_METRICS_BASE_URL": silent_url,
    }
    request = Request(text=P1_EXAMPLE["task"], origin=Origin(door="slack"))
    task_id = (await task_store.add(request, runs=True))[0].task_id
    async with program("worker", **settings) as process, asyncio.timeout(START_TIMEOUT_S):
        assert process.stdout is not None
        assert (await process.stdout.readline()).decode() == "orch runs tasks\n"
        while await task_store.get_status(task_id) != "running":  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        process.terminate()
        await asyncio.sleep(0.3)
        assert process.returncode is None
        process.terminate()
        async with asyncio.timeout(15):
            await process.communicate()
    assert (await task_store.get_status(task_id)) == "running"  # and waits for another process


async def test_an_app_with_separate_workers_says_when_there_is_none(
    database_url: str, task_store: PostgresTaskStore, tmp_path: Path
) -> None:
    settings = {
        "ORCHESTRATOR_DATABASE_URL": database_url,
        "ORCHESTRATOR_DATA_DIR": str(tmp_path),
        "ORCHESTRATOR_PORT": "0",
    }
    async with serving({**settings, "ORCHESTRATOR_WORKERS": "separate"}) as (_, client):
        health = await client.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert "start one with `python -m bot worker`" in health.json()["parts"]["worker"]["detail"]
        task = (await client.post("/tasks", json=P1_EXAMPLE)).json()
        waiting = asyncio.create_task(client.post(f"/tasks/{task['task_id']}/run", timeout=40))
        async with program("worker", **settings):
            assert (await waiting).json()["status"] == "succeeded"
            health = await client.get("/health")
            assert health.json()["parts"]["worker"]["status"] == "ok"
