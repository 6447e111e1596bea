"""One question to one index."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from retrieval.chunks import Chunk
from retrieval.closeness import refine
from retrieval.columns import Mask
from retrieval.fusion import Ranked, best_of_records, fuse
from retrieval.hits import HitList, list_hits
from retrieval.index_files import OpenIndex
from retrieval.issue_filters import RELAXED, Conditions
from retrieval.past_tasks import PastTasks, Remembered
from retrieval.word_index import Terms, most_possible, ranked_rows, scored_rows

_CONSIDERED = 300  # chunks of a ranking by words
_FOUND = 150  # chunks that the large engine lists
_MANY = 0.15  # of the records, from which share on filters are cheaper applied to what was found
_SPARE = 1.3
_PAST_SHARE = 0.2  # of the hits, that earlier investigations take at most


@dataclass(frozen=True, kw_only=True)
class Found:
    listed: HitList
    relaxed: tuple[str, ...]


@dataclass(frozen=True)
class Asking:
    """One question to one index."""

    index: OpenIndex
    terms: Terms
    meaning: Callable[[Mask | None], list[Ranked]] | None
    finder: Callable[[Terms, Conditions, int], list[int] | None] | None
    past: PastTasks | None
    top_k: int
    max_snippet_chars: int

    def find(self, conditions: Conditions) -> Found:
        """The hits under the conditions, or under as many of them as leave any."""
        kept = dict(conditions)
        relaxed: list[str] = []
        listed = self._list(kept)
        if not listed.hits and kept and self._list({}).hits:
            for name in RELAXED:
                if listed.hits:
                    break
                if name in kept:
                    del kept[name]
                    relaxed.append(name)
                    listed = self._list(kept)
        return Found(listed=listed, relaxed=tuple(relaxed))

    def _list(self, conditions: Conditions) -> HitList:
        admitted = self.index.columns.admitted(self.index.database, conditions)
        found = self._found(conditions, admitted)
        rows = self._rows(admitted) if found is None else scored_rows(self.index.postings, self.terms, found)
        refined = refine(self.index.postings, self.terms, rows)
        plain = best_of_records(rows, self._records_of(rows))
        by_words = best_of_records(refined, self._records_of(refined))
        past = self._past(conditions)
        by_words = _merged(by_words, [item.score for item in past])
        plain_scores = [item.score for item in _merged(plain, [item.plain for item in past])]
        by_meaning = self.meaning(admitted) if self.meaning is not None and self.terms.weights else []
        covered = plain_scores[min(1, len(plain_scores) - 1)] / most_possible(self.terms) if plain_scores else 0.0
        ranked = fuse(by_words, by_meaning, covered)
        return list_hits(
            self._chunks(ranked, past),
            self.terms,
            top_k=self.top_k,
            max_snippet_chars=self.max_snippet_chars,
            per_source=1,
            word_scores=plain_scores,
            closeness=_closeness(rows, refined, past),
        )

    def _found(self, conditions: Conditions, admitted: Mask | None) -> list[int] | None:
        """What the large engine finds; None where the file's own postings are to be used.

        It ranks fastest without filters: where they let enough through, it lists more, and the rest is left out here.
        """
        if self.finder is None or not self.terms.asked:
            return None
        if admitted is None:
            return self.finder(self.terms, {}, _FOUND)
        share = float(admitted.mean())
        if share < _MANY:
            return self.finder(self.terms, conditions, _FOUND)
        owners = self.index.columns.owners
        found = self.finder(self.terms, {}, int(_FOUND / share * _SPARE))
        return None if found is None else [row for row in found if admitted[owners[row - 1]]][:_FOUND]

    def _past(self, conditions: Conditions) -> list[Remembered]:
        """The earlier investigations that fit best: never more than leave most of the hits to what others wrote."""
        if self.past is None or not len(self.past):
            return []
        most = max(1, int(self.top_k * _PAST_SHARE))
        return self.past.ranked(self.terms, self.index.postings.mean_length, conditions, most)

    def _chunks(self, ranked: list[Ranked], past: list[Remembered]) -> Iterator[tuple[Chunk, float]]:
        for found in ranked:
            chunk = past[-found.row - 1].chunk if found.row < 0 else next(self.index.chunks([found.row]))
            yield chunk, found.score

    def _rows(self, admitted: Mask | None) -> list[tuple[int, float]]:
        """The best chunks by their words alone, best first."""
        owners = self.index.columns.owners
        allowed = None if admitted is None else np.concatenate(([False], admitted[owners]))
        return ranked_rows(self.index.postings, self.terms, allowed, _CONSIDERED)

    def _records_of(self, rows: list[tuple[int, float]]) -> list[int]:
        """The record of each chunk of a ranking."""
        chunks = np.array([row for row, _ in rows], dtype=np.int64)
        return (self.index.columns.owners[chunks - 1].astype(np.int64) + 1).tolist()


def _closeness(
    plain: list[tuple[int, float]], refined: list[tuple[int, float]], past: list[Remembered]
) -> float | None:
    """How many times its plain score the best is worth; None where nothing was found."""
    best = [(past[0].score, past[0].plain)] if past else []
    if refined:
        row, score = refined[0]
        best.append((score, dict(plain)[row]))
    if not best:
        return None
    score, words = max(best)
    return score / words


def _merged(ranked: list[Ranked], past: list[float]) -> list[Ranked]:
    """The ranking with past tasks among it, as records -1, -2 and so on."""
    theirs = [Ranked(record=-at, row=-at, score=score) for at, score in enumerate(past, start=1)]
    return sorted([*ranked, *theirs], key=lambda found: -found.score) if theirs else ranked
