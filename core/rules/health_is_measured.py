from collections.abc import Iterator

from core.evidence import MetricsWindow
from core.findings.metrics import Change, find_changes, is_symptom
from core.plan import Plan
from core.report import Health
from core.result import Result
from core.rules.grounds.records import records_of
from core.verdict import Check

NAME = "health_is_measured"


def check(plan: Plan, result: Result) -> Check:
    """What the report says of the service's health is what the samples of the window say beside those before it."""
    said = result.report.health
    if said is None or said is Health.UNKNOWN:
        return Check(name=NAME, passed=True, reason="nothing is said of the service's health")
    found = list(_symptoms(plan, result))
    if not found:
        return Check(name=NAME, passed=False, reason=f"{said} is said of a service that was not measured")
    symptoms = [change for changes in found for change in changes]
    lasting = [change for change in symptoms if not change.recovered]
    measured = Health.DEGRADED if lasting else Health.RECOVERED if symptoms else Health.HEALTHY
    if said is not measured:
        first = (lasting or symptoms or [None])[0]
        why = "no symptom is in the samples" if first is None else f"{first.series.selector} says so"
        return Check(name=NAME, passed=False, reason=f"the report says {said}, the samples say {measured}: {why}")
    return Check(name=NAME, passed=True, reason=f"the samples say {measured} too")


def _symptoms(plan: Plan, result: Result) -> Iterator[list[Change]]:
    """The symptoms of each service in question that was measured in the window and before it."""
    window = plan.brief.window
    windows = [item for item in records_of(result).outputs_of(MetricsWindow) if item.series]
    for service in plan.brief.services if window else ():
        own = [item for item in windows if item.service == service]
        during = next((item for item in own if window and item.start_time >= window.start), None)
        before = next((item for item in own if window and item.end_time <= window.start), None)
        if during is not None and before is not None:
            yield [change for change in find_changes(_symptoms_of(during), before) if change.is_symptom]


def _symptoms_of(window: MetricsWindow) -> MetricsWindow:
    series = tuple(item for item in window.series if is_symptom(item.metric))
    return window.model_copy(update={"series": series})
