"""Which citations the statements of a report rest on."""

from collections.abc import Iterator

from core.report import Report


def used_ids(report: Report) -> frozenset[str]:
    """The ids that a claim, hypothesis or action names."""
    return frozenset(citation_id for _, ids in statements(report) for citation_id in ids)


def used_sources(report: Report) -> frozenset[str]:
    """The sources of the citations that are really used and have words."""
    used = used_ids(report)
    return frozenset(
        item.citation_source for item in report.citations if item.citation_id in used and item.quote.strip()
    )


def statements(report: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every statement with the ids it names."""
    for claim in report.claims:
        yield claim.text, claim.citation_ids
    for hypothesis in report.hypotheses:
        yield hypothesis.cause, (*hypothesis.supported_by, *hypothesis.contradicted_by)
    for action in report.actions:
        yield action.text, action.citation_ids
