from core.evidence import MetricsWindow
from core.plan import Plan
from core.result import Result
from core.rules.grounds.records import Samples, records_of
from core.verdict import Check

NAME = "contradictions_are_shown"


def check(plan: Plan, result: Result) -> Check:
    """A service that is held to be the cause has its own metrics shown, for or against, where the run brought them in."""
    records = records_of(result)
    window = plan.brief.window
    measured = {
        output.service
        for output in records.outputs_of(MetricsWindow)
        if output.series and window is not None and output.start_time < window.end and output.end_time > window.start
    }
    against = 0
    for hypothesis in result.report.hypotheses:
        against += bool(hypothesis.contradicted_by)
        accused = hypothesis.service
        if accused is None or accused in plan.brief.services or accused not in measured:
            continue
        cited = records.of((*hypothesis.supported_by, *hypothesis.contradicted_by))
        if not any(isinstance(record, Samples) and record.window.service == accused for record in cited):
            return Check(
                name=NAME,
                passed=False,
                reason=f"{accused} is named as a possible cause, and what its own metrics say of that is not shown",
            )
    reason = (
        f"{against} possible causes are shown with what speaks against them"
        if against
        else "no source speaks against another"
    )
    return Check(name=NAME, passed=True, reason=reason)
