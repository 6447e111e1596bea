from datetime import UTC, datetime

import pytest

from core.plan import Plan
from core.planners.rules import RulePlanner
from core.task import Context, Request
from tests.core.runs import LANDSCAPE

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


async def plan_of(text: str, **context: object) -> Plan:
    return await RulePlanner(LANDSCAPE).plan(Request(text=text, context=Context.model_validate(context)), NOW)


def calls(plan: Plan) -> list[tuple[str, str]]:
    """Every call as (tool, what it is about)."""
    about = ("service", "source", "text")
    return [
        (call.tool, next((str(call.arguments[name]) for name in about if name in call.arguments), ""))
        for step in plan.steps
        for call in step.tool_calls
    ]


@pytest.mark.parametrize("word", ["issue", "ticket", "bug", "incident", "alert"])
async def test_a_task_about_something_tracked_begins_with_earlier_issues_asked_broadly(word: str) -> None:
    first = (await plan_of(f"An {word} in cart of INC", project_key="INC")).steps[0].tool_calls[0]
    assert first.tool == "search_previous_issues"
    assert {"project", "created_from", "opened_from"}.isdisjoint(first.arguments)


@pytest.mark.parametrize("word", ["alert", "incident", "sev", "P1", "outage"])
async def test_an_incident_asks_the_knowledge_and_the_newest_policy_first(word: str) -> None:
    begin = calls(await plan_of(f"{word} in cart"))[:3]
    assert ("search_incident_knowledge", "") in begin
    assert ("fetch_company_reference", "policy_v2") in begin


async def test_a_question_that_is_no_incident_asks_only_what_it_needs() -> None:
    assert calls(await plan_of("Who is on call in the week of 2026-03-02?")) == [
        ("fetch_company_reference", "oncall_rota")
    ]


async def test_a_service_with_a_window_is_measured_with_its_baseline_dependencies_and_changes() -> None:
    plan = await plan_of("alert: cart errors from 2026-03-03T09:00:00Z to 09:30:00Z")
    measured = [call.arguments for step in plan.steps for call in step.tool_calls if call.tool == "metrics_query"]
    assert [(item["service"], item["start_time"], item["end_time"]) for item in measured] == [
        ("cart", "2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z"),
        ("cart", "2026-03-03T08:00:00Z", "2026-03-03T09:00:00Z"),
        ("ledger", "2026-03-03T08:00:00Z", "2026-03-03T09:30:00Z"),
    ]
    read = [call.arguments for step in plan.steps for call in step.tool_calls if call.tool == "logs_search"]
    assert [("pattern" in item, item["start_time"]) for item in read] == [
        (False, "2026-03-03T09:00:00Z"),
        (True, "2026-03-03T08:00:00Z"),
        (False, "2026-03-03T08:45:00Z"),  # what is new is new beside what was before
    ]


async def test_independent_steps_name_no_dependencies_so_that_they_run_side_by_side() -> None:
    assert all(step.depends_on == () for step in (await plan_of("P1 alert: cart is down")).steps)


async def test_the_context_wins_over_the_words() -> None:
    brief = (await plan_of("P2 alert for cart", service="ledger", severity="P1")).brief
    assert (brief.services[0], brief.severity) == ("ledger", "P1")


async def test_what_was_assumed_is_said() -> None:
    assert (await plan_of("cart is slow")).notes == ("no time is named: the last 30 minutes are looked at",)
    assert (await plan_of("everything is slow")).notes == ("no service is named: metrics and logs are not asked",)


async def test_sources_that_are_named_are_required_and_an_unknown_one_is_told() -> None:
    plan = await plan_of("P1 alert: cite oncall_rota", required_citations=("no_such_source",))
    assert plan.brief.required_citations == ("no_such_source", "oncall_rota")
    assert ("fetch_company_reference", "oncall_rota") in calls(plan)
    assert ("fetch_company_reference", "no_such_source") not in calls(plan)
    assert any("no_such_source" in note for note in plan.notes)


async def test_a_file_is_read_once_however_often_it_is_named() -> None:
    found = calls(await plan_of("Compare policy_v1 and policy_v2, cite policy_v2", required_citations=("policy_v2",)))
    assert sorted(found) == [("fetch_company_reference", "policy_v1"), ("fetch_company_reference", "policy_v2")]


async def test_a_question_about_nothing_known_is_looked_up() -> None:
    assert calls(await plan_of("what is a monad")) == [
        ("search_incident_knowledge", ""),
        *(("fetch_company_reference", source) for source in LANDSCAPE.sources),
    ]


async def test_open_tickets_are_asked_for_by_their_words() -> None:
    plan = await plan_of("Find open INC incident tickets that mention cart timeout, and who owns them")
    (asked,) = [call.arguments for step in plan.steps for call in step.tool_calls if call.tool == "jira_search_tickets"]
    assert asked == {"project_key": "INC", "status": "open", "text": "cart timeout"}
