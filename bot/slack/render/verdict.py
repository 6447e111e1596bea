"""The message that ends a thread: the answer, the verdict with its reasons, causes, actions, and what stays open."""

from bot.slack.render.citations import Numbering, number_citations
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Listing, Part, Span, Spans, heading, paragraph, text
from core.events import RunEnded
from core.report import Action, Gap, Hypothesis, Report
from core.verdict import Outcome, Verdict

_OUTCOMES = {
    Outcome.CONFIRMED: "✅ Confirmed",
    Outcome.NOT_CONFIRMED: "⚠️ Not confirmed",
    Outcome.HEALTHY: "✅ Healthy",
    Outcome.FAILED: "❌ Failed",
}


def render_verdict(ended: RunEnded) -> list[Message]:
    """As many messages as the limits ask for; what was found stands under the verdict, as to be relied on or not."""
    report = ended.result.report if ended.result is not None else None
    parts: list[Part] = [paragraph(text("Verdict: ", bold=True), text(_headline(ended.verification), bold=True))]
    if report is None:
        parts.append(paragraph("The run ended before it had an answer."))
    elif ended.verification.passed:
        parts += _answer(report)
    parts += _listing("Why", [(text(reason),) for reason in ended.verification.reasons])
    if report is not None:
        numbering = number_citations(report)
        if not ended.verification.passed and report.answer.strip():
            parts += [heading("What was found, not to be relied on"), *_answer(report)]
        parts += _listing("Possible causes", [_cause(cause, numbering) for cause in report.hypotheses], start=1)
        parts += _listing("Next", [_action(action, numbering) for action in report.actions], start=1)
        parts += _listing("Could not be confirmed", [_gap(gap) for gap in report.gaps])
    return render_pages(parts, more=f"task {ended.task.task_id}")


def _headline(verdict: Verdict) -> str:
    checks = verdict.checks
    passed = sum(check.passed for check in checks)
    return _OUTCOMES[verdict.verdict] + (f" ({passed} of {len(checks)} checks passed)" if checks else "")


def _answer(report: Report) -> list[Part]:
    return [paragraph(line) for line in report.answer.splitlines() if line.strip()]


def _listing(title: str, items: list[Spans], *, start: int | None = None) -> list[Part]:
    return [heading(title), Listing(items=tuple(items), start=start)] if items else []


def _cause(cause: Hypothesis, numbering: Numbering) -> Spans:
    spans: list[Span] = [text(f"{cause.confidence:.0%} ", bold=True), text(cause.cause)]
    if cause.service:
        spans.append(text(f" ({cause.service})"))
    supported, contradicted = numbering.marks(cause.supported_by), numbering.marks(cause.contradicted_by)
    if supported:
        spans.append(text(f"; for: {supported}"))
    if contradicted:
        spans.append(text(f"; against: {contradicted}"))
    if cause.next_check:
        spans += [text("; next check: ", italic=True), text(cause.next_check)]
    return tuple(spans)


def _action(action: Action, numbering: Numbering) -> Spans:
    who = [text(action.owner, bold=True)] if action.owner else []
    when = [text(f"by {action.due}")] if action.due else []
    spans: list[Span] = [text(action.text)]
    for position, span in enumerate([*who, *when]):
        spans += [text(" — " if position == 0 else ", "), span]
    mark = numbering.marks(action.citation_ids)
    return (*spans, text(f" {mark}", bold=True)) if mark else tuple(spans)


def _gap(gap: Gap) -> Spans:
    spans = [text(gap.what, bold=True), text(f": {gap.reason}")]
    if gap.next_check:
        spans += [text("; next check: ", italic=True), text(gap.next_check)]
    return tuple(spans)
