"""A ticket as it is thought of here, and as Jira Cloud REST v3 answers it.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from company_details.generator.adf import document
from company_details.generator.people import BOT, BY_NAME, Person
from company_details.generator.scenario import JIRA_BASE_URL

SEVERITY_FIELD = "customfield_10041"
PRIORITY_OF = {"P1": "Highest", "P2": "High", "P3": "Medium", "P4": "Low"}
PRIORITY_ID = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4"}
TYPE_ID = {
    "Incident": "10010",
    "Task": "10002",
    "Bug": "10004",
    "Story": "10001",
    "Change": "10011",
    "Problem": "10012",
}
CATEGORY = {
    **dict.fromkeys(("Open", "To Do"), ("new", "To Do", 2)),
    **dict.fromkeys(("Acknowledged", "In Progress", "Monitoring", "In Review"), ("indeterminate", "In Progress", 4)),
    **dict.fromkeys(("Resolved", "Closed", "Done", "Won't Do"), ("done", "Done", 3)),
}
STATUS_ID = {name: str(10100 + number) for number, name in enumerate(CATEGORY)}
PROJECTS = {
    "OPS": ("10000", "Operations"),
    "PLAT": ("10001", "Platform and Checkout"),
    "PAY": ("10002", "Payments"),
    "DISC": ("10003", "Discovery"),
    "IDN": ("10004", "Identity"),
    "MSG": ("10005", "Messaging"),
    "DATA": ("10006", "Data"),
}
FIRST_NUMBER = {"OPS": 41, "PLAT": 1180, "PAY": 620, "DISC": 840, "IDN": 310, "MSG": 275, "DATA": 455}


@dataclass(frozen=True, slots=True)
class Comment:
    author: str
    when: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """A change of status or assignee."""

    when: datetime
    who: str
    item: str
    frm: str | None
    to: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    project: str
    kind: str
    summary: str
    body: str
    reporter: str
    created: datetime
    status: str
    priority: str = "Medium"
    severity: str | None = None
    assignee: str | None = None
    components: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    moves: tuple[Move, ...] = ()
    resolved: datetime | None = None
    resolution: str | None = None
    due: date | None = None
    ref: str | None = None
    links: tuple[tuple[str, str], ...] = field(default=())

    def moved(self, *steps: tuple[datetime, str, str]) -> "Draft":
        """The same ticket with a status history: (when, who, new status)."""
        first = "Open" if self.project == "OPS" else "To Do"
        before, moves = first, list(self.moves)
        for when, who, status in steps:
            moves.append(Move(when, who, "status", before, status))
            before = status
        return replace(self, moves=tuple(moves), status=before)


def _time(moment: datetime) -> str:
    """Jira's own form of a time: `2026-02-14T10:07:00.000+0000`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _user(person: Person) -> dict[str, object]:
    return {
        "accountId": person.account_id,
        "accountType": "app" if person is BOT else "atlassian",
        "active": True,
        "displayName": person.name,
        "emailAddress": person.email,
        "timeZone": "Europe/Lisbon" if person.office == "Lisbon" else "America/Toronto",
    }


def _status(name: str) -> dict[str, object]:
    key, category, number = CATEGORY[name]
    return {
        "id": STATUS_ID[name],
        "name": name,
        "statusCategory": {"id": number, "key": key, "name": category},
    }


def _person(name: str | None) -> dict[str, object] | None:
    return None if name is None else _user(BY_NAME[name])


def _last_change(draft: Draft) -> datetime:
    times = [draft.created, *(comment.when for comment in draft.comments), *(move.when for move in draft.moves)]
    return max([*times, *([draft.resolved] if draft.resolved else [])])


LINK_TYPES = {
    "duplicates": {"id": "10002", "name": "Duplicate", "inward": "is duplicated by", "outward": "duplicates"},
    "relates": {"id": "10003", "name": "Relates", "inward": "relates to", "outward": "relates to"},
    "causes": {"id": "10005", "name": "Problem/Incident", "inward": "is caused by", "outward": "causes"},
}


def _reference(draft: Draft, key: str, number: int) -> dict[str, object]:
    return {
        "id": str(number),
        "key": key,
        "fields": {"summary": draft.summary, "status": _status(draft.status), "issuetype": {"name": draft.kind}},
    }


class Numbering:
    """Keys and ids by creation time, and which ticket a reference means."""

    def __init__(self, drafts: list[Draft]) -> None:
        self.drafts = sorted(drafts, key=lambda draft: (draft.created, draft.project, draft.summary))
        counters = dict(FIRST_NUMBER)
        self.keys: list[str] = []
        self.by_ref: dict[str, int] = {}
        for place, draft in enumerate(self.drafts):
            self.keys.append(f"{draft.project}-{counters[draft.project]}")
            counters[draft.project] += 1
            if draft.ref is not None:
                self.by_ref[draft.ref] = place

    def key(self, ref: str) -> str:
        """The key of the ticket that stands for `ref`."""
        return self.keys[self.by_ref[ref]]

    def links_of(self, place: int) -> list[dict[str, object]]:
        """The links of one ticket, those that other tickets made to it included."""
        links: list[dict[str, object]] = []
        for other, draft in enumerate(self.drafts):
            for kind, ref in draft.links:
                target = self.by_ref[ref]
                number = str(30000 + other * 10 + len(kind))
                if other == place:
                    issue = _reference(self.drafts[target], self.keys[target], 10400 + target)
                    links.append({"id": number, "type": LINK_TYPES[kind], "outwardIssue": issue})
                elif target == place:
                    issue = _reference(draft, self.keys[other], 10400 + other)
                    links.append({"id": number, "type": LINK_TYPES[kind], "inwardIssue": issue})
        return links

    def resolve(self, words: str) -> str:
        """The text with every `[[ref]]` replaced by the key it stands for."""
        if "[[" not in words:
            return words
        for ref in self.by_ref:
            words = words.replace(f"[[{ref}]]", self.key(ref))
        return words


def issue(numbering: Numbering, place: int) -> dict[str, object]:
    """One issue as `GET /rest/api/3/issue/KEY?expand=changelog` answers it."""
    draft, number = numbering.drafts[place], 10400 + place
    project_id, project_name = PROJECTS[draft.project]
    labels = list(draft.labels)
    if draft.severity:
        labels.insert(0, f"sev-{draft.severity.lower()}")
    comments = [
        {
            "id": str(number * 100 + position),
            "author": _person(comment.author),
            "body": document(numbering.resolve(comment.text)),
            "created": _time(comment.when),
            "updated": _time(comment.when),
        }
        for position, comment in enumerate(sorted(draft.comments, key=lambda comment: comment.when))
    ]
    histories = [
        {
            "id": str(number * 100 + 50 + position),
            "author": _person(move.who),
            "created": _time(move.when),
            "items": [{"field": move.item, "fromString": move.frm, "toString": move.to}],
        }
        for position, move in enumerate(sorted(draft.moves, key=lambda move: move.when))
    ]
    fields: dict[str, object] = {
        "summary": draft.summary,
        "description": document(numbering.resolve(draft.body)),
        "issuetype": {"id": TYPE_ID[draft.kind], "name": draft.kind, "subtask": False},
        "project": {"id": project_id, "key": draft.project, "name": project_name},
        "status": _status(draft.status),
        "priority": {"id": PRIORITY_ID[draft.priority], "name": draft.priority},
        SEVERITY_FIELD: {"value": draft.severity} if draft.severity else None,
        "labels": labels,
        "components": [{"name": name} for name in draft.components],
        "assignee": _person(draft.assignee),
        "reporter": _person(draft.reporter),
        "created": _time(draft.created),
        "updated": _time(_last_change(draft)),
        "resolutiondate": _time(draft.resolved) if draft.resolved else None,
        "resolution": {"name": draft.resolution} if draft.resolution else None,
        "duedate": draft.due.isoformat() if draft.due else None,
        "issuelinks": numbering.links_of(place),
        "comment": {"comments": comments, "maxResults": len(comments), "startAt": 0, "total": len(comments)},
    }
    return {
        "id": str(number),
        "key": numbering.keys[place],
        "self": f"{JIRA_BASE_URL}/rest/api/3/issue/{number}",
        "fields": fields,
        "changelog": {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories},
    }


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def assigned(who: str, when: datetime, by: str) -> Move:
    return Move(when, by, "assignee", None, who)
