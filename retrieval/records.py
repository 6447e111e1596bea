"""Earlier issues and incidents, from whatever system, in one shape that can be filtered and ranked."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from core.base import JsonObject
from core.evidence import Ticket
from core.window import iso
from retrieval.chunks import Chunk, document_pieces, text_pieces
from retrieval.metadata import kind_of, services_of, severity_of, time_of, title_of
from retrieval.reference_files import Document

JIRA = "jira"
REVIEWS = "reviews"
ISSUES = "issues"
INCIDENTS = "incidents"
OPEN = "open"
RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True)
class IssueRecord:
    """One issue or incident.

    `source` is the system it comes from (`jira`, `reviews`); `collection` is `incidents` for incidents of either system,
    else `issues`; `incident_state` (`open`, `resolved`) and `opened` are None for what is no incident. `text` is quoted
    verbatim: of a ticket its summary, then its description and comments; of a review the file at `path`.
    """

    record_id: str
    source: str
    collection: str
    title: str
    chunks: tuple[Chunk, ...]
    issue_type: str | None = None
    priority: str | None = None
    severity: str | None = None
    project: str | None = None
    status: str | None = None
    incident_state: str | None = None
    created: datetime | None = None
    opened: datetime | None = None

    @property
    def digest(self) -> bytes:
        """Equal for equal records alone."""
        return blake2b(repr(self).encode(), digest_size=16).digest()


def ticket_record(ticket: Ticket, *, comments: tuple[str, ...] = ()) -> IssueRecord:
    """A ticket of the tracker as a record; it is an incident when its type says so."""
    text = "\n".join(part for part in (ticket.summary, ticket.description, *comments) if part.strip())
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    is_incident = "incident" in ticket.issue_type.lower()
    metadata: JsonObject = {
        "kind": "ticket",
        "title": ticket.summary,
        "status": ticket.status,
        "issue_type": ticket.issue_type,
        "priority": ticket.priority,
        "assignee": ticket.assignee,
        "services": list(ticket.components),
        "severity": ticket.severity,
        "time": iso(ticket.created),
        "url": ticket.url,
    }
    return IssueRecord(
        record_id=ticket.key,
        source=JIRA,
        collection=INCIDENTS if is_incident else ISSUES,
        title=ticket.summary,
        issue_type=ticket.issue_type,
        priority=ticket.priority,
        severity=ticket.severity,
        project=ticket.key.rpartition("-")[0] or None,
        status=ticket.status,
        incident_state=(OPEN if ticket.is_open else RESOLVED) if is_incident else None,
        created=ticket.created,
        opened=ticket.created if is_incident else None,
        chunks=tuple(
            Chunk(
                source_id=ticket.key,
                title=f"{ticket.key} {ticket.summary} {' '.join((*ticket.components, *ticket.labels))}",
                text=piece.text,
                first_line=piece.first_line,
                url=ticket.url,
                services=ticket.components,
                severity=ticket.severity,
                time=ticket.created,
                metadata=metadata,
            )
            for piece in text_pieces(text, ticket.summary)
        ),
    )


def document_chunks(document: Document, services: frozenset[str] = frozenset()) -> tuple[Chunk, ...]:
    """The sections of a document with what they are about; `services` are names to look for in its text."""
    title, severity, time = title_of(document), severity_of(document), time_of(document)
    own = services_of(document)
    metadata: JsonObject = {"kind": kind_of(document), "title": title, "severity": severity}
    metadata["time"] = None if time is None else iso(time)
    chunks: list[Chunk] = []
    for piece in document_pieces(document):
        text = piece.text.lower()
        about = own or tuple(sorted(name for name in services if name.lower() in text))
        chunks.append(
            Chunk(
                source_id=document.name,
                title=" ".join((document.name, *piece.heading)),
                text=piece.text,
                first_line=piece.first_line,
                path=document.path,
                services=about,
                severity=severity,
                time=time,
                metadata={**metadata, "services": list(about), "heading": list(piece.heading)},
            )
        )
    return tuple(chunks)


def review_record(document: Document, services: frozenset[str] = frozenset()) -> IssueRecord | None:
    """An incident review as the record of a resolved incident; None for a document that is no review."""
    if kind_of(document) != "review":
        return None
    opened = time_of(document)
    return IssueRecord(
        record_id=document.name,
        source=REVIEWS,
        collection=INCIDENTS,
        title=title_of(document),
        priority=severity_of(document),
        severity=severity_of(document),
        incident_state=RESOLVED,
        created=opened,
        opened=opened,
        chunks=document_chunks(document, services),
    )
