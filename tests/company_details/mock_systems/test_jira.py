import contextlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company_details.company_sim.mock_systems.jira.app import create_app
from company_details.company_sim.mock_systems.jira.jql import (
    AllOf,
    AnyOf,
    Clause,
    Condition,
    Empty,
    JqlError,
    Operand,
    Value,
    parse_jql,
)
from company_details.company_sim.mock_systems.jira.text import Text, TextQueryError, compile_text_query, stem
from tests.company_details.mock_systems.conftest import NOW_S, Serve, issue


async def find(jira: httpx.AsyncClient, jql: str) -> list[str]:
    answer = await jira.get("/rest/api/3/search/jql", params={"jql": jql, "fields": "key"})
    assert answer.status_code == 200, answer.text
    return [one["key"] for one in answer.json()["issues"]]


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("project = OPS", ["OPS-2", "OPS-1"]),
        ("project = ops ORDER BY key", ["OPS-1", "OPS-2"]),
        ('project = "PAY project"', ["PAY-3"]),
        ("project != OPS", ["PAY-3"]),
        ("project in (OPS, PAY) ORDER BY key DESC", ["PAY-3", "OPS-2", "OPS-1"]),
        ("key = OPS-1", ["OPS-1"]),
        ("issuekey in (ops-2, PAY-3) ORDER BY key ASC", ["OPS-2", "PAY-3"]),
        ("status = Done", ["OPS-2"]),
        ('statusCategory = "To Do" AND project = OPS', ["OPS-1"]),
        ("statusCategory != Done AND type = Bug", ["OPS-1"]),
        ("issuetype = Task", ["PAY-3"]),
        ("priority = highest", ["OPS-1"]),
        ("priority > Medium ORDER BY priority DESC", ["OPS-1", "PAY-3"]),
        ("priority >= Medium ORDER BY priority", ["OPS-2", "PAY-3", "OPS-1"]),
        ("priority < High", ["OPS-2"]),
        ("status = Monitoring", []),
        ("labels = payments", ["OPS-1"]),
        ("labels in (payments, disk)", ["OPS-2", "OPS-1"]),
        ("labels not in (payments)", ["OPS-2"]),
        ("NOT labels = payments", ["OPS-2"]),
        ("labels is EMPTY", ["PAY-3"]),
        ("labels = EMPTY", ["PAY-3"]),
        ("labels is not null", ["OPS-2", "OPS-1"]),
        ("component = checkout", ["OPS-1"]),
        ('assignee = "ada@example.com"', ["OPS-1"]),
        ("assignee = a1 OR reporter = a1", ["OPS-1"]),
        ("assignee = currentUser()", []),
        ("assignee is empty", ["PAY-3", "OPS-2"]),
        ("resolution = Unresolved AND project = OPS", ["OPS-1"]),
        ("resolution is not EMPTY", ["OPS-2"]),
        ('resolved >= "2026-02-12" and resolved < "2026/02/12 11:00"', ["OPS-2"]),
        ("created >= -12d", ["PAY-3"]),
        ("created < -12d", ["OPS-2", "OPS-1"]),
        ("created >= 2026-02-03 AND created < 2026-02-04", ["OPS-2"]),
        ('updated > startOfMonth() AND updated < endOfDay("-10d")', ["PAY-3", "OPS-2", "OPS-1"]),
        ('created > "2026-02-03 10:00"', ["PAY-3"]),
        ('text ~ "checkout timeout"', ["OPS-1"]),
        ('text ~ "timeout missing"', []),
        ('text ~ "pool"', ["OPS-1"]),
        ("comment ~ exhausted", ["OPS-1"]),
        ("summary ~ gateway", []),
        ("description ~ fail", ["OPS-1"]),
        ('text ~ "\\"payment gateway\\""', ["OPS-1"]),
        ('text ~ "\\"gateway payment\\""', []),
        ('summary ~ "data*"', ["OPS-2"]),
        ('summary ~ "disk OR checkout"', ["OPS-2", "OPS-1"]),
        ('project = OPS AND summary ~ "-disk"', ["OPS-1"]),
        ("description !~ gateway", []),
        ("description is not empty", ["OPS-1"]),
        ("cf[10041] = SEV-1", ["OPS-1"]),
        ('"severity level" in (SEV-2)', ["OPS-2"]),
        ('"Severity level" is EMPTY', ["PAY-3"]),
        ("(status = Done OR labels = latency) AND NOT (key = OPS-1 OR type = Task)", ["OPS-2"]),
        ("project = OPS && !(status = Done) || key = PAY-3", ["PAY-3", "OPS-1"]),
    ],
)
async def test_jql_finds_what_jira_would(jira: httpx.AsyncClient, jql: str, keys: list[str]) -> None:
    assert await find(jira, jql) == keys


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("", "Unbounded JQL queries are not allowed here."),
        ("ORDER BY created", "Unbounded JQL queries are not allowed here."),
        ("sprint = 3", "Field 'sprint' does not exist or you do not have permission to view it."),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("key = OPS-99", "An issue with key 'OPS-99' does not exist for field 'key'."),
        ("status > Open", "The operator '>' is not supported by the 'status' field."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("created > yesterday", "Date value 'yesterday' for field 'created' is invalid."),
        ("assignee = membersOf(x)", "Unable to find JQL function 'membersOf(x)'."),
        ("project", "Error in the JQL Query: Expecting operator before the end of the query."),
        ("project =", "Error in the JQL Query: Expecting either a value, list or function before the end"),
        ("project = OPS extra", "Error in the JQL Query: Expecting either 'OR' or 'AND' but got 'extra'."),
        ("(project = OPS", "Error in the JQL Query: Expecting ')' before the end of the query."),
        ("summary ~ a%", "Error in the JQL Query: The character '%' is a reserved JQL character."),
        ('summary ~ "a', "Error in the JQL Query: The quoted string 'a' has not been completed."),
        (r'summary ~ "a\q"', r"Error in the JQL Query: '\q' is an illegal JQL escape sequence."),
        ('text ~ "*out"', "Unable to parse the text '*out' for field 'text'."),
    ],
)
async def test_jql_that_makes_no_sense_is_refused_in_jiras_words(
    jira: httpx.AsyncClient, jql: str, message: str
) -> None:
    answer = await jira.post("/rest/api/3/search/jql", json={"jql": jql})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {}
    assert answer.json()["errorMessages"][0].startswith(message)


async def test_search_without_fields_gives_ids_alone(jira: httpx.AsyncClient) -> None:
    answer = (await jira.get("/rest/api/3/search/jql", params={"jql": "key = OPS-1"})).json()
    assert answer == {"issues": [{"id": "10001"}], "isLast": True}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (["summary", "status"], {"summary", "status"}),
        (["*all", "-comment"], None),
    ],
)
async def test_search_gives_the_fields_asked_for(
    jira: httpx.AsyncClient, fields: list[str], names: set[str] | None
) -> None:
    for answer in (
        await jira.post("/rest/api/3/search/jql", json={"jql": "key = OPS-1", "fields": fields}),
        await jira.get("/rest/api/3/search/jql", params={"jql": "key = OPS-1", "fields": ",".join(fields)}),
    ):
        (found,) = answer.json()["issues"]
        assert found["key"] == "OPS-1"
        if names:
            assert set(found["fields"]) == names
        else:
            assert "comment" not in found["fields"]
            assert found["fields"]["customfield_10041"] == {"value": "SEV-1"}


@pytest.mark.parametrize("page_size", [1, 7, 100])
async def test_paging_loses_and_repeats_nothing(tmp_path: Path, serve: Serve, page_size: int) -> None:
    (tmp_path / "jira_tickets.json").write_text(json.dumps([issue(number) for number in range(1, 24)]))
    moments = iter(NOW_S + 86_400 * day for day in range(1_000))
    client = serve(create_app(tmp_path, now_s=lambda: next(moments)))
    keys: list[str] = []
    body: dict[str, Any] = {"jql": "created > -13d", "fields": ["key"], "maxResults": page_size}
    while True:
        answer = (await client.post("/rest/api/3/search/jql", json=body)).json()
        keys += [one["key"] for one in answer["issues"]]
        if answer["isLast"]:
            assert "nextPageToken" not in answer
            break
        body["nextPageToken"] = answer["nextPageToken"]
    assert len(keys) == len(set(keys))
    # The moment of the first request holds for all pages, though a day passes between two requests.
    assert sorted(keys) == sorted(f"OPS-{number}" for number in range(1, 24) if 1 + number % 28 > 2)


@pytest.mark.parametrize("token", ["nonsense", "W10=", "é"])
async def test_a_page_token_of_another_search_is_refused(jira: httpx.AsyncClient, token: str) -> None:
    params = {"jql": "project = OPS", "nextPageToken": token}
    assert (await jira.get("/rest/api/3/search/jql", params=params)).status_code == 400
    first = await jira.get("/rest/api/3/search/jql", params={"jql": "project = OPS", "maxResults": 1})
    params = {"jql": "project = PAY", "nextPageToken": first.json()["nextPageToken"]}
    assert (await jira.get("/rest/api/3/search/jql", params=params)).status_code == 400


@pytest.mark.parametrize("limit", ["0", "5001", "-1", "many"])
async def test_page_sizes_out_of_range_are_refused(jira: httpx.AsyncClient, limit: str) -> None:
    answer = await jira.get("/rest/api/3/search/jql", params={"jql": "project = OPS", "maxResults": limit})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"]


async def test_the_older_search_counts_and_takes_offsets(jira: httpx.AsyncClient) -> None:
    answer = (await jira.get("/rest/api/3/search", params={"jql": "", "startAt": 1, "maxResults": 1})).json()
    assert (answer["total"], answer["startAt"], answer["maxResults"], len(answer["issues"])) == (3, 1, 1, 1)


async def test_one_issue_by_key_or_id(jira: httpx.AsyncClient) -> None:
    for name in ("OPS-1", "ops-1", "10001"):
        found = (await jira.get(f"/rest/api/3/issue/{name}", params={"fields": "summary"})).json()
        assert found["fields"] == {"summary": "Checkout timeouts after deploy"}
    missing = await jira.get("/rest/api/3/issue/OPS-99")
    assert missing.status_code == 404
    assert missing.json() == {
        "errorMessages": ["Issue does not exist or you do not have permission to see it."],
        "errors": {},
    }


async def test_projects(jira: httpx.AsyncClient) -> None:
    page = (await jira.get("/rest/api/3/project/search", params={"maxResults": 1})).json()
    assert ([one["key"] for one in page["values"]], page["total"], page["isLast"]) == (["OPS"], 2, False)
    assert (await jira.get("/rest/api/3/project/pay")).json()["name"] == "PAY project"
    assert (await jira.get("/rest/api/3/project/NOPE")).json()["errorMessages"] == [
        "No project could be found with key 'NOPE'."
    ]


async def test_fields_comments_counts_and_the_user(jira: httpx.AsyncClient) -> None:
    fields = {one["id"]: one for one in (await jira.get("/rest/api/3/field")).json()}
    assert fields["customfield_10041"]["name"] == "Severity level"
    assert (await jira.get("/rest/api/3/issue/OPS-1/comment")).json()["total"] == 1
    counted = await jira.post("/rest/api/3/search/approximate-count", json={"jql": "project = OPS"})
    assert counted.json() == {"count": 2}
    assert (await jira.get("/rest/api/3/myself")).json()["timeZone"] == "Etc/UTC"
    assert (await jira.get("/rest/api/3/nothing")).status_code == 404


async def test_bad_items_are_counted_and_the_rest_is_served(tmp_path: Path, serve: Serve) -> None:
    items = [issue(1), issue(1), {"key": "no key"}, 7, {"key": "OPS-2"}, {"key": "OPS-3", "fields": {"summary": [1]}}]
    (tmp_path / "jira_tickets.json").write_text(json.dumps({"issues": items}))
    client = serve(create_app(tmp_path))
    health = (await client.get("/health")).json()
    assert (health["issues"], health["files"][0]["bad_rows"]) == (3, 3)
    assert sorted(await find(client, "project = OPS")) == ["OPS-1", "OPS-2", "OPS-3"]


@pytest.mark.parametrize("content", [None, "not json", '{"a": 1}', "[NaN]"])
async def test_without_a_file_the_server_is_healthy_and_empty(
    tmp_path: Path, serve: Serve, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "jira_tickets.json").write_text(content)
    client = serve(create_app(tmp_path))
    health = await client.get("/health")
    assert (health.status_code, health.json()["issues"]) == (200, 0)
    assert health.json()["files"][0]["problem"]
    assert await find(client, "created > -7d") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("timeouts", "timeout"),
        ("failed", "failing"),
        ("stopped", "stop"),
        ("queries", "query"),
        ("services", "service"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_query_is_answered_or_refused(query: str, text: str) -> None:
    try:
        found = compile_text_query(query)(Text(text))
    except TextQueryError:
        return
    assert found in {True, False}


names = st.text(min_size=1, max_size=12)
operands = st.one_of(names.map(Value), st.just(Empty()))
clauses = st.one_of(
    st.builds(
        Clause, names, st.sampled_from(["=", "!=", "~", "!~", ">", ">=", "<", "<="]), st.tuples(names.map(Value))
    ),
    st.builds(Clause, names, st.sampled_from(["in", "not in"]), st.lists(operands, min_size=1, max_size=3).map(tuple)),
    st.builds(Clause, names, st.sampled_from(["is", "is not"]), st.just((Empty(),))),
)


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def show_operand(operand: Operand) -> str:
    return quote(operand.text) if isinstance(operand, Value) else "EMPTY"


def show(condition: Condition) -> str:
    match condition:
        case AllOf(parts):
            return "(" + " AND ".join(map(show, parts)) + ")"
        case AnyOf(parts):
            return "(" + " or ".join(map(show, parts)) + ")"
        case Clause(field, op, values):
            shown = ", ".join(map(show_operand, values))
            return f"{quote(field)} {op} {f'({shown})' if 'in' in op else shown}"


conditions = st.recursive(
    clauses,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(conditions)
def test_a_condition_survives_being_written_and_read(condition: Condition) -> None:
    assert parse_jql(show(condition)).condition == condition


@settings(deadline=None)
@given(conditions)
def test_not_not_changes_nothing(condition: Condition) -> None:
    assert parse_jql(f"NOT (NOT {show(condition)})").condition == condition


@settings(deadline=None)
@given(st.text() | st.text("abcinotrdey ()=!~<>\"'\\,[]&|-", max_size=60))
def test_any_text_is_a_query_or_refused(jql: str) -> None:
    with contextlib.suppress(JqlError):
        parse_jql(jql)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"jql": 7}', b'{"jql": "a = b", "fields": 3}', b"\xff", b"[" * 100_000])
async def test_a_body_that_is_no_search_is_refused(jira: httpx.AsyncClient, body: bytes) -> None:
    answer = await jira.post("/rest/api/3/search/jql", content=body)
    assert (answer.status_code, list(answer.json())) == (400, ["errorMessages", "errors"])


@pytest.mark.parametrize("jql", ["\ud800 = 1", "summary ~ \ud800", "NOT " * 5_000 + "a = b", "(" * 5_000])
async def test_hostile_text_is_refused_and_breaks_nothing(jira: httpx.AsyncClient, jql: str) -> None:
    answer = await jira.post("/rest/api/3/search/jql", content=json.dumps({"jql": jql}).encode())
    assert answer.status_code in {200, 400}
