"""Records of any system that keeps a title and a text."""

from dataclasses import dataclass
from datetime import datetime

from core.base import JsonObject
from core.window import iso
from retrieval.chunks import Chunk, Piece, text_pieces
from retrieval.metadata import severity_in
from retrieval.records import INCIDENTS, ISSUES, IssueRecord


@dataclass(frozen=True, kw_only=True)
class TextRecord:
    """What a system tells of an issue, an incident or a document; None where it tells nothing.

    `opened` and `incident_state` are those of an incident; `collection` follows from them unless it is given.
    """

    record_id: str
    source: str
    title: str
    text: str = ""
    kind: str = "ticket"
    collection: str | None = None
    url: str | None = None
    path: str | None = None
    issue_type: str | None = None
    priority: str | None = None
    severity: str | None = None
    project: str | None = None
    status: str | None = None
    incident_state: str | None = None
    services: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    created: datetime | None = None
    opened: datetime | None = None

    def record(self, pieces: tuple[Piece, ...] | None = None) -> IssueRecord:
        """As a record in pieces: those given, which stand in the file at `path`, else the title and the text divided."""
        severity = self.severity or severity_in(self.priority or "")
        metadata: JsonObject = {
            "kind": self.kind,
            "title": self.title,
            "status": self.status,
            "issue_type": self.issue_type,
            "priority": self.priority,
            "services": list(self.services),
            "severity": severity,
            "time": None if self.created is None else iso(self.created),
            "url": self.url,
        }
        words = " ".join((*self.services, *self.labels))
        whole = f"{self.title}\n{self.text}".replace("\r\n", "\n").replace("\r", "\n").strip()
        chunks = tuple(
            Chunk(
                source_id=self.record_id,
                title=" ".join(part for part in (self.title, *piece.heading[1:], words) if part),
                text=piece.text,
                first_line=piece.first_line,
                path=self.path,
                url=self.url,
                services=self.services,
                severity=severity,
                time=self.created,
                metadata=metadata,
            )
            for piece in (pieces or tuple(text_pieces(whole, self.title)))
        )
        is_incident = self.opened is not None or self.incident_state is not None
        return IssueRecord(
            record_id=self.record_id,
            source=self.source,
            collection=self.collection or (INCIDENTS if is_incident else ISSUES),
            title=self.title,
            chunks=chunks,
            issue_type=self.issue_type,
            priority=self.priority,
            severity=severity,
            project=self.project,
            status=self.status,
            incident_state=self.incident_state,
            created=self.created,
            opened=self.opened,
        )
