"""Report → Verdict, by rules that read data alone, whoever wrote the report."""

from core.brief import Intent
from core.plan import Plan
from core.report import Health
from core.result import Result
from core.rules import (
    causal_words_are_earned,
    causes_come_first,
    changes_fit_their_samples,
    citations_fit,
    claims_are_cited,
    contradictions_are_shown,
    copies_keep_their_figures,
    evidence_source,
    failures_are_told,
    figures_are_backed,
    figures_are_supported,
    gaps_are_measured,
    health_is_measured,
    names_are_cited,
    owners_hold_the_role,
    policy_citation,
    quoted_words_are_cited,
    quotes_are_verbatim,
    required_citations,
    ticket_states_match,
    times_fit_their_figures,
    times_lie_in_window,
)
from core.rules.causes_come_first import CONFIRMED_FROM
from core.verdict import Check, Outcome, Verdict

RULES = (
    evidence_source.check,
    policy_citation.check,
    required_citations.check,
    claims_are_cited.check,
    citations_fit.check,
    quotes_are_verbatim.check,
    quoted_words_are_cited.check,
    names_are_cited.check,
    figures_are_supported.check,
    copies_keep_their_figures.check,
    figures_are_backed.check,
    gaps_are_measured.check,
    times_lie_in_window.check,
    times_fit_their_figures.check,
    changes_fit_their_samples.check,
    ticket_states_match.check,
    owners_hold_the_role.check,
    health_is_measured.check,
    causes_come_first.check,
    causal_words_are_earned.check,
    contradictions_are_shown.check,
    failures_are_told.check,
)


def verify(plan: Plan, result: Result) -> Verdict:
    """Passed only when every rule is; the reasons are those of the rules that failed, else what the verdict rests on."""
    checks = tuple(rule(plan, result) for rule in RULES)
    failed = tuple(check for check in checks if not check.passed)
    if failed:
        reasons = tuple(f"{check.name}: {check.reason}" for check in failed)
        return Verdict(passed=False, verdict=Outcome.FAILED, reasons=reasons, checks=checks)
    outcome, reason = _outcome(plan, result)
    return Verdict(passed=True, verdict=outcome, reasons=(reason,), checks=checks)


def broken(reason: str) -> Verdict:
    """The verdict on a run that broke before it had a report."""
    check = Check(name="run_completed", passed=False, reason=reason)
    return Verdict(passed=False, verdict=Outcome.FAILED, reasons=(reason,), checks=(check,))


def _outcome(plan: Plan, result: Result) -> tuple[Outcome, str]:
    report = result.report
    open_question = next((gap for gap in report.gaps if gap.essential), None)
    if Intent.INVESTIGATE in plan.brief.intents and plan.brief.services:
        best = report.hypotheses[0] if report.hypotheses else None
        if best and best.confidence >= CONFIRMED_FROM and not best.contradicted_by:
            return Outcome.CONFIRMED, f"the cause is shown by order in time and by its undoing: {best.cause}"
        if best:
            return Outcome.NOT_CONFIRMED, f"not confirmed: {best.cause}; next check: {best.next_check}"
        if report.health is Health.HEALTHY and open_question is None:
            return Outcome.HEALTHY, "no symptom in the window: the measurements stayed within their usual band"
        reason = open_question.reason if open_question else "nothing that was asked moved before the symptom"
        return Outcome.NOT_CONFIRMED, f"no cause could be shown: {reason}"
    if open_question:
        return (
            Outcome.NOT_CONFIRMED,
            f"open: {open_question.what}: {open_question.reason}; next check: {open_question.next_check}",
        )
    if report.claims:
        return Outcome.CONFIRMED, "every statement is backed by the source it cites"
    return Outcome.NOT_CONFIRMED, "no source that was asked had an answer"
