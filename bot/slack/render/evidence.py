"""The message that shows what was found: statements with the numbers of their sources, then the sources."""

import re
from collections.abc import Iterable
from uuid import UUID

from bot.slack.render import limits
from bot.slack.render.citations import Numbering, number_citations
from bot.slack.render.escaping import clean, is_link
from bot.slack.render.headline import summary_of
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Heading, Listing, Part, Span, Spans, paragraph, text
from bot.slack.render.quotes import shorten_quote
from bot.slack.render.times import Clock, shorten_times
from core.report import Citation, Claim, ClaimKind, Report

_LOCATOR_CHARS = 72
_QUOTE_CHARS = 100
_PAGES = 2
"""What a thread shows; all of a longer report's evidence is in a file."""
_WHOLE = 100
_ONE_LINE = re.compile(r":(\d+)-\1$")


def render_evidence(task_id: UUID, report: Report) -> list[Message]:
    """At most two messages, without what the verdict's message tells: steps to take, and what follows from all in short."""
    return render_pages(_parts(report), more=f"in the file {evidence_file_name(task_id)}", pages=_PAGES)


def render_evidence_file(report: Report) -> str | None:
    """All of the evidence, no statement and no quote cut; None where the messages show it whole."""
    if len(render_pages(_parts(report), more="", pages=_WHOLE)) <= _PAGES:
        return None
    numbering = number_citations(report)
    lines = ["EVIDENCE", ""]
    for claim in report.claims:
        marks = "".join(span.text for span in numbering.marks(claim.citation_ids))
        lines.append(f"- {claim.kind.value}: {_flat(claim.text)} {marks}".rstrip())
    lines += ["", "SOURCES", ""]
    for number, citation in enumerate(numbering.shown, 1):
        lines.append(f"[{number}] {_flat(citation.citation_source)} {_flat(citation.locator)}")
        lines += [f"    {clean(line)}" for line in citation.quote.splitlines()]
    return "\n".join(lines) + "\n"


def evidence_file_name(task_id: UUID) -> str:
    """Of the file with what the messages have no room for."""
    return f"evidence-{str(task_id)[:8]}.txt"


def _parts(report: Report) -> list[Part]:
    numbering = number_citations(report)
    claims = [claim for claim in report.claims if not is_told_by_actions(claim, report)]
    claims = [
        it for it in claims if it.kind is not ClaimKind.INFERENCE or it.text.strip() != summary_of(report)
    ] or claims
    parts: list[Part]
    if claims:
        items = tuple(_claim(claim, numbering) for claim in claims)
        parts = shorten_times([Heading(text="Evidence"), Listing(items=items)])
    else:
        parts = [paragraph(text("Evidence", bold=True), ": no statement could be backed by a source.")]
    if numbering.shown:
        items = tuple(_citation(number, citation, claims) for number, citation in enumerate(numbering.shown, 1))
        parts += [Heading(text="Sources"), Listing(items=items)]
    return parts


def _flat(words: str) -> str:
    return " ".join(clean(words).split())


def is_told_by_actions(claim: Claim, report: Report) -> bool:
    """Whether the claim recommends what the report's actions say one by one, each with its source."""
    if claim.kind is not ClaimKind.RECOMMENDATION or not claim.citation_ids:
        return False
    return set(claim.citation_ids) <= {citation_id for action in report.actions for citation_id in action.citation_ids}


def _claim(claim: Claim, numbering: Numbering) -> Spans:
    kind = () if claim.kind is ClaimKind.FACT else (text(f"{claim.kind.value.capitalize()}: ", italic=True),)
    return (*kind, *state(claim.text, numbering, claim.citation_ids))


def state(words: str, numbering: Numbering, citation_ids: Iterable[str]) -> Spans:
    """A statement, then the marks of its sources, for which it leaves room."""
    marks = numbering.marks(citation_ids)
    if not marks:
        return (text(words),)
    room = limits.ITEM_CHARS - sum(len(mark.text) for mark in marks) - 40
    return (text(f"{limits.cut(words, room)} "), *marks)


def _citation(number: int, citation: Citation, claims: list[Claim]) -> Spans:
    name = limits.cut(citation.citation_source, 100)
    clock = Clock()
    if is_link(citation.locator, limits.URL_CHARS):
        place = (text(f"[{number}] ", bold=True), Span(text=name.strip() or citation.locator, url=citation.locator))
    else:
        locator = _ONE_LINE.sub(r":\1", clock.shorten(citation.locator))
        shown = "" if name in locator else f"{name} "
        place = (text(f"[{number}] {shown}", bold=True), text(limits.cut_middle(locator, _LOCATOR_CHARS), code=True))
    if any(f"“{citation.quote}”" in claim.text for claim in claims if citation.citation_id in claim.citation_ids):
        return place  # its words stand above
    return (*place, text(f" {shorten_quote(citation.quote, _QUOTE_CHARS, clock)}"))
