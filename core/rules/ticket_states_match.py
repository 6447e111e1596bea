import re
from collections.abc import Iterator

from core.evidence import Ticket, TicketList
from core.plan import Plan
from core.result import Result
from core.rules.grounds.records import records_of
from core.rules.grounds.wording import own_words
from core.verdict import Check

NAME = "ticket_states_match"

_KEY = re.compile(r"\b[A-Z][A-Z0-9_]{0,30}-\d{1,9}\b")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n")
_IS = re.compile(r"\bis\s+(?:now\s+|still\s+)?(?P<state>[A-Z][\w -]{0,60}?)(?=\s*(?:[,.;:()]|$)|\s+and\b)")
_ASSIGNED = re.compile(r"\b(?:assigned to|assignee is|owned by)\s+(?P<name>[^,.;:()]{1,80})", re.IGNORECASE)
_NOBODY = frozenset({"nobody", "no one", "none", "no-one"})
_UNASSIGNED = re.compile(r"\bno assignee\b|\bunassigned\b|\bwithout an assignee\b", re.IGNORECASE)
_NO_COMPONENT = re.compile(r"\bno component\b|\bwithout a component\b", re.IGNORECASE)
_STATED = re.compile(
    r"\b(?P<state>open|closed|resolved|done)\s+(?:[\w-]+\s+)?(?:tickets?|issues?|incidents?)\b", re.IGNORECASE
)


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """What is said of a ticket's state and assignee, in a statement or in the answer, is what its record in this run says."""
    records = records_of(result)
    found = {ticket.key: ticket for item in records.outputs_of(TicketList) for ticket in item.tickets}
    if not found:
        return Check(name=NAME, passed=True, reason="no ticket was brought in")
    states = {ticket.status for ticket in found.values()}
    texts = [statement.text for statement in records.statements] + result.report.answer.split("\n")
    named: set[str] = set()
    for text in filter(_KEY.search, texts):
        for sentence in _SENTENCE.split(own_words(text)):
            mentions = [match for match in _KEY.finditer(sentence) if match[0] in found]
            named.update(match[0] for match in mentions)
            wrong = next(_wrong(sentence, mentions, found, states), None)
            if wrong:
                return Check(name=NAME, passed=False, reason=wrong)
    return Check(name=NAME, passed=True, reason=f"what is said of {len(named)} tickets is what their records say")


def _wrong(sentence: str, mentions: list[re.Match[str]], found: dict[str, Ticket], states: set[str]) -> Iterator[str]:
    tickets = [found[match[0]] for match in mentions]
    for index, ticket in enumerate(tickets):
        end = mentions[index + 1].start() if index + 1 < len(mentions) else len(sentence)
        yield from _wrong_of_one(sentence[mentions[index].end() : end], ticket, states)
    yield from _wrong_of_all(sentence, tickets)


def _wrong_of_one(words: str, ticket: Ticket, states: set[str]) -> Iterator[str]:
    """What the words after a ticket's key say of it that its record does not."""
    own = {item.casefold() for item in (ticket.status, ticket.severity, ticket.priority, ticket.issue_type) if item}
    said = [match["state"].strip() for match in _IS.finditer(words)]
    said += [
        state for state in states if state != ticket.status and re.search(rf"(?<!\w){re.escape(state)}(?!\w)", words)
    ]
    for state in said:
        if state.casefold() not in own and state not in ticket.status:
            yield f"{ticket.key} is said to be {state}; its record says {ticket.status}"
    for match in _ASSIGNED.finditer(words):
        name = match["name"].strip()
        assignee = ticket.assignee
        if (name.casefold() in _NOBODY) != (assignee is None) or (assignee is not None and name != assignee):
            yield f"{ticket.key} is said to be assigned to {name}; its record says {assignee or 'nobody'}"


def _wrong_of_all(sentence: str, tickets: list[Ticket]) -> Iterator[str]:
    """What a sentence says of all the tickets it lists that the record of one of them does not."""
    if _ASSIGNED.search(sentence):
        return
    for ticket in tickets:
        if _UNASSIGNED.search(sentence) and ticket.assignee is not None:
            yield f"{ticket.key} is said to have no assignee; its record says {ticket.assignee}"
        if _NO_COMPONENT.search(sentence) and ticket.components:
            yield f"{ticket.key} is said to have no component; its record says {', '.join(ticket.components)}"
        for match in _STATED.finditer(sentence):
            if (match["state"].lower() == "open") != ticket.is_open:
                yield f"{ticket.key} is counted as {match['state']}; its record says {ticket.status}"
