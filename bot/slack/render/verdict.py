"""The message that ends a thread: the verdict with its reasons, the answer, what to do, causes, and what stays open."""

from bot.slack.render.citations import Numbering, number_citations
from bot.slack.render.controls import verdict_controls
from bot.slack.render.evidence import is_told_by_actions
from bot.slack.render.headline import render_headline
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Heading, Listing, Note, Part, Span, Spans, paragraph, text
from bot.slack.render.times import shorten_times
from core.events import RunEnded
from core.report import Action, Gap, Hypothesis, Report
from core.verdict import Verdict


def render_verdict(ended: RunEnded) -> list[Message]:
    """As many messages as the limits ask for; what was found stands under the verdict, as to be relied on or not."""
    report = ended.result.report if ended.result is not None else None
    verdict = ended.verification
    parts = render_headline(ended)
    if report is None:
        parts.append(paragraph("The run ended before it had an answer."))
    else:
        numbering = number_citations(report)
        title = "What was found" if verdict.passed else "What was found, not to be relied on"
        parts += _listing(title, _answer(report))
        parts += _listing("Next", [_action(action, numbering) for action in report.actions], start=1)
        parts += _listing("Possible causes", [_cause(cause, numbering) for cause in report.hypotheses], start=1)
        parts += _listing("Could not be confirmed", [_gap(gap) for gap in report.gaps])
    parts.append(Note(text=_checked(verdict, ended)))
    task_id = ended.task.task_id
    return render_pages(shorten_times(parts), more=f"task {task_id}", controls=verdict_controls(task_id))


def _checked(verdict: Verdict, ended: RunEnded) -> str:
    passed = sum(check.passed for check in verdict.checks)
    checks = f"{passed} of {len(verdict.checks)} checks passed · " if verdict.checks else ""
    return f"{checks}Times are UTC · Task {ended.task.task_id}"


def _answer(report: Report) -> list[Spans]:
    """The answer's lines, without those that the actions tell one by one."""
    told = {claim.text.strip() for claim in report.claims if is_told_by_actions(claim, report)}
    lines = [line.strip() for line in report.answer.splitlines() if line.strip()]
    return [(text(line),) for line in lines if line not in told]


def _listing(title: str, items: list[Spans], *, start: int | None = None) -> list[Part]:
    return [Heading(text=title), Listing(items=tuple(items), start=start)] if items else []


def _cause(cause: Hypothesis, numbering: Numbering) -> Spans:
    spans: list[Span] = [text(f"{cause.confidence:.0%} ", bold=True), text(cause.cause)]
    if cause.service and cause.service not in cause.cause:
        spans.append(text(f" ({cause.service})"))
    if supported := numbering.marks(cause.supported_by):
        spans.append(text(f" {supported}", bold=True))
    if contradicted := numbering.marks(cause.contradicted_by):
        spans += [text("; against it: "), text(contradicted, bold=True)]
    return (*spans, *_next_check(cause.next_check))


def _action(action: Action, numbering: Numbering) -> Spans:
    """When and who first, in bold: the eye looks for its own name. What explains the time in brackets comes after."""
    due, bracket, explained = (action.due or "").partition(" (")
    lead = " · ".join(part for part in (f"by {due}" if due else "", action.owner) if part)
    spans = [text(f"{lead}: ", bold=True)] if lead else []
    spans.append(text(f"{action.text}{bracket}{explained}"))
    if mark := numbering.marks(action.citation_ids):
        spans.append(text(f" {mark}", bold=True))
    return tuple(spans)


def _gap(gap: Gap) -> Spans:
    return (text(gap.what, bold=True), text(f": {gap.reason}"), *_next_check(gap.next_check))


def _next_check(words: str) -> Spans:
    return (text("\nNext check: ", italic=True), text(words)) if words.strip() else ()
