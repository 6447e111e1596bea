"""What is due: actions that reports asked for by a time, and open tickets with a due date."""

from collections.abc import Iterator
from datetime import timedelta

from core.composing.words import counted
from core.digest.material import Material
from core.digest.model import Section, Statement
from core.digest.wording import (
    build_section,
    query_source,
    task_source,
    tasks_of_week,
    tell_ticket,
    ticket_source,
    titled,
)
from core.verdict import Outcome

AHEAD = timedelta(days=7)
MAX_ACTIONS_A_TASK = 2


def compose(material: Material) -> Section:
    """Tickets due in the week or the next seven days, how many are overdue for longer, then the actions of reports."""
    return build_section(
        "actions",
        "Actions due",
        (*_tickets(material), *_actions(material)),
        [material.due_tickets, material.investigations],
        sources=query_source(material.due_tickets.value),
    )


def _tickets(material: Material) -> Iterator[Statement]:
    found = material.due_tickets.value
    if found is None:
        return
    today = material.as_of.astimezone(material.zone).date()
    first = material.start.astimezone(material.zone).date()
    due = [(ticket.due, ticket) for ticket in found.tickets if ticket.due is not None and ticket.due >= first]
    for day, ticket in sorted(due, key=lambda pair: (pair[0], pair[1].key)):
        when = "overdue since" if day < today else "due"
        owner = ticket.assignee or "nobody"
        yield Statement(
            text=f"{tell_ticket(ticket)}, {when} {day:%a} {day.day} {day:%b}, owner: {owner}",
            sources=(ticket_source(ticket),),
            is_pressing=day < today,
        )
    longer = sum(ticket.due is not None and ticket.due < first for ticket in found.tickets)
    if longer:
        were = "was" if longer == 1 else "were"
        yield Statement(
            text=f"{counted(longer, 'open ticket')} {were} due before that", sources=query_source(found), count=longer
        )


def _actions(material: Material) -> Iterator[Statement]:
    """Those of investigations that found something; nobody tells orch whether they were done."""
    for task in tasks_of_week(material):
        if task.verdict not in {Outcome.CONFIRMED, Outcome.NOT_CONFIRMED}:
            continue
        timed = [action for action in task.actions if action.due is not None]
        for action in timed[:MAX_ACTIONS_A_TASK]:
            owner = f", {action.owner}" if action.owner else ""
            yield Statement(
                text=f"{titled(action.text)}{owner}, due {action.due}; whether it was done is not known",
                sources=(task_source(task.task_id),),
            )
