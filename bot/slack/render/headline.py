"""What code decided of a run, at a glance: the verdict, the state of the service, and why."""

import re
from collections.abc import Mapping, Sequence

from bot.slack.render.parts import Listing, Note, Paragraph, Part, Span, Spans, Title, paragraph, text
from core.cancellation import is_cancellation
from core.events import RunEnded
from core.report import Health, Report
from core.verdict import Outcome

_OUTCOMES = {
    Outcome.CONFIRMED: "✅ Confirmed",
    Outcome.NOT_CONFIRMED: "⚠️ Not confirmed",
    Outcome.HEALTHY: "✅ Healthy",
    Outcome.FAILED: "❌ Failed",
}
_BY = re.compile(r"by (?P<user>[UW][A-Z0-9]{7,30}) in Slack (?P<at>at \S+)")
_HEALTH = {Health.DEGRADED: "service degraded", Health.RECOVERED: "service recovered"}
"""The other two say nothing that the verdict does not."""


def render_headline(ended: RunEnded, summary: Spans | None) -> list[Part]:
    """A title; then the answer in a line with the reason as small print, or the reasons first where it is not to be relied on."""
    verdict = ended.verification
    if is_cancellation(verdict):
        by, *progress = verdict.reasons
        told = [paragraph(_sentence("; ".join(progress)))] if progress else []
        return [Title(text="⏹️ Cancelled"), _stopped(by), *told]
    health = ended.result.report.health if ended.result is not None else None
    state = _HEALTH.get(health) if health is not None and verdict.passed else None
    title = Title(text=_OUTCOMES[verdict.verdict] + (f" · {state}" if state else ""))
    if summary is not None and verdict.passed:
        why = " ".join(_sentence(words) for reason in verdict.reasons if (words := _without_cause(reason, ended)))
        return [title, Paragraph(spans=summary), *([Note(text=why)] if why else [])]
    checks = {check.name: check.name.replace("_", " ") for check in verdict.checks}
    return [title, *_reasons([_renamed(reason, checks) for reason in verdict.reasons])]


def summary_of(report: Report) -> str:
    """The first line of the answer: the composer puts the whole of it in short there."""
    return next((line.strip() for line in report.answer.splitlines() if line.strip()), "")


def _stopped(reason: str) -> Paragraph:
    """Who stopped it, and when; somebody of Slack by the name that Slack shows."""
    words = reason.partition(": ")[2] or reason
    found = _BY.fullmatch(words)
    if found is None:
        return paragraph(_sentence(words))
    return paragraph("By ", Span(text=found["user"], user=found["user"]), f" {found['at']}")


def _renamed(reason: str, checks: Mapping[str, str]) -> str:
    """A failed check by its name in words."""
    name, colon, why = reason.partition(": ")
    return f"{checks.get(name, name)}{colon}{why}"


def _without_cause(reason: str, ended: RunEnded) -> str:
    """The reason, save what stands below: the first of the causes, or what could not be confirmed."""
    report = ended.result.report if ended.result is not None else None
    if report is None or any(gap.what in reason and gap.reason in reason for gap in report.gaps):
        return reason if report is None else ""
    causes = report.hypotheses
    before, found, _ = reason.partition(causes[0].cause) if causes and causes[0].cause else (reason, "", "")
    words = before.strip().rstrip(":")
    if not found:
        return reason
    return "" if _sentence(words) in _OUTCOMES[ended.verification.verdict] else words


def _reasons(reasons: Sequence[str]) -> list[Part]:
    match reasons:
        case []:
            return []
        case [reason]:
            return [paragraph(_sentence(reason))]
        case _:
            return [Listing(items=tuple((text(_sentence(reason)),) for reason in reasons))]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
