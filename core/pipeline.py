"""One run of a task: plan, execute, compose, verify."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.cancellation import Cancellation, cancelled, tell_in_report, tell_progress
from core.events import Event, PlanBuilt, StepEnded, StepStarted
from core.executor import Execution, cut_off, execute
from core.plan import Plan, Step
from core.ports import Clock, Observer, Planner, Toolbox
from core.report import Report
from core.result import Result, StepResult
from core.task import Request, Task
from core.verdict import Verdict

type Composer = Callable[[Request, Plan, Execution, datetime], Report]
type Verifier = Callable[[Plan, Result], Verdict]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run ends with."""

    plan: Plan
    result: Result
    verification: Verdict


class Pipeline:
    """Turns a task into a verified report. It stores nothing and tells its progress to the observer it is given."""

    def __init__(
        self, *, planner: Planner, toolbox: Toolbox, composer: Composer, verifier: Verifier, clock: Clock
    ) -> None:
        self._planner = planner
        self._toolbox = toolbox
        self._composer = composer
        self._verifier = verifier
        self._clock = clock

    async def run(
        self, task: Task, observer: Observer, *, known: Sequence[StepResult] = (), deadline_s: float | None = None
    ) -> Run:
        """The plan, everything its calls brought in with the report, and the verdict on it.

        A task that has a plan, from an earlier run of it, is not planned anew, and of its steps those that are `known` are
        not run again: all of them are told of, so that who hears it has the whole. Steps only read, so one that was at
        work when its process died is simply run once more. After `deadline_s` seconds the report is made of what there is.
        """
        now = self._clock()
        request = Request(text=task.text, context=task.context, origin=task.origin)

        async def tell(event: Event) -> None:
            await observer.notice(event)

        async def started(step: Step) -> None:
            await tell(StepStarted(task_id=task.task_id, step=step))

        async def ended(step: StepResult) -> None:
            await tell(StepEnded(task_id=task.task_id, step=step))

        plan = task.plan
        if plan is None:
            plan, known = await self._planner.plan(request, now), ()
        await tell(PlanBuilt(task_id=task.task_id, plan=plan))
        execution = await execute(
            plan,
            self._toolbox,
            step_started=started,
            step_ended=ended,
            known={step.step_id: step for step in known},
            deadline_s=deadline_s,
        )
        report = self._composer(request, plan, execution, now)
        result = Result(steps=execution.steps, execution_metadata=execution.metadata, report=report)
        return Run(plan=plan, result=result, verification=self._verifier(plan, result))

    def conclude(self, task: Task, finished: Sequence[StepResult], stop: Cancellation) -> tuple[Result | None, Verdict]:
        """What a run that somebody stopped leaves: the report on its finished steps, and the verdict, which is `failed`.

        There is no result where no step of the task's plan had ended. Asks nothing and nobody.
        """
        plan = task.plan
        if plan is None:
            return None, cancelled(stop, "nothing had been asked yet")
        ids = {step.step_id for step in plan.steps}
        known = {step.step_id: step for step in finished if step.step_id in ids}
        progress = tell_progress(plan, [step for step in plan.steps if step.step_id not in known])
        if not known:
            return None, cancelled(stop, *progress)
        request = Request(text=task.text, context=task.context, origin=task.origin)
        execution = cut_off(plan, known)
        report = tell_in_report(self._composer(request, plan, execution, self._clock()), stop, progress)
        result = Result(steps=execution.steps, execution_metadata=execution.metadata, report=report)
        return result, cancelled(stop, *progress, checks=self._verifier(plan, result).checks)
