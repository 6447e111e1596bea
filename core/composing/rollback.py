"""Whether a rollback is called for: the policy's rules held against what was measured or is supposed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from core.brief import Intent, Threshold
from core.composing.draft import Draft
from core.composing.material import Material, nearest_words
from core.composing.measurements import limit_text, run_beyond
from core.composing.words import clock, gist, number, series_name, shortened, span
from core.evidence.metrics import MetricsWindow
from core.evidence.reference import Passage
from core.findings.logs import change_events
from core.findings.names import percentile_of
from core.findings.thresholds import scaled
from core.policy.triggers import (
    RollbackRule,
    exceeds,
    implies,
    names_exception,
    read_minutes_since_deployment,
)
from core.reading.quantities import minutes_text
from core.report import Citation

WORKFLOW = "github_actions"
MAX_PASSAGES = 2

_WORKFLOW_WORDS = ("rollback", "roll back", "error_rate", "error rate", "threshold", "percent", "minutes")
BINDING = {"must": "mandatory", "should": "recommended", "may": "allowed"}


def compose(material: Material, draft: Draft) -> None:
    """Answers from the policy's rules; a supposed condition and a measured one are told apart."""
    if material.policy is None or Intent.COMPARE_POLICIES in material.brief.intents:
        return
    asked = Intent.ROLLBACK in material.brief.intents
    if not asked and Intent.INVESTIGATE not in material.brief.intents:
        return
    rules = material.rollback_rules_of(material.policy)
    if not asked:
        _point_out(material, rules, draft)
        return
    if not rules:
        draft.gap(
            "whether a rollback is mandatory",
            f"{material.policy.source} ties no rollback to a measured condition that could be read",
            f"read {material.policy.source} in full",
            *nearest_words(material.policy),
            essential=True,
        )
        return
    supposed = list(_suppose(material, rules, draft))
    _measure(material, rules, draft, is_asked=not supposed)
    main = supposed[0] if supposed else rules[0]
    for rule in rules:
        draft.fact(
            f"{rule.excerpt.source} makes a rollback {BINDING[rule.modality]} on this condition: "
            f"{shortened(rule.sentence, 300)}",
            rule.cite(),
            headline=rule is main,
        )
    for passage in _exceptions(main):
        exception = gist(passage.text, 300)
        draft.fact(f"{main.excerpt.source} names an exception: {exception}", main.excerpt.cite(passage), headline=True)
    _workflow(material, draft)


def _point_out(material: Material, rules: Sequence[RollbackRule], draft: Draft) -> None:
    """In an investigation, says where a rule made the rollback of a deployment before the symptom a duty."""
    for window in _windows(material):
        for rule in rules:
            if rule.modality == "must" and rule.after_deployment_minutes is not None:
                _measure_one(material, window, rule, draft, only_if_due=True)


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


def _suppose(material: Material, rules: Sequence[RollbackRule], draft: Draft) -> Iterator[RollbackRule]:
    """Holds each supposed condition against the rules of its metric, the most binding first; the rule each was decided by."""
    for condition in material.brief.thresholds:
        about = [rule for rule in rules if same_metric(condition, rule.condition)]
        if not about:
            continue
        since = read_minutes_since_deployment(material.request.text)
        rule = next((rule for rule in about if _met(rule, condition, since)), about[0])
        met = _met(rule, condition, since)
        holds = "meets" if met else "does not meet"
        draft.inference(
            f"{_verdict(rule, met=met)} when “{condition.quote}”, which {holds} the condition “{rule.condition.quote}” of "
            f"{rule.excerpt.source}.{_only_after_deployment(rule, since)}",
            rule.cite(),
            headline=True,
        )
        yield rule


def _met(rule: RollbackRule, condition: Threshold, since: float | None) -> bool:
    limit = rule.after_deployment_minutes
    in_time = limit is None or since is None or since <= limit
    return in_time and implies(condition, rule.condition)


def _verdict(rule: RollbackRule, *, met: bool) -> str:
    binding = BINDING[rule.modality]
    if not met:
        return f"No: rollback is not {binding}"
    return f"Yes: rollback is {binding}" if rule.modality == "must" else f"Not mandatory: rollback is {binding}"


def _only_after_deployment(rule: RollbackRule, since: float | None) -> str:
    limit = rule.after_deployment_minutes
    if limit is None:
        return ""
    late = ", and this is said to have begun later" if since is not None and since > limit else ""
    return f" It holds within {minutes_text(limit)} of a deployment{late}."


def _windows(material: Material) -> list[MetricsWindow]:
    measured = (material.measured(service) for service in material.brief.services)
    return [item[0] for item in measured if item is not None]


def _measure(material: Material, rules: Sequence[RollbackRule], draft: Draft, *, is_asked: bool) -> None:
    windows = _windows(material)
    if not windows:
        draft.gap(
            "whether the condition was really met",
            "no metrics of a named service and window were brought in",
            "name the service and the window, then it is measured",
            essential=True,
        )
    for window in windows:
        for rule in rules:
            _measure_one(material, window, rule, draft, is_asked=is_asked and rule is rules[0])


def _measure_one(
    material: Material,
    window: MetricsWindow,
    rule: RollbackRule,
    draft: Draft,
    *,
    is_asked: bool = False,
    only_if_due: bool = False,
) -> None:
    """States how long the rule's condition held, and what follows from it; silently nothing where it is not due."""
    condition = rule.condition
    found = run_beyond(window, condition)
    if found is None:
        return
    series, run = found
    binding = BINDING[rule.modality]
    limit, side = limit_text(condition), "below" if condition.comparison.startswith("<") else "above"
    subject = f"Measured: {window.service} {series_name(series)}"
    if run is None:
        if not only_if_due:
            draft.inference(
                f"{subject} was never {side} {limit} in the window, so the rule did not apply.",
                window.cite(series), rule.cite(), headline=is_asked,
            )  # fmt: skip
        return
    met = exceeds(scaled(run.peak, condition, series.metric), run.minutes, condition)
    deployed, why, cited = _deployed(material, window.service, rule, run.start)
    if not met:
        conclusion = f"so by {rule.excerpt.source} a rollback was not {binding}"
    elif deployed is None:
        conclusion = f"and {why}: by {rule.excerpt.source} a rollback was {binding} only after a deployment"
    else:
        conclusion = f"{why}so by {rule.excerpt.source} a rollback was {'' if deployed else 'not '}{binding}"
    if only_if_due and not (met and deployed):
        return
    minutes = f"{number(run.minutes)} consecutive minute{'' if run.minutes == 1 else 's'}"
    draft.inference(
        f"{subject} was {side} {limit} for {minutes} ({span(run.start, run.end)}), {conclusion}.",
        window.cite(series, run.start, run.end),
        *cited,
        rule.cite(),
        headline=is_asked or met or rule.modality == "must",
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


def same_metric(one: Threshold, other: Threshold) -> bool:
    """Whether two conditions are about one metric, by the words and units of both."""
    alike = one.unit == other.unit or one.unit is None or other.unit is None
    percentiles = percentile_of(one.metric), percentile_of(other.metric)
    if None not in percentiles and percentiles[0] != percentiles[1]:
        return False
    return alike and bool(set(one.metric.split()) & set(other.metric.split()))
