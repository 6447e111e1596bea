"""Runs the steps of a plan: each when the steps it depends on have ended, independent ones side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

from core.plan import Plan, Step, ToolCall
from core.ports import Toolbox
from core.result import CANCELLED, CallError, CallStatus, ExecutionMetadata, StepResult, ToolResult

type StepStartedHook = Callable[[Step], Awaitable[None]]
type StepEndedHook = Callable[[StepResult], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The results of every step, in the order of the plan."""

    steps: tuple[StepResult, ...]
    metadata: ExecutionMetadata


async def execute(
    plan: Plan,
    toolbox: Toolbox,
    *,
    step_started: StepStartedHook,
    step_ended: StepEndedHook,
    known: Mapping[str, StepResult] = {},
    deadline_s: float | None = None,
) -> Execution:
    """What every tool call of the plan brought in; a step runs even where one it depends on failed.

    A step whose result is `known`, by its id, from an earlier run is not run again; it is told of like any other. After
    `deadline_s` seconds the calls still out end as failed, and those not yet begun are not made.
    Raises ValueError for a plan whose dependencies name unknown steps or run in a circle.
    """
    _check_order(plan)
    began = perf_counter()
    clock = asyncio.get_running_loop().time
    ends_at = None if deadline_s is None else clock() + deadline_s
    ended: dict[str, asyncio.Task[StepResult]] = {}

    async def answer(call: ToolCall) -> ToolResult:
        issued = perf_counter()
        if deadline_s is None or ends_at is None:
            return await toolbox.call(call)
        if clock() >= ends_at:
            return _overdue(call, deadline_s, began=None)
        try:
            async with asyncio.timeout_at(ends_at):
                return await toolbox.call(call)
        except TimeoutError:
            return _overdue(call, deadline_s, began=issued)

    async def run(step: Step) -> StepResult:
        await asyncio.gather(*(asyncio.shield(ended[name]) for name in step.depends_on))
        await step_started(step)
        result = known.get(step.step_id)
        if result is None:
            results = await asyncio.gather(*(answer(call) for call in step.tool_calls))
            result = StepResult(step_id=step.step_id, purpose=step.purpose, tool_results=tuple(results))
        await step_ended(result)
        return result

    async with asyncio.TaskGroup() as group:
        for step in plan.steps:  # a step is created after those it depends on: _check_order saw to that
            ended[step.step_id] = group.create_task(run(step), name=f"step {step.step_id}")
    results = tuple(ended[step.step_id].result() for step in plan.steps)
    return _execution(plan, results, total_duration_ms=(perf_counter() - began) * 1000)


def cut_off(plan: Plan, finished: Mapping[str, StepResult]) -> Execution:
    """What a run that somebody stopped has of its plan: the finished steps, by their ids, and the calls of the others as failed.

    How long it was at work is not known any more; what is told is the slowest chain of what it finished.
    """
    results = tuple(finished.get(step.step_id) or _cancelled(step, finished) for step in plan.steps)
    return _execution(plan, results, total_duration_ms=_longest_path(plan, results))


def _execution(plan: Plan, results: tuple[StepResult, ...], *, total_duration_ms: float) -> Execution:
    calls = [call for result in results for call in result.tool_results]
    return Execution(
        steps=results,
        metadata=ExecutionMetadata(
            total_tools=len(calls),
            total_duration_ms=round(total_duration_ms, 3),
            error_count=sum(1 for call in calls if not call.status.answered),
            longest_path_ms=round(_longest_path(plan, results), 3),
        ),
    )


def _cancelled(step: Step, finished: Mapping[str, StepResult]) -> StepResult:
    begun = all(name in finished for name in step.depends_on)  # independent steps are begun at once
    results = tuple(
        ToolResult(
            tool=call.tool,
            arguments=call.arguments,
            status=CallStatus.FAILED,
            attempts=1 if begun else 0,
            duration_ms=0.0,
            error=CallError(
                kind=CANCELLED,
                message=f"the run was cancelled before this step {'had ended' if begun else 'began'}",
            ),
        )
        for call in step.tool_calls
    )
    return StepResult(step_id=step.step_id, purpose=step.purpose, tool_results=results)


def _overdue(call: ToolCall, deadline_s: float, *, began: float | None) -> ToolResult:
    """A call that the run's deadline cut short, or, without a beginning, prevented."""
    what = "was not asked any more" if began is None else "had not answered"
    return ToolResult(
        tool=call.tool,
        arguments=call.arguments,
        status=CallStatus.FAILED,
        attempts=0 if began is None else 1,
        duration_ms=0.0 if began is None else round((perf_counter() - began) * 1000, 3),
        error=CallError(
            kind="deadline", message=f"{call.tool} {what}: the run's deadline of {deadline_s:g} s had passed"
        ),
    )


def _check_order(plan: Plan) -> None:
    seen: set[str] = set()
    for step in plan.steps:
        for name in step.depends_on:
            if name not in seen:
                raise ValueError(f"step {step.step_id} depends on {name}, which no earlier step is")
        if step.step_id in seen:
            raise ValueError(f"two steps are named {step.step_id}")
        seen.add(step.step_id)


def _longest_path(plan: Plan, results: tuple[StepResult, ...]) -> float:
    """Milliseconds of the slowest chain of dependent steps, each step as long as its slowest call."""
    length: dict[str, float] = {}
    for step, result in zip(plan.steps, results, strict=True):
        own = max((call.duration_ms for call in result.tool_results), default=0.0)
        length[step.step_id] = own + max((length[name] for name in step.depends_on), default=0.0)
    return max(length.values(), default=0.0)
