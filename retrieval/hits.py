"""Ranked chunks as hits with their citations."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.base import JsonObject
from core.evidence import SearchHit
from retrieval.chunks import Chunk
from retrieval.confidence import Confidence, confidence
from retrieval.snippets import best_snippet, line_words
from retrieval.word_index import Terms
from retrieval.words import words

MAX_TOP_K = 50
MAX_CHUNKS_PER_SOURCE = 3
_MIN_SNIPPET_CHARS = 20
_SCORED_SOURCES = 10
_SAME_SHARE = 0.95  # of the words of two chunks
_MIN_WORDS = 8  # below, two chunks may share their words by chance


@dataclass(frozen=True)
class HitList:
    """The best chunks, a bounded number of one source, and how sure they are."""

    hits: list[SearchHit]
    confidence: Confidence


@dataclass(frozen=True)
class _Entry:
    chunk: Chunk
    score: float
    lines: tuple[frozenset[str], ...]  # the words of each line
    words: frozenset[str]
    also: list[str]  # other sources that say the same

    def says_the_same(self, chunk: Chunk, found: frozenset[str]) -> bool:
        if chunk.source_id == self.chunk.source_id or min(len(found), len(self.words)) < _MIN_WORDS:
            return False
        return len(found & self.words) >= _SAME_SHARE * len(found | self.words)


def list_hits(
    ranked: Iterable[tuple[Chunk, float]],
    terms: Terms,
    *,
    top_k: int,
    max_snippet_chars: int,
    per_source: int = MAX_CHUNKS_PER_SOURCE,
    word_scores: Sequence[float] | None = None,
    closeness: float | None = None,
) -> HitList:
    """The first `top_k` (1 to MAX_TOP_K) of ranked chunks as hits; reads no further than it must.

    A source whose chunk says the same as a hit is named in that hit's metadata (`also_in`) and is no hit of its own.
    `word_scores` are the scores by words of the best sources, where the ranking is another; `closeness` is that of the best.
    """
    wanted = min(max(top_k, 1), MAX_TOP_K)
    entries: list[_Entry] = []
    scores: dict[str, float] = {}
    counts: Counter[str] = Counter()
    for chunk, score in ranked:
        if len(entries) == wanted and (word_scores is not None or len(scores) >= _SCORED_SOURCES):
            break
        scores.setdefault(chunk.source_id, score)
        counts[chunk.source_id] += 1
        if len(entries) == wanted or counts[chunk.source_id] > per_source:
            continue
        lines = line_words(chunk.text)
        found = frozenset[str]().union(*lines)
        same = next((entry for entry in entries if entry.says_the_same(chunk, found)), None)
        if same is None:
            entries.append(_Entry(chunk, score, lines, found, []))
        else:
            same.also.append(chunk.source_id)
    best = {*entries[0].words, *words(entries[0].chunk.title)} if entries else set[str]()
    sure = confidence(
        terms, best, (list(scores.values()) if word_scores is None else word_scores)[:_SCORED_SOURCES], closeness
    )
    chars = max(max_snippet_chars, _MIN_SNIPPET_CHARS)
    return HitList(hits=[_hit(entry, terms, chars) for entry in entries], confidence=sure)


def _hit(entry: _Entry, terms: Terms, max_snippet_chars: int) -> SearchHit:
    chunk = entry.chunk
    snippet = best_snippet(chunk.text, terms, max_snippet_chars, entry.lines)
    start, end = chunk.first_line + snippet.start - 1, chunk.first_line + snippet.end - 1
    also: JsonObject = {"also_in": list(dict.fromkeys(entry.also))} if entry.also else {}
    return SearchHit(
        source_id=chunk.source_id,
        snippet=snippet.text,
        score=round(entry.score, 4),
        metadata=chunk.metadata | also,
        citation_id=f"{chunk.source_id}:L{start}-L{end}",
        citation_source=chunk.source_id,
        locator=chunk.locator(start, end),
    )
