"""Open incident tickets that nobody owns."""

from collections.abc import Iterator

from core.digest.material import Material
from core.digest.model import Section, Statement
from core.digest.wording import (
    PRESSING,
    build_section,
    lasting,
    query_source,
    severity_rank,
    tell_ticket,
    ticket_source,
)


def compose(material: Material) -> Section:
    """The gravest and oldest first, with how long each has been open."""
    loaded = material.open_incidents
    return build_section(
        "unowned",
        "Open incidents without an owner",
        _statements(material),
        [loaded],
        sources=query_source(loaded.value),
    )


def _statements(material: Material) -> Iterator[Statement]:
    found = material.open_incidents.value
    unowned = (
        []
        if found is None
        else [ticket for ticket in found.tickets if ticket.assignee is None and ticket.created <= material.as_of]
    )
    for ticket in sorted(unowned, key=lambda one: (severity_rank(one.severity), one.created)):
        yield Statement(
            text=f"{tell_ticket(ticket)}, {ticket.status}, open for {lasting(material.as_of - ticket.created)}",
            sources=(ticket_source(ticket),),
            is_pressing=severity_rank(ticket.severity) <= PRESSING,
        )
