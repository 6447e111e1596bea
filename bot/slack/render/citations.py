"""One numbering of a report's citations for all of its messages."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.report import Citation, Report

_MARKS = 12


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """`numbers` is by citation id; `shown` holds the citation to show for each number, from 1 on."""

    numbers: dict[str, int]
    shown: tuple[Citation, ...]

    def marks(self, citation_ids: Iterable[str]) -> str:
        """`[1][4]`; at most twelve numbers, `…` for further ones."""
        found = sorted({self.numbers[citation_id] for citation_id in citation_ids if citation_id in self.numbers})
        return "".join(f"[{number}]" for number in found[:_MARKS]) + ("…" if len(found) > _MARKS else "")


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
