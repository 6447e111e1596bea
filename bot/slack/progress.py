"""How far a run has come, gathered from its events."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from core.events import Event, PlanBuilt, RunEnded, RunStarted, StepEnded, StepStarted
from core.plan import Plan
from core.result import StepResult
from core.task import Task, TaskStatus


def task_id_of(event: Event) -> UUID:
    """The task that the event is about."""
    match event:
        case RunStarted() | RunEnded():
            return event.task.task_id
        case PlanBuilt() | StepStarted() | StepEnded():
            return event.task_id


def replay(task: Task) -> Iterator[Event]:
    """What a listener of the ended task's run would have heard; nothing where this release cannot read how it ended."""
    if task.verification is None or (task.result is None and task.status is TaskStatus.SUCCEEDED):
        return
    if task.plan is not None:
        yield PlanBuilt(task_id=task.task_id, plan=task.plan)
    for step in task.result.steps if task.result is not None else ():
        if not step.was_cancelled:
            yield StepEnded(task_id=task.task_id, step=step)
    yield RunEnded(task=task, result=task.result, verification=task.verification)


@dataclass(kw_only=True)
class Progress:
    """`started` and `results` are by step id; `ended` is there when the run's end is stored."""

    task: Task
    plan: Plan | None = None
    started: set[str] = field(default_factory=set[str])
    results: dict[str, StepResult] = field(default_factory=dict[str, StepResult])
    ended: RunEnded | None = None

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.task, self.plan, self.ended = event.task, None, None
                self.started.clear()
                self.results.clear()
            case PlanBuilt():
                self.plan = event.plan
            case StepStarted():
                self.started.add(event.step.step_id)
            case StepEnded():
                self.results[event.step.step_id] = event.step
            case RunEnded():
                self.ended = event
