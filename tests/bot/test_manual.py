import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from bot.company import Company, CompanySystem
from bot.manual import add_proxy
from tests.bot.conftest import serve
from tests.bot.fakes import echo_company, echo_system


def proxy(company: Company, *, timeout_s: float = 5.0) -> FastAPI:
    app = FastAPI(docs_url=None)
    add_proxy(app, lambda: company, timeout_s=timeout_s)
    return app


@pytest.fixture
async def asked() -> AsyncGenerator[httpx.AsyncClient]:
    async with serve(proxy(echo_company())) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "seen_path", "query"),
    [
        ("GET", "/jira/rest/api/3/search/jql?jql=a%20%3D%20b&jql=c", "/rest/api/3/search/jql", "jql=a%20%3D%20b&jql=c"),
        ("GET", "/jira/rest/api/3/issue/OPS-1", "/rest/api/3/issue/OPS-1", ""),
        ("POST", "/metrics/api/v1/query_range", "/api/v1/query_range", ""),
        ("GET", '/logs/loki/api/v1/query_range?query={a="b%26"}', "/loki/api/v1/query_range", None),
        ("DELETE", "/logs/a%20b/%C3%A4?x", "/a b/ä", "x"),
        ("GET", "/metrics/", "/", ""),
    ],
)  # fmt: skip
async def test_a_request_is_passed_on(
    asked: httpx.AsyncClient, method: str, path: str, seen_path: str, query: str | None
) -> None:
    response = await asked.request(method, path, content=b"q=1" if method == "POST" else None)
    assert response.status_code == 200
    seen = response.json()
    assert (seen["method"], seen["path"]) == (method, seen_path)
    assert seen["body"] == ("q=1" if method == "POST" else "")
    if query is not None:
        assert seen["query"] == query


async def test_cookies_and_credentials_stay_here(asked: httpx.AsyncClient) -> None:
    headers = {
        "Cookie": "session=1",
        "Authorization": "Basic eA==",
        "Connection": "X-Odd",
        "X-Odd": "1",
        "Accept": "a/b",
    }
    response = await asked.get("/jira/x", headers=headers)
    seen = response.json()["headers"]
    assert seen["accept"] == "a/b"
    assert not {"cookie", "authorization", "x-odd"} & set(seen)
    assert "set-cookie" not in response.headers


async def test_the_systems_own_status_comes_back(asked: httpx.AsyncClient) -> None:
    assert (await asked.get("/logs/teapot")).status_code == 418


@pytest.mark.parametrize(
    "path", ["/jira//evil.test/x", "/jira/http://evil.test/x", "/jira/@evil.test/x", "/jira/%2F%2Fevil.test"]
)
async def test_no_path_leads_to_another_host(asked: httpx.AsyncClient, path: str) -> None:
    assert (await asked.get(path)).json()["headers"]["host"] == "jira.test"


@pytest.mark.parametrize("path", ["/jira/%2e%2e/admin", "/jira/a/%2e%2e/%2e%2e/admin", "/jira/..%2fadmin"])
async def test_no_path_leads_out_of_a_base_url(path: str) -> None:
    company = replace(echo_company(), jira=echo_system("jira", base_url="http://jira.test/base"))
    async with serve(proxy(company)) as client:
        assert (await client.get("/jira/ok")).json()["path"] == "/base/ok"
        assert (await client.get(path)).status_code == 404


def stalled(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


async def sleepy(request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(60)
    return httpx.Response(200)


@pytest.mark.parametrize(("transport", "status"), [(stalled, 504), (refused, 502), (sleepy, 504)])
async def test_a_system_that_does_not_answer_is_a_problem(
    transport: Callable[[httpx.Request], httpx.Response], status: int
) -> None:
    client = httpx.AsyncClient(transport=httpx.MockTransport(transport), base_url="http://jira.test")
    system = CompanySystem(name="jira", client=client, place="http://jira.test", health_path="/")
    async with serve(proxy(replace(echo_company(), jira=system), timeout_s=0.05)) as asked:
        response = await asked.get("/jira/x")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert "http://jira.test" in response.json()["detail"]


async def test_it_is_mounted_under_manual(client: httpx.AsyncClient) -> None:
    assert (await client.get("/manual/logs/loki/api/v1/labels")).json()["path"] == "/loki/api/v1/labels"
    assert (await client.get("/manual/nothing")).status_code == 404
    page = await client.get("/manual/docs")
    assert "/manual/openapi.json" in page.text
    described = (await client.get("/manual/openapi.json")).json()
    assert "/logs/loki/api/v1/query_range" in described["paths"]
    assert described["servers"] == [{"url": "/manual"}]
