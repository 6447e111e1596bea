"""Which sources to ask, in which order, and why."""

from pydantic import Field

from core.base import JsonObject, Model
from core.brief import Brief


class ToolCall(Model):
    """One call of one tool; `arguments` are plain JSON, checked against the tool's own input before it is called."""

    tool: str
    arguments: JsonObject = Field(default_factory=dict)


class Step(Model):
    """Calls that belong together; a step starts when every step it depends on has ended, however that ended."""

    step_id: str
    purpose: str
    tool_calls: tuple[ToolCall, ...]
    depends_on: tuple[str, ...] = ()


class Plan(Model):
    """The steps, what was understood of the task, and what the planner assumed (`notes`)."""

    version: int = 1
    planner: str = "deterministic"
    brief: Brief
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
