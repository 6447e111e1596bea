"""One ranking out of two: by the words of a question and by its meaning."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

_COMPARED = 100  # the best of each ranking, among which scores are compared
_MOST_MEANING = 0.5


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A record's best chunk, with its score in the ranking at hand."""

    record: int
    row: int
    score: float


def fuse(by_words: Sequence[Ranked], by_meaning: Sequence[Ranked], covered: float) -> list[Ranked]:
    """The records of both rankings (each best first, a record once), best first.

    Scores are compared in standard deviations among the best of each; the first is left out of these, for it may be the
    question itself. Meaning weighs less the more of the question the words of the second best cover: `covered`, 0..1,
    is its score as a share of what a chunk could score at most. A record that one ranking lacks stands at its end; one
    below 0 has no meaning to compare, and counts by its words alone.
    """
    if not by_meaning:
        return list(by_words)
    if not by_words:
        return list(by_meaning)
    share = _MOST_MEANING * (1 - min(1.0, covered))
    words, no_word = _standard(by_words, lowest=0.0)
    meaning, no_meaning = _standard(by_meaning, lowest=by_meaning[-1].score)
    rows = {found.record: found.row for found in by_meaning} | {found.record: found.row for found in by_words}

    def by_meaning_of(record: int, words: float) -> float:
        return meaning.get(record, words if record < 0 else no_meaning)

    standard = {record: words.get(record, no_word) for record in rows}
    scores = {record: (1 - share) * score + share * by_meaning_of(record, score) for record, score in standard.items()}
    order = sorted(rows, key=lambda record: (-scores[record], record))
    return [Ranked(record=record, row=rows[record], score=scores[record]) for record in order]


def best_of_records(ranked: Iterable[tuple[int, float]], records: Iterable[int]) -> list[Ranked]:
    """The first chunk of every record of a ranking of chunks; `records` are those of the chunks, in the same order."""
    best: dict[int, Ranked] = {}
    for (row, score), record in zip(ranked, records, strict=True):
        if record not in best:
            best[record] = Ranked(record=record, row=row, score=score)
    return list(best.values())


def _standard(ranked: Sequence[Ranked], lowest: float) -> tuple[dict[int, float], float]:
    """Record → score in standard deviations, and `lowest` in the same."""
    compared = [found.score for found in ranked[1:_COMPARED]] or [ranked[0].score]
    mean = sum(compared) / len(compared)
    spread = sqrt(sum((score - mean) ** 2 for score in compared) / len(compared)) or 1.0
    return {found.record: (found.score - mean) / spread for found in ranked}, (lowest - mean) / spread
