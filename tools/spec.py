"""What a tool is: names and types, a way to run it, and what code may say about its output."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.base import JsonObject, Model
from core.report import Citation
from core.result import CallStatus
from tools.deps import Sources


class TimeLimit(StrEnum):
    """Which of the two time-outs holds: a tool that reads a text, or one that asks a system of the company."""

    TEXT = "text"
    COMPANY = "company"


@dataclass(frozen=True, kw_only=True)
class ToolSpec[In: Model, Out: Model]:
    """A tool.

    `run` raises ToolRefusedError, ToolUnavailableError or ToolBrokenError; `status` is one of ok, empty and partial;
    `cite` gives the citations that the output backs. `retries` says whether a call that got no answer is made again.
    """

    name: str
    description: str
    input_type: type[In]
    output_type: type[Out]
    run: Callable[[In, Sources], Awaitable[Out]]
    cite: Callable[[Out], tuple[Citation, ...]]
    status: Callable[[Out], CallStatus]
    retries: bool
    time_limit: TimeLimit


type AnyTool = ToolSpec[Any, Any]


class ToolDescription(Model):
    """A tool as `GET /tools` and planners see it; both schemas are JSON Schema 2020-12."""

    name: str
    description: str
    input_schema: JsonObject
    output_schema: JsonObject


def describe(tool: AnyTool) -> ToolDescription:
    """The tool without what runs it."""
    return ToolDescription(
        name=tool.name,
        description=tool.description,
        input_schema=tool.input_type.model_json_schema(),
        output_schema=tool.output_type.model_json_schema(mode="serialization"),
    )
