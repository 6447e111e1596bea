from core.plan import Plan
from core.report import ClaimKind
from core.result import Result
from core.rules.citing import statements
from core.verdict import Check

NAME = "claims_are_cited"


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """Each fact and inference names a citation, and no statement names one that does not exist."""
    report = result.report
    known = {citation.citation_id for citation in report.citations}
    bare = [
        claim.text for claim in report.claims if claim.kind is not ClaimKind.RECOMMENDATION and not claim.citation_ids
    ]
    dangling = [name for statement in statements(report) for name in statement.citation_ids if name not in known]
    if bare:
        return Check(
            name=NAME, passed=False, reason=f"{len(bare)} statements cite nothing; the first: “{bare[0][:120]}”"
        )
    if dangling:
        return Check(name=NAME, passed=False, reason=f"{dangling[0]} is cited and is not among the citations")
    return Check(name=NAME, passed=True, reason=f"each of the {len(report.claims)} statements has its citation")
