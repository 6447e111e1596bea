from core.plan import Plan
from core.result import Result
from core.verdict import Check

NAME = "failures_are_told"


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """Every call that failed or was refused is named among the gaps."""
    failed = [call for call in result.tool_results if not call.status.answered]
    told = [gap.what for gap in result.report.gaps]
    for call in failed:
        if not any(what.startswith(call.tool) for what in told):
            return Check(name=NAME, passed=False, reason=f"{call.tool} {call.status} and the report does not say so")
    reason = f"{len(failed)} calls that got no answer are told" if failed else "every call got an answer"
    return Check(name=NAME, passed=True, reason=reason)
