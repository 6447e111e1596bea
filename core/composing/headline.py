"""The first line of an investigation: what is wrong, since when, how big, how far its cause is shown, and the one thing to do now."""

from collections.abc import Sequence

from core.brief import Intent
from core.cancellation import NEXT_CHECK
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import listed, span
from core.findings.metrics import Change, is_error, is_latency
from core.findings.names import plain_name
from core.report import Citation

MAX_SIGNALS = 2
CONFIRMED_FROM = 0.9
"""The least confidence of a cause that counts as confirmed, as the verifier holds it."""
_ALERT = frozenset({Intent.INVESTIGATE, Intent.ESCALATION})
"""What an alert alone asks for; a question about something else is answered by its own first line."""


def compose(material: Material, draft: Draft) -> None:
    """Leads the answer of an investigation with one line about the service that is worst off, or says why there is none."""
    brief = material.brief
    if Intent.INVESTIGATE not in brief.intents or (brief.thresholds and not brief.is_incident):
        return
    found = [(service, changes) for service in brief.services if (changes := material.changes(service)) is not None]
    if not found:
        _unmeasured(material, draft)
        return
    felt = [(service, _symptoms(changes)) for service, changes in found]
    felt.sort(key=lambda item: (not item[1], all(change.recovered for change in item[1])))
    service, symptoms = felt[0]
    if symptoms:
        _wrong(service, symptoms, draft)


def _symptoms(changes: Sequence[Change]) -> list[Change]:
    """The symptoms a person would name: errors first, then slowness, then the rest; the largest of each metric."""
    felt = sorted(
        (change for change in changes if change.is_symptom),
        key=lambda change: (
            not is_error(change.series.metric), not is_latency(change.series.metric), -change.deviation,
        ),
    )  # fmt: skip
    first: dict[str, Change] = {}
    for change in felt:
        first.setdefault(change.series.metric, change)
    return list(first.values())


def _wrong(service: str, symptoms: Sequence[Change], draft: Draft) -> None:
    over = all(change.recovered for change in symptoms)
    state = "was degraded and has recovered" if over else "is degraded"
    shown = symptoms[:MAX_SIGNALS]
    signals = "; ".join(map(_signal, shown))
    cited = [change.window.cite(change.series, change.start, change.end) for change in shown]
    cause, supported, next_check = _cause(draft)
    draft.inference(f"{service} {state}: {signals}. {cause} Next: {next_check}.", *cited, *supported, lead=True)


def _signal(change: Change) -> str:
    """`error rate 0.24 % → 7.57 % since 2026-02-14 10:03 UTC, still going`."""
    name = plain_name(change.series.metric)
    moved = f"{name.words} {name.written(change.baseline)} → {name.written(change.peak)}"
    if change.is_flapping and not change.recovered:
        return f"{moved} again and again (flapping), the longest time {span(change.start, change.end)}"
    if change.recovered:
        return f"{moved}, {span(change.start, change.end)}"
    return f"{moved} since {change.start:%Y-%m-%d %H:%M UTC}, still going"


def _cause(draft: Draft) -> tuple[str, Sequence[Citation], str]:
    best = draft.best_cause
    if best is None:
        unexplained = "Cause not confirmed: nothing that was asked moved before it."
        return unexplained, (), "widen the window, or ask the owners for changes outside the log of the service"
    hypothesis, in_short, supported = best
    if hypothesis.confidence >= CONFIRMED_FROM:
        return f"Cause confirmed by its undoing: {in_short}.", supported, hypothesis.next_check
    return f"Cause not confirmed; most likely {in_short}.", supported, hypothesis.next_check


def _unmeasured(material: Material, draft: Draft) -> None:
    brief = material.brief
    if not (brief.is_incident or brief.services) or not set(brief.intents) <= _ALERT:
        return
    if brief.services:
        cancelled = any(result.was_cancelled for result in material.results)
        why, what = (
            f"no metrics of {listed(brief.services)} could be had for the window",
            NEXT_CHECK if cancelled else "mend the source, or name another window",
        )
    else:
        why, what = "no service is named, so no metric and no log line was looked at", "name the service and the time"
    draft.recommendation(f"Not confirmed: {why}. Next: {what}.", lead=True)
    if not brief.services:  # of a source that failed or had nothing its own gap tells
        draft.gap("whether and how the service is degraded", why, what, essential=True, told=True)
