"""What was asked and not answered: failed, refused, empty and partial calls, each by its own name."""

from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import listed
from core.report import Health
from core.result import CallStatus, ToolResult


def compose(material: Material, draft: Draft) -> None:
    """Adds a gap for each, and a sentence in the answer when a source could not be asked at all."""
    unanswered = [result for result in material.results if not result.status.answered]
    for result in material.results:
        subject = f"{result.tool}{_subject(result)}"
        if result.status is CallStatus.EMPTY:
            draft.gap(subject, "the source answered and had nothing for it", "check the name and the window")
        elif result.status is CallStatus.PARTIAL:
            draft.gap(subject, "the source held more than was read: only a part is used", "narrow the question")
        elif result.error is not None:
            kind = "was refused" if result.status is CallStatus.REFUSED else "failed"
            draft.gap(
                subject,
                f"the call {kind}: {result.error.message}",
                "mend the source, then run the task again",
                essential=True,
            )
    if unanswered:
        names = listed(dict.fromkeys(f"{result.tool}{_subject(result)}" for result in unanswered))
        draft.say(f"Could not be asked: {names}. Nothing is concluded from what they would have shown.")
        if any(result.tool == "metrics_query" for result in unanswered) and draft.health is Health.HEALTHY:
            draft.health = Health.UNKNOWN
    if draft.is_silent:
        draft.say("No source that was asked had an answer to this.")
    for source in material.brief.required_citations:
        if not draft.cites(source):
            draft.gap(
                f"a citation of {source}",
                "it is no source that could be read",
                "GET /tools lists the sources of fetch_company_reference",
            )


def _subject(result: ToolResult) -> str:
    subject = result.arguments.get("service") or result.arguments.get("source") or result.arguments.get("text")
    return f" ({subject})" if isinstance(subject, str) else ""
