from core.plan import Plan
from core.result import Result
from core.rules.citing import used_sources
from core.verdict import Check

NAME = "policy_citation"
PREFIXES = ("policy", "governance")


def check(plan: Plan, result: Result) -> Check:
    """An incident plan passes only when a policy or the governance notes are cited by a statement."""
    if not plan.brief.is_incident:
        return Check(name=NAME, passed=True, reason="the task speaks of no incident: no policy is needed")
    cited = sorted(source for source in used_sources(result.report) if source.startswith(PREFIXES))
    if cited:
        return Check(name=NAME, passed=True, reason=f"{', '.join(cited)} is cited")
    return Check(name=NAME, passed=False, reason="no statement cites a policy or the governance notes")
