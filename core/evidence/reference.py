"""Passages of policies, documents and config files."""

from core.base import Json, Model
from core.report import Citation


class Passage(Model):
    """Consecutive lines of a file, verbatim.

    `heading` is the path of headings (Markdown) or keys (YAML) that leads here; `block` says what it is (`paragraph`,
    `item`, `table`, `code`, `mapping` …). `data` is the parsed value of a YAML passage, or the rows of a table as a list
    of objects keyed by column; None for prose. Lines count from 1, both ends included.
    """

    text: str
    start_line: int
    end_line: int
    heading: tuple[str, ...] = ()
    block: str = "paragraph"
    data: Json = None


class ReferenceExcerpt(Model):
    """The passages of one source that fit the query best, in the order of the file, within `max_chars`."""

    source: str
    path: str
    query: str | None
    passages: tuple[Passage, ...]
    truncated: bool

    def cite(self, passage: Passage, quote: str | None = None) -> Citation:
        """The passage as a citation; `quote` narrows it to some of its lines, verbatim."""
        start, end = passage.start_line, passage.end_line
        if quote is not None and (at := passage.text.find(quote)) >= 0:
            start = passage.start_line + passage.text.count("\n", 0, at)
            end = start + quote.count("\n")
        return Citation(
            citation_id=f"{self.source}:L{start}-L{end}",
            citation_source=self.source,
            locator=f"{self.path}:{start}-{end}",
            quote=passage.text if quote is None else quote,
        )

    def supports(self, citation: Citation) -> bool:
        """Whether the citation's words stand at the place it names."""
        return citation.citation_source == self.source and any(
            self.cite(passage, citation.quote).locator == citation.locator
            for passage in self.passages
            if citation.quote and citation.quote in passage.text
        )
