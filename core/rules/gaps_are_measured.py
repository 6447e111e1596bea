import re

from core.evidence import MetricsWindow
from core.findings.metrics import gaps
from core.plan import Plan
from core.result import Result
from core.rules.grounds.records import records_of
from core.verdict import Check

NAME = "gaps_are_measured"

_MISSING = re.compile(r"(?P<missing>\d+) of (?P<all>\d+) samples are missing")


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """What the report says of missing samples is so of a series that this run brought in."""
    told = [match for gap in result.report.gaps if (match := _MISSING.search(gap.reason))]
    if not told:
        return Check(name=NAME, passed=True, reason="no samples are said to be missing")
    series = (item for output in records_of(result).outputs_of(MetricsWindow) for item in output.series)
    counted = {(gaps(item), len(item.values)) for item in series}
    for match in told:
        if (int(match["missing"]), int(match["all"])) not in counted:
            return Check(name=NAME, passed=False, reason=f"“{match[0]}” is so of no series of this run")
    return Check(name=NAME, passed=True, reason=f"{len(told)} counts of missing samples are those of their series")
