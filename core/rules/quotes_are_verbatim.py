from core.plan import Plan
from core.result import Result
from core.rules.grounds.records import records_of
from core.verdict import Check

NAME = "quotes_are_verbatim"


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """Each citation's words or figures stand, whole, in what a tool brought in, at the place the citation names."""
    unfounded = records_of(result).unfounded
    if unfounded:
        citation = unfounded[0]
        return Check(
            name=NAME,
            passed=False,
            reason=f"{citation.citation_id} quotes what no source of this run says at {citation.locator}",
        )
    return Check(name=NAME, passed=True, reason=f"{len(result.report.citations)} quotes stand where they say they do")
