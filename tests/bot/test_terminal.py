import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.terminal import plain, render_event, render_task
from core.brief import Brief, Intent
from core.events import PlanBuilt, RunStarted, StepEnded, StepStarted
from core.plan import Plan, Step, ToolCall
from core.report import Action, Citation, Claim, ClaimKind, Gap, Hypothesis, Report
from core.result import CallError, CallStatus, ExecutionMetadata, Result, StepResult, ToolResult
from core.task import Context, Origin, Task, TaskStatus
from core.verdict import Check, Outcome, Verdict

HOSTILE = "\x1b[31mred\x1b]8;;http://evil\x07 [bold]x[/bold] [link=http://evil]y[/link] \u202eabc\x9b1m"
PLAN = Plan(
    brief=Brief(intents=(Intent.LOOKUP,), is_incident=False),
    steps=(Step(step_id="s1", purpose="Ask the logs", tool_calls=(ToolCall(tool="logs_search"),)),),
    notes=("assumed UTC",),
)


def make_task(text: str = "What is wrong?", *, said: str = "All is well.", passed: bool = True) -> Task:
    call = ToolResult(
        tool="logs_search",
        arguments={},
        status=CallStatus.FAILED,
        attempts=3,
        duration_ms=12.3,
        error=CallError(kind="timeout", message=said),
    )
    report = Report(
        answer=said,
        claims=(Claim(text=said, kind=ClaimKind.FACT, citation_ids=("a-long-id",)),),
        citations=(Citation(citation_id="a-long-id", citation_source="policy", locator="p.md:1-2", quote=said),),
        hypotheses=(
            Hypothesis(cause=said, service=None, confidence=0.5, contradicted_by=("a-long-id",), next_check="look"),
        ),
        actions=(Action(text=said, owner="the primary", due="+5 minutes", citation_ids=("a-long-id",)),),
        gaps=(Gap(what="logs", reason=said, next_check="ask again"),),
    )
    metadata = ExecutionMetadata(total_tools=1, total_duration_ms=12.3, error_count=1, longest_path_ms=12.3)
    steps = (StepResult(step_id="s1", purpose="Ask the logs", tool_results=(call,)),)
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return Task(
        task_id=UUID(int=1),
        text=text,
        status=TaskStatus.SUCCEEDED,
        context=Context(),
        origin=Origin(),
        plan=PLAN,
        result=Result(steps=steps, execution_metadata=metadata, report=report),
        verification=Verdict(
            passed=passed,
            verdict=Outcome.CONFIRMED,
            reasons=(said,),
            checks=(Check(name="evidence", passed=passed, reason=said),),
        ),
        created_at=now,
        updated_at=now,
    )


def shown(task: Task, *, width: int = 120, colours: bool = False) -> str:
    output = io.StringIO()
    Console(file=output, width=width, force_terminal=colours).print(render_task(task))
    return output.getvalue()


def test_a_report_has_plan_evidence_citations_and_verdict() -> None:
    text = shown(make_task())
    for words in (
        "What is wrong?", "s1  Ask the logs", "logs_search failed 12 ms, 3 attempts", "note: assumed UTC", "fact",
        "All is well. [1]", "50%", "against it: [1]", "the primary: All is well. [1]", "next check: ask again",
        "[1] policy  p.md:1-2", "passed, confirmed", "evidence: All is well.",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("colours", [True, False])
def test_hostile_text_is_shown_and_does_nothing(colours: bool) -> None:  # noqa: FBT001 -- a table of two
    text = shown(make_task(HOSTILE, said=HOSTILE), colours=colours)
    assert "[bold]x[/bold] [link=http://evil]y[/link]" in text
    for harm in ("\x1b[31m", "\x1b]8", "\x07", "\u202e", "\x9b"):
        assert harm not in text


@given(st.text())
def test_plain_text_holds_no_control(text: str) -> None:
    assert all(character == "\n" or character.isprintable() or character.isspace() for character in plain(text))
    assert not {"\x1b", "\r", "\x00", "\x9b"} & set(plain(text))


@pytest.mark.parametrize("width", [20, 40, 200])
def test_nothing_is_cut_at_any_width(width: int) -> None:
    text = shown(make_task(said="x" * 300), width=width)
    assert text.count("x") >= 300 * 8


def test_a_long_quote_is_shortened_and_says_so() -> None:
    text = shown(make_task(said="\n".join(f"line {number}" for number in range(40))))
    assert "… and 28 more lines" in text


def test_a_task_that_never_ran_is_shown() -> None:
    task = make_task().model_copy(
        update={"plan": None, "result": None, "verification": None, "status": TaskStatus.QUEUED}
    )
    assert "queued" in shown(task)


def test_progress_is_a_line_a_step() -> None:
    task = make_task()
    assert task.result is not None
    events = [
        RunStarted(task=task),
        PlanBuilt(task_id=task.task_id, plan=PLAN),
        StepStarted(task_id=task.task_id, step=PLAN.steps[0]),
        StepEnded(task_id=task.task_id, step=task.result.steps[0]),
    ]
    assert [str(render_event(event)) for event in events] == [
        f"running task {task.task_id}",
        "planned 1 steps with 1 calls",
        "s1 … Ask the logs",
        "s1 ✗ logs_search failed",
    ]
