"""Pieces of documents and tickets, small enough to be ranked and quoted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.base import Json, JsonObject
from core.evidence import Passage
from retrieval.markdown import Section
from retrieval.reference_files import Document

MAX_CHUNK_CHARS = 1_200


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Consecutive lines of a source, verbatim; `first_line` counts from 1.

    `path` is the file they stand in; None for a ticket, whose `url` is its place and whose text starts with its summary.
    """

    source_id: str
    title: str
    text: str
    first_line: int
    path: str | None = None
    url: str | None = None
    services: tuple[str, ...] = ()
    severity: str | None = None
    time: datetime | None = None
    metadata: JsonObject = field(default_factory=dict[str, Json])

    def locator(self, start: int, end: int) -> str:
        """Where some of its lines stand: the file with these lines, or the ticket's link."""
        return f"{self.path}:{start}-{end}" if self.path is not None else (self.url or self.source_id)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Lines of a document under one heading."""

    heading: tuple[str, ...]
    first_line: int
    text: str


def document_pieces(document: Document) -> Iterator[Piece]:
    """The sections of a document from their heading line on, divided between blocks where they exceed MAX_CHUNK_CHARS."""
    return pieces_of(document.lines, document.passages, document.sections)


def pieces_of(lines: Sequence[str], passages: Iterable[Passage], sections: Iterable[Section]) -> Iterator[Piece]:
    """As `document_pieces`, of a text that was read with `read_markdown`."""
    starts = [(section.start_line, section.heading) for section in sections]
    if not starts or starts[0][0] > 1:
        starts.insert(0, (1, ()))
    ends = [start for start, _ in starts[1:]] + [len(lines) + 1]
    blocks = [passage.start_line for passage in passages]
    for (start, heading), end in zip(starts, ends, strict=True):
        cuts = [line for line in blocks if start <= line < end]
        for first, last in _spans(lines, (start, end), cuts):
            yield Piece(heading=heading, first_line=first, text="\n".join(lines[first - 1 : last]))


def text_pieces(text: str, title: str) -> Iterator[Piece]:
    """A text divided between lines where it exceeds MAX_CHUNK_CHARS."""
    lines = text.split("\n")
    for first, last in _spans(lines, (1, len(lines) + 1), range(1, len(lines) + 1)):
        yield Piece(heading=(title,), first_line=first, text="\n".join(lines[first - 1 : last]))


def _spans(lines: Sequence[str], span: tuple[int, int], cuts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last lines (from 1, both included) of pieces that begin at the span's start or at a cut."""
    begin, end = span
    first = begin
    before = begin
    for cut in (*sorted(set(cuts)), end):
        if (
            cut > before
            and sum(len(line) + 1 for line in lines[first - 1 : cut - 1]) > MAX_CHUNK_CHARS
            and before > first
        ):
            yield from _trimmed(lines, first, before)
            first = before
        before = max(before, cut)
    yield from _trimmed(lines, first, end)


def _trimmed(lines: Sequence[str], first: int, end: int) -> Iterator[tuple[int, int]]:
    last = end - 1
    while first <= last and not lines[first - 1].strip():
        first += 1
    while last >= first and not lines[last - 1].strip():
        last -= 1
    if first <= last:
        yield first, last
