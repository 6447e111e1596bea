"""The message that shows what was found: statements with the numbers of their sources, then the sources."""

from uuid import UUID

from bot.slack.render import limits
from bot.slack.render.citations import Numbering, number_citations
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Listing, Part, Span, Spans, heading, paragraph, text
from core.report import Citation, Claim, ClaimKind, Report

_LOCATOR_CHARS = 120
_QUOTE_CHARS = 160


def render_evidence(task_id: UUID, report: Report) -> list[Message]:
    """As many messages as the limits ask for."""
    numbering = number_citations(report)
    parts: list[Part] = []
    if report.claims:
        parts += [
            heading("Evidence"),
            Listing(items=tuple(_claim(claim, numbering) for claim in report.claims), start=1),
        ]
    else:
        parts.append(paragraph(text("Evidence", bold=True), ": no statement could be backed by a source."))
    if numbering.shown:
        items = tuple(_citation(number, citation) for number, citation in enumerate(numbering.shown, 1))
        parts += [heading("Sources"), Listing(items=items)]
    return render_pages(parts, more=f"task {task_id}")


def _claim(claim: Claim, numbering: Numbering) -> Spans:
    kind = () if claim.kind is ClaimKind.FACT else (text(f"{claim.kind.value.capitalize()}: ", italic=True),)
    mark = numbering.marks(claim.citation_ids)
    room = limits.ITEM_CHARS - len(mark) - 40
    return (
        (*kind, text(limits.cut(claim.text, room)), text(f" {mark}", bold=True)) if mark else (*kind, text(claim.text))
    )


def _citation(number: int, citation: Citation) -> Spans:
    locator = Span(
        text=limits.cut_middle(citation.locator, _LOCATOR_CHARS),
        url=citation.locator if citation.locator.startswith(("http://", "https://")) else None,
        code=not citation.locator.startswith(("http://", "https://")),
    )
    quote = limits.cut(" ".join(citation.quote.split()), _QUOTE_CHARS)
    return (
        text(f"[{number}] {limits.cut(citation.citation_source, 100)}", bold=True),
        text(" "),
        locator,
        text(f" “{quote}”"),
    )
