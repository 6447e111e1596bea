"""What the next on-call has to know: what still fires, which grave tickets are open, what is overdue."""

from collections.abc import Iterator

from core.composing.words import counted
from core.digest.material import Material
from core.digest.model import Section, Source, Statement
from core.digest.wording import (
    PRESSING,
    build_section,
    fires_still,
    lasting,
    local,
    log_source,
    query_source,
    service_of,
    severity_rank,
    task_source,
    tell_ticket,
    ticket_source,
    titled,
)

MAX_NAMED = 6


def compose(material: Material) -> Section:
    """What still fires, then the open incidents of the two gravest severities, then the tickets of the week past their day."""
    return build_section(
        "handover",
        "Hand-over",
        (*_firing(material), *_open(material), *_overdue(material)),
        [material.episodes, material.open_incidents, material.due_tickets],
        sources=(log_source(material), *query_source(material.open_incidents.value)),
    )


def _firing(material: Material) -> Iterator[Statement]:
    firing = [one for one in material.episodes.value or () if fires_still(one, material)]
    for one in sorted(firing, key=lambda episode: (severity_rank(episode.severity), episode.fired_at)):
        severity = f" ({one.severity})" if one.severity else ""
        source: Source = task_source(one.task_id) if one.task_id else log_source(material)
        yield Statement(
            text=f"still firing: “{titled(one.title)}”{severity}, {service_of(one)}, since "
            f"{local(one.fired_at, material.zone)}",
            sources=(source,),
            is_pressing=severity_rank(one.severity) <= PRESSING,
        )


def _open(material: Material) -> Iterator[Statement]:
    found = material.open_incidents.value
    known = [] if found is None else [one for one in found.tickets if one.created <= material.as_of]
    grave = sorted(
        (one for one in known if severity_rank(one.severity) <= PRESSING),
        key=lambda one: (severity_rank(one.severity), one.created),
    )
    for ticket in grave:
        if ticket.assignee is not None:
            yield Statement(
                text=f"{tell_ticket(ticket)}, {ticket.status}, owner: {ticket.assignee}, open for "
                f"{lasting(material.as_of - ticket.created)}",
                sources=(ticket_source(ticket),),
            )
    unowned = [one for one in grave if one.assignee is None]
    if unowned:
        yield Statement(
            text=f"{counted(len(unowned), 'grave incident')} without an owner:",
            sources=tuple(ticket_source(one) for one in unowned[:MAX_NAMED]),
            count=len(unowned),
            is_pressing=True,
        )


def _overdue(material: Material) -> Iterator[Statement]:
    """In one line, as are those without an owner: a section of their own has them one by one."""
    found = material.due_tickets.value
    today = material.as_of.astimezone(material.zone).date()
    first = material.start.astimezone(material.zone).date()
    overdue = [] if found is None else [one for one in found.tickets if one.due and first <= one.due < today]
    if overdue:
        verb = "is" if len(overdue) == 1 else "are"
        yield Statement(
            text=f"{counted(len(overdue), 'ticket')} of the week {verb} overdue:",
            sources=tuple(ticket_source(one) for one in overdue[:MAX_NAMED]),
            count=len(overdue),
        )
