"""What happens during a run, for whoever listens."""

from uuid import UUID

from core.base import Model
from core.plan import Plan, Step
from core.result import Result, StepResult
from core.task import Task
from core.verdict import Verdict


class RunStarted(Model):
    """`waited_s`: for how long the task has waited to be taken up; None where that is not known."""

    task: Task
    waited_s: float | None = None


class PlanBuilt(Model):
    task_id: UUID
    plan: Plan


class StepStarted(Model):
    task_id: UUID
    step: Step


class StepEnded(Model):
    task_id: UUID
    step: StepResult


class RunEnded(Model):
    """The task as stored at its end; `result` is None when the run broke before it had one."""

    task: Task
    result: Result | None
    verification: Verdict


type Event = RunStarted | PlanBuilt | StepStarted | StepEnded | RunEnded
