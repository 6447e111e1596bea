from core.plan import Plan
from core.result import Result
from core.verdict import Check

NAME = "evidence_source"
TOOLS = ("search_incident_knowledge", "search_previous_issues", "jira_search_tickets")


def check(plan: Plan, result: Result) -> Check:
    """An incident plan passes with at least one of the searches answered with something."""
    if not plan.brief.is_incident:
        return Check(name=NAME, passed=True, reason="the task speaks of no incident: no search is needed")
    found = [call.tool for call in result.tool_results if call.tool in TOOLS and call.status.has_evidence]
    if found:
        return Check(name=NAME, passed=True, reason=f"evidence came from {', '.join(dict.fromkeys(found))}")
    ends = "; ".join(f"{call.tool}: {call.status}" for call in result.tool_results if call.tool in TOOLS)
    return Check(
        name=NAME,
        passed=False,
        reason=f"none of {', '.join(TOOLS)} brought evidence ({ends or 'none was planned'})",
    )
