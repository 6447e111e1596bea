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


def _no_choices(_: Sources) -> dict[str, tuple[str, ...]]:
    return {}


@dataclass(frozen=True, kw_only=True)
class ToolSpec[In: Model, Out: Model]:
    """A tool.

    `run` raises ToolRefusedError, ToolUnavailableError or ToolBrokenError; `status` is one of ok, empty and partial;
    `cite` gives the citations that the output backs. `retries` says whether a call that got no answer is made again.
    `choices` gives, by argument, the values that this company has for it.
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
    choices: Callable[[Sources], dict[str, tuple[str, ...]]] = _no_choices


type AnyTool = ToolSpec[Any, Any]


class ToolDescription(Model):
    """A tool as `GET /tools` and planners see it; both schemas are JSON Schema 2020-12."""

    name: str
    description: str
    input_schema: JsonObject
    output_schema: JsonObject


def describe(tool: AnyTool, sources: Sources) -> ToolDescription:
    """The tool without what runs it; its schema lists the values that the company has for an argument."""
    inputs = tool.input_type.model_json_schema()
    for argument, values in tool.choices(sources).items():
        inputs["properties"][argument]["enum"] = list(values)
    return ToolDescription(
        name=tool.name,
        description=tool.description,
        input_schema=inputs,
        output_schema=tool.output_type.model_json_schema(mode="serialization"),
    )
