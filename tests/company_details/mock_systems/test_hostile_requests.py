"""Whatever is asked, the answer is an answer or a refusal: never a failure of the server."""

import asyncio
import json
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from company_details.company_sim.mock_systems.jira.app import create_app as create_jira
from company_details.company_sim.mock_systems.logs.app import create_app as create_logs
from company_details.company_sim.mock_systems.metrics.app import create_app as create_metrics
from tests.company_details.mock_systems.conftest import ISSUES, LOGS, METRICS, NOW_S

numbers = st.one_of(st.integers(-(10**25), 10**25), st.floats()).map(str)
scalars = st.one_of(
    st.text(max_size=12), numbers, st.sampled_from(["", "0", "1e308", "inf", "9" * 400, "0001-01-01T00:00:00Z"])
)
fields = st.sampled_from(
    [
        *(
            "project",
            "key",
            "status",
            "statusCategory",
            "type",
            "priority",
            "labels",
            "component",
            "assignee",
            "parent",
        ),
        *("resolution", "summary", "description", "comment", "text", "created", "updated", "resolved", "due"),
        *("cf[10041]", '"Severity level"', "cf[7]"),
    ]
)
values = st.one_of(
    st.text(max_size=12).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from(
        ["EMPTY", "now()", "startOfDay(-999999)", 'endOfYear("999999w")', "currentUser()", "High", "OPS-1"]
    ),
    st.sampled_from(
        ["-999999w", "9999-12-31", "2026-02-30", r'"\ud800"', '"\\"a b\\""', '"a* -b OR c?d"', "12", "1e999"]
    ),
)
comparisons = st.builds(
    "{} {} {}".format, fields, st.sampled_from(["=", "!=", "~", "!~", ">", ">=", "<", "<=", "is", "is not"]), values
)
lists = st.builds("{} {} ({}, {})".format, fields, st.sampled_from(["in", "not in"]), values, values)
clauses = st.one_of(comparisons, lists, st.builds("not ({})".format, comparisons))
queries = st.builds(
    "{} {} {} order by {} desc, {}".format, clauses, st.sampled_from(["and", "or"]), clauses, fields, fields
)


@pytest.fixture(scope="module")
def apps() -> Generator[dict[str, Starlette]]:
    with make_apps() as made:
        yield made


@contextmanager
def make_apps() -> Generator[dict[str, Starlette]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "metrics.csv").write_text(METRICS)
        (folder / "logs.ndjson").write_text("".join(json.dumps(line) + "\n" for line in LOGS))
        (folder / "jira_tickets.json").write_text(json.dumps(ISSUES))
        (folder / "jira_fields.json").write_text(json.dumps([{"id": "customfield_10041", "name": "Severity level"}]))
        created = (("jira", create_jira), ("metrics", create_metrics), ("logs", create_logs))
        yield {system: create(folder, now_s=lambda: NOW_S) for system, create in created}


def status_of(app: Starlette, path: str, parameters: dict[str, str]) -> int:
    async def ask() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
            query = urlencode(parameters, errors="replace")
            return (await client.get(f"{path}?{query}")).status_code

    return asyncio.run(ask())


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(["query", "query_range", "labels", "series"]), time=scalars, end=scalars, step=scalars)
@example(path="query_range", time="1", end="1e9", step="1e300")
@example(path="query_range", time="-1e15", end="-1e15", step="99999999999999999999w")
def test_times_and_steps_of_metrics(apps: dict[str, Starlette], path: str, time: str, end: str, step: str) -> None:
    parameters = {"query": '{service=~".+"}', "match[]": '{service=~".+"}'}
    parameters |= {"time": time, "start": time, "end": end, "step": step}
    assert status_of(apps["metrics"], f"/api/v1/{path}", parameters) in {200, 400}


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(["query_range", "labels"]), start=scalars, end=scalars, limit=scalars)
@example(path="query_range", start="0", end="9" * 19, limit="1")
def test_times_and_limits_of_logs(apps: dict[str, Starlette], path: str, start: str, end: str, limit: str) -> None:
    parameters = {"query": '{service=~".+"}', "start": start, "end": end, "limit": limit}
    assert status_of(apps["logs"], f"/loki/api/v1/{path}", parameters) in {200, 400}


@settings(max_examples=150, deadline=None)
@given(jql=queries, limit=st.one_of(st.just("10"), scalars))
def test_searches_for_tickets(apps: dict[str, Starlette], jql: str, limit: str) -> None:
    parameters = {"jql": jql, "maxResults": limit, "fields": "*all"}
    assert status_of(apps["jira"], "/rest/api/3/search/jql", parameters) in {200, 400}


@settings(max_examples=40, deadline=None)
@given(key=st.text(min_size=1, max_size=12), fields=st.text(max_size=12))
def test_keys_of_tickets(apps: dict[str, Starlette], key: str, fields: str) -> None:
    path = f"/rest/api/3/issue/{quote(key, safe='', errors='replace')}"
    assert status_of(apps["jira"], path, {"fields": fields}) in {200, 404}
