from core.plan import Plan
from core.result import Result
from core.rules.citing import used_sources
from core.verdict import Check

NAME = "required_citations"


def check(plan: Plan, result: Result) -> Check:
    """Every source the task requires is cited by a statement; the missing ones are named."""
    required = plan.brief.required_citations
    missing = [source for source in required if source not in used_sources(result.report)]
    if missing:
        return Check(name=NAME, passed=False, reason=f"required and not cited: {', '.join(missing)}")
    reason = f"cited as required: {', '.join(required)}" if required else "no citation is required"
    return Check(name=NAME, passed=True, reason=reason)
