"""The program as it is started: its commands in processes of their own, the real parts wired together."""

import asyncio
import json
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.api.bodies import P1_EXAMPLE
from bot.app import create_app
from bot.settings import CHECKOUT, Settings
from tests.bot.conftest import serve

START_TIMEOUT_S = 60


@asynccontextmanager
async def program(*arguments: str, **environment: str) -> AsyncGenerator[Process]:
    plain = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=CHECKOUT, env={**plain, **environment}, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def outcome(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a program that ends by itself."""
    async with program(*arguments, **environment) as process, asyncio.timeout(START_TIMEOUT_S):
        stdout, stderr = await process.communicate()
        assert process.returncode is not None
        return process.returncode, stdout.decode(), stderr.decode()


async def test_serve_listens_answers_and_stops(database_url: str, tmp_path: Path) -> None:
    settings = {
        "ORCHESTRATOR_DATABASE_URL": database_url,
        "ORCHESTRATOR_DATA_DIR": str(tmp_path),
        "ORCHESTRATOR_PORT": "0",
    }
    async with program("serve", **settings) as process, asyncio.timeout(START_TIMEOUT_S):
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        url = next(word for word in line.split() if word.startswith("http://"))
        async with httpx.AsyncClient(base_url=url) as client:
            health = await client.get("/health")
            assert health.status_code == 200
        process.terminate()
        stdout, _ = await process.communicate()
        assert stdout == b""


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"ORCHESTRATOR_PLANNER_MODE": "llm"}, "later release"),
        ({"ORCHESTRATOR_PORT": "eighty"}, "ORCHESTRATOR_PORT is 'eighty'"),
        ({"SLACK_BOT_TOKEN": "xoxb-secret-1"}, "SLACK_SIGNING_SECRET"),
    ],
)
async def test_a_wrong_setting_is_a_sentence_and_no_traceback(environment: dict[str, str], words: str) -> None:
    code, stdout, stderr = await outcome("serve", **environment)
    assert code == 2
    assert stdout == ""
    assert words in stderr
    assert "Traceback" not in stderr
    assert "xoxb-secret-1" not in stderr


async def test_a_busy_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, _, stderr = await outcome("manual", "--port", port)
    assert code == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in stderr
    assert "Traceback" not in stderr


async def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    settings = {
        "ORCHESTRATOR_DATABASE_URL": "postgresql://me:hunter22@127.0.0.1:1/orch",
        "ORCHESTRATOR_DATA_DIR": str(tmp_path),
        "ORCHESTRATOR_PORT": "0",
    }
    code, _, stderr = await outcome("serve", **settings)
    assert code == 1
    assert "start the server, or correct the URL" in stderr
    assert "Traceback" not in stderr
    assert "hunter22" not in stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["  "], "empty"),
        (["x", "--start", "soon"], "start_time"),
        (["x", "--start", "2026-01-02T00:00:00Z", "--end", "2026-01-01T00:00:00Z"], "swap"),
    ],
)
async def test_analyze_refuses_what_cannot_be_taken(
    database_url: str, tmp_path: Path, arguments: list[str], words: str
) -> None:
    code, stdout, stderr = await outcome(
        "analyze", *arguments, ORCHESTRATOR_DATABASE_URL=database_url, ORCHESTRATOR_DATA_DIR=str(tmp_path)
    )
    assert (code, stdout) == (2, "")
    assert words in stderr
    assert "Traceback" not in stderr


async def test_analyze_prints_the_task_and_its_progress(database_url: str, tmp_path: Path) -> None:
    code, stdout, stderr = await outcome(
        "analyze",
        "Compare the P1 escalation obligations of policy_v1 and policy_v2; say what tightened.",
        "--json",
        ORCHESTRATOR_DATABASE_URL=database_url,
        ORCHESTRATOR_DATA_DIR=str(tmp_path),
    )
    assert code == 0, stderr
    task = json.loads(stdout)
    assert task["verification"]["passed"] is True
    assert task["origin"]["door"] == "terminal"
    assert "planned" in stderr


async def test_the_whole_program_answers_the_first_example(database_url: str, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"ORCHESTRATOR_DATABASE_URL": database_url, "ORCHESTRATOR_DATA_DIR": tmp_path / "data"}
    )
    async with serve(create_app(settings), raise_app_exceptions=True) as client:
        created = await client.post("/tasks", json=P1_EXAMPLE)
        assert created.status_code == 201
        ran = await client.post(f"{created.headers['location']}/run", json={}, timeout=60)
        assert ran.status_code == 200
        document = ran.json()
        assert document["status"] == "succeeded", document["verification_json"]["reasons"]
        cited = {citation["citation_source"] for citation in document["result_json"]["report"]["citations"]}
        assert set(P1_EXAMPLE["context"]["required_citations"]) <= cited
        names = [tool["name"] for tool in (await client.get("/tools")).json()["tools"]]
        assert "search_previous_issues" in names
