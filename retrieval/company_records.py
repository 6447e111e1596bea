"""Everything in a company's folder that the two searches look through."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.errors import ToolBrokenError
from core.evidence import Ticket
from retrieval.chunks import Chunk
from retrieval.jira_issues import issue_file, jira_record, read_issues
from retrieval.metadata import catalogued_services
from retrieval.records import IssueRecord, document_chunks, review_record, ticket_record
from retrieval.reference_files import CompanyReferenceFiles, Document

TICKETS_PATH = "mock_systems/data/jira_tickets.json"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a company's folder holds now, and a sentence for each thing in it that could not be read.

    `signature` differs when a file was changed, added or removed since. `records` are tickets and incident reviews.
    """

    signature: str
    documents: tuple[Document, ...]
    services: frozenset[str]
    records: tuple[IssueRecord, ...]
    problems: tuple[str, ...]

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The pieces of every document and ticket, each once."""
        of_documents = [chunk for document in self.documents for chunk in document_chunks(document, self.services)]
        of_tickets = [chunk for record in self.records for chunk in record.chunks if chunk.path is None]
        return (*of_documents, *of_tickets)


class CompanyRecords:
    """Reads documents and tickets; the tickets come from the folder's own file unless `load_tickets` brings others.

    Those it brings are asked for at each reading; a change of them alone starts none.
    """

    def __init__(
        self, files: CompanyReferenceFiles, load_tickets: Callable[[], Iterable[Ticket]] | None = None
    ) -> None:
        self._files = files
        self._load_tickets = load_tickets
        self._tickets_path = files.root / TICKETS_PATH

    @property
    def folder(self) -> str:
        return str(self._files.root)

    def signature(self) -> str:
        """The paths, sizes and times of every file that is read; changes when one of them does."""
        paths = list(self._files.document_paths())
        if self._load_tickets is None and (tickets := issue_file(self._tickets_path)) is not None:
            paths.append(tickets)
        parts = [self._files.root.resolve().as_posix()]
        for path in paths:
            try:
                status = path.stat()
            except OSError:
                continue
            parts.append(f"{path.name}:{status.st_size}:{status.st_mtime_ns}")
        return "\n".join(parts)

    def read(self) -> Reading:
        """Everything there is; takes a second for some thousand tickets, so call it in a thread."""
        signature = self.signature()
        documents = self._files.documents()
        tickets, problems = self._tickets()
        components = {name for record in tickets for chunk in record.chunks[:1] for name in chunk.services}
        services = catalogued_services(documents) | components
        reviews = (review_record(document, services) for document in documents)
        return Reading(
            signature=signature,
            documents=documents,
            services=services,
            records=(*tickets, *(review for review in reviews if review is not None)),
            problems=tuple(problems),
        )

    def _tickets(self) -> tuple[list[IssueRecord], list[str]]:
        if self._load_tickets is not None:
            return [ticket_record(ticket) for ticket in self._load_tickets()], []
        try:
            issues = read_issues(self._tickets_path)
        except ToolBrokenError as error:
            return [], [str(error)]
        records: dict[str, IssueRecord] = {}
        problems: list[str] = []
        for position, issue in enumerate(issues):
            try:
                record = jira_record(issue)
            except ValueError as error:
                problems.append(f"issue {position} of {TICKETS_PATH} is left out: {error}")
                continue
            if record.record_id in records:
                problems.append(f"issue {position} of {TICKETS_PATH} is left out: {record.record_id} was there before")
                continue
            records[record.record_id] = record
        return list(records.values()), problems
