"""What code decided of a run, at a glance: the verdict, the state of the service, and why."""

from bot.slack.render.parts import Listing, Part, Title, paragraph, text
from core.events import RunEnded
from core.report import Health
from core.verdict import Outcome

_OUTCOMES = {
    Outcome.CONFIRMED: "✅ Confirmed",
    Outcome.NOT_CONFIRMED: "⚠️ Not confirmed",
    Outcome.HEALTHY: "✅ Healthy",
    Outcome.FAILED: "❌ Failed",
}
_HEALTH = {Health.DEGRADED: "service degraded", Health.RECOVERED: "service recovered"}
"""The other two say nothing that the verdict does not."""


def render_headline(ended: RunEnded) -> list[Part]:
    """A title, then the reason, or the reasons as a list."""
    verdict = ended.verification
    health = ended.result.report.health if ended.result is not None else None
    state = _HEALTH.get(health) if health is not None else None
    title = Title(text=_OUTCOMES[verdict.verdict] + (f" · {state}" if state else ""))
    match verdict.reasons:
        case ():
            return [title]
        case (reason,):
            return [title, paragraph(_sentence(reason))]
        case reasons:
            return [title, Listing(items=tuple((text(_sentence(reason)),) for reason in reasons))]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
