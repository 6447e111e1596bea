"""The message that shows what was found: statements with the numbers of their sources, then the sources."""

from uuid import UUID

from bot.slack.render import limits
from bot.slack.render.citations import marks, number_citations
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Listing, Part, Span, Spans, heading, paragraph, text
from core.report import Citation, Claim, ClaimKind, Report

_LOCATOR_CHARS = 200
_QUOTE_CHARS = 240


def render_evidence(task_id: UUID, report: Report) -> list[Message]:
    """As many messages as the limits ask for."""
    numbers = number_citations(report)
    parts: list[Part] = []
    if report.claims:
        parts += [heading("Evidence"), Listing(items=tuple(_claim(claim, numbers) for claim in report.claims), start=1)]
    else:
        parts.append(paragraph(text("Evidence", bold=True), ": no statement could be backed by a source."))
    cited = sorted(
        (citation for citation in report.citations if citation.citation_id in numbers),
        key=lambda citation: numbers[citation.citation_id],
    )
    if cited:
        parts += [heading("Sources"), Listing(items=tuple(_citation(numbers[it.citation_id], it) for it in cited))]
    return render_pages(parts, more=f"task {task_id}")


def _claim(claim: Claim, numbers: dict[str, int]) -> Spans:
    kind = () if claim.kind is ClaimKind.FACT else (text(f"{claim.kind.value.capitalize()}: ", italic=True),)
    mark = marks(claim.citation_ids, numbers)
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
