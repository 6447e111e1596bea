from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients.issue import read_issue
from core.base import Json
from core.evidence import Ticket

CREATED = "2026-02-14T10:00:00.000+0100"
BASE = "http://jira.internal:8080/jira"


def read(fields: object, severity_field: str | None = None, **issue: object) -> Ticket | None:
    raw = cast("Json", {"key": "OPS-1", "fields": fields, **issue})
    return read_issue(raw, base_url=BASE, severity_field=severity_field)


def ticket(severity_field: str | None = None, **fields: object) -> Ticket:
    found = read({"created": CREATED, **fields}, severity_field)
    assert found is not None
    return found


def test_a_whole_issue_becomes_a_ticket() -> None:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": "Slow."}]}
    found = ticket(
        "customfield_7",
        summary="Checkout slow",
        description={"type": "doc", "version": 1, "content": [paragraph]},
        issuetype={"name": "Incident"},
        status={"name": "Resolved", "statusCategory": {"key": "done"}},
        priority={"name": "Highest"},
        assignee={"displayName": "Rui", "emailAddress": "r@x"},
        components=[{"name": "api"}, {"name": "db"}],
        labels=["sev-p2", "x"],
        updated="2026-02-14T11:00:00.000Z",
        resolutiondate="2026-02-14T11:30:00.000+0000",
        customfield_7={"value": "P1", "id": "1"},
    )
    assert found == Ticket(
        key="OPS-1",
        url=f"{BASE}/browse/OPS-1",
        summary="Checkout slow",
        description="Slow.",
        issue_type="Incident",
        status="Resolved",
        is_open=False,
        severity="P1",
        priority="Highest",
        assignee="Rui",
        components=("api", "db"),
        labels=("sev-p2", "x"),
        created=datetime(2026, 2, 14, 9, tzinfo=UTC),
        updated=datetime(2026, 2, 14, 11, tzinfo=UTC),
        resolved=datetime(2026, 2, 14, 11, 30, tzinfo=UTC),
    )


def test_a_ticket_with_its_time_alone_is_still_a_ticket() -> None:
    found = ticket()
    assert (found.summary, found.description, found.issue_type, found.status) == ("", "", "unknown", "unknown")
    assert (found.severity, found.priority, found.assignee, found.resolved) == (None, None, None, None)
    assert found.is_open
    assert found.updated == found.created


@pytest.mark.parametrize(
    "fields", [None, [], {}, {"created": "yesterday"}, {"created": 7}, {"created": "0001-01-01T00:00:00+23:00"}]
)
def test_a_record_without_any_time_is_left_out(fields: object) -> None:
    assert read(fields) is None


@pytest.mark.parametrize("key", [None, "", "  ", 5, ["OPS-1"]])
def test_a_record_without_a_key_is_left_out(key: object) -> None:
    assert read({"created": CREATED}, key=key) is None


@pytest.mark.parametrize(
    ("status", "resolved", "is_open"),
    [
        ({"name": "A", "statusCategory": {"key": "new"}}, None, True),
        ({"name": "A", "statusCategory": {"key": "indeterminate"}}, CREATED, True),
        ({"name": "A", "statusCategory": {"key": "done"}}, None, False),
        ({"name": "A"}, None, True),
        ({"name": "A"}, CREATED, False),
        ("A", None, True),
        (None, CREATED, False),
    ],
)
def test_a_ticket_is_open_until_its_category_is_done(status: object, resolved: str | None, is_open: bool) -> None:  # noqa: FBT001 - a column of the table
    assert ticket(status=status, resolutiondate=resolved).is_open is is_open


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ({"value": "P1"}, "P1"),
        ({"name": "Critical"}, "Critical"),
        ("P2", "P2"),
        ([{"value": "P3"}, {"value": "P4"}], "P3"),
        (1, "1"),
        (2.0, "2.0"),
        (None, None),
        ([], None),
        ({}, None),
        (True, None),
    ],
)
def test_the_severity_field_may_be_of_any_kind(value: object, severity: str | None) -> None:
    assert ticket("customfield_7", customfield_7=value, labels=["sev-p1"], priority={"name": "P1"}).severity == severity


@pytest.mark.parametrize(
    ("labels", "priority", "severity"),
    [
        (["x", "sev-p1"], None, "P1"),
        (["SEV_P2"], None, "P2"),
        (["severity-high"], None, "HIGH"),
        (["sev1"], None, "SEV1"),
        (["sev-2"], None, "SEV2"),
        (["p3"], None, "P3"),
        (["several", "severe", "p12"], None, None),
        (["p1-review"], "P2", "P2"),
        ([], "Sev 1", "Sev 1"),
        ([], "Highest", None),
        (None, None, None),
        ("sev-p1", None, None),
    ],
)
def test_without_a_field_the_severity_is_that_of_a_label_or_priority(
    labels: object, priority: str | None, severity: str | None
) -> None:
    assert ticket(labels=labels, priority=priority and {"name": priority}).severity == severity


@pytest.mark.parametrize(
    ("own", "url"),
    [
        ("https://acme.atlassian.example/rest/api/3/issue/1", "https://acme.atlassian.example/browse/OPS-1"),
        ("http://h:8080/jira/rest/api/3/issue/1", "http://h:8080/jira/browse/OPS-1"),
        ("javascript:alert(1)//rest/api/3", f"{BASE}/browse/OPS-1"),
        ("https://h/browse/1", f"{BASE}/browse/OPS-1"),
        ("https://h?x=/rest/api/3/", f"{BASE}/browse/OPS-1"),
        (5, f"{BASE}/browse/OPS-1"),
        (None, f"{BASE}/browse/OPS-1"),
    ],
)
def test_the_link_opens_the_ticket_where_people_see_it(own: object, url: str) -> None:
    found = read({"created": CREATED}, self=own)
    assert found is not None
    assert found.url == url


def test_an_odd_key_cannot_leave_the_link() -> None:
    found = read({"created": CREATED}, key="../x?y=<z>|")
    assert found is not None
    assert found.url == f"{BASE}/browse/..%2Fx%3Fy%3D%3Cz%3E%7C"


def test_what_no_database_holds_is_replaced() -> None:
    assert ticket(summary="a\x00b", description="c\ud800").model_dump_json()
    assert ticket(summary="a\x00b").summary == "a\ufffdb"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "value", "key", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
names = ["summary", "description", "issuetype", "status", "priority", "assignee", "components", "labels", "updated"]


@given(st.dictionaries(st.sampled_from([*names, "resolutiondate", "customfield_7"]), json_values))
def test_any_fields_beside_the_time_make_a_ticket_that_can_be_stored(fields: dict[str, Any]) -> None:
    found = ticket("customfield_7", **fields)
    assert Ticket.model_validate_json(found.model_dump_json()) == found
