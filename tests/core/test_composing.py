from datetime import datetime, timedelta

import pytest

from core.evidence import IssueHits, MetricSeries, MetricsWindow
from core.report import Health, Report
from core.result import CallStatus
from core.verdict import Outcome
from core.verifier import verify
from tests.core.excerpts import config, policy
from tests.core.runs import (
    CALM,
    END,
    POLICY,
    RISE,
    ROTA,
    START,
    answered,
    earlier_issue,
    failed,
    incident,
    log,
    metrics,
    run,
    ticket,
    tickets,
)


def texts(report: Report) -> str:
    return "\n".join(claim.text for claim in report.claims)


def test_the_escalation_has_the_minutes_of_the_policy_and_the_people_of_the_rota() -> None:
    report = incident()[1].report
    timed = [(action.due, action.owner) for action in report.actions if action.due]
    assert timed == [
        ("2026-03-03 09:07 UTC (+7 min)", "Ida"),
        ("2026-03-03 09:13 UTC (+13 min)", "Jon"),
    ]
    assert "+7 minutes: The primary must acknowledge within 7 minutes; +13 minutes" in report.answer


def test_the_limits_count_from_the_alert_where_its_time_is_known() -> None:
    plan, result = incident(alert_time=START + timedelta(minutes=6))
    dues = [action.due for action in result.report.actions if action.due]
    assert dues == [
        "2026-03-03 09:13 UTC (+7 min)",
        "2026-03-03 09:19 UTC (+13 min)",
    ]
    assert verify(plan, result).passed


def test_a_change_is_described_with_its_baseline_peak_and_times() -> None:
    report = incident()[1].report
    assert report.health is Health.RECOVERED
    assert (
        "cart error rate (error_percent) rose from its usual 0.25 % to a peak of 7 % at 09:07 UTC; "
        "outside its usual band 2026-03-03 09:05–09:10 UTC, recovered since."
    ) in report.answer


def test_without_a_rollback_the_deployment_is_only_a_suspect() -> None:
    logs = log("cart", (4, "INFO", "deployment v9 started"), pattern="deploy")
    plan, result = run(
        "P1 alert: cart errors",
        answered("search_previous_issues", earlier_issue()),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        answered("metrics_query", metrics("cart", RISE, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        answered("logs_search", logs, service="cart", pattern="deploy"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    assert "not confirmed as the cause" in texts(result.report)
    assert verify(plan, result).verdict is Outcome.NOT_CONFIRMED


def test_a_deployment_after_the_symptom_is_no_suspect() -> None:
    logs = log("cart", (8, "INFO", "deployment v9 started"), pattern="deploy")
    _, result = run(
        "alert: cart errors",
        answered("metrics_query", metrics("cart", RISE, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        answered("logs_search", logs, service="cart", pattern="deploy"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    assert result.report.hypotheses == ()


def test_a_dependency_that_moved_first_is_suspected_and_one_that_did_not_is_contradicted() -> None:
    def report(ledger: list[float]) -> Report:
        _, result = run(
            "alert: cart errors",
            answered("metrics_query", metrics("cart", RISE, START), service="cart"),
            answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
            answered("metrics_query", metrics("ledger", [*CALM, *ledger], START - timedelta(hours=1)), service="ledger"),
            answered("logs_search", log("cart", (6, "ERROR", "ledger timed out")), service="cart"),
            service="cart", start_time=START, end_time=END,
        )  # fmt: skip
        return result.report

    moved = report([0.2] * 3 + [9.0] * 20 + [0.2] * 7).hypotheses[0]
    calm = report(CALM[:30]).hypotheses[0]
    assert (moved.service, bool(moved.contradicted_by)) == ("ledger", False)
    assert (calm.service, bool(calm.contradicted_by)) == ("ledger", True)
    assert moved.confidence > calm.confidence


def test_metrics_that_failed_are_said_to_have_failed_and_nothing_is_concluded() -> None:
    plan, result = run(
        "P1 alert: cart errors",
        answered("search_previous_issues", earlier_issue()),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        failed("metrics_query", "metrics did not answer within 10 s", service="cart"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    report = result.report
    assert "Could not be asked: metrics_query (cart)." in report.answer
    assert report.health is None
    assert not report.hypotheses
    verdict = verify(plan, result)
    assert (verdict.passed, verdict.verdict) == (True, Outcome.NOT_CONFIRMED)
    assert "did not answer" in verdict.reasons[0]


def test_nothing_found_and_could_not_look_read_differently() -> None:
    nothing = tickets()
    _, empty = run("open tickets about cart", answered("jira_search_tickets", nothing, CallStatus.EMPTY, text="cart"))
    _, broken = run("open tickets about cart", failed("jira_search_tickets", "HTTP 503", text="cart"))
    assert empty.report.answer == "Answered and had nothing: jira_search_tickets (cart)."
    assert broken.report.answer.startswith("Could not be asked: jira_search_tickets (cart).")


def test_calm_metrics_are_healthy() -> None:
    plan, result = run(
        "alert: cart errors",
        answered("search_previous_issues", earlier_issue()),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        answered("metrics_query", metrics("cart", CALM[:30], START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    assert verify(plan, result).verdict is Outcome.HEALTHY
    assert result.report.answer.startswith("cart looks healthy, 2026-03-03 09:00–09:30 UTC: error rate")
    assert "Set the severity" not in result.report.answer


def test_a_supposed_condition_is_held_against_the_rule_and_the_measured_one_apart() -> None:
    _, supposed = run(
        "Is rollback mandatory when the error rate exceeded 3.5% for 2 minutes?",
        answered("fetch_company_reference", POLICY, source="policy_v2"),
    )
    assert supposed.report.answer.startswith("No: rollback is not mandatory")
    assert any(gap.essential for gap in supposed.report.gaps)
    _, measured = run(
        "Is a rollback mandatory for cart?",
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        answered("metrics_query", metrics("cart", RISE, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    assert "was above 3% for 6 consecutive minutes" in measured.report.answer
    assert "a rollback was mandatory" in measured.report.answer


@pytest.mark.parametrize(
    ("minute", "said"),
    [
        (4, "after “deployment v9 started” (09:04 UTC), so by policy_v2 a rollback was mandatory."),
        (
            None,
            "but its log tells of no deployment within 20 minutes before, so by policy_v2 a rollback was not mandatory.",
        ),
    ],
)
def test_a_rule_that_holds_after_a_deployment_asks_whether_there_was_one(minute: int | None, said: str) -> None:
    rule = policy(
        "If the error rate stays above 3 % for 4 consecutive minutes within 20 minutes of a deployment, rollback is mandatory."
    )
    deployed = [(minute, "INFO", "deployment v9 started")] if minute is not None else []
    asked = (
        answered("fetch_company_reference", rule, source="policy_v2"),
        answered("metrics_query", metrics("cart", RISE, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
    )
    context = {"service": "cart", "start_time": START, "end_time": END}
    logs = answered("logs_search", log("cart", *deployed, pattern="deploy"), service="cart", pattern="deploy")
    _, result = run("Is a rollback mandatory for cart?", *asked, logs, **context)
    assert said in result.report.answer
    _, without_logs = run("Is a rollback mandatory for cart?", *asked, **context)
    assert "whether a deployment came within 20 minutes before could not be looked up" in without_logs.report.answer


def test_errors_that_name_their_failure_make_a_hypothesis_with_its_next_check() -> None:
    lines = log(
        "cart", (5, "ERROR", "tls: certificate has expired"), (6, "INFO", "out of memory of yesterday was mended")
    )
    _, result = run(
        "alert: cart errors",
        answered("metrics_query", metrics("cart", RISE, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        answered("logs_search", lines, service="cart"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    (named,) = result.report.hypotheses
    assert named.cause.startswith("an expired certificate, which a log line of cart name since 09:05 UTC")
    assert "renewal" in named.next_check


def test_more_requests_on_a_dependency_are_no_cause() -> None:
    def load(values: list[float], start: datetime) -> MetricsWindow:
        series = MetricSeries(metric="request_rate_rps", labels={"service": "ledger"}, values=tuple(values))
        end = start + timedelta(minutes=len(values))
        return MetricsWindow(service="ledger", start_time=start, end_time=end, step_s=60, series=(series,))

    _, result = run(
        "alert: cart errors",
        answered("metrics_query", metrics("cart", RISE, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        answered("metrics_query", load([100.0, 101.0] * 30 + [500.0] * 30, START - timedelta(hours=1)), service="ledger"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    assert result.report.hypotheses == ()


def test_ownership_gaps_name_the_tickets() -> None:
    found = tickets(ticket("INC-1", assignee="Ida"), ticket("INC-2"), ticket("INC-3", assignee="Jon", component=None))
    _, result = run(
        "Find open incident tickets about cart and the ownership gaps", answered("jira_search_tickets", found)
    )
    assert "1 of 3 has no assignee: INC-2." in result.report.answer
    assert "1 of 3 has no component, so no owning team follows from it: INC-3." in result.report.answer


def test_two_versions_are_compared_duty_by_duty() -> None:
    old = policy(
        "## P1\n\n- The primary must acknowledge within 20 minutes.\n- The director is paged at 40 minutes.\n",
        "policy_v1",
    )
    _, result = run(
        "Compare the P1 escalation of policy_v1 and policy_v2",
        answered("fetch_company_reference", old, source="policy_v1"),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
    )
    answer = result.report.answer
    assert "Tightened for P1: 20 minutes in policy_v1 → 7 minutes in policy_v2" in answer
    assert "Added for P1 in policy_v2, 13 minutes: The secondary is paged at 13 minutes." in answer
    assert "Gone since policy_v1 for P1, 40 minutes: The director is paged at 40 minutes." in answer


def test_the_channels_are_those_of_the_severity() -> None:
    slack = config(
        'incident_channels:\n  P1: "#war-room"\n  P2: "#bridge"\nowner_channels:\n  cart: "#team-cart"\n  ledger: "#team-ledger"\n',
        "slack_config",
    )
    _, result = run(
        "P1 alert for cart: which channels?", answered("fetch_company_reference", slack, source="slack_config"),
        service="cart", severity="P1",
    )  # fmt: skip
    assert "#war-room" in result.report.answer
    assert "#team-cart" in result.report.answer
    assert "#bridge" not in result.report.answer
    assert "#team-ledger" not in result.report.answer


def test_a_week_outside_the_rota_is_said_to_be_missing() -> None:
    plan, result = run(
        "Who is on call in the week of 2026-06-01?", answered("fetch_company_reference", ROTA, source="oncall_rota")
    )
    assert result.report.gaps[0].what == "who is on call in the week that starts 2026-06-01"
    assert verify(plan, result).verdict is Outcome.NOT_CONFIRMED


def test_a_weak_hit_is_not_offered_as_an_earlier_issue() -> None:
    weak = IssueHits.model_validate(
        {**dict(earlier_issue()), "recommend_fallback": True, "fallback_reason": "2 of 7 words match"}
    )
    _, result = run("earlier issues like this?", answered("search_previous_issues", weak))
    assert "Seen before" not in texts(result.report)
    assert "2 of 7 words match" in result.report.gaps[0].reason


def test_the_first_line_says_what_since_when_how_big_how_far_shown_and_what_now() -> None:
    still = [0.2] * 5 + [5.0, 6.0, 7.0] + [6.5] * 22
    _, result = run(
        "Alert: cart errors",
        answered("metrics_query", metrics("cart", still, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        answered("logs_search", log("cart", (4, "INFO", "deployment v9 started"), pattern="deploy"), service="cart", pattern="deploy"),
        service="cart", start_time=START, end_time=END,
    )  # fmt: skip
    assert result.report.answer.split("\n")[0] == (
        "cart is degraded: error rate 0.25 % → 7 % since 2026-03-03 09:05 UTC, still going. Cause not confirmed; most likely a deployment "
        "at 09:04 UTC: “deployment v9 started”. Next: roll it back (or compare an instance without it) and see whether the symptom ends."
    )


def test_an_alert_without_a_service_is_not_called_confirmed() -> None:
    plan, result = run(
        "P1 alert: it is down",
        answered("search_previous_issues", earlier_issue()),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
    )
    assert result.report.answer.startswith("Not confirmed: no service is named")
    assert verify(plan, result).verdict is Outcome.NOT_CONFIRMED


def test_a_limit_in_business_hours_is_given_no_clock_time() -> None:
    words = policy("# Escalation\n\n- P3: the owning team must acknowledge within 2 business hours.\n")
    _, result = run(
        "P3 alert: cart errors, escalate",
        answered("fetch_company_reference", words, source="policy_v2"),
        service="cart",
        start_time=START,
        end_time=END,
    )
    assert [item.due for item in result.report.actions] == ["2 business hours after the start"]
