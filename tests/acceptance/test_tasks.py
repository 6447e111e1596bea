"""The tasks of the contract, answered from the shipped company's own files, with no language model."""

import json
from pathlib import Path

import pytest

from tests.acceptance.asking import Answer, Company, cited, report
from tests.acceptance.questions import QUESTIONS

type Answers = dict[str, Answer]


@pytest.fixture(scope="session")
def answers(larkfield: Company) -> Answers:
    return {name: larkfield.answer(name, question) for name, question in QUESTIONS.items()}


@pytest.fixture(scope="session")
def company(larkfield: Company) -> Path:
    return larkfield.root


def test_the_p1_example_is_answered_with_evidence_and_the_citations_it_asks_for(answers: Answers) -> None:
    task = answers["p1_example"]
    assert task["status"] == "succeeded"
    assert task["verification_json"]["passed"] is True
    results = [result for step in task["result_json"]["steps"] for result in step["tool_results"]]
    assert {"metrics_query", "logs_search"} <= {result["tool"] for result in results if result["status"] == "ok"}
    assert all(result["attempts"] == 1 and result["duration_ms"] >= 0 and result["error"] is None for result in results)
    assert task["result_json"]["execution_metadata"]["total_tools"] == len(results)
    assert task["result_json"]["execution_metadata"]["error_count"] == 0
    assert {"policy_v2", "oncall_rota", "slack_config", "metrics", "logs"} <= cited(task)


@pytest.mark.parametrize("name", ["p1_example", "p1_in_words"])
def test_the_escalation_has_the_minutes_of_policy_v2_and_the_people_on_call(name: str, answers: Answers) -> None:
    actions = {action["due"]: action for action in report(answers[name])["actions"] if action["due"]}
    assert list(actions) == [
        "2026-02-14 10:05 UTC (+5 min)",
        "2026-02-14 10:10 UTC (+10 min)",
        "2026-02-14 10:15 UTC (+15 min)",
        "2026-02-14 10:20 UTC (+20 min)",
        "2026-02-14 10:30 UTC (+30 min)",
    ]
    owners = [action["owner"] for action in actions.values()]
    assert owners[:2] == ["Tomasz Wieczorek", "Priya Raghunathan"]  # the week of 2026-02-09


@pytest.mark.parametrize("name", ["p1_example", "p1_in_words"])
def test_the_bad_deployment_is_found_and_shown_by_its_rollback(name: str, answers: Answers) -> None:
    task = answers[name]
    assert task["verification_json"]["verdict"] == "confirmed"
    best = report(task)["hypotheses"][0]
    assert (best["service"], best["contradicted_by"]) == ("saas-api", [])
    assert "v4.18.0" in best["cause"]
    accused = next(item for item in report(task)["hypotheses"] if item["service"] == "payments-service")
    assert accused["contradicted_by"], "the errors name payments-service, whose own metrics are calm"


def test_p1_in_words_is_understood_without_any_context(answers: Answers) -> None:
    brief = answers["p1_in_words"]["plan_json"]["brief"]
    assert brief["services"] == ["saas-api"]
    assert brief["window"] == {"start": "2026-02-14T10:00:00Z", "end": "2026-02-14T10:30:00Z"}
    assert (brief["severity"], brief["project_key"]) == ("P1", "OPS")
    assert brief["required_citations"] == ["policy_v2", "oncall_rota"]


def test_rollback_is_mandatory_by_the_rule_and_open_until_it_is_measured(answers: Answers) -> None:
    task = answers["rollback"]
    assert report(task)["answer"].startswith("Yes: rollback is mandatory")
    assert {"policy_v2", "github_actions"} <= cited(task)
    assert task["verification_json"]["verdict"] == "not_confirmed"
    assert "no metrics of a named service" in task["verification_json"]["reasons"][0]


def test_rollback_is_held_against_what_was_measured(answers: Answers) -> None:
    answer = report(answers["rollback_measured"])["answer"]
    assert "above 2% for 17 consecutive minutes (2026-02-14 10:05–10:21 UTC), after “deployment v4.18.0" in answer
    assert "by policy_v2 a rollback was mandatory" in answer
    assert "above 2.5% for 17 consecutive minutes" in answer


def test_open_tickets_are_those_of_the_tracker_with_their_ownership_gaps(answers: Answers, company: Path) -> None:
    issues = json.loads((company / "mock_systems/data/jira_tickets.json").read_text(encoding="utf-8"))
    expected = {
        issue["key"]: issue["fields"]
        for issue in issues
        if issue["fields"]["project"]["key"] == "OPS"
        and issue["fields"]["issuetype"]["name"] == "Incident"
        and issue["fields"]["status"]["statusCategory"]["key"] != "done"
        and {"checkout", "timeout"} <= set(json.dumps(issue["fields"]).lower().replace("-", " ").split())
    }
    task = answers["ownership"]
    answer = report(task)["answer"]
    assert expected
    nobody = {key for key, fields in expected.items() if fields["assignee"] is None}
    nowhere = {key for key, fields in expected.items() if not fields["components"]}
    assert f"{len(nobody)} of {len(expected)} have no assignee" in answer
    assert f"{len(nowhere)} of {len(expected)} have no component" in answer
    assert set(expected) <= cited(task)
    assert {"slack_config", "policy_v2"} <= cited(task)
    assert "#inc-p1" in answer


def test_what_tightened_between_the_policies_has_both_figures(answers: Answers) -> None:
    answer = report(answers["comparison"])["answer"].split("\n")
    limits = [line.split(" (")[0] for line in answer]
    assert limits == [
        "Tightened for P1: 15 minutes in policy_v1 → 5 minutes in policy_v2",
        "Tightened for P1: 20 minutes in policy_v1 → 10 minutes in policy_v2",
        "Tightened for P1: 30 minutes in policy_v1 → 15 minutes in policy_v2",
        "Tightened for P1: every 30 minutes in policy_v1 → every 15 minutes in policy_v2",
        "Tightened for P1: 45 minutes in policy_v1 → 20 minutes in policy_v2",
        "Tightened for P1: 60 minutes in policy_v1 → 30 minutes in policy_v2",
        "Tightened for P1: every 60 minutes in policy_v1 → every 30 minutes in policy_v2",
        (
            "Gone since policy_v1 for P1, every 60 minutes: The incident commander opens a telephone bridge and sends a situation "
            "report by e-mail to all-engineering every hour."
        ),
    ]


def test_who_is_on_call_and_what_is_due_for_an_unowned_p2(answers: Answers) -> None:
    answer = report(answers["on_call"])["answer"]
    assert "primary Priya Raghunathan and secondary Olufemi Adeyemi" in answer
    due, following = answer.split("\n")[:2]
    assert "+10 minutes: primary on-call must post the ticket as unowned" in due
    assert "+20 minutes: secondary on-call is paged, must take ownership" in due
    assert "+30 minutes" not in due
    assert following.startswith("Next for an unowned P2, at +30 minutes: engineering manager")


@pytest.mark.parametrize(
    ("name", "words", "service"),
    [
        ("saturated_pool", "a connection pool without free connections", "checkout-worker"),
        ("provider_outage", "a service further down that answers with errors", "payments-service"),
        ("provider_outage_from_above", "payments-service, on which saas-api depends", "payments-service"),
        ("memory_leak", "memory that ran out", "catalog-service"),
        ("slow_query", "deployment v1.8.0", "reporting-service"),
        ("cache_stampede", "session-cache, on which identity-service depends", "session-cache"),
        ("expired_certificate", "an expired certificate", "webhook-dispatcher"),
        ("short_regression", "deployment v3.9.1", "billing-service"),
        ("traffic_surge", "load of edge-gateway itself: request rate (request_rate_rps)", "edge-gateway"),
    ],
)
def test_each_planted_incident_has_its_cause_first_and_is_not_called_confirmed(
    name: str, words: str, service: str, answers: Answers
) -> None:
    task = answers[name]
    best = report(task)["hypotheses"][0]
    assert words in best["cause"]
    assert (best["service"], best["contradicted_by"]) == (service, [])
    assert best["supported_by"]
    assert best["next_check"]
    assert task["verification_json"]["passed"] is True
    assert task["verification_json"]["verdict"] == "not_confirmed"


def test_a_slow_query_names_the_database_it_slows(answers: Answers) -> None:
    causes = [item["cause"] for item in report(answers["slow_query"])["hypotheses"]]
    assert any(cause.startswith("orders-db, on which reporting-service depends") for cause in causes)
    assert any(cause.startswith("statements that take too long") for cause in causes)


def test_a_blip_is_recovered_and_has_no_invented_cause(answers: Answers) -> None:
    assert report(answers["recovered_blip"])["health"] == "recovered"
    assert report(answers["recovered_blip"])["hypotheses"] == []


@pytest.mark.parametrize(
    ("name", "conclusion"),
    [
        ("slow_query", "by policy_v2 a rollback was mandatory."),
        (
            "short_regression",
            "above 2% for 3 consecutive minutes (2026-02-16 13:03–13:05 UTC), so by policy_v2 a rollback was not mandatory.",
        ),
    ],
)
def test_the_rollback_rule_is_applied_to_what_was_measured(name: str, conclusion: str, answers: Answers) -> None:
    assert conclusion in report(answers[name])["answer"]


def test_a_citation_that_cannot_be_given_fails_the_task_and_is_named(answers: Answers) -> None:
    task = answers["impossible_citation"]
    assert task["status"] == "failed"
    assert task["verification_json"]["passed"] is False
    assert task["verification_json"]["reasons"] == ["required_citations: required and not cited: no_such_source"]
    assert "postgres_config" in cited(task)


def test_a_service_that_does_not_exist_gets_an_honest_empty_answer(answers: Answers) -> None:
    task = answers["unknown_service"]
    assert "Answered and had nothing: metrics_query (no-such-service)" in report(task)["answer"]
    assert task["verification_json"]["verdict"] == "not_confirmed"
    assert report(task)["hypotheses"] == []


def test_a_noisy_but_healthy_service_is_called_healthy(answers: Answers) -> None:
    assert answers["healthy_but_noisy"]["verification_json"]["verdict"] == "healthy"


def test_a_question_about_something_else_gets_no_invented_answer(answers: Answers) -> None:
    task = answers["off_topic"]
    assert report(task)["hypotheses"] == []
    assert report(task)["actions"] == []
    assert task["verification_json"]["verdict"] == "not_confirmed"
