"""Each rule by itself: what it lets pass and what it names."""

import pkgutil
from datetime import timedelta

import pytest

import core.rules
from core.evidence import LogLine, LogLines
from core.plan import Plan
from core.report import Action, Claim, ClaimKind, Health, Report
from core.result import Result
from core.rules.grounds.algebra import Bases
from core.rules.grounds.figures import FigureKind, figures
from core.rules.grounds.records import Records, stands_in
from core.rules.grounds.wording import proper_names
from core.verdict import Check, Outcome
from core.verifier import RULES, verify
from tests.core.excerpts import policy
from tests.core.runs import END, POLICY, START, answered, earlier_issue, incident, run, ticket, tickets

NOT_RULES = {"citing", "grounds"}
"""Modules that rules share."""


def checks(plan: Plan, result: Result) -> dict[str, Check]:
    return {check.name: check for check in verify(plan, result).checks}


def failing(plan: Plan, result: Result) -> set[str]:
    return {name for name, check in checks(plan, result).items() if not check.passed}


def changed(result: Result, **changes: object) -> Result:
    return result.model_copy(update={"report": result.report.model_copy(update=changes)})


def with_claim(result: Result, text: str, *starts: str, kind: ClaimKind = ClaimKind.FACT) -> Result:
    """The result with a claim more, which cites the citations whose ids start so."""
    ids = [item.citation_id for item in result.report.citations if item.citation_id.startswith(starts)]
    claim = Claim(text=text, kind=kind, citation_ids=tuple(ids))
    return changed(result, claims=(*result.report.claims, claim))


def test_every_rule_of_the_folder_is_in_the_verifier_once() -> None:
    modules = {module.name for module in pkgutil.iter_modules(core.rules.__path__)} - NOT_RULES
    assert sorted(rule.__module__.rpartition(".")[2] for rule in RULES) == sorted(modules)


def test_each_check_is_named_like_its_module_and_gives_a_reason_in_words() -> None:
    plan, result = incident()
    for rule in RULES:
        check = rule(plan, result)
        assert rule.__module__ == f"core.rules.{check.name}"
        assert len(check.reason.split()) > 2
        assert rule.__doc__


METRICS = 'metrics:error_percent{service="cart"}@2026-03-03T09:05'


@pytest.mark.parametrize(
    "text",
    [
        "cart errors peaked at 7 at 09:07Z.",
        "cart errors were up for 6 minutes (09:05–09:10Z).",
        "cart errors are 0.25 as a rule.",
        "cart errors began 2026-03-03T09:05:00Z.",
    ],
)
def test_a_figure_that_follows_from_samples_is_supported(text: str) -> None:
    plan, result = incident()
    assert not failing(plan, with_claim(result, text, METRICS))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cart errors peaked at 8.", {"figures_are_supported"}),
        ("cart errors peaked at 7 at 09:10Z.", {"times_fit_their_figures"}),
        ("cart errors were up for 7 minutes.", {"figures_are_supported"}),
        ("cart errors were up (09:10–09:05Z).", {"times_fit_their_figures"}),
        ("cart errors began at 11:05Z.", {"figures_are_supported", "times_lie_in_window"}),
        ("cart errors began on 2026-03-04.", {"figures_are_supported", "times_lie_in_window"}),
        ("cart errors were caused by a deployment.", set[str]()),  # the incident's deployment is confirmed
        ("cart errors were seen by Mallory.", {"names_are_cited"}),
        ("cart errors followed “somebody pulled the plug”.", {"quoted_words_are_cited"}),
        ("policy_v2 speaks of it.", {"citations_fit", "figures_are_supported"}),
    ],
)
def test_what_samples_do_not_show_is_caught_by_its_rule(text: str, names: set[str]) -> None:
    plan, result = incident()
    assert failing(plan, with_claim(result, text, METRICS)) == names


def test_a_causal_word_without_a_confirmed_cause_becomes_a_next_check() -> None:
    plan, result = incident()
    best = result.report.hypotheses[0].model_copy(update={"confidence": 0.6})
    suspected = changed(result, hypotheses=(best, *result.report.hypotheses[1:]))
    check = checks(plan, with_claim(suspected, "cart errors were caused by a deployment.", METRICS))
    assert not check["causal_words_are_earned"].passed
    assert f"not confirmed; next check: {best.next_check}" in check["causal_words_are_earned"].reason


@pytest.mark.parametrize(
    "text", ["Not caused by cart itself.", "Whether cart caused it is open.", "cart may have caused it"]
)
def test_a_causal_word_that_is_denied_or_doubted_claims_nothing(text: str) -> None:
    plan, result = incident()
    best = result.report.hypotheses[0].model_copy(update={"confidence": 0.6})
    suspected = changed(result, hypotheses=(best, *result.report.hypotheses[1:]))
    assert checks(plan, with_claim(suspected, text, METRICS))["causal_words_are_earned"].passed


def test_a_copy_of_the_policy_with_another_figure_is_caught() -> None:
    plan, result = incident()
    right = with_claim(result, "policy_v2 says: The primary must acknowledge within 7 minutes.", "policy_v2:")
    assert not failing(plan, right)
    # 13 stands in the policy too, beside other words.
    wrong = with_claim(result, "policy_v2 says: The primary must acknowledge within 13 minutes.", "policy_v2:")
    assert failing(plan, wrong) == {"copies_keep_their_figures"}


def owned() -> tuple[Plan, Result]:
    found = (
        ticket("INC-31"),
        ticket("INC-32", assignee="Ida Berg", component=None),
        ticket("INC-33", assignee="Jon Ek"),
    )
    return run(
        "Find open incident tickets that mention cart",
        answered("search_previous_issues", earlier_issue()),
        answered("jira_search_tickets", tickets(*found)),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        service="cart",
    )


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("INC-32 is Open, assigned to Ida Berg.", True),
        ("INC-32 is Closed, assigned to Ida Berg.", False),
        ("INC-32 is Open, assigned to nobody.", False),
        ("INC-31 is Open, assigned to nobody.", True),
        ("INC-31 is Open, assigned to Ida Berg.", False),
        ("2 closed tickets: INC-31 and INC-32.", False),
        ("No assignee: INC-31.", True),
        ("Without an assignee: INC-31 and INC-33.", False),
    ],
)
def test_what_is_said_of_a_ticket_is_held_against_its_record(text: str, *, right: bool) -> None:
    plan, result = owned()
    ids = tuple(item.citation_id for item in result.report.citations if item.citation_source in text)
    claim = Claim(text=text, kind=ClaimKind.FACT, citation_ids=ids)
    told = changed(result, claims=(*result.report.claims, claim))
    assert checks(plan, told)["ticket_states_match"].passed is right


@pytest.mark.parametrize(
    ("owner", "right"), [("Ida", True), ("Jon", False), ("Mallory", False), ("the incident lead", True), (None, True)]
)
def test_an_action_is_given_to_who_holds_the_role_it_names(owner: str | None, *, right: bool) -> None:
    plan, result = incident()
    action = Action(text="The primary must acknowledge", owner=owner)
    assert checks(plan, changed(result, actions=(action,)))["owners_hold_the_role"].passed is right


@pytest.mark.parametrize(
    ("health", "right"), [(Health.RECOVERED, True), (Health.HEALTHY, False), (Health.DEGRADED, False), (None, True)]
)
def test_the_health_is_what_the_samples_say(health: Health | None, *, right: bool) -> None:
    plan, result = incident()
    assert checks(plan, changed(result, health=health))["health_is_measured"].passed is right


def suspect(report: Report, **changes: object) -> Report:
    first = report.hypotheses[0].model_copy(update=changes)
    return report.model_copy(update={"hypotheses": (first, *report.hypotheses[1:])})


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        ((0, 1), "undone after the symptom began"),
        ((1, 2), "came before a symptom"),
        ((0, 2), "came before a symptom"),
    ],
)
def test_a_confirmed_cause_cites_order_and_undoing(kept: tuple[int, ...], reason: str) -> None:
    plan, result = incident()
    ids = result.report.hypotheses[0].supported_by
    lied = result.model_copy(update={"report": suspect(result.report, supported_by=tuple(ids[at] for at in kept))})
    check = checks(plan, lied)["causes_come_first"]
    assert not check.passed
    assert reason in check.reason


def test_a_service_that_is_no_dependency_cannot_be_the_cause() -> None:
    plan, result = incident()
    lied = result.model_copy(update={"report": suspect(result.report, service="mail")})
    assert "mail is neither in question nor a dependency" in checks(plan, lied)["causes_come_first"].reason


def test_an_accused_dependency_has_its_own_metrics_shown() -> None:
    plan, result = incident()
    accused = next(item for item in result.report.hypotheses if item.service == "ledger")
    assert accused.contradicted_by
    others = tuple(item for item in result.report.hypotheses if item is not accused)
    hidden = (*others, accused.model_copy(update={"contradicted_by": ()}))
    ranked = tuple(sorted(hidden, key=lambda item: -item.confidence))
    assert "contradictions_are_shown" in failing(plan, changed(result, hypotheses=ranked))


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("within 7 minutes", True),
        ("within 7 minute", False),
        ("ithin 7", False),
        ("7 minutes.", True),
        ("8 minutes", False),
    ],
)
def test_a_quote_cuts_no_word_in_two(quote: str, *, stands: bool) -> None:
    assert stands_in(quote, "must acknowledge within 7 minutes.") is stands


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("at 10:05Z", [(FigureKind.CLOCK, "10:05")]),
        (
            "2026-02-14 10:05–10:21Z",
            [(FigureKind.DATE, "2026-02-14"), (FigureKind.CLOCK, "10:05"), (FigureKind.CLOCK, "10:21")],
        ),
        ("2026-02-14T10:02:11Z:", [(FigureKind.STAMP, "2026-02-14T10:02:11Z")]),
        (
            "v4.18.0 of OPS-251, P1",
            [(FigureKind.NAME, "v4.18.0"), (FigureKind.NAME, "OPS-251"), (FigureKind.NAME, "P1")],
        ),
        ("900ms, 2.5%, 1,250", [(FigureKind.NUMBER, "900"), (FigureKind.NUMBER, "2.5"), (FigureKind.NUMBER, "1,250")]),
        ("no figure here", []),
        ("x" * 50_000, []),
    ],
)
def test_figures_are_read_by_kind(text: str, found: list[tuple[FigureKind, str]]) -> None:
    assert [(figure.kind, figure.text) for figure in figures(text)] == found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("On call: primary Ida Berg and secondary Jon.", ["Ida", "Berg", "Jon"]),
        ("Yes: Rollback is due. It holds.", []),
        ("ERROR_RATE_WINDOW is 5 in OPS-251", []),
    ],
)
def test_a_capital_at_the_beginning_of_a_sentence_makes_no_name(text: str, names: list[str]) -> None:
    assert list(proper_names(text)) == names


def test_lines_are_counted_by_shape_and_an_error_does_not_stand_for_the_whole_log() -> None:
    plan, result = incident()
    lines = tuple(
        LogLine(timestamp=START + timedelta(seconds=n), level=level, message=message, fields={})
        for n, (level, message) in enumerate(
            (("ERROR", "order=1 lost"), ("ERROR", "order=2 lost"), ("ERROR", "pool full"), ("INFO", "started in 3 s"))
        )
    )
    logs = LogLines(service="cart", start_time=START, end_time=END, pattern=None, lines=lines, truncated=False)
    call = answered("logs_search", logs, service="cart")
    report = Report(answer="", citations=(logs.cite(lines[0]), logs.cite(lines[3])))
    step = result.steps[0].model_copy(update={"tool_results": (call,)})
    records = Records(result.model_copy(update={"steps": (step,), "report": report}))
    bases = Bases(records, plan.brief)
    lost, started = (bases.of(records.of((item.citation_id,))).counts for item in report.citations)
    assert lost == {2.0}
    assert started == {4.0, 3.0, 0.0}


def test_a_quote_of_another_version_of_the_policy_does_not_stand() -> None:
    plan, result = incident()
    other = policy("# Escalation\n\nThe primary must acknowledge within 70 minutes.\n").passages[-1]
    citation = result.report.citations[0].model_copy(
        update={"citation_source": "policy_v2", "locator": "policies/policy_v2.md:3-3", "quote": other.text}
    )
    lied = changed(result, citations=(citation, *result.report.citations[1:]))
    assert "quotes_are_verbatim" in failing(plan, lied)


def test_a_verdict_that_failed_names_rule_and_reason() -> None:
    plan, result = incident()
    verdict = verify(plan, with_claim(result, "cart errors peaked at 8.", METRICS))
    assert (verdict.passed, verdict.verdict) == (False, Outcome.FAILED)
    assert verdict.reasons == (
        "figures_are_supported: 8 in “cart errors peaked at 8.” neither stands in its citations nor follows from them",
    )
