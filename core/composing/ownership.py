"""The tickets that speak of it, and who owns them."""

import re
from collections.abc import Callable, Sequence

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import counted, listed, shortened
from core.evidence.tickets import Ticket, TicketList
from core.reading.scale import Scale

MAX_NAMED = 8
MAX_UNASKED = 3

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PERIOD = re.compile(
    rf"\b(?:in|during|of|from|opened|created)\s(?:(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?\s)?(?P<year>20\d{{2}})(?P<rest>-\d{{2}})?\b(?!-?\d|W)",
    re.IGNORECASE,
)

type Narrowing = tuple[str, Callable[[Ticket], bool]]


def compose(material: Material, draft: Draft) -> None:
    """Lists the tickets; where the task asks for tickets, says which have no assignee or no component."""
    found = material.tickets
    if found is None:
        return
    _missing(material, found, draft)
    if not found.tickets:
        return
    asked = Intent.TICKETS in material.brief.intents
    text = material.request.text
    narrowings = _narrowings(text, found.tickets, material.scale) if asked else []
    tickets = [ticket for ticket in _of_kind(text, found.tickets) if all(holds(ticket) for _, holds in narrowings)]
    subject = _subject(material, [words for words, _ in narrowings])
    if not tickets:
        draft.gap(
            f"tickets that {subject}",
            "none that the tracker gave is such a one",
            "search the tracker with other words",
            essential=True,
        )
        return
    state = "open " if all(ticket.is_open for ticket in tickets) else ""
    more = " or more" if found.truncated else ""
    verb = subject if len(tickets) > 1 else _singular(subject)
    by_key = any(_names(text, ticket.key) for ticket in tickets)
    counted_tickets = f"{counted(len(tickets), f'{state}ticket', more)} {verb}"
    if not asked:
        named = _nearest(material, tickets)
        among = "" if len(named) == len(tickets) else ", among them"
        draft.fact(
            f"{counted_tickets}{among}: {listed(ticket.key for ticket in named)}.",
            *(found.cite(ticket, "summary", "status", "assignee") for ticket in named),
        )
        return
    draft.fact(
        f"{counted_tickets}: {_keys(tickets)}.",
        *(found.cite(ticket, "summary", "status", "assignee") for ticket in tickets[:MAX_NAMED]),
        headline=not by_key,
    )
    for ticket in tickets[:MAX_NAMED]:
        draft.fact(
            f"{ticket.key} “{shortened(ticket.summary, 120)}” is {ticket.status}, assigned to {ticket.assignee or 'nobody'}.",
            found.cite(ticket, "summary", "status", "assignee"),
            headline=by_key or len(tickets) == 1,
        )
    if not by_key:
        _gaps(found, tickets, draft)


def _missing(material: Material, found: TicketList, draft: Draft) -> None:
    """Says which of the tickets that the task names the tracker does not have, where it was asked for just those."""
    keys = material.brief.ticket_keys
    if not any(result.arguments.get("text") == " ".join(keys) for result in material.results if keys):
        return
    had = {ticket.key for ticket in found.tickets}
    for key in keys:
        if key not in had:
            draft.gap(
                key,
                "the tracker has no ticket of that key, or none that may be seen",
                "check the key",
                essential=True,
            )


def _nearest(material: Material, tickets: Sequence[Ticket]) -> list[Ticket]:
    """The few that were opened nearest to the time in question, for a task that does not ask for tickets."""
    start = material.brief.window.start if material.brief.window else material.now
    return sorted(tickets, key=lambda ticket: abs(ticket.created - start))[:MAX_UNASKED]


def _subject(material: Material, narrowed: Sequence[str]) -> str:
    """What the tickets have in common, as the end of a sentence about several of them."""
    brief = material.brief
    mentioned = brief.ticket_text or (brief.services[0] if brief.services and not brief.unowned else None)
    parts = [*([f"mention “{mentioned}”"] if mentioned else []), *narrowed]
    return listed(parts) if parts else "match"


def _singular(subject: str) -> str:
    verbs = {"mention": "mentions", "are": "is", "were": "was", "match": "matches", "have": "has"}
    return " ".join(verbs.get(word, word) for word in subject.split(" "))


def _narrowings(text: str, tickets: Sequence[Ticket], scale: Scale) -> list[Narrowing]:
    """What the task narrows the tickets by: keys, a severity of theirs, a status, assignees; known by the tickets' own values."""
    found: list[Narrowing] = []
    if keys := {ticket.key for ticket in tickets if _names(text, ticket.key)}:
        return [(f"are {listed(sorted(keys))}", lambda ticket: ticket.key in keys)]
    if severity := _severity_of_tickets(text, tickets, scale):
        level = scale.level(severity)
        found.append((f"are {severity}", lambda ticket: scale.level(ticket.severity) == level))
    if re.search(r"\bstatus\b|\bstate\b|\bare\b|\bis\b|\bin\b", text, re.IGNORECASE) and (
        statuses := {ticket.status for ticket in tickets if _names_status(text, ticket.status)}
    ):
        found.append((f"are {listed(sorted(statuses))}", lambda ticket: ticket.status in statuses))
    if period := _period(text):
        found.append(("were opened in the time named", lambda ticket: ticket.created.isoformat().startswith(period)))
    people = {ticket.assignee for ticket in tickets if ticket.assignee and _names(text, ticket.assignee)}
    if people:
        found.append((f"are assigned to {listed(sorted(people))}", lambda ticket: ticket.assignee in people))
    return found


def _period(text: str) -> str | None:
    """The year or the month that a text names, as an ISO date begins: `in 2024` → 2024, `in January 2026` → 2026-01."""
    match = _PERIOD.search(text)
    if match is None:
        return None
    month = f"-{_MONTHS.index(match['month'][:3].lower()) + 1:02d}" if match["month"] else match["rest"] or ""
    return f"{match['year']}{month}"


def _severity_of_tickets(text: str, tickets: Sequence[Ticket], scale: Scale) -> str | None:
    """A severity said of the tickets asked for, which may be called by their own kind: `Sev2 disturbances`."""
    kinds = {ticket.issue_type.lower() for ticket in tickets} | {"ticket", "incident", "issue", "bug", "case"}
    nouns = "|".join(sorted(map(re.escape, kinds)))
    names = "|".join(re.escape(name) for name in scale.names) or r"(?:P|SEV[\s-]?|S)[0-5]"
    match = re.search(rf"\b(?P<severity>{names})\s(?:[\w-]+\s){{0,2}}?(?:{nouns})s\b", text, re.IGNORECASE)
    if match is None:
        return None
    return next(iter(scale.named(match["severity"])), match["severity"]) if scale.names else match["severity"].upper()


def _names(text: str, value: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE) is not None


def _names_status(text: str, status: str) -> bool:
    """Whether the text names a status as one: `open` and `closed` are said of tickets of any status of that kind."""
    if status.lower() in {"open", "closed", "resolved"}:
        return re.search(rf"\bstatus\W{{1,3}}(?:is\s|of\s)?\W?{re.escape(status)}\b", text, re.IGNORECASE) is not None
    return _names(text, status)


def _gaps(found: TicketList, tickets: Sequence[Ticket], draft: Draft) -> None:
    nobody = [ticket for ticket in tickets if ticket.assignee is None]
    nowhere = [ticket for ticket in tickets if not ticket.components]
    if not nobody and not nowhere:
        each = "Each of them has" if len(tickets) > 1 else "It has"
        draft.fact(
            f"{each} an assignee and a component: no ownership gap.",
            *(found.cite(ticket, "assignee", "components") for ticket in tickets[:MAX_NAMED]),
            headline=True,
        )
    if nobody:
        draft.fact(
            f"{_share(nobody, tickets, found)} no assignee: {_keys(nobody)}.",
            *(found.cite(ticket, "assignee") for ticket in nobody[:MAX_NAMED]),
            headline=True,
        )
        draft.action(
            f"Assign {_keys(nobody)}",
            *(found.cite(ticket, "assignee") for ticket in nobody[:MAX_NAMED]),
            owner="the incident lead",
        )
    if nowhere:
        draft.fact(
            f"{_share(nowhere, tickets, found)} no component, so no owning team follows from "
            f"{'it' if len(nowhere) == 1 else 'them'}: {_keys(nowhere)}.",
            *(found.cite(ticket, "components") for ticket in nowhere[:MAX_NAMED]),
            headline=True,
        )


def _share(some: Sequence[Ticket], tickets: Sequence[Ticket], found: TicketList) -> str:
    """How many of them have it: of all where all were found by the search, else of those just counted."""
    total = str(len(tickets)) if len(tickets) in _told_counts(found) else "them"
    if len(some) > MAX_NAMED:
        return f"More than {MAX_NAMED} of {total} have"
    return f"{len(some)} of {total} {'has' if len(some) == 1 else 'have'}"


def _told_counts(found: TicketList) -> set[int]:
    """Counts that the search itself shows: of all it found, and of the incidents among them."""
    return {len(found.tickets), sum("incident" in ticket.issue_type.lower() for ticket in found.tickets)}


def _of_kind(text: str, tickets: Sequence[Ticket]) -> Sequence[Ticket]:
    """The incident tickets alone where the task asks for incident tickets and there are some."""
    incidents = [ticket for ticket in tickets if "incident" in ticket.issue_type.lower()]
    return incidents if incidents and "incident" in text.lower() else tickets


def _keys(tickets: Sequence[Ticket]) -> str:
    named = [ticket.key for ticket in tickets[:MAX_NAMED]]
    return listed(named) if len(tickets) <= MAX_NAMED else f"{', '.join(named)} and more"
