import structlog

from core.events import Event, PlanBuilt, RunEnded, RunStarted
from core.result import ExecutionMetadata
from core.task import TaskStatus

_log = structlog.stdlib.get_logger("orch.telemetry")
_NOTHING_YET = ExecutionMetadata(total_tools=0, total_duration_ms=0.0, error_count=0, longest_path_ms=0.0)


class Telemetry:
    """An observer that writes a log line at a run's start, at its built plan and at its end.

    Each line has `task_id`, `planner_mode`, `executor_mode`, `status` and `execution_metadata`.
    """

    def __init__(self, *, planner_mode: str, executor_mode: str) -> None:
        self._modes = {"planner_mode": planner_mode, "executor_mode": executor_mode}

    async def notice(self, event: Event) -> None:
        match event:
            case RunStarted(task=task):
                self._write("task.run_started", str(task.task_id), task.status)
            case PlanBuilt(task_id=task_id, plan=plan):
                calls = sum(len(step.tool_calls) for step in plan.steps)
                self._write(
                    "task.plan_built", str(task_id), TaskStatus.RUNNING, steps=len(plan.steps), planned_calls=calls
                )
            case RunEnded(task=task, result=result, verification=verification):
                metadata = result.execution_metadata if result is not None else _NOTHING_YET
                self._write(
                    "task.run_ended",
                    str(task.task_id),
                    task.status,
                    metadata,
                    passed=verification.passed,
                    verdict=verification.verdict.value,
                )
            case _:
                pass

    def _write(
        self, name: str, task_id: str, status: TaskStatus, metadata: ExecutionMetadata = _NOTHING_YET, **fields: object
    ) -> None:
        _log.info(
            name,
            task_id=task_id,
            status=status.value,
            execution_metadata=metadata.to_json(),
            **self._modes,
            **fields,
        )
