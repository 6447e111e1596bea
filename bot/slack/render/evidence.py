"""The message that shows what was found: statements with the numbers of their sources, then the sources."""

import re
from uuid import UUID

from bot.slack.render import limits
from bot.slack.render.citations import Numbering, number_citations
from bot.slack.render.escaping import is_link
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Heading, Listing, Part, Span, Spans, paragraph, text
from bot.slack.render.quotes import shorten_quote
from bot.slack.render.times import Clock, shorten_times
from core.report import Citation, Claim, ClaimKind, Report

_LOCATOR_CHARS = 90
_QUOTE_CHARS = 120
_ONE_LINE = re.compile(r":(\d+)-\1$")


def render_evidence(task_id: UUID, report: Report) -> list[Message]:
    """As many messages as the limits ask for. What the verdict's message tells as steps to take is not told here too."""
    numbering = number_citations(report)
    claims = [claim for claim in report.claims if not is_told_by_actions(claim, report)]
    parts: list[Part]
    if claims:
        items = tuple(_claim(claim, numbering) for claim in claims)
        parts = shorten_times([Heading(text="Evidence"), Listing(items=items)])
    else:
        parts = [paragraph(text("Evidence", bold=True), ": no statement could be backed by a source.")]
    if numbering.shown:
        items = tuple(_citation(number, citation, claims) for number, citation in enumerate(numbering.shown, 1))
        parts += [Heading(text="Sources"), Listing(items=items)]
    return render_pages(parts, more=f"task {task_id}")


def is_told_by_actions(claim: Claim, report: Report) -> bool:
    """Whether the claim recommends what the report's actions say one by one, each with its source."""
    if claim.kind is not ClaimKind.RECOMMENDATION or not claim.citation_ids:
        return False
    return set(claim.citation_ids) <= {citation_id for action in report.actions for citation_id in action.citation_ids}


def _claim(claim: Claim, numbering: Numbering) -> Spans:
    kind = () if claim.kind is ClaimKind.FACT else (text(f"{claim.kind.value.capitalize()}: ", italic=True),)
    mark = numbering.marks(claim.citation_ids)
    room = limits.ITEM_CHARS - len(mark) - 40
    return (
        (*kind, text(limits.cut(claim.text, room)), text(f" {mark}", bold=True)) if mark else (*kind, text(claim.text))
    )


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
