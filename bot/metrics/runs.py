"""What the runs of this process add up to, counted from their events."""

from collections import OrderedDict
from collections.abc import Callable, Collection
from time import monotonic
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Histogram

from core.events import Event, RunEnded, RunStarted, StepEnded
from core.result import ToolResult

_RUN_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
_WAIT_BUCKETS_S = (0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)
_CALL_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ERROR_KINDS = frozenset({"refused", "unavailable", "timeout", "broken", "internal", "deadline", "cancelled"})
_OTHER = "other"
_MOST_OPEN_RUNS = 10_000


class RunMetrics:
    """An observer that counts. Of a label's values each is known beforehand: a tool that is none of `tools` is `other`."""

    def __init__(
        self, registry: CollectorRegistry, tools: Collection[str], *, timer: Callable[[], float] = monotonic
    ) -> None:
        self._tools = frozenset(tools)
        self._timer = timer
        # A run that another process takes over never ends here: the oldest ones are forgotten.
        self._began: OrderedDict[UUID, float] = OrderedDict()
        self._waited = Histogram(
            "orch_task_pickup_wait_seconds",
            "From when a task was to run until this process took it up.",
            buckets=_WAIT_BUCKETS_S,
            registry=registry,
        )
        self._ended = Counter(
            "orch_runs_ended", "Runs that ended in this process.", ["status", "verdict"], registry=registry
        )
        self._lasted = Histogram(
            "orch_run_duration_seconds",
            "From when this process took a task up until its end was stored.",
            buckets=_RUN_BUCKETS_S,
            registry=registry,
        )
        self._calls = Counter(
            "orch_tool_calls", "Tool calls of runs in this process.", ["tool", "status"], registry=registry
        )
        self._errors = Counter(
            "orch_tool_call_errors",
            "Tool calls that brought no answer, by the kind of their error.",
            ["tool", "kind"],
            registry=registry,
        )
        self._took = Histogram(
            "orch_tool_call_duration_seconds",
            "What a tool call took, its retries and the waits between them included.",
            ["tool"],
            buckets=_CALL_BUCKETS_S,
            registry=registry,
        )

    async def notice(self, event: Event) -> None:
        match event:
            case RunStarted(task=task, waited_s=waited_s):
                self._began[task.task_id] = self._timer()
                if len(self._began) > _MOST_OPEN_RUNS:
                    self._began.popitem(last=False)
                if waited_s is not None:
                    self._waited.observe(max(0.0, waited_s))
            case StepEnded(step=step):
                for result in step.tool_results:
                    self._count(result)
            case RunEnded(task=task, verification=verification):
                self._ended.labels(task.status.value, verification.verdict.value).inc()
                began = self._began.pop(task.task_id, None)
                if began is not None:
                    self._lasted.observe(self._timer() - began)
            case _:
                pass

    def _count(self, result: ToolResult) -> None:
        tool = result.tool if result.tool in self._tools else _OTHER
        self._calls.labels(tool, result.status.value).inc()
        if result.attempts > 0:
            self._took.labels(tool).observe(result.duration_ms / 1000)
        if result.error is not None:
            self._errors.labels(tool, result.error.kind if result.error.kind in _ERROR_KINDS else _OTHER).inc()
