"""The tickets that speak of it, and who owns them."""

from collections.abc import Sequence

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import listed, shortened
from core.evidence.tickets import Ticket, TicketList

MAX_NAMED = 8


def compose(material: Material, draft: Draft) -> None:
    """Lists the tickets; where the task asks for tickets, says which have no assignee or no component."""
    found = material.tickets
    if found is None or not found.tickets:
        return
    asked = Intent.TICKETS in material.brief.intents
    tickets = _of_kind(material.request.text, found.tickets)
    subject = material.brief.ticket_text or (material.brief.services[0] if material.brief.services else "the task")
    state = "open " if all(ticket.is_open for ticket in tickets) else ""
    more = " or more" if found.truncated else ""
    draft.fact(
        f"{len(tickets)}{more} {state}tickets mention “{subject}”: {_keys(tickets)}.",
        *(found.cite(ticket, "summary", "status") for ticket in tickets[:MAX_NAMED]),
        headline=asked,
    )
    if not asked:
        return
    for ticket in tickets[:MAX_NAMED]:
        draft.fact(
            f"{ticket.key} “{shortened(ticket.summary, 120)}” is {ticket.status}, assigned to {ticket.assignee or 'nobody'}.",
            found.cite(ticket, "summary", "status", "assignee"),
        )
    _gaps(found, tickets, draft)


def _gaps(found: TicketList, tickets: Sequence[Ticket], draft: Draft) -> None:
    nobody = [ticket for ticket in tickets if ticket.assignee is None]
    nowhere = [ticket for ticket in tickets if not ticket.components]
    if not nobody and not nowhere:
        draft.fact(
            "Each of them has an assignee and a component: no ownership gap.",
            *(found.cite(ticket, "assignee", "components") for ticket in tickets[:MAX_NAMED]),
            headline=True,
        )
    if nobody:
        draft.fact(
            f"{len(nobody)} of {len(tickets)} have no assignee: {_keys(nobody)}.",
            *(found.cite(ticket, "assignee") for ticket in nobody),
            headline=True,
        )
        draft.action(
            f"Assign {_keys(nobody)}", *(found.cite(ticket, "assignee") for ticket in nobody), owner="the incident lead"
        )
    if nowhere:
        draft.fact(
            f"{len(nowhere)} of {len(tickets)} have no component, so no owning team follows from them: {_keys(nowhere)}.",
            *(found.cite(ticket, "components") for ticket in nowhere),
            headline=True,
        )


def _of_kind(text: str, tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    """The incident tickets alone where the task asks for incident tickets and there are some."""
    incidents = [ticket for ticket in tickets if "incident" in ticket.issue_type.lower()]
    return incidents if incidents and "incident" in text.lower() else tickets


def _keys(tickets: Sequence[Ticket]) -> str:
    named = [ticket.key for ticket in tickets[:MAX_NAMED]]
    return listed(named) if len(tickets) <= MAX_NAMED else f"{', '.join(named)} and more"
