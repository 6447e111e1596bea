"""A small finished run over handmade evidence, composed by the product, to hold the verifier and the sections against."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.base import JsonObject
from core.composer import compose
from core.evidence import (
    IssueHits,
    LogLine,
    LogLines,
    MetricSeries,
    MetricsWindow,
    Output,
    SearchHit,
    Ticket,
    TicketList,
)
from core.executor import Execution
from core.landscape import Landscape, Service
from core.plan import Plan, Step, ToolCall
from core.reading.briefing import read_brief
from core.report import Citation
from core.result import CallError, CallStatus, ExecutionMetadata, Result, StepResult, ToolResult
from core.task import Context, Request
from tests.core.excerpts import config, policy

START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
END = START + timedelta(minutes=30)
NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
LANDSCAPE = Landscape(
    services=(Service(name="cart", depends_on=("ledger",)), Service(name="ledger")),
    project_keys=("INC",),
    sources=("policy_v1", "policy_v2", "oncall_rota", "slack_config", "postgres_config"),
)
POLICY = policy(
    """
# Severities

| Severity | Meaning |
| --- | --- |
| P1 | nobody can buy |
| P2 | some cannot |

# Escalation

## P1

- The primary must acknowledge within 7 minutes.
- The secondary is paged at 13 minutes.

# Rollback

If the error rate stays above 3 % for 4 consecutive minutes, rollback is mandatory.
"""
)
ROTA = config("rotations:\n  main:\n    - {week_start: 2026-03-02, primary: Ida, secondary: Jon}\n")


def metrics(service: str, errors: Sequence[float | None], start: datetime) -> MetricsWindow:
    series = MetricSeries(metric="error_percent", labels={"service": service}, values=tuple(errors))
    end = start + timedelta(minutes=len(errors))
    return MetricsWindow(service=service, start_time=start, end_time=end, step_s=60, series=(series,))


def log(service: str, *lines: tuple[int, str, str], pattern: str | None = None) -> LogLines:
    """Lines as (minute, level, message)."""
    found = tuple(
        LogLine(timestamp=START + timedelta(minutes=minute), level=level, message=message, fields={})
        for minute, level, message in lines
    )
    return LogLines(service=service, start_time=START, end_time=END, pattern=pattern, lines=found, truncated=False)


def ticket(key: str, *, assignee: str | None = None, component: str | None = "cart") -> Ticket:
    return Ticket(
        key=key,
        url=f"http://tracker.test/browse/{key}",
        summary=f"cart time-outs seen by {key}",
        description="",
        issue_type="Incident",
        status="Open",
        is_open=True,
        severity="P2",
        priority=None,
        assignee=assignee,
        components=(component,) if component else (),
        labels=(),
        created=START,
        updated=START,
        resolved=None,
    )


def tickets(*found: Ticket) -> TicketList:
    return TicketList(query="text ~ cart", tickets=found, truncated=False)


def earlier_issue() -> IssueHits:
    hit = SearchHit(
        source_id="INC-7",
        snippet="cart errors after a deployment",
        score=1.0,
        metadata={"title": "cart errors"},
        citation_id="INC-7:L1-L1",
        citation_source="INC-7",
        locator="http://tracker.test/browse/INC-7",
    )
    return IssueHits(
        query="cart", hits=(hit,), confidence=0.9, recommend_fallback=False, fallback_reason=None,
        relaxed_filters=(), reranked_by=None,
    )  # fmt: skip


def answered(tool: str, output: Output, status: CallStatus = CallStatus.OK, **arguments: str) -> ToolResult:
    given: JsonObject = dict(arguments)
    return ToolResult(tool=tool, arguments=given, status=status, attempts=1, duration_ms=1.0, output=output)


def failed(tool: str, message: str, **arguments: str) -> ToolResult:
    given: JsonObject = dict(arguments)
    error = CallError(kind="unavailable", message=message)
    return ToolResult(tool=tool, arguments=given, status=CallStatus.FAILED, attempts=3, duration_ms=9.0, error=error)


def run(text: str, *results: ToolResult, **context: Any) -> tuple[Plan, Result]:
    """The plan and the composed result of a task whose calls brought in `results`."""
    request = Request(text=text, context=Context.model_validate(context))
    brief = read_brief(request, LANDSCAPE, NOW)
    step = Step(step_id="s1", purpose="ask", tool_calls=tuple(ToolCall(tool=item.tool) for item in results))
    plan = Plan(brief=brief, steps=(step,))
    done = StepResult(step_id="s1", purpose="ask", tool_results=results)
    errors = sum(1 for item in results if not item.status.answered)
    metadata = ExecutionMetadata(
        total_tools=len(results), total_duration_ms=2.0, error_count=errors, longest_path_ms=1.0
    )
    report = compose(request, plan, Execution(steps=(done,), metadata=metadata), NOW)
    return plan, Result(steps=(done,), execution_metadata=metadata, report=report)


CALM = [0.2, 0.3, 0.25] * 20
RISE = [0.2] * 5 + [5.0, 6.0, 7.0, 6.5, 6.0, 5.5] + [0.2] * 19


def incident(**context: Any) -> tuple[Plan, Result]:
    """A P1 of `cart`: errors rise after a deployment and end after its rollback."""
    change = "deploy|rollback"
    return run(
        "P1 alert: cart errors, escalate",
        answered("search_previous_issues", earlier_issue()),
        answered("fetch_company_reference", POLICY, source="policy_v2"),
        answered("metrics_query", metrics("cart", RISE, START), service="cart"),
        answered("metrics_query", metrics("cart", CALM, START - timedelta(hours=1)), service="cart"),
        answered("metrics_query", metrics("ledger", [*CALM, *CALM[:30]], START - timedelta(hours=1)), service="ledger"),
        answered("logs_search", log("cart", (6, "ERROR", "ledger timed out after 900 ms")), service="cart"),
        answered(
            "logs_search",
            log("cart", (4, "INFO", "deployment v9 started"), (9, "INFO", "rollback to v8 started"), pattern=change),
            service="cart",
            pattern=change,
        ),
        answered("fetch_company_reference", ROTA, source="oncall_rota"),
        **{"service": "cart", "start_time": START, "end_time": END, "severity": "P1", **context},
    )


def replace_citation(result: Result, index: int, **changes: str) -> Result:
    """The result with one citation of its report changed."""
    citations = list(result.report.citations)
    citations[index] = Citation.model_validate({**citations[index].model_dump(), **changes})
    return result.model_copy(update={"report": result.report.model_copy(update={"citations": tuple(citations)})})
