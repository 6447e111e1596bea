"""Ranked hits of the two searches."""

from pydantic import Field

from core.base import JsonObject, Model
from core.report import Citation


class SearchHit(Model):
    """One passage or record that fits the query; `snippet` is verbatim, `score` is comparable within one answer only."""

    source_id: str
    snippet: str
    score: float
    metadata: JsonObject
    citation_id: str
    citation_source: str
    locator: str

    def cite(self) -> Citation:
        return Citation(
            citation_id=self.citation_id,
            citation_source=self.citation_source,
            locator=self.locator,
            quote=self.snippet,
        )

    def supports(self, citation: Citation) -> bool:
        return (
            citation.citation_source == self.citation_source
            and citation.locator == self.locator
            and bool(citation.quote)
            and citation.quote in self.snippet
        )


class KnowledgeHits(Model):
    """Hits among policies, documents and tickets; `confidence` is 0..1, with the reason when a fallback is advised.

    `left_out` says what could not be searched now, and why; None where everything was.
    """

    query: str
    hits: tuple[SearchHit, ...]
    confidence: float = Field(ge=0, le=1)
    recommend_fallback: bool
    fallback_reason: str | None
    left_out: str | None = None

    def supports(self, citation: Citation) -> bool:
        return any(hit.supports(citation) for hit in self.hits)


class IssueHits(Model):
    """Hits among earlier issues and incident records; `relaxed_filters` names filters dropped because nothing was left.

    `reranked_by` is the model that put them in order; where one was asked for in vain, `rerank_fallback_reason` says why.
    """

    query: str
    hits: tuple[SearchHit, ...]
    confidence: float = Field(ge=0, le=1)
    recommend_fallback: bool
    fallback_reason: str | None
    relaxed_filters: tuple[str, ...]
    reranked_by: str | None
    rerank_fallback_reason: str | None = None

    def supports(self, citation: Citation) -> bool:
        return any(hit.supports(citation) for hit in self.hits)
