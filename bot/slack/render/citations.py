"""One numbering of a report's citations for all of its messages."""

from collections.abc import Iterable

from core.report import Report

_MARKS = 12


def number_citations(report: Report) -> dict[str, int]:
    """Citation id → number, from 1, in the order in which statements, causes and actions first use them.

    A citation that nothing uses has no number; an id that no citation has gets none either.
    """
    known = {citation.citation_id for citation in report.citations}
    used = [citation_id for claim in report.claims for citation_id in claim.citation_ids]
    for cause in report.hypotheses:
        used += [*cause.supported_by, *cause.contradicted_by]
    used += [citation_id for action in report.actions for citation_id in action.citation_ids]
    ordered = dict.fromkeys(citation_id for citation_id in used if citation_id in known)
    return {citation_id: number for number, citation_id in enumerate(ordered, 1)}


def marks(citation_ids: Iterable[str], numbers: dict[str, int]) -> str:
    """`[1][4]`; at most twelve numbers, `…` for further ones."""
    found = sorted({numbers[citation_id] for citation_id in citation_ids if citation_id in numbers})
    return "".join(f"[{number}]" for number in found[:_MARKS]) + ("…" if len(found) > _MARKS else "")
