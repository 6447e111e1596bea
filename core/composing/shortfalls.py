"""What was asked and not answered: failed, refused, empty and partial calls, each by its own name."""

from collections.abc import Iterable

from core.cancellation import NEXT_CHECK
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import listed
from core.evidence import KnowledgeHits
from core.report import Health
from core.result import CallStatus, ToolResult
from core.window import iso


def compose(material: Material, draft: Draft) -> None:
    """Adds a gap for each, and says in the answer which sources had nothing and which could not be asked at all."""
    asked, silent = draft.open_questions, draft.is_silent and not draft.open_questions
    for result in material.results:
        _gap(material, result, draft)
    empty = [
        result for result in material.results if result.status is CallStatus.EMPTY and not _is_a_look(material, result)
    ]
    unanswered = [result for result in material.results if not result.status.answered and not result.was_cancelled]
    cancelled = [result for result in material.results if result.was_cancelled]
    if empty:
        draft.say(f"Answered and had nothing: {_named(empty)}.")
    if unanswered:
        draft.say(f"Could not be asked: {_named(unanswered)}. Nothing is concluded from what they would have shown.")
    silent_metrics = any(result.tool == "metrics_query" for result in (*unanswered, *cancelled))
    if silent_metrics and draft.health is Health.HEALTHY:
        draft.health = Health.UNKNOWN
    for gap, looked_in in asked:
        draft.recommendation(f"Not shown: {gap.what}: {gap.reason}. Next: {gap.next_check}.", *looked_in, headline=True)
    if silent and not unanswered and not cancelled and all(result.tool.startswith("search_") for result in empty):
        draft.say("No source that was asked answers this; what comes closest, if anything, is among the statements.")
        draft.gap(
            "an answer",
            "what was found at most touches on the question",
            "name a service, a window, a severity or a document",
            essential=True,
        )
    missed = [result.arguments.get("source") for result in cancelled]
    for source in material.brief.required_citations:
        if source not in missed and not draft.cites(source):
            draft.gap(
                f"a citation of {source}",
                "it is no source that could be read",
                "GET /tools lists the sources of fetch_company_reference",
            )


def _is_a_look(material: Material, result: ToolResult) -> bool:
    """Whether the call only looked whether a source has something on it, of which most have nothing."""
    window = material.brief.window
    if window is not None and result.tool == "logs_search" and result.arguments.get("end_time") == iso(window.start):
        return True  # no lines before the window are nothing to tell
    if result.tool == "metrics_query" and result.arguments.get("service") not in (*material.brief.services, None):
        return True  # a service around the one in question that has no metrics of its own
    looks_in_file = result.tool == "fetch_company_reference" and "query" in result.arguments
    return looks_in_file or _is_for_changes(result)


def _gap(material: Material, result: ToolResult, draft: Draft) -> None:
    subject = f"{result.tool}{_subject(result)}"
    if result.status is CallStatus.EMPTY and _is_for_changes(result):
        draft.gap(subject, "no line of the log tells of a deployment or another change", "ask the owners for changes")
    elif result.status is CallStatus.EMPTY and _is_a_look(material, result):
        return
    elif result.status is CallStatus.EMPTY:
        measured = result.tool == "metrics_query" and result.arguments.get("service") in material.brief.services
        draft.gap(
            subject, "the source answered and had nothing for it", "check the name and the window", essential=measured
        )
    elif isinstance(result.output, KnowledgeHits) and result.output.left_out is not None:
        draft.gap(subject, f"it left out {result.output.left_out}", "mend the source, then run the task again")
    elif result.status is CallStatus.PARTIAL:
        draft.gap(subject, "the source held more than was read: only a part is used", "narrow the question")
    elif result.was_cancelled and result.error is not None:
        draft.gap(subject, result.error.message, NEXT_CHECK)
    elif result.error is not None:
        kind = "was refused" if result.status is CallStatus.REFUSED else "failed"
        draft.gap(
            subject,
            f"the call {kind}: {result.error.message}",
            "mend the source, then run the task again",
            essential=True,
        )


def _is_for_changes(result: ToolResult) -> bool:
    """Whether the call looked for lines of deployments and other changes alone, of which there are often none."""
    return "pattern" in result.arguments


def _named(results: Iterable[ToolResult]) -> str:
    return listed(dict.fromkeys(f"{result.tool}{_subject(result)}" for result in results))


def _subject(result: ToolResult) -> str:
    subject = result.arguments.get("service") or result.arguments.get("source") or result.arguments.get("text")
    return f" ({subject})" if isinstance(subject, str) else ""
