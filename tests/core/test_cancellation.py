"""What a run that somebody stopped leaves, whichever of its steps had ended."""

from datetime import UTC, datetime
from itertools import combinations
from uuid import UUID

import pytest

from core.cancellation import Cancellation, cancelled, is_cancellation, without_notice
from core.composer import compose
from core.pipeline import Pipeline
from core.plan import Plan, Step, ToolCall
from core.ports import Toolbox
from core.report import Health
from core.result import Result, StepResult
from core.task import Context, Origin, Task, TaskStatus
from core.verdict import Outcome, Verdict
from core.verifier import verify
from tests.core.runs import END, NOW, START, incident
from tests.core.test_executor import Box

STOP = Cancellation(by="Ada 42 in Slack", at=datetime(2026, 3, 3, 9, 40, 5, 678, tzinfo=UTC))
TOLD = "cancelled by Ada 42 in Slack at 2026-03-03T09:40:05Z"
CONTEXT = Context(service="cart", start_time=START, end_time=END, severity="P1", required_citations=("oncall_rota",))
LACKING = {"run_completed", "evidence_source", "policy_citation", "required_citations"}
"""Checks of what a whole answer has; all others are about whether what is said is so."""

_PLAN, _RESULT = incident(required_citations=("oncall_rota",))
FINISHED = tuple(
    StepResult(step_id=f"s{number}", purpose=f"call {call.tool}", tool_results=(call,))
    for number, call in enumerate(_RESULT.tool_results, 1)
)
PLAN = Plan(
    brief=_PLAN.brief,
    steps=tuple(
        Step(
            step_id=step.step_id,
            purpose=step.purpose,
            tool_calls=tuple(ToolCall(tool=call.tool, arguments=call.arguments) for call in step.tool_results),
        )
        for step in FINISHED
    ),
)


class _NoPlanner:
    async def plan(self, request: object, now: datetime) -> Plan:
        raise AssertionError("nothing is planned any more")


def _pipeline(toolbox: Toolbox | None = None) -> Pipeline:
    return Pipeline(
        planner=_NoPlanner(), toolbox=toolbox or Box(), composer=compose, verifier=verify, clock=lambda: NOW
    )


def _task(plan: Plan | None) -> Task:
    return Task(
        task_id=UUID(int=1),
        text="P1 alert: cart errors, escalate",
        status=TaskStatus.RUNNING,
        context=CONTEXT,
        origin=Origin(),
        plan=plan,
        created_at=NOW,
        updated_at=NOW,
    )


def _conclude(*finished: StepResult, plan: Plan | None = PLAN) -> tuple[Result | None, Verdict]:
    return _pipeline().conclude(_task(plan), finished, STOP)


@pytest.mark.parametrize("number", range(1, len(FINISHED) + 1))
def test_whatever_had_ended_is_told_truly_and_as_no_whole_answer(number: int) -> None:
    for finished in combinations(FINISHED, number):
        result, verdict = _conclude(*finished)
        assert result is not None
        assert (verdict.passed, verdict.verdict, verdict.reasons[0]) == (
            False,
            Outcome.FAILED,
            f"cancelled: {TOLD[10:]}",
        )
        assert {check.name for check in verdict.checks if not check.passed} <= LACKING, verdict.checks
        report = result.report
        assert report.answer.splitlines()[0] == f"C{TOLD[1:]} when {number} of 8 steps had ended."
        for step, was in zip(result.steps, FINISHED, strict=True):
            assert step == was if was in finished else step.was_cancelled
        left = [step.purpose for step in FINISHED if step not in finished]
        assert report.gaps[0].reason == (
            f"not run to their end: {'; '.join(left)}" if left else "nothing was left to ask"
        )
        assert report.health is not Health.HEALTHY
        assert not any(gap.what.startswith("a citation") for gap in report.gaps)  # it was there to be read


def test_the_steps_that_had_ended_are_composed_as_those_of_any_run() -> None:
    result, verdict = _conclude(*FINISHED)
    assert result is not None
    bare = without_notice(result.report)
    assert bare.model_copy(update={"gaps": ()}) == _RESULT.report.model_copy(update={"gaps": ()})
    assert [check.name for check in verdict.checks if not check.passed] == ["run_completed"]
    assert result.execution_metadata.error_count == 0


def test_a_call_says_how_far_its_step_had_come() -> None:
    steps = tuple(
        step.model_copy(update={"depends_on": ("s3",) if step.step_id == "s4" else ()}) for step in PLAN.steps
    )
    result, _ = _conclude(FINISHED[0], plan=PLAN.model_copy(update={"steps": steps}))
    assert result is not None
    assert [call.error and (call.error.message, call.attempts) for call in result.tool_results][:4] == [
        None,
        ("the run was cancelled before this step had ended", 1),
        ("the run was cancelled before this step had ended", 1),
        ("the run was cancelled before this step began", 0),
    ]
    assert result.execution_metadata.model_dump() == {
        "total_tools": 8,
        "total_duration_ms": 1.0,
        "error_count": 7,
        "longest_path_ms": 1.0,
    }


@pytest.mark.parametrize(
    ("plan", "finished", "progress"),
    [
        (None, (), ("nothing had been asked yet",)),
        (None, FINISHED[:1], ("nothing had been asked yet",)),
        (
            PLAN.model_copy(update={"steps": PLAN.steps[:2]}),
            (FINISHED[5],),  # of no plan of today
            (
                "0 of 2 steps had ended",
                "not run to their end: call search_previous_issues; call fetch_company_reference",
            ),
        ),
    ],
)
def test_where_nothing_had_ended_there_is_no_report(
    plan: Plan | None, finished: tuple[StepResult, ...], progress: tuple[str, ...]
) -> None:
    result, verdict = _conclude(*finished, plan=plan)
    assert result is None
    assert verdict.reasons[1:] == progress
    assert is_cancellation(verdict)


@pytest.mark.parametrize(
    ("by", "words"),
    [("", "by somebody"), ("a\n b\x1b[31m", "by a b [31m"), ("x" * 500, f"by {'x' * 200}"), ("\u202eeve", "by eve")],
)
def test_who_stopped_it_is_one_short_line(by: str, words: str) -> None:
    (reason,) = cancelled(Cancellation(by=by, at=STOP.at)).reasons
    assert reason == f"cancelled: {words} at 2026-03-03T09:40:05Z"
