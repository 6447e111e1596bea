"""Values as a run makes them."""

from core.brief import Brief, Intent
from core.evidence import LogLine, LogLines
from core.plan import Plan, Step, ToolCall
from core.report import Claim, ClaimKind, Report
from core.result import CallError, CallStatus, ExecutionMetadata, Result, StepResult, ToolResult
from core.verdict import Check, Outcome, Verdict
from core.window import Window

WINDOW = Window.model_validate_json('{"start": "2026-02-14T10:00:00Z", "end": "2026-02-14T10:30:00Z"}')
PLAN = Plan(
    brief=Brief(intents=(Intent.INVESTIGATE,), is_incident=True, services=("shop",), window=WINDOW),
    steps=(
        Step(step_id="s1", purpose="logs", tool_calls=(ToolCall(tool="logs_search", arguments={"service": "shop"}),)),
    ),
)
VERDICT = Verdict(
    passed=True,
    verdict=Outcome.CONFIRMED,
    reasons=("every statement is cited",),
    checks=(Check(name="cited", passed=True, reason="every statement is cited"),),
)


def make_result(*messages: str) -> Result:
    """A result with one call that brought these log lines in and one that failed."""
    lines = LogLines(
        service="shop",
        start_time=WINDOW.start,
        end_time=WINDOW.end,
        pattern=None,
        lines=tuple(
            LogLine(timestamp=WINDOW.start, level="error", message=text, fields={"raw": text}) for text in messages
        ),
        truncated=False,
    )
    answered = ToolResult(
        tool="logs_search",
        arguments={"service": "shop"},
        status=CallStatus.OK,
        attempts=2,
        duration_ms=12.5,
        output=lines,
        citations=tuple(lines.cite(line) for line in lines.lines),
    )
    failed = ToolResult(
        tool="metrics_query",
        arguments={},
        status=CallStatus.FAILED,
        attempts=3,
        duration_ms=30.0,
        error=CallError(kind="unavailable", message="no answer"),
    )
    return Result(
        steps=(StepResult(step_id="s1", purpose="logs", tool_results=(answered, failed)),),
        execution_metadata=ExecutionMetadata(
            total_tools=2, total_duration_ms=43.0, error_count=1, longest_path_ms=30.0
        ),
        report=Report(
            answer="The shop times out.",
            claims=(Claim(text="The shop times out.", kind=ClaimKind.FACT, citation_ids=("logs:shop",)),),
            citations=answered.citations,
        ),
    )


RESULT = make_result("time-out", "time-out again")
