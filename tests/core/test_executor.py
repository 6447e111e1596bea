import asyncio
from collections.abc import Callable

import pytest

from core.brief import Brief, Intent
from core.executor import execute
from core.plan import Plan, Step, ToolCall
from core.result import CallError, CallStatus, StepResult, ToolResult

BRIEF = Brief(intents=(Intent.LOOKUP,), is_incident=False)


class Box:
    """A toolbox whose tools take as long as their name says, in hundredths of a second; `x…` fails."""

    def __init__(self) -> None:
        self.at_work = 0
        self.most = 0

    async def call(self, call: ToolCall) -> ToolResult:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        await asyncio.sleep(int(call.tool.strip("x")) / 100)
        self.at_work -= 1
        error = CallError(kind="unavailable", message="no") if call.tool.startswith("x") else None
        status = CallStatus.FAILED if error else CallStatus.EMPTY
        return ToolResult(
            tool=call.tool,
            arguments={},
            status=status,
            attempts=1,
            duration_ms=float(call.tool.strip("x")) * 10,
            error=error,
        )


def plan(**steps: tuple[tuple[str, ...], tuple[str, ...]]) -> Plan:
    """Steps by name: the tools they call, the steps they depend on."""
    return Plan(
        brief=BRIEF,
        steps=tuple(
            Step(step_id=name, purpose=name, tool_calls=tuple(ToolCall(tool=tool) for tool in tools), depends_on=needs)
            for name, (tools, needs) in steps.items()
        ),
    )


async def run(given: Plan, box: Box, log: Callable[[str], None] = lambda _: None) -> tuple[StepResult, ...]:
    async def started(step: Step) -> None:
        log(f"+{step.step_id}")

    async def ended(step: StepResult) -> None:
        log(f"-{step.step_id}")

    execution = await execute(given, box, step_started=started, step_ended=ended)
    assert execution.metadata.total_tools == sum(len(step.tool_calls) for step in given.steps)
    return execution.steps


async def test_independent_steps_and_calls_run_side_by_side() -> None:
    box = Box()
    await run(plan(a=(("3", "3"), ()), b=(("3",), ())), box)
    assert box.most == 3


async def test_a_step_waits_for_those_it_depends_on_even_when_they_failed() -> None:
    log: list[str] = []
    results = await run(plan(a=(("x2",), ()), b=(("1",), ("a",))), Box(), log.append)
    assert log == ["+a", "-a", "+b", "-b"]
    assert [step.tool_results[0].status for step in results] == [CallStatus.FAILED, CallStatus.EMPTY]


async def test_results_come_in_the_order_of_the_plan() -> None:
    results = await run(plan(a=(("3",), ()), b=(("1", "2"), ())), Box())
    assert [[call.tool for call in step.tool_results] for step in results] == [["3"], ["1", "2"]]


async def test_the_metadata_counts_errors_and_the_slowest_chain() -> None:
    async def nothing(_: object) -> None: ...

    given = plan(a=(("2", "1"), ()), b=(("3",), ("a",)), c=(("x4",), ()))
    metadata = (await execute(given, Box(), step_started=nothing, step_ended=nothing)).metadata
    assert (metadata.error_count, metadata.longest_path_ms) == (1, 50.0)
    assert metadata.total_duration_ms >= 50


@pytest.mark.parametrize(
    "wrong", [plan(a=(("1",), ("b",)), b=(("1",), ())), plan(a=(("1",), ("a",))), plan(a=(("1",), ("zz",)))]
)
async def test_a_plan_that_depends_on_what_does_not_come_before_is_refused(wrong: Plan) -> None:
    with pytest.raises(ValueError, match="depends on"):
        await run(wrong, Box())


async def test_a_plan_without_steps_brings_nothing() -> None:
    assert await run(plan(), Box()) == ()
