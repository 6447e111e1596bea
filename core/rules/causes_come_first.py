from datetime import datetime, timedelta

from core.evidence import MetricsWindow
from core.findings.logs import change_events
from core.findings.metrics import is_symptom
from core.plan import Plan
from core.report import Hypothesis
from core.result import Result
from core.rules.grounds.algebra import usual_value
from core.rules.grounds.records import Line, Record, Records, Samples, records_of
from core.verdict import Check
from core.window import iso

NAME = "causes_come_first"
SLACK = timedelta(minutes=1)
"""A sample stands for its minute: an event within the minute of the first symptom may have come first."""
CONFIRMED_FROM = 0.9
"""The least confidence of a cause that counts as confirmed: order in time and an undoing that ended it."""
CALM_SAMPLES = 3
"""As many samples after a symptom, nearer to the usual than its edges, count as recovered."""


def check(plan: Plan, result: Result) -> Check:
    """A possible cause is one of the services in question or a dependency, and came no later than the symptom it cites.

    One that counts as confirmed was undone after the symptom began, and the symptom ended after that.
    """
    records = records_of(result)
    hypotheses = result.report.hypotheses
    for hypothesis in hypotheses:
        if wrong := _wrong(hypothesis, plan, records):
            return Check(name=NAME, passed=False, reason=f"“{hypothesis.cause[:120]}”: {wrong}")
    ranked = [hypothesis.confidence for hypothesis in hypotheses]
    if ranked != sorted(ranked, reverse=True):
        return Check(name=NAME, passed=False, reason="the possible causes are not in the order of their confidence")
    reason = (
        f"{len(hypotheses)} possible causes came before what they would explain" if hypotheses else "no cause is named"
    )
    return Check(name=NAME, passed=True, reason=reason)


def _wrong(hypothesis: Hypothesis, plan: Plan, records: Records) -> str | None:
    accused, subjects = hypothesis.service, plan.brief.services
    if accused is not None and accused not in {*subjects, *plan.brief.dependencies}:
        return f"{accused} is neither in question nor a dependency of what is"
    if not hypothesis.next_check.strip():
        return "it names no next check"
    supported = records.of(hypothesis.supported_by)
    symptoms = [item for item in supported if isinstance(item, Samples) and _is_symptom(item, subjects)]
    start = min((item.start for item in symptoms), default=None)
    if start is not None and not hypothesis.contradicted_by:
        for name, at in _events(supported, subjects):
            if at > start + SLACK:
                return f"{name} at {iso(at)} came after the symptom that began at {iso(start)}"
    if hypothesis.confidence >= CONFIRMED_FROM:
        return _unconfirmed(supported, symptoms, start, plan, records)
    return None


def _is_symptom(samples: Samples, services: tuple[str, ...]) -> bool:
    return samples.window.service in services and is_symptom(samples.series.metric)


def _events(supported: tuple[Record, ...], services: tuple[str, ...]) -> list[tuple[str, datetime]]:
    """What is held to be the cause, and when it happened: changes told of in a log, the start of other series' samples."""
    events: list[tuple[str, datetime]] = []
    for record in supported:
        if isinstance(record, Line):
            events += [
                (f"“{event.line.message[:80]}”", event.line.timestamp)
                for event in change_events((record.line,))
                if event.kind != "rollback"
            ]
        elif isinstance(record, Samples) and not _is_symptom(record, services):
            events.append((record.series.selector, record.start))
    return events


def _unconfirmed(
    supported: tuple[Record, ...], symptoms: list[Samples], start: datetime | None, plan: Plan, records: Records
) -> str | None:
    """Why the cause does not count as confirmed; None when it does."""
    lines = [record.line for record in supported if isinstance(record, Line)]
    events = change_events(lines)
    if start is None or not any(event.kind != "rollback" for event in events):
        return "nothing it cites shows that it came before a symptom"
    undone = [event.line.timestamp for event in events if event.kind == "rollback" and event.line.timestamp > start]
    if not undone:
        return "nothing it cites shows that it was undone after the symptom began"
    if max(item.end for item in symptoms) + SLACK < min(undone):
        return "the symptom had ended before it was undone"
    since = plan.brief.window.start if plan.brief.window else start
    if not all(_recovered(item, records, since) for item in symptoms):
        return "the symptom had not ended when the samples end"
    return None


def _recovered(symptom: Samples, records: Records, since: datetime) -> bool:
    """Whether the last samples, all of them after the symptom's end, lie nearer to the usual value than its two edges."""
    usual = usual_value(records, symptom, since)
    window: MetricsWindow = symptom.window
    after = [value for at, value in window.samples(symptom.series) if at > symptom.end][-CALM_SAMPLES:]
    if usual is None or len(after) < CALM_SAMPLES or not symptom.values:
        return False
    first, last = symptom.values[0][1], symptom.values[-1][1]
    sign = 1 if first > usual else -1
    edge = min(sign * (first - usual), sign * (last - usual))
    return all(sign * (value - usual) < edge for value in after)
