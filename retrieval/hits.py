"""Ranked chunks as hits with their citations."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.evidence import SearchHit
from retrieval.chunks import Chunk
from retrieval.snippets import Confidence, best_snippet, confidence
from retrieval.word_index import Terms
from retrieval.words import words

MAX_TOP_K = 50
MAX_CHUNKS_PER_SOURCE = 3
_MIN_SNIPPET_CHARS = 20


@dataclass
class HitList:
    """The best chunks, a bounded number of one source, and how sure they are."""

    hits: list[SearchHit]
    confidence: Confidence


@dataclass
class _Seen:
    scores: dict[str, float] = field(default_factory=dict[str, float])
    counts: dict[str, int] = field(default_factory=dict[str, int])


def list_hits(
    ranked: Iterable[tuple[Chunk, float]],
    terms: Terms,
    *,
    top_k: int,
    max_snippet_chars: int,
    per_source: int = MAX_CHUNKS_PER_SOURCE,
) -> HitList:
    """The first `top_k` (1 to MAX_TOP_K) of ranked chunks as hits; reads no further than it must."""
    wanted = min(max(top_k, 1), MAX_TOP_K)
    chars = max(max_snippet_chars, _MIN_SNIPPET_CHARS)
    seen = _Seen()
    hits: list[SearchHit] = []
    best: set[str] = set()
    for chunk, score in ranked:
        if len(hits) == wanted and len(seen.scores) > 1:
            break
        seen.scores.setdefault(chunk.source_id, score)
        seen.counts[chunk.source_id] = seen.counts.get(chunk.source_id, 0) + 1
        if len(hits) == wanted or seen.counts[chunk.source_id] > per_source:
            continue
        best = best or set(words(f"{chunk.title}\n{chunk.text}"))
        hits.append(_hit(chunk, score, terms, chars))
    return HitList(hits=hits, confidence=confidence(terms, best, list(seen.scores.values())))


def _hit(chunk: Chunk, score: float, terms: Terms, max_snippet_chars: int) -> SearchHit:
    snippet = best_snippet(chunk.text, terms, max_snippet_chars)
    start, end = chunk.first_line + snippet.start - 1, chunk.first_line + snippet.end - 1
    return SearchHit(
        source_id=chunk.source_id,
        snippet=snippet.text,
        score=round(score, 4),
        metadata=chunk.metadata,
        citation_id=f"{chunk.source_id}:L{start}-L{end}",
        citation_source=chunk.source_id,
        locator=chunk.locator(start, end),
    )
