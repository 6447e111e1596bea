"""Tickets of the company's tracker."""

from datetime import datetime

from pydantic import AwareDatetime

from core.base import Model
from core.report import Citation


class Ticket(Model):
    """One ticket; `url` opens it; `severity` and `assignee` are None where the tracker has none."""

    key: str
    url: str
    summary: str
    description: str
    issue_type: str
    status: str
    is_open: bool
    severity: str | None
    priority: str | None
    assignee: str | None
    components: tuple[str, ...]
    labels: tuple[str, ...]
    created: AwareDatetime
    updated: AwareDatetime
    resolved: datetime | None

    @property
    def record(self) -> str:
        """The fields that statements rely on, one a line; a citation quotes lines of it."""
        return "\n".join(
            (
                f"summary: {self.summary}",
                f"status: {self.status}",
                f"severity: {self.severity or 'none'}",
                f"assignee: {self.assignee or 'none'}",
                f"components: {', '.join(self.components) or 'none'}",
                f"created: {self.created.isoformat()}",
            )
        )


class TicketList(Model):
    """The tickets that match, best or newest first; `total` counts all that match where the tracker says so."""

    query: str
    tickets: tuple[Ticket, ...]
    truncated: bool

    def cite(self, ticket: Ticket, *fields: str) -> Citation:
        """The ticket as a citation that quotes the named fields of its record (all by default)."""
        lines = ticket.record.split("\n")
        kept = [line for line in lines if not fields or line.partition(":")[0] in fields]
        suffix = f":{'+'.join(fields)}" if fields else ""
        return Citation(
            citation_id=f"{ticket.key}{suffix}", citation_source=ticket.key, locator=ticket.url, quote="\n".join(kept)
        )

    def supports(self, citation: Citation) -> bool:
        """Whether every quoted line is a line of that ticket's record."""
        for ticket in self.tickets:
            if ticket.key == citation.citation_source and citation.locator == ticket.url:
                record = set(ticket.record.split("\n"))
                return bool(citation.quote) and all(line in record for line in citation.quote.split("\n"))
        return False
