from core.evidence import (
    IssueHits,
    KnowledgeHits,
    LogLines,
    MetricsWindow,
    Output,
    ReferenceExcerpt,
    TicketList,
)
from core.plan import Plan
from core.report import Citation
from core.result import Result
from core.verdict import Check

NAME = "quotes_are_verbatim"


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """Each citation's words or figures stand in what a tool brought in, at the place the citation names."""
    outputs = [call.output for call in result.tool_results if call.status.has_evidence and call.output is not None]
    for citation in result.report.citations:
        if not any(supports(output, citation) for output in outputs):
            return Check(
                name=NAME,
                passed=False,
                reason=f"{citation.citation_id} quotes what no source of this run says at {citation.locator}",
            )
    return Check(name=NAME, passed=True, reason=f"{len(result.report.citations)} quotes stand where they say they do")


def supports(output: Output, citation: Citation) -> bool:
    """Whether an output holds the words of a citation at the place it names."""
    if isinstance(output, ReferenceExcerpt | TicketList | MetricsWindow | LogLines | KnowledgeHits | IssueHits):
        return output.supports(citation)
    return False
