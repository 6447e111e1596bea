from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients.jira import JiraTickets
from company_details.company_sim.mock_systems.jira.app import create_app
from company_details.company_sim.mock_systems.jira.jql import AllOf, Clause, Value, parse_jql
from core.errors import ToolBrokenError, ToolRefusedError
from core.evidence import TicketList
from tests.bot.clients.systems import Handler, Recorder, client_of, client_to, write_lines

SEVERITY = "customfield_10041"
DONE = {"name": "Closed", "statusCategory": {"key": "done", "name": "Done"}}
OPEN = {"name": "Waiting", "statusCategory": {"key": "indeterminate", "name": "In Progress"}}


def issue(number: int, **fields: object) -> dict[str, Any]:
    moment = f"2026-02-14T10:{number % 60:02}:00.000+0000"
    return {
        "id": str(number),
        "key": f"OPS-{number}",
        "self": f"https://acme.atlassian.example/rest/api/3/issue/{number}",
        "fields": {
            "project": {"id": "1", "key": "OPS", "name": "Operations"},
            "summary": f"issue {number}",
            "status": OPEN,
            "created": moment,
            "updated": moment,
            **fields,
        },
    }


def serve(folder: Path, issues: list[dict[str, Any]], severity_field: str | None = SEVERITY) -> JiraTickets:
    write_lines(folder / "jira_tickets.json", [issues])
    return JiraTickets(client_of(create_app, folder), severity_field=severity_field)


async def search(client: JiraTickets, **asked: str) -> TicketList:
    nothing: dict[str, str | None] = {"project_key": None, "status": None, "severity": None, "text": None}
    return await client.search(**{**nothing, **asked})


def keys(found: TicketList) -> list[str]:
    return [ticket.key for ticket in found.tickets]


@pytest.fixture
def tickets(tmp_path: Path) -> JiraTickets:
    project = {"id": "2", "key": "PAY", "name": "Payments"}
    return serve(
        tmp_path,
        [
            issue(1, summary="Checkout time-out", **{SEVERITY: {"value": "P1"}}),
            issue(2, status=DONE, **{SEVERITY: {"value": "P2"}}),
            issue(3, project=project, description="the checkout has a long timeout", labels=["sev-p1"]),
            issue(4, priority={"id": "1", "name": "P1"}),
        ],
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["OPS-4", "OPS-3", "OPS-2", "OPS-1"]),
        ({"project_key": "OPS"}, ["OPS-4", "OPS-2", "OPS-1"]),
        ({"status": "open"}, ["OPS-4", "OPS-3", "OPS-1"]),
        ({"status": " Unresolved "}, ["OPS-4", "OPS-3", "OPS-1"]),
        ({"status": "CLOSED"}, ["OPS-2"]),
        ({"status": "waiting"}, ["OPS-4", "OPS-3", "OPS-1"]),
        ({"severity": "P1"}, ["OPS-1"]),
        ({"severity": "p2", "status": "closed"}, ["OPS-2"]),
        ({"text": "checkout"}, ["OPS-3", "OPS-1"]),
        ({"text": "Checkout AND (timeout)!"}, ["OPS-3"]),
        ({"text": "Checkout OR nothing"}, []),
        ({"text": "checkout long"}, ["OPS-3"]),
        ({"text": " "}, ["OPS-4", "OPS-3", "OPS-2", "OPS-1"]),
        ({"project_key": "OPS", "status": "open", "severity": "P1", "text": "checkout"}, ["OPS-1"]),
    ],
)
async def test_the_filters_all_hold_and_the_newest_comes_first(
    tickets: JiraTickets, asked: dict[str, str], expected: list[str]
) -> None:
    found = await search(tickets, **asked)
    assert keys(found) == expected
    assert not found.truncated


async def test_the_query_is_part_of_the_answer(tickets: JiraTickets) -> None:
    found = await search(tickets, project_key="OPS", status="open", severity="P1", text="checkout time-out")
    assert found.query == (
        'project = "OPS" AND statusCategory != Done AND text ~ "checkout time out" AND cf[10041] = "P1" ORDER BY created DESC'
    )


async def test_without_a_severity_field_labels_and_priority_stand_in(tmp_path: Path) -> None:
    client = serve(
        tmp_path,
        [
            issue(1, labels=["sev-p1", "x"]),
            issue(2, priority={"id": "1", "name": "P1"}),
            issue(3, labels=["severity-p1"]),
            issue(4, labels=["sev-p2"]),
        ],
        None,
    )
    found = await search(client, severity="P1")
    assert [(ticket.key, ticket.severity) for ticket in found.tickets] == [
        ("OPS-3", "P1"),
        ("OPS-2", "P1"),
        ("OPS-1", "P1"),
    ]


def refuse_with(message: str, asked: list[str]) -> Handler:
    """A site that refuses whatever names a priority or a status, and finds one issue else."""

    def handle(request: httpx.Request) -> httpx.Response:
        jql = request.url.params["jql"]
        asked.append(jql)
        if "priority" in jql or "status" in jql or "cf[" in jql:
            return httpx.Response(400, json={"errorMessages": [message], "errors": {}})
        return httpx.Response(200, json={"issues": [issue(1, labels=["sev1"])], "isLast": True})

    return handle


async def test_a_priority_that_jira_does_not_know_leaves_the_labels() -> None:
    asked: list[str] = []
    client = client_to(refuse_with("The value 'SEV-1' does not exist for the field 'priority'.", asked))
    found = await search(JiraTickets(client), severity="SEV-1")
    assert [(ticket.key, ticket.severity) for ticket in found.tickets] == [("OPS-1", "SEV1")]
    assert found.query == asked[1] == 'labels in ("sev-1", "sev1", "severity-1") ORDER BY created DESC'


@pytest.mark.parametrize("severity_field", [None, SEVERITY])
async def test_what_jira_refuses_is_refused_in_its_words(severity_field: str | None) -> None:
    asked: list[str] = []
    client = client_to(refuse_with("The value 'Sleeping' does not exist for the field 'status'.", asked))
    with pytest.raises(ToolRefusedError, match="400 Bad Request: The value 'Sleeping' does not exist for the field"):
        await search(JiraTickets(client, severity_field=severity_field), status="Sleeping", severity="P1")
    assert len(asked) == (1 if severity_field else 2)


async def test_a_text_without_a_word_is_refused(tickets: JiraTickets) -> None:
    with pytest.raises(ToolRefusedError, match="has no word to search for"):
        await search(tickets, text='-"!*')


async def test_all_pages_are_read(tmp_path: Path) -> None:
    client = serve(tmp_path, [issue(number) for number in range(1, 151)])
    found = await search(client, project_key="OPS")
    assert len(found.tickets) == len(set(keys(found))) == 150
    assert not found.truncated


@pytest.mark.parametrize(("count", "truncated"), [(199, False), (200, False), (201, True), (350, True)])
async def test_no_more_than_the_limit_comes_and_it_says_so(tmp_path: Path, count: int, truncated: bool) -> None:  # noqa: FBT001 - a column of the table
    found = await search(serve(tmp_path, [issue(number) for number in range(1, count + 1)]))
    assert len(found.tickets) == min(count, 200)
    assert found.truncated is truncated


async def test_the_token_of_a_page_asks_for_the_next_with_the_same_query() -> None:
    recorder = Recorder(
        {"issues": [issue(2)], "nextPageToken": "t1", "isLast": False}, {"issues": [issue(1)], "isLast": True}
    )
    found = await search(JiraTickets(client_to(recorder), severity_field=SEVERITY), project_key="OPS")
    assert keys(found) == ["OPS-2", "OPS-1"]
    assert [one.pop("nextPageToken", None) for one in recorder.asked] == [None, "t1"]
    assert recorder.asked[0] == recorder.asked[1]
    assert recorder.asked[0]["maxResults"] == "100"
    assert recorder.asked[0]["fields"].split(",")[-1] == SEVERITY


async def test_a_site_that_pages_for_ever_is_cut_off() -> None:
    recorder = Recorder({"issues": [issue(1)], "nextPageToken": "again"})
    found = await search(JiraTickets(client_to(recorder)))
    assert (keys(found), found.truncated) == (["OPS-1"], True)
    assert len(recorder.asked) <= 50


async def test_a_record_that_cannot_be_read_leaves_the_others() -> None:
    records: list[object] = [issue(3), None, "x", {"key": "OPS-9"}, {"fields": {}}, issue(1)]
    found = await search(JiraTickets(client_to(Recorder({"issues": records, "isLast": True}))))
    assert (keys(found), found.truncated) == (["OPS-3", "OPS-1"], True)


@pytest.mark.parametrize("answer", [{}, {"issues": {}}, {"issues": None}])
async def test_an_answer_without_issues_is_broken(answer: dict[str, Any]) -> None:
    with pytest.raises(ToolBrokenError, match=r"Jira at http://system\.mock answered something that cannot be read"):
        await search(JiraTickets(client_to(Recorder(answer))))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(texts, texts, texts)
async def test_any_values_stay_the_values_of_their_conditions(project: str, severity: str, text: str) -> None:
    recorder = Recorder({"issues": [], "isLast": True})
    client = JiraTickets(client_to(recorder), severity_field=SEVERITY)
    await search(client, project_key=project, status=f"x{text}", severity=severity, text=f"word {text}")
    condition = parse_jql(recorder.asked[0]["jql"]).condition
    assert isinstance(condition, AllOf)
    found = [(one.field, one.op, one.operands) for one in condition.parts if isinstance(one, Clause)]
    assert len(found) == len(condition.parts) == 4
    assert [one[:2] for one in found] == [("project", "="), ("status", "="), ("text", "~"), ("cf[10041]", "=")]
    assert [found[0][2], found[1][2], found[3][2]] == [
        (Value(project),),
        (Value(f"x{text}".strip()),),
        (Value(severity),),
    ]


@given(texts)
async def test_any_severity_without_a_field_stays_in_its_condition(severity: str) -> None:
    recorder = Recorder({"issues": [], "isLast": True})
    await search(JiraTickets(client_to(recorder)), project_key="OPS", severity=severity)
    condition = parse_jql(recorder.asked[0]["jql"]).condition
    assert isinstance(condition, AllOf)
    assert condition.parts[0] == Clause("project", "=", (Value("OPS"),))
    assert len(condition.parts) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OPS-2", ["OPS-2"]),
        ("OPS-2 and PAY-77, OPS-1", ["OPS-2", "OPS-1"]),
        ("PAY-77", []),
        ("OPS-900 PAY-77", []),
        ("the state of OPS-4", ["OPS-4"]),
        ("checkout over HTTP-500", []),
    ],
)
async def test_keys_in_the_text_are_looked_up_and_one_that_no_ticket_has_is_left_out(
    tickets: JiraTickets, text: str, expected: list[str]
) -> None:
    assert keys(await search(tickets, text=text)) == expected


async def test_who_may_not_search_is_told_so_rather_than_that_there_is_no_such_ticket() -> None:
    client = JiraTickets(client_to(lambda _: httpx.Response(401)))
    with pytest.raises(ToolRefusedError, match="credentials"):
        await search(client, text="OPS-1")
