import re

import pytest

from core.report import Claim, ClaimKind, Hypothesis, Report
from core.result import CallStatus, Result
from core.rules.quotes_are_verbatim import check as quotes_are_verbatim
from core.verdict import Outcome
from core.verifier import RULES, broken, verify
from tests.core.runs import POLICY, answered, earlier_issue, failed, incident, replace_citation, run, ticket, tickets


def with_report(result: Result, **changes: object) -> Result:
    report = Report.model_validate({**dict(result.report), **changes})
    return result.model_copy(update={"report": report})


def failed_checks(plan_and_result: tuple[object, Result]) -> set[str]:
    plan, result = plan_and_result
    return {check.name for check in verify(plan, result).checks if not check.passed}  # pyright: ignore[reportArgumentType] -- a plan


def test_an_untouched_report_passes_every_rule() -> None:
    plan, result = incident(required_citations=("policy_v2", "oncall_rota"))
    verdict = verify(plan, result)
    assert verdict.passed
    assert len(verdict.checks) == len(RULES)
    assert all(check.reason for check in verdict.checks)


def test_a_change_whose_undoing_ended_the_symptom_is_confirmed() -> None:
    verdict = verify(*incident())
    assert verdict.verdict is Outcome.CONFIRMED
    assert "deployment v9 started" in verdict.reasons[0]


def test_a_cause_that_something_contradicts_is_not_confirmed() -> None:
    plan, result = incident()
    best = result.report.hypotheses[0]
    doubted = best.model_copy(update={"contradicted_by": best.supported_by})
    assert verify(plan, with_report(result, hypotheses=(doubted,))).verdict is Outcome.NOT_CONFIRMED


def test_a_missing_required_citation_is_named() -> None:
    verdict = verify(*incident(required_citations=("policy_v2", "no_such_source")))
    assert not verdict.passed
    assert verdict.verdict is Outcome.FAILED
    assert verdict.reasons == ("required_citations: required and not cited: no_such_source",)


def test_a_citation_that_nothing_uses_does_not_count() -> None:
    plan, result = incident(required_citations=("oncall_rota",))
    claims = tuple(claim for claim in result.report.claims if "On call" not in claim.text)
    answer = "\n".join(line for line in result.report.answer.split("\n") if "On call" not in line)
    assert failed_checks((plan, with_report(result, claims=claims, answer=answer))) == {"required_citations"}


def test_an_incident_needs_a_search_that_found_something() -> None:
    policy = answered("fetch_company_reference", POLICY, source="policy_v2")
    nothing = earlier_issue().model_copy(update={"hits": ()})
    without = run(
        "P1 alert: cart", answered("search_previous_issues", nothing, CallStatus.EMPTY), policy, severity="P1"
    )
    assert failed_checks(without) == {"evidence_source"}
    assert not failed_checks(
        run("P1 alert: cart", answered("search_previous_issues", earlier_issue()), policy, severity="P1")
    )
    assert not failed_checks(
        run("P1 alert: cart", answered("jira_search_tickets", tickets(ticket("INC-1"))), policy, severity="P1")
    )


def test_an_incident_needs_a_policy() -> None:
    assert failed_checks(run("alert: cart", answered("search_previous_issues", earlier_issue()))) == {"policy_citation"}


def test_a_policy_that_could_not_be_read_is_told_and_fails_the_incident() -> None:
    plan, result = run(
        "alert: cart",
        answered("search_previous_issues", earlier_issue()),
        failed("fetch_company_reference", "policies/policy_v2.md is missing", source="policy_v2"),
    )
    assert failed_checks((plan, result)) == {"policy_citation"}
    assert "Could not be asked: fetch_company_reference (policy_v2)" in result.report.answer


@pytest.mark.parametrize("position", range(len(incident()[1].report.citations)))
def test_a_changed_quote_is_caught(position: int) -> None:
    plan, result = incident()
    quote = result.report.citations[position].quote
    changed = re.sub(r"\w(?=\W*$)", lambda match: "8" if match[0] != "8" else "9", quote)
    assert quotes_are_verbatim(plan, result).passed
    assert not quotes_are_verbatim(plan, replace_citation(result, position, quote=changed)).passed


@pytest.mark.parametrize("position", range(len(incident()[1].report.citations)))
def test_a_changed_place_is_caught(position: int) -> None:
    plan, result = incident()
    elsewhere = replace_citation(result, position, locator=f"elsewhere/{position}")
    assert not quotes_are_verbatim(plan, elsewhere).passed


def test_a_statement_without_a_citation_is_caught() -> None:
    plan, result = incident()
    bare = Claim(text="The network was slow.", kind=ClaimKind.FACT, citation_ids=())
    assert failed_checks((plan, with_report(result, claims=(*result.report.claims, bare)))) == {"claims_are_cited"}


def test_a_citation_that_does_not_exist_is_caught() -> None:
    plan, result = incident()
    guess = Hypothesis(cause="DNS", service=None, confidence=0.1, supported_by=("nowhere:L1",), next_check="dig")
    assert failed_checks((plan, with_report(result, hypotheses=(guess,)))) == {"claims_are_cited"}


def test_a_figure_that_no_claim_backs_is_caught() -> None:
    plan, result = incident()
    assert failed_checks((plan, with_report(result, answer=result.report.answer + "\nIt cost 12345 orders."))) == {
        "figures_are_backed"
    }


def test_a_failure_that_the_report_hides_is_caught() -> None:
    plan, result = run(
        "what is cart",
        failed("search_incident_knowledge", "no answer"),
    )
    assert not failed_checks((plan, result))
    assert failed_checks((plan, with_report(result, gaps=()))) == {"failures_are_told"}


def test_a_run_that_broke_has_failed() -> None:
    verdict = broken("the run broke: KeyError")
    assert (verdict.passed, verdict.verdict, verdict.reasons) == (False, Outcome.FAILED, ("the run broke: KeyError",))
