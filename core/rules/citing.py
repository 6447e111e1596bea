"""The statements of a report and the citations they rest on."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.report import Action, Claim, Hypothesis, Report

MAX_SHOWN_CHARS = 120


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A claim, hypothesis or action: its words, the ids it names, and the part of the report it is."""

    text: str
    citation_ids: tuple[str, ...]
    part: Claim | Hypothesis | Action

    @property
    def shown(self) -> str:
        """The words in quotation marks, cut to the length of a line."""
        return f"“{self.text if len(self.text) <= MAX_SHOWN_CHARS else self.text[: MAX_SHOWN_CHARS - 1] + '…'}”"


def used_ids(report: Report) -> frozenset[str]:
    """The ids that a claim, hypothesis or action names."""
    return frozenset(citation_id for statement in statements(report) for citation_id in statement.citation_ids)


def used_sources(report: Report) -> frozenset[str]:
    """The sources of the citations that are really used and have words."""
    used = used_ids(report)
    return frozenset(
        item.citation_source for item in report.citations if item.citation_id in used and item.quote.strip()
    )


def statements(report: Report) -> Iterator[Statement]:
    """Every statement with the ids it names."""
    for claim in report.claims:
        yield Statement(text=claim.text, citation_ids=claim.citation_ids, part=claim)
    for hypothesis in report.hypotheses:
        ids = (*hypothesis.supported_by, *hypothesis.contradicted_by)
        yield Statement(text=hypothesis.cause, citation_ids=ids, part=hypothesis)
    for action in report.actions:
        text = f"{action.text} (due {action.due})" if action.due else action.text
        yield Statement(text=text, citation_ids=action.citation_ids, part=action)
