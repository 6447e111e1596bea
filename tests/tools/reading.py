"""Calls of the text tools, the way the registry makes them."""

from typing import Any

from core.base import Json, Model
from core.plan import ToolCall
from core.result import ToolResult
from tests.tools.fakes import sources
from tools.catalog import TOOLS
from tools.deps import Sources
from tools.registry import CallLimits, Registry
from tools.spec import ToolSpec

NOTHING: Sources = sources()


async def read[Out: Model](tool: ToolSpec[Any, Out], **arguments: Json) -> Out:
    """The output of a tool that is known to answer."""
    return await tool.run(tool.input_type.model_validate(arguments), NOTHING)


async def call(tool: ToolSpec[Any, Any], **arguments: Json) -> ToolResult:
    limits = CallLimits(timeout_s=10, max_retries=0, backoff_s=0.001)
    return await Registry(TOOLS, NOTHING, limits).call(ToolCall(tool=tool.name, arguments=dict(arguments)))
