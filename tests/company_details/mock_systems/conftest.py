"""Servers over small data, called over ASGI."""

import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from company_details.company_sim.mock_systems.jira.app import create_app as create_jira
from company_details.company_sim.mock_systems.logs.app import create_app as create_logs
from company_details.company_sim.mock_systems.metrics.app import create_app as create_metrics

NOW_S = 1_771_160_400.0
"""2026-02-15 13:00 UTC."""

METRICS = """\
timestamp,metric,service,region,value
2026-02-14T10:00:00Z,latency_seconds,checkout,eu,0.42
2026-02-14T10:01:00Z,latency_seconds,checkout,eu,12
2026-02-14T10:00:00Z,latency_seconds,billing,,0.1
1771063260,requests_total,checkout,eu,1e21
"""

LOGS = [
    {"timestamp": "2026-02-14T10:00:00Z", "service": "checkout", "level": "info", "message": "cart opened", "user": 7},
    {"timestamp": "2026-02-14T10:00:01Z", "service": "checkout", "level": "error", "message": "timeout after 30ms"},
    {"timestamp": "2026-02-14T10:00:02Z", "service": "billing", "level": "error", "message": 'said "no" twice'},
    {"timestamp": 1771063203.5, "service": "checkout", "level": "error", "message": "timeout after 99ms"},
]


def issue(number: int, project: str = "OPS", **fields: Any) -> dict[str, Any]:
    """An issue in the shape of the REST API, as far as searching looks at it."""
    return {
        "id": str(10_000 + number),
        "key": f"{project}-{number}",
        "fields": {
            "project": {"id": "1", "key": project, "name": f"{project} project"},
            "summary": f"Issue number {number}",
            "status": {"name": "Open", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}},
            "issuetype": {"name": "Bug"},
            "priority": {"id": "2", "name": "High"},
            "labels": [],
            "created": f"2026-02-{1 + number % 28:02d}T10:00:00.000+0000",
            "updated": f"2026-02-{1 + number % 28:02d}T11:00:00.000+0000",
            "resolutiondate": None,
            "resolution": None,
        }
        | fields,
    }


def document(*paragraphs: str) -> dict[str, Any]:
    """An Atlassian document of paragraphs."""
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in paragraphs],
    }


ISSUES = [
    issue(
        1,
        summary="Checkout timeouts after deploy",
        description=document("The payment gateway was failing.", "Rolled back."),
        labels=["latency", "payments"],
        priority={"id": "1", "name": "Highest"},
        customfield_10041={"value": "SEV-1"},
        assignee={"accountId": "a1", "displayName": "Ada Okafor", "emailAddress": "ada@example.com"},
        comment={"comments": [{"body": document("Connection pool exhausted")}]},
        components=[{"name": "checkout"}],
    ),
    issue(
        2,
        summary="Disk full on database",
        status={"name": "Done", "statusCategory": {"id": 3, "key": "done", "name": "Done"}},
        resolution={"name": "Fixed"},
        resolutiondate="2026-02-12T10:00:00.000+0000",
        customfield_10041={"value": "SEV-2"},
        labels=["disk"],
        priority={"id": "3", "name": "Medium"},
    ),
    issue(3, "PAY", summary='He said "no such host" twice', issuetype={"name": "Task"}),
]

type Serve = Callable[..., httpx.AsyncClient]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder with the data of all three systems."""
    (tmp_path / "metrics.csv").write_text(METRICS)
    (tmp_path / "logs.ndjson").write_text("".join(json.dumps(line) + "\n" for line in LOGS))
    (tmp_path / "jira_tickets.json").write_text(json.dumps(ISSUES))
    (tmp_path / "jira_fields.json").write_text(json.dumps([{"id": "customfield_10041", "name": "Severity level"}]))
    return tmp_path


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    """A client of an app called in-process, without a lifespan."""
    clients: list[httpx.AsyncClient] = []

    def open_client(app: Starlette) -> httpx.AsyncClient:
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock"))
        return clients[-1]

    yield open_client
    for client in clients:
        await client.aclose()


@pytest.fixture
def metrics(data_dir: Path, serve: Serve) -> httpx.AsyncClient:
    return serve(create_metrics(data_dir, now_s=lambda: NOW_S))


@pytest.fixture
def logs(data_dir: Path, serve: Serve) -> httpx.AsyncClient:
    return serve(create_logs(data_dir, now_s=lambda: NOW_S))


@pytest.fixture
def jira(data_dir: Path, serve: Serve) -> httpx.AsyncClient:
    return serve(create_jira(data_dir, now_s=lambda: NOW_S))
