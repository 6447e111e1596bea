from typing import Annotated

from pydantic import AfterValidator, Field

from core.evidence import LogLines
from core.report import Citation
from core.result import CallStatus
from tools.citing import MAX_LINE_CITATIONS
from tools.deps import Sources
from tools.log_patterns import check_pattern
from tools.spec import TimeLimit, ToolSpec
from tools.windows import WindowInput


class Input(WindowInput):
    """The service, the window, and what a line must match."""

    pattern: Annotated[str, AfterValidator(check_pattern)] | None = Field(
        default=None, description="A regular expression in RE2 syntax that the line must match somewhere."
    )


async def _run(args: Input, sources: Sources) -> LogLines:
    return await sources.logs.query_range(args.service, args.window, args.pattern)


def _cite(output: LogLines) -> tuple[Citation, ...]:
    """The first lines; a line without words cannot be quoted."""
    worded = [line for line in output.lines if line.message]
    return tuple(output.cite(line) for line in worded[:MAX_LINE_CITATIONS])


def _status(output: LogLines) -> CallStatus:
    if not output.lines:
        return CallStatus.EMPTY
    return CallStatus.PARTIAL if output.truncated else CallStatus.OK


TOOL = ToolSpec(
    name="logs_search",
    description="Log lines of a service over a window, oldest first, all or those that match a pattern.",
    input_type=Input,
    output_type=LogLines,
    run=_run,
    cite=_cite,
    status=_status,
    retries=True,
    time_limit=TimeLimit.COMPANY,
)
