"""The incidents that were opened in the week."""

from collections import Counter
from collections.abc import Iterator

from core.composing.words import counted
from core.digest.material import Material
from core.digest.model import Section, Statement
from core.digest.wording import build_section, query_source, severity_rank, tell_ticket, ticket_source


def compose(material: Material) -> Section:
    """How many, of which severity, beside the week before; then each, the gravest first."""
    loaded = material.opened_incidents
    return build_section(
        "incidents", "Incidents opened", _statements(material), [loaded], sources=query_source(loaded.value)
    )


def _statements(material: Material) -> Iterator[Statement]:
    found = material.opened_incidents.value
    if found is None:
        return
    opened = [ticket for ticket in found.tickets if material.in_week(ticket.created)]
    before = [ticket for ticket in found.tickets if material.in_week_before(ticket.created)]
    if not opened:
        return
    severities = Counter(ticket.severity or "no severity" for ticket in opened)
    each = sorted(severities.items(), key=lambda item: (severity_rank(item[0]), item[0]))
    still_open = sum(ticket.is_open for ticket in opened)
    yield Statement(
        text=f"{counted(len(opened), 'incident')}: {', '.join(f'{number} {name}' for name, number in each)}; "
        f"{still_open} still open",
        sources=query_source(found),
        count=len(opened),
        before=None if material.opened_incidents.gap else len(before),
    )
    for ticket in sorted(opened, key=lambda one: (severity_rank(one.severity), one.created)):
        yield Statement(text=f"{tell_ticket(ticket)}, {ticket.status}", sources=(ticket_source(ticket),))
