import re

from core.findings.names import plain_name
from core.plan import Plan
from core.result import Result
from core.rules.grounds.algebra import usual_value
from core.rules.grounds.basis import is_clock_of, is_rounded
from core.rules.grounds.records import Record, Records, Samples, records_of
from core.rules.grounds.wording import own_words
from core.verdict import Check

NAME = "changes_fit_their_samples"

_UNIT = r"(?:\s?(?:%|/?[A-Za-zµ°]{1,5}(?:/s)?))?"
_CHANGE = re.compile(
    rf"(?<![\w.:-])(?P<usual>\d+(?:\.\d+)?){_UNIT}\s→\s(?P<extreme>\d+(?:\.\d+)?){_UNIT}"
    r"(?:\ssince\s(?:\d{4}-\d{2}-\d{2}\s)?(?P<since>\d{2}:\d{2})|,\s(?:\d{4}-\d{2}-\d{2}\s)?(?P<start>\d{2}:\d{2})(?:–(?:\d{4}-\d{2}-\d{2}\s)?(?P<end>\d{2}:\d{2}))?)"
)


def check(plan: Plan, result: Result) -> Check:
    """A change from one value to another is that of one cited series: from its usual value to its extreme, begun when it began."""
    records = records_of(result)
    checked = 0
    for statement in records.statements:
        words = own_words(statement.text)
        for match in _CHANGE.finditer(words) if "→" in words else ():
            checked += 1
            cited = records.of(statement.citation_ids)
            if not any(_fits(match, record, records, plan) for record in cited):
                reason = f"“{match[0]}” in {statement.shown} is the change of no series that it cites"
                return Check(name=NAME, passed=False, reason=reason)
    return Check(name=NAME, passed=True, reason=f"{checked} changes have the values and times of their samples")


def _fits(match: re.Match[str], record: Record, records: Records, plan: Plan) -> bool:
    if not isinstance(record, Samples) or plan.brief.window is None or not record.values:
        return False
    usual = usual_value(records, record, plan.brief.window.start)
    factor = plain_name(record.series.metric).factor
    if usual is None or not is_rounded(float(match["usual"]), usual * factor):
        return False
    values = [value for _, value in record.values]
    extreme = max(values, key=lambda value: abs(value - usual))
    if not is_rounded(float(match["extreme"]), extreme * factor):
        return False
    begun = is_clock_of(match["since"] or match["start"], record.start)
    return begun and (match["end"] is None or is_clock_of(match["end"], record.end))
