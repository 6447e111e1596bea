"""Whether a rollback is called for: the policy's rules held against what was measured or is supposed."""

from datetime import datetime, timedelta

from core.brief import Intent, Threshold
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.measurements import matching_series
from core.composing.words import clock, gist, number, series_name, shortened, span
from core.evidence.metrics import MetricsWindow
from core.evidence.reference import Passage
from core.findings.logs import change_events
from core.findings.metrics import longest_run
from core.policy.triggers import RollbackRule, exceeds, names_exception, read_rollback_rules
from core.reading.quantities import minutes_text
from core.report import Citation

WORKFLOW = "github_actions"
MAX_PASSAGES = 2

_WORKFLOW_WORDS = ("rollback", "roll back", "error_rate", "error rate", "threshold", "percent", "minutes")
_BINDING = {"must": "mandatory", "should": "recommended", "may": "allowed"}


def compose(material: Material, draft: Draft) -> None:
    """Answers from the most binding rule; a supposed condition and a measured one are told apart."""
    if Intent.ROLLBACK not in material.brief.intents or material.policy is None:
        return
    rules = read_rollback_rules(material.policy)
    if not rules:
        draft.gap(
            "whether a rollback is mandatory",
            f"{material.policy.source} ties no rollback to a measured condition that could be read",
            f"read {material.policy.path}",
            essential=True,
        )
        return
    rule = rules[0]
    conditions = [item for item in material.brief.thresholds if _same_metric(item, rule.condition)]
    for condition in conditions:
        _suppose(rule, condition, draft)
    _measure(material, rule, draft, is_asked=not conditions)
    for other in rules:
        draft.fact(
            f"{other.excerpt.source} makes a rollback {_BINDING[other.modality]} on this condition: "
            f"{shortened(other.sentence, 300)}",
            other.cite(),
            headline=other is rule,
        )
    for passage in _exceptions(rule):
        exception = gist(passage.text, 300)
        draft.fact(f"{rule.excerpt.source} names an exception: {exception}", rule.excerpt.cite(passage), headline=True)
    _workflow(material, draft)


def _exceptions(rule: RollbackRule) -> list[Passage]:
    """The passages of the rule's own section that speak of an exception."""
    return [
        passage
        for passage in rule.excerpt.passages
        if passage.heading == rule.passage.heading and passage is not rule.passage and names_exception(passage.text)
    ][:MAX_PASSAGES]


def _workflow(material: Material, draft: Draft) -> None:
    """Quotes where the deployment workflow speaks of the rollback and its thresholds."""
    workflow = material.reference(WORKFLOW)
    if workflow is None:
        return

    def fit(passage: Passage) -> int:
        about = f"{' '.join(passage.heading)} {passage.text}".lower()
        return sum(word in about for word in _WORKFLOW_WORDS)

    best = sorted(workflow.passages, key=lambda passage: (-fit(passage), passage.start_line))[:MAX_PASSAGES]
    for passage in sorted(best, key=lambda passage: passage.start_line):
        if fit(passage) > 1:
            draft.fact(f"{workflow.source} says: {shortened(passage.text, 240)}", workflow.cite(passage))


def _suppose(rule: RollbackRule, condition: Threshold, draft: Draft) -> None:
    met = exceeds(condition.value, condition.minutes, rule.condition)
    answer = "Yes" if met else "No"
    holds = "meets" if met else "does not meet"
    draft.inference(
        f"{answer}: rollback is {'' if met else 'not '}{_BINDING[rule.modality]} when “{condition.quote}”, which {holds} the "
        f"condition “{rule.condition.quote}” of {rule.excerpt.source}.{_only_after_deployment(rule)}",
        rule.cite(),
        headline=True,
    )


def _only_after_deployment(rule: RollbackRule) -> str:
    minutes = rule.after_deployment_minutes
    return "" if minutes is None else f" It holds within {minutes_text(minutes)} of a deployment."


def _measure(material: Material, rule: RollbackRule, draft: Draft, *, is_asked: bool) -> None:
    windows = [material.measured(service) for service in material.brief.services]
    measured = [item[0] for item in windows if item is not None]
    if not measured:
        draft.gap(
            "whether the condition was really met",
            "no metrics of a named service and window were brought in",
            "name the service and the window, then it is measured",
            essential=True,
        )
    for window in measured:
        _measure_one(material, window, rule, draft, is_asked=is_asked)


def _measure_one(
    material: Material, window: MetricsWindow, rule: RollbackRule, draft: Draft, *, is_asked: bool
) -> None:
    condition = rule.condition
    series = matching_series(window, condition.metric)
    if series is None:
        return
    limit = f"{number(condition.value)}{condition.unit or ''}"
    above = condition.comparison.startswith(">")
    run = longest_run(window, series, condition.value, above=above, inclusive=condition.comparison.endswith("="))
    side = "above" if above else "below"
    subject = f"Measured: {window.service} {series_name(series)}"
    if run is None:
        draft.inference(
            f"{subject} was never {side} {limit} in the window, so the rule did not apply.",
            window.cite(series), rule.cite(), headline=is_asked,
        )  # fmt: skip
        return
    met = exceeds(run.peak, run.minutes, condition)
    deployed, why, cited = _deployed(material, window.service, rule, run.start)
    if not met:
        conclusion = f"so by {rule.excerpt.source} a rollback was not {_BINDING[rule.modality]}"
    elif deployed is None:
        conclusion = (
            f"and {why}: by {rule.excerpt.source} a rollback was {_BINDING[rule.modality]} only after a deployment"
        )
    else:
        conclusion = (
            f"{why}so by {rule.excerpt.source} a rollback was {'' if deployed else 'not '}{_BINDING[rule.modality]}"
        )
    draft.inference(
        f"{subject} was {side} {limit} for {number(run.minutes)} consecutive minutes ({span(run.start, run.end)}), {conclusion}.",
        window.cite(series, run.start, run.end),
        *cited,
        rule.cite(),
        headline=True,
    )


def _deployed(
    material: Material, service: str, rule: RollbackRule, start: datetime
) -> tuple[bool | None, str, tuple[Citation, ...]]:
    """Whether the rule's deployment came before, None where that could not be looked up; why in words; what shows it."""
    if rule.after_deployment_minutes is None:
        return True, "", ()
    limit = minutes_text(rule.after_deployment_minutes)
    logs = material.change_lines(service)
    if logs is None:
        return None, f"whether a deployment came within {limit} before could not be looked up", ()
    earliest = start - timedelta(minutes=rule.after_deployment_minutes)
    events = [event for event in change_events(logs.lines) if event.kind == "deployment"]
    found = [event.line for event in events if earliest <= event.line.timestamp <= start]
    if not found:
        return False, f"but its log tells of no deployment within {limit} before, ", ()
    return (
        True,
        f"after “{shortened(found[-1].message, 120)}” ({clock(found[-1].timestamp)}), ",
        (logs.cite(found[-1]),),
    )


def _same_metric(one: Threshold, other: Threshold) -> bool:
    return one.unit == other.unit and bool(set(one.metric.split()) & set(other.metric.split()))
