"""Tickets by their times, for the weekly digest: https://developer.atlassian.com/cloud/jira/platform/rest/v3/."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import httpx

from bot.clients.breaker import Breaker
from bot.clients.issue import read_issue
from bot.clients.jira import IssueReader
from bot.clients.quoting import quote_jql
from core.base import Json
from core.digest.material import DigestTicket, TicketQuery

MAX_TICKETS = 1_000
_INCIDENT = "incident"
_DUE = "duedate"


@dataclass(frozen=True, kw_only=True)
class IncidentKind:
    """Which tickets are incidents, as the tracker's config says; where it says nothing, those whose type has the word."""

    project: str | None = None
    issue_type: str | None = None

    @property
    def conditions(self) -> list[str]:
        return [
            *([f"project = {quote_jql(self.project)}"] if self.project else []),
            *([f"issuetype = {quote_jql(self.issue_type)}"] if self.issue_type else []),
        ]

    def takes(self, issue_type: str) -> bool:
        if self.issue_type:
            return issue_type.casefold() == self.issue_type.casefold()
        return _INCIDENT in issue_type.casefold()


class TicketSurvey:
    """Asks a Jira Cloud site. Every method answers what was found and whether there is more; raises as `core.errors` says."""

    def __init__(self, reader: IssueReader, *, severity_field: str | None, incidents: IncidentKind) -> None:
        self._reader = reader
        self._severity_field = severity_field
        self._incidents = incidents

    async def open_incidents(self) -> tuple[TicketQuery, bool]:
        """The incidents that are open now, newest first."""
        return await self._ask([*self._incidents.conditions, "statusCategory != Done"], "created DESC")

    async def opened_incidents(self, start: datetime, end: datetime) -> tuple[TicketQuery, bool]:
        """The incidents that were opened from `start` up to `end`, newest first."""
        # Jira reads a time in the zone of the asking account, which is not known here: a day wider, then cut.
        first, last = start.astimezone(UTC) - timedelta(days=1), end.astimezone(UTC) + timedelta(days=2)
        span = [f'created >= "{first:%Y-%m-%d}"', f'created < "{last:%Y-%m-%d}"']
        found, more = await self._ask([*self._incidents.conditions, *span], "created DESC")
        kept = tuple(ticket for ticket in found.tickets if start <= ticket.created < end)
        return TicketQuery(query=found.query, tickets=kept), more

    async def due_until(self, day: date) -> tuple[TicketQuery, bool]:
        """Every open ticket, incident or not, that is due on or before the day; the latest due first."""
        conditions = ["statusCategory != Done", f'{_DUE} <= "{day.isoformat()}"']
        return await self._ask(conditions, f"{_DUE} DESC", any_kind=True)

    async def _ask(self, conditions: Sequence[str], order: str, *, any_kind: bool = False) -> tuple[TicketQuery, bool]:
        jql = f"{' AND '.join(conditions)} ORDER BY {order}"
        raw, more = await self._reader.read(jql, extra_fields=(_DUE,), limit=MAX_TICKETS)
        tickets = [self._read(one) for one in raw]
        kept = [ticket for ticket in tickets if ticket is not None and (any_kind or ticket.is_incident)]
        return TicketQuery(query=jql, tickets=tuple(kept)), more or None in tickets

    def _read(self, raw: Json) -> DigestTicket | None:
        ticket = read_issue(raw, base_url=self._reader.base_url, severity_field=self._severity_field)
        if ticket is None:
            return None
        return DigestTicket(
            key=ticket.key,
            url=ticket.url,
            summary=ticket.summary,
            status=ticket.status,
            is_open=ticket.is_open,
            is_incident=self._incidents.takes(ticket.issue_type),
            severity=ticket.severity,
            assignee=ticket.assignee,
            created=ticket.created,
            due=_due(raw),
        )


def open_survey(
    client: httpx.AsyncClient,
    *,
    severity_field: str | None,
    incidents: IncidentKind | None = None,
    breaker: Breaker | None = None,
) -> TicketSurvey:
    """The survey of the tracker that the client speaks to."""
    reader = IssueReader(client, severity_field, breaker=breaker)
    return TicketSurvey(reader, severity_field=severity_field, incidents=incidents or IncidentKind())


def _due(raw: Json) -> date | None:
    fields = raw.get("fields") if isinstance(raw, dict) else None
    value = fields.get(_DUE) if isinstance(fields, dict) else None
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
