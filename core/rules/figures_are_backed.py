import re

from core.plan import Plan
from core.result import Result
from core.verdict import Check

NAME = "figures_are_backed"

_FIGURE = re.compile(r"(?<![\w.-])\d+(?:[.:,]\d+)*")


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """Every figure of the answer stands in a claim too."""
    backed = {figure for claim in result.report.claims for figure in _FIGURE.findall(claim.text)}
    figures = _FIGURE.findall(result.report.answer)
    loose = [figure for figure in figures if figure not in backed]
    if loose:
        return Check(name=NAME, passed=False, reason=f"the answer says {loose[0]}, which no claim backs")
    return Check(name=NAME, passed=True, reason=f"{len(figures)} figures of the answer stand in claims")
