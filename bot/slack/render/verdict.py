"""The message that ends a thread: the verdict with its reasons, the answer, what to do, causes, and what stays open."""

from collections.abc import Sequence

from bot.slack.render.citations import Numbering, number_citations
from bot.slack.render.controls import verdict_controls
from bot.slack.render.evidence import is_told_by_actions, state
from bot.slack.render.headline import render_headline, summary_of
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Heading, Listing, Note, Part, Span, Spans, paragraph, text
from bot.slack.render.times import shorten_times
from core.cancellation import is_cancellation, without_notice
from core.events import RunEnded
from core.report import Action, Claim, ClaimKind, Gap, Health, Hypothesis, Report
from core.verdict import Outcome, Verdict

_FINDINGS = 8
_GAPS = 5
_NAMES = 3
"""Lines that a phone's reader still reads; the evidence, or a press on Details, has them all."""
_TASK_CHARS = 8
_FELT = frozenset({Health.DEGRADED, Health.RECOVERED})
"""Then the first line of the answer is the incident in short."""


def render_verdict(ended: RunEnded) -> list[Message]:
    """The answer first, as to be relied on or not; then what it rests on, causes, what to do, and what stays open."""
    report = ended.result.report if ended.result is not None else None
    verdict = ended.verification
    if report is None:
        parts = render_headline(ended, None)
        if not is_cancellation(verdict):
            parts.append(paragraph("The run ended before it had an answer."))
    else:
        stopped = is_cancellation(verdict)
        if stopped:
            report = without_notice(report)
        numbering = number_citations(report)
        summary = _stated(summary_of(report), report, numbering) if summary_of(report) else None
        parts = render_headline(ended, summary)
        findings = _findings(report, numbering)
        if not verdict.passed and summary is not None:
            findings.insert(0, summary)
        relied = "What was found" if verdict.passed else "What was found, not to be relied on"
        parts += _listing("What was found until then, not complete" if stopped else relied, findings, most=_FINDINGS)
        is_shown = verdict.verdict is Outcome.CONFIRMED
        causes = [_cause(cause, numbering, is_last=is_shown and at > 0) for at, cause in enumerate(report.hypotheses)]
        parts += _listing("Possible causes", causes, start=1)
        parts += _listing("What to do", [_action(action, numbering) for action in report.actions], start=1)
        parts += _listing("Could not be confirmed", _gaps(report.gaps), most=_GAPS)
    parts.append(Note(text=_checked(verdict, ended)))
    task_id = ended.task.task_id
    return render_pages(
        shorten_times(parts), more=f"task {task_id}", controls=verdict_controls(task_id, has_answer=report is not None)
    )


def _checked(verdict: Verdict, ended: RunEnded) -> str:
    task = f"Task {str(ended.task.task_id)[:_TASK_CHARS]}"
    if ended.result is None:
        return task
    passed = sum(check.passed for check in verdict.checks)
    checks = f"{passed} of {len(verdict.checks)} checks passed · " if verdict.checks else ""
    return f"{checks}Times are UTC · {task}"


def _findings(report: Report, numbering: Numbering) -> list[Spans]:
    """The answer's further lines, without those that the actions tell, or that rest on no more than its first one does."""
    claims = {claim.text.strip(): claim for claim in report.claims}
    first = claims.get(summary_of(report))
    is_short = first is not None and first.kind is ClaimKind.INFERENCE and report.health in _FELT
    said = frozenset(first.citation_ids) if first is not None and is_short else frozenset[str]()
    found: list[Spans] = []
    for line in (line.strip() for line in report.answer.splitlines() if line.strip()):
        claim = claims.get(line)
        if line == summary_of(report):
            continue
        if claim is not None and (is_told_by_actions(claim, report) or _is_said(claim, said)):
            continue
        found.append(_stated(line, report, numbering))
    return found


def _is_said(claim: Claim, said: frozenset[str]) -> bool:
    """Whether a statement about what happened rests on no more than the answer's first line does."""
    return (
        claim.kind is not ClaimKind.RECOMMENDATION and bool(claim.citation_ids) and said.issuperset(claim.citation_ids)
    )


def _stated(line: str, report: Report, numbering: Numbering) -> Spans:
    """A line of the answer with the marks of the claim that it is."""
    cited = next((claim.citation_ids for claim in report.claims if claim.text.strip() == line), ())
    return state(line, numbering, cited)


def _listing(title: str, items: list[Spans], *, start: int | None = None, most: int | None = None) -> list[Part]:
    if not items:
        return []
    listing = Listing(items=tuple(items[:most]), start=start)
    left = len(items) - len(listing.items)
    more = [paragraph(text(f"and {left} more: press Details", italic=True))] if left else []
    return [Heading(text=title), listing, *more]


def _cause(cause: Hypothesis, numbering: Numbering, *, is_last: bool) -> Spans:
    """`is_last`: nothing is to be checked of it, since another is shown to be the cause."""
    spans: list[Span] = [text(f"{cause.confidence:.0%} ", bold=True), text(cause.cause)]
    if cause.service and cause.service not in cause.cause:
        spans.append(text(f" ({cause.service})"))
    if supported := numbering.marks(cause.supported_by):
        spans += [text(" "), *supported]
    if contradicted := numbering.marks(cause.contradicted_by):
        spans += [text("; against it: "), *contradicted]
    return tuple(spans) if is_last else (*spans, *_next_check(cause.next_check))


def _action(action: Action, numbering: Numbering) -> Spans:
    """When and who first, in bold: the eye looks for its own name. What explains the time in brackets comes after."""
    due, bracket, explained = (action.due or "").partition(" (")
    lead = " · ".join(part for part in (f"by {due}" if due else "", action.owner) if part)
    spans = [text(f"{lead}: ", bold=True)] if lead else []
    spans.append(text(f"{action.text}{bracket}{explained}"))
    if marks := numbering.marks(action.citation_ids):
        spans += [text(" "), *marks]
    return tuple(spans)


def _gaps(gaps: Sequence[Gap]) -> list[Spans]:
    """What the task asks for first; what stays open for one reason, such as a system that is down, in one line."""
    alike: dict[tuple[str, str], list[Gap]] = {}
    for gap in sorted(gaps, key=lambda gap: not gap.essential):
        alike.setdefault((gap.reason, gap.next_check), []).append(gap)
    return [_gap(_listed([gap.what for gap in found]), reason, check) for (reason, check), found in alike.items()]


def _listed(names: Sequence[str]) -> str:
    """`a, b and 3 more`."""
    kept = list(dict.fromkeys(names))
    left = len(kept) - _NAMES
    return f"{', '.join(kept[:_NAMES])} and {left} more" if left > 0 else ", ".join(kept)


def _gap(what: str, reason: str, next_check: str) -> Spans:
    return (text(what, bold=True), text(f": {reason}"), *_next_check(next_check))


def _next_check(words: str) -> Spans:
    return (text("\nNext check: ", italic=True), text(words)) if words.strip() else ()
