"""Search among policies, documents and tickets of a company, held in memory."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from time import monotonic

from core.errors import ToolBrokenError
from core.evidence import KnowledgeHits
from retrieval.chunks import Chunk
from retrieval.company_records import CompanyRecords
from retrieval.hits import list_hits
from retrieval.metadata import same_severity
from retrieval.postings import SCHEMA, Postings, WordWriter
from retrieval.word_index import ranked_rows, read_terms

CHECK_EVERY_S = 2.0


@dataclass(frozen=True, kw_only=True)
class KnowledgeFilters:
    """What a chunk must not contradict; a chunk that says nothing of a matter (a policy has no service) passes."""

    service: str | None = None
    severity: str | None = None
    time_start: datetime | None = None
    time_end: datetime | None = None

    def admits(self, chunk: Chunk) -> bool:
        """Whether a chunk may be a hit."""
        if self.service and chunk.services:
            wanted = self.service.casefold()
            if all(name.casefold() != wanted for name in chunk.services) and wanted not in chunk.text.casefold():
                return False
        if self.severity and chunk.severity and not same_severity(self.severity, chunk.severity):
            return False
        if chunk.time is None:
            return True
        after = self.time_start is None or chunk.time >= _aware(self.time_start)
        return after and (self.time_end is None or chunk.time <= _aware(self.time_end))


@dataclass(frozen=True, kw_only=True)
class _Index:
    database: sqlite3.Connection
    chunks: tuple[Chunk, ...]
    signature: str
    problems: tuple[str, ...]


class KnowledgeSearch:
    """Ranks sections of documents and tickets by the words of a question. Close it at the end.

    The index is built by the first caller (`prepare` is a head start), in a thread; others wait for it. It is built anew
    when files changed, which is looked for at most every CHECK_EVERY_S seconds.
    """

    def __init__(self, company: CompanyRecords, *, seconds: Callable[[], float] = monotonic) -> None:
        self._company = company
        self._seconds = seconds
        self._lock = Lock()  # held while the one connection is used: searches take milliseconds
        self._index: _Index | None = None
        self._checked_at = 0.0

    async def prepare(self) -> None:
        """Builds the index. Raises ToolBrokenError when the company's folder holds nothing to search."""
        await asyncio.to_thread(self._prepare)

    async def search(
        self,
        query: str,
        *,
        service: str | None,
        severity: str | None,
        time_start: datetime | None,
        time_end: datetime | None,
        top_k: int,
        max_snippet_chars: int,
    ) -> KnowledgeHits:
        """The sections and tickets that fit best, each quoted verbatim. Raises ToolBrokenError as `prepare`."""
        filters = KnowledgeFilters(service=service, severity=severity, time_start=time_start, time_end=time_end)
        return await asyncio.to_thread(self._search, query, filters, top_k, max_snippet_chars)

    def problems(self) -> tuple[str, ...]:
        """What of the company's folder the index had to leave out: a sentence each."""
        index = self._index
        return () if index is None else index.problems

    def close(self) -> None:
        """Frees the index; a later search builds it again."""
        with self._lock:
            self._drop()

    def _prepare(self) -> None:
        with self._lock:
            self._current()

    def _search(self, query: str, filters: KnowledgeFilters, top_k: int, max_snippet_chars: int) -> KnowledgeHits:
        with self._lock:
            index = self._current()
            postings = Postings(index.database, size=len(index.chunks), chunks=len(index.chunks))
            terms = read_terms(postings, query)
            ranked = ((index.chunks[row], score) for row, score in ranked_rows(postings, terms))
            admitted = ((chunk, score) for chunk, score in ranked if filters.admits(chunk))
            listed = list_hits(admitted, terms, top_k=top_k, max_snippet_chars=max_snippet_chars)
        return KnowledgeHits(
            query=query,
            hits=tuple(listed.hits),
            confidence=listed.confidence.value,
            recommend_fallback=listed.confidence.recommends_fallback,
            fallback_reason=listed.confidence.reason,
        )

    def _current(self) -> _Index:
        """The index as the files are now; the lock is held."""
        now = self._seconds()
        if self._index is not None and now - self._checked_at < CHECK_EVERY_S:
            return self._index
        if self._index is None or self._company.signature() != self._index.signature:
            built = self._build()
            self._drop()
            self._index = built
        self._checked_at = now
        return self._index

    def _build(self) -> _Index:
        reading = self._company.read()
        chunks = reading.chunks
        if not chunks:
            raise ToolBrokenError(
                f"{self._company.folder} holds nothing to search: put Markdown into its policies/ and docs/ folders"
            )
        database = sqlite3.connect(":memory:", check_same_thread=False)  # guarded by the lock
        database.executescript(SCHEMA)
        written = WordWriter()
        written.add((row, chunk.title, chunk.text) for row, chunk in enumerate(chunks))
        written.write(database)
        return _Index(database=database, chunks=chunks, signature=reading.signature, problems=reading.problems)

    def _drop(self) -> None:
        if self._index is not None:
            self._index.database.close()
            self._index = None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
