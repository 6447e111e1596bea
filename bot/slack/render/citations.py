"""One numbering of a report's citations for all of its messages."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.slack.render.escaping import is_link
from bot.slack.render.limits import URL_CHARS
from bot.slack.render.parts import Span, Spans
from core.report import Citation, Report

_MARKS = 12
_LINKS_CHARS = 1500
"""Of all addresses behind the marks of one statement: they stand in a message many times over."""


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """`numbers` is by citation id; `shown` holds the citation to show for each number, from 1 on."""

    numbers: dict[str, int]
    shown: tuple[Citation, ...]

    def marks(self, citation_ids: Iterable[str]) -> Spans:
        """`[1][4]`, each a link where its source has an address; at most twelve numbers, `…` for further ones."""
        found = sorted({self.numbers[citation_id] for citation_id in citation_ids if citation_id in self.numbers})
        marks: list[Span] = []
        left = _LINKS_CHARS
        for number in found[:_MARKS]:
            locator = self.shown[number - 1].locator
            url = locator if is_link(locator, min(left, URL_CHARS)) else None
            left -= len(url or "")
            marks.append(Span(text=f"[{number}]", bold=True, url=url, is_mark=True))
        return (*marks, Span(text="…", bold=True)) if len(found) > _MARKS else tuple(marks)


def number_citations(report: Report) -> Numbering:
    """Numbers in the order in which statements, causes and actions first use their citations.

    Citations of one place share a number where the words of one hold those of the other. A citation that nothing uses has
    no number; an id that no citation has gets none either.
    """
    known = {citation.citation_id: citation for citation in report.citations}
    numbers: dict[str, int] = {}
    shown: list[Citation] = []
    places: dict[tuple[str, str], list[int]] = {}
    for citation in (known[citation_id] for citation_id in dict.fromkeys(_used(report)) if citation_id in known):
        here = places.setdefault((citation.citation_source, citation.locator), [])
        number = next((number for number in here if _hold(shown[number - 1].quote, citation.quote)), None)
        if number is None:
            shown.append(citation)
            number = len(shown)
            here.append(number)
        elif len(citation.quote) > len(shown[number - 1].quote):
            shown[number - 1] = citation
        numbers[citation.citation_id] = number
    return Numbering(numbers=numbers, shown=tuple(shown))


def _used(report: Report) -> Iterable[str]:
    for claim in report.claims:
        yield from claim.citation_ids
    for cause in report.hypotheses:
        yield from cause.supported_by
        yield from cause.contradicted_by
    for action in report.actions:
        yield from action.citation_ids


def _hold(one: str, other: str) -> bool:
    """Whether one of two quotes has the words of the other in it."""
    first, second = " ".join(one.split()), " ".join(other.split())
    return first in second or second in first
