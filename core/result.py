"""What a run brought in: the outcome of every tool call, and the report made from them."""

from enum import StrEnum

from core.base import JsonObject, Model
from core.evidence import Output
from core.report import Citation, Report


class CallStatus(StrEnum):
    """How a tool call ended. Found nothing (`empty`) and could not look (`failed`, `refused`) are different ends."""

    OK = "ok"
    EMPTY = "empty"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def answered(self) -> bool:
        """Whether the source was asked and answered, be it with nothing."""
        return self in {CallStatus.OK, CallStatus.EMPTY, CallStatus.PARTIAL}

    @property
    def has_evidence(self) -> bool:
        return self in {CallStatus.OK, CallStatus.PARTIAL}


CANCELLED = "cancelled"
"""The kind of error of a call that has no answer because somebody stopped the run."""


class CallError(Model):
    """Why a tool call failed or was refused.

    `kind` is `refused`, `unavailable`, `timeout`, `broken`, `internal`, `deadline`: that of the whole run, or `cancelled`.
    """

    kind: str
    message: str


class ToolResult(Model):
    """One tool call and what came of it; `output` is there where the source answered, `error` where it did not."""

    tool: str
    arguments: JsonObject
    status: CallStatus
    attempts: int
    duration_ms: float
    output: Output | None = None
    citations: tuple[Citation, ...] = ()
    error: CallError | None = None

    @property
    def was_cancelled(self) -> bool:
        """Whether it has no answer because somebody stopped the run."""
        return self.error is not None and self.error.kind == CANCELLED


class StepResult(Model):
    """A step of the plan with the results of its calls, in the order of the plan."""

    step_id: str
    purpose: str
    tool_results: tuple[ToolResult, ...]

    @property
    def was_cancelled(self) -> bool:
        """Whether somebody stopped the run before this step had ended."""
        return any(result.was_cancelled for result in self.tool_results)


class ExecutionMetadata(Model):
    """`total_duration_ms` is the wall time of the executor; `longest_path_ms` that of the slowest chain of steps."""

    total_tools: int
    total_duration_ms: float
    error_count: int
    longest_path_ms: float


class Result(Model):
    """Everything a run brought in."""

    version: int = 1
    steps: tuple[StepResult, ...]
    execution_metadata: ExecutionMetadata
    report: Report

    @property
    def tool_results(self) -> tuple[ToolResult, ...]:
        return tuple(result for step in self.steps for result in step.tool_results)
