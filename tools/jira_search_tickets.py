from pydantic import Field

from core.base import Model
from core.evidence import TicketList
from core.report import Citation
from core.result import CallStatus
from tools.arguments import Name, Query
from tools.citing import MAX_CITATIONS
from tools.deps import Sources
from tools.spec import TimeLimit, ToolSpec


class Input(Model):
    """Filters that all must hold; one that is left out holds for every ticket."""

    project_key: Name | None = Field(default=None, description="The key of a project, such as OPS.")
    status: Name | None = Field(default=None, description="A status of the tracker, or `open` for all unresolved.")
    severity: Name | None = Field(default=None, description="Such as P1.")
    text: Query | None = Field(
        default=None, description="Words that the ticket mentions, or keys of tickets to look up."
    )


async def _run(args: Input, sources: Sources) -> TicketList:
    return await sources.tickets.search(
        project_key=args.project_key, status=args.status, severity=args.severity, text=args.text
    )


def _cite(output: TicketList) -> tuple[Citation, ...]:
    return tuple(output.cite(ticket) for ticket in output.tickets[:MAX_CITATIONS])


def _status(output: TicketList) -> CallStatus:
    if not output.tickets:
        return CallStatus.EMPTY
    return CallStatus.PARTIAL if output.truncated else CallStatus.OK


TOOL = ToolSpec(
    name="jira_search_tickets",
    description="Tickets of the company's tracker that match all given filters.",
    input_type=Input,
    output_type=TicketList,
    run=_run,
    cite=_cite,
    status=_status,
    retries=True,
    time_limit=TimeLimit.COMPANY,
)
