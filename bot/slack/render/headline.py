"""What code decided of a run, at a glance: the verdict, the state of the service, and why."""

from bot.slack.render.parts import Listing, Note, Paragraph, Part, Spans, Title, paragraph, text
from core.events import RunEnded
from core.report import Health, Report
from core.verdict import Outcome
from core.verifier import is_cancellation

_OUTCOMES = {
    Outcome.CONFIRMED: "✅ Confirmed",
    Outcome.NOT_CONFIRMED: "⚠️ Not confirmed",
    Outcome.HEALTHY: "✅ Healthy",
    Outcome.FAILED: "❌ Failed",
}
_HEALTH = {Health.DEGRADED: "service degraded", Health.RECOVERED: "service recovered"}
"""The other two say nothing that the verdict does not."""


def render_headline(ended: RunEnded, summary: Spans | None) -> list[Part]:
    """A title; then the answer in a line with the reason as small print, or the reasons first where it is not to be relied on."""
    verdict = ended.verification
    if is_cancellation(verdict):
        said = tuple(reason.partition(": ")[2] or reason for reason in verdict.reasons)
        return [Title(text="⏹️ Cancelled"), *_reasons(said)]
    health = ended.result.report.health if ended.result is not None else None
    state = _HEALTH.get(health) if health is not None else None
    title = Title(text=_OUTCOMES[verdict.verdict] + (f" · {state}" if state else ""))
    if summary is not None and verdict.passed:
        reasons: list[Part] = (
            [Note(text=" ".join(_sentence(reason) for reason in verdict.reasons))] if verdict.reasons else []
        )
        return [title, Paragraph(spans=summary), *reasons]
    return [title, *_reasons(verdict.reasons)]


def summary_of(report: Report) -> str:
    """The first line of the answer: the composer puts the whole of it in short there."""
    return next((line.strip() for line in report.answer.splitlines() if line.strip()), "")


def _reasons(reasons: tuple[str, ...]) -> list[Part]:
    match reasons:
        case ():
            return []
        case (reason,):
            return [paragraph(_sentence(reason))]
        case _:
            return [Listing(items=tuple((text(_sentence(reason)),) for reason in reasons))]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
