"""Evidence → Report: the sections in the order a person reads them."""

from datetime import datetime

from core.composing import (
    catalogue,
    causes,
    communication,
    comparison,
    duties,
    escalation,
    headline,
    history,
    log_evidence,
    lookup,
    measurements,
    on_call,
    ownership,
    required,
    rollback,
    severity,
    shortfalls,
    unread,
)
from core.composing.draft import Draft
from core.composing.material import Material
from core.executor import Execution
from core.plan import Plan
from core.report import Report
from core.task import Request

SECTIONS = (
    comparison.compose,
    duties.compose,
    rollback.compose,
    measurements.compose,
    log_evidence.compose,
    causes.compose,
    severity.compose,
    escalation.compose,
    on_call.compose,
    ownership.compose,
    communication.compose,
    history.compose,
    catalogue.compose,
    required.compose,
    lookup.compose,
    unread.compose,
    headline.compose,
    shortfalls.compose,
)


def compose(request: Request, plan: Plan, execution: Execution, now: datetime) -> Report:
    """The report: what each section could state, with its citations, and what could not be shown."""
    results = tuple(result for step in execution.steps for result in step.tool_results)
    material = Material(request=request, plan=plan, results=results, now=now)
    draft = Draft()
    for section in SECTIONS:
        section(material, draft)
    return draft.report()
