"""The Toolbox: validates what goes in, calls with a time-out and retries, validates what comes out, cites it."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, cast

import stamina
import structlog
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, from_json

from core.base import Model
from core.errors import ToolBrokenError, ToolError, ToolRefusedError, ToolRestingError, ToolUnavailableError
from core.evidence import Output
from core.plan import ToolCall
from core.result import CallError, CallStatus, ToolResult
from tools.arguments import read_arguments
from tools.deps import Sources
from tools.spec import AnyTool, TimeLimit, ToolDescription, describe

_MAX_WAIT_S = 10.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class CallLimits:
    """How long one attempt may take, and how often and after how long it is made again.

    The wait before retry n is `backoff_s` × 2ⁿ⁻¹ and up to `backoff_s` of jitter, ten seconds at most.
    """

    timeout_s: float = 10.0
    company_timeout_s: float = 10.0
    max_retries: int = 2
    backoff_s: float = 0.2

    def timeout_of(self, tool: AnyTool) -> float:
        return self.company_timeout_s if tool.time_limit is TimeLimit.COMPANY else self.timeout_s


@dataclass
class _Tally:
    attempts: int = 0


class Registry:
    """Calls tools by name. Every outcome is a ToolResult; nothing but a cancellation is ever raised."""

    def __init__(self, tools: Sequence[AnyTool], sources: Sources, limits: CallLimits) -> None:
        names = [tool.name for tool in tools]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"tools are listed twice: {', '.join(twice)}")
        self._tools = {tool.name: tool for tool in tools}
        self._sources = sources
        self._limits = limits

    def describe(self) -> tuple[ToolDescription, ...]:
        """Every tool with its JSON schemas, in the order of the catalog."""
        return tuple(describe(tool, self._sources) for tool in self._tools.values())

    def call(self, call: ToolCall) -> Coroutine[Any, Any, ToolResult]:
        """What came of the call.

        `attempts` counts the times the tool was run (0 where the call was refused before), `duration_ms` is the wall time
        from the moment the call is issued, over all attempts with the waits between.
        """
        return self._call(call, perf_counter())

    async def _call(self, call: ToolCall, began: float) -> ToolResult:
        tally = _Tally()
        try:
            result = await self._answer(call, tally)
        except ToolRefusedError as error:
            result = _without_output(call, CallStatus.REFUSED, "refused", str(error))
        except ToolUnavailableError as error:
            result = _without_output(call, CallStatus.FAILED, "unavailable", str(error))
        except ToolError as error:
            result = _without_output(call, CallStatus.FAILED, "broken", str(error))
        except TimeoutError:
            limit_s = self._limits.timeout_of(self._tools[call.tool])
            message = f"{call.tool} did not answer within {limit_s:g} s: ask for less, or try again later"
            result = _without_output(call, CallStatus.FAILED, "timeout", message)
        except Exception as error:  # noqa: BLE001 - the outermost edge of a tool: a defect in one must not end the run
            _log.exception("tool.crashed", tool=call.tool, attempts=tally.attempts)
            message = f"{call.tool} stopped on an unexpected {type(error).__name__}: the log has the details"
            result = _without_output(call, CallStatus.FAILED, "internal", message)
        duration_ms = round((perf_counter() - began) * 1000, 3)
        return result.model_copy(update={"attempts": tally.attempts, "duration_ms": duration_ms})

    async def _answer(self, call: ToolCall, tally: _Tally) -> ToolResult:
        tool = self._tools.get(call.tool)
        if tool is None:
            raise ToolRefusedError(f"there is no tool {call.tool!r}; the tools are {', '.join(self._tools)}")
        arguments = read_arguments(tool.name, tool.input_type, call.arguments)
        output = _checked(tool, await self._run(tool, arguments, tally))
        return ToolResult(
            tool=call.tool,
            arguments=call.arguments,
            status=tool.status(output),
            attempts=tally.attempts,
            duration_ms=0.0,
            output=cast("Output", output),  # _checked held it to the tool's output type, which is a member of Output
            citations=tool.cite(output),
        )

    async def _run(self, tool: AnyTool, arguments: Model, tally: _Tally) -> object:
        limits = self._limits
        async for attempt in stamina.retry_context(
            on=_may_help_again,
            attempts=limits.max_retries + 1 if tool.retries else 1,
            timeout=None,
            wait_initial=limits.backoff_s,
            wait_jitter=limits.backoff_s,
            wait_max=_MAX_WAIT_S,
        ):
            with attempt:
                tally.attempts = attempt.num
                async with asyncio.timeout(limits.timeout_of(tool)):
                    return await tool.run(arguments, self._sources)
        raise AssertionError  # the last attempt returns or raises


def _may_help_again(error: Exception) -> bool:
    """Whether another try may succeed: not with a system that is left in peace just now."""
    return isinstance(error, ToolUnavailableError | TimeoutError) and not isinstance(error, ToolRestingError)


def _checked(tool: AnyTool, output: object) -> Model:
    """The output as it reads back from storage; ToolBrokenError where it is not what the tool promises.

    Its constructor has validated it. What got around that shows where it is written: values of another type, text that is
    none, numbers that become null, nesting without end. Only where one of these may be there is it validated anew.
    """
    wanted: type[Model] = tool.output_type
    if not isinstance(output, wanted):
        raise ToolBrokenError(f"{tool.name} brought {type(output).__name__} where {wanted.__name__} was promised")
    if _is_storable(output):
        return output
    try:
        return wanted.model_validate_json(output.model_dump_json(warnings="none"))
    except (ValidationError, PydanticSerializationError) as error:
        where = _places(error) if isinstance(error, ValidationError) else "a value that JSON cannot hold"
        raise ToolBrokenError(f"{tool.name} brought a {wanted.__name__} that is not valid: {where}") from error


def _is_storable(output: Model) -> bool:
    """Whether the output surely reads back; the parts of its parts are looked at as they are written."""
    fields = dict(output)
    try:
        type(output).model_validate(fields)
        text = output.model_dump_json(warnings="error")
        from_json(text)
    except (PydanticSerializationError, ValueError):
        return False
    # A null within may be a number that is none, or None where there must be a value: the writing tells neither.
    return text.count("null") == sum(value is None for value in fields.values())


def _places(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in details[:3])


def _without_output(call: ToolCall, status: CallStatus, kind: str, message: str) -> ToolResult:
    return ToolResult(
        tool=call.tool,
        arguments=call.arguments,
        status=status,
        attempts=0,
        duration_ms=0.0,
        error=CallError(kind=kind, message=message),
    )
