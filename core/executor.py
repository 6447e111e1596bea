"""Runs the steps of a plan: each when the steps it depends on have ended, independent ones side by side."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter

from core.plan import Plan, Step
from core.ports import Toolbox
from core.result import ExecutionMetadata, StepResult

type StepStartedHook = Callable[[Step], Awaitable[None]]
type StepEndedHook = Callable[[StepResult], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The results of every step, in the order of the plan."""

    steps: tuple[StepResult, ...]
    metadata: ExecutionMetadata


async def execute(
    plan: Plan, toolbox: Toolbox, *, step_started: StepStartedHook, step_ended: StepEndedHook
) -> Execution:
    """What every tool call of the plan brought in; a step runs even where one it depends on failed.

    Raises ValueError for a plan whose dependencies name unknown steps or run in a circle.
    """
    _check_order(plan)
    began = perf_counter()
    ended: dict[str, asyncio.Task[StepResult]] = {}

    async def run(step: Step) -> StepResult:
        await asyncio.gather(*(asyncio.shield(ended[name]) for name in step.depends_on))
        await step_started(step)
        results = await asyncio.gather(*(toolbox.call(call) for call in step.tool_calls))
        result = StepResult(step_id=step.step_id, purpose=step.purpose, tool_results=tuple(results))
        await step_ended(result)
        return result

    async with asyncio.TaskGroup() as group:
        for step in plan.steps:  # a step is created after those it depends on: _check_order saw to that
            ended[step.step_id] = group.create_task(run(step), name=f"step {step.step_id}")
    results = tuple(ended[step.step_id].result() for step in plan.steps)
    calls = [call for result in results for call in result.tool_results]
    return Execution(
        steps=results,
        metadata=ExecutionMetadata(
            total_tools=len(calls),
            total_duration_ms=round((perf_counter() - began) * 1000, 3),
            error_count=sum(1 for call in calls if not call.status.answered),
            longest_path_ms=round(_longest_path(plan, results), 3),
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
