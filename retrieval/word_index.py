"""Ranking by words: BM25 over the postings of an index.

Formula: Robertson & Zaragoza, The Probabilistic Relevance Framework, 10.1561/1500000019, section 3, with the weight of
words that a question repeats. A chunk is ranked by its own words and those of its title. Words that cannot change the best
any more are looked up for the best alone: MaxScore, Turtle & Flood, 10.1016/0306-4573(95)00020-H.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from retrieval.postings import FULL, K1, TITLE_WEIGHT, B, Entry, Postings
from retrieval.words import telling_words

MAX_QUERY_TERMS = 128
_K3 = 8.0  # a word that a long question repeats is what it is about
_MAX_QUERY_CHARS = 20_000
_LONG = 5_000  # postings; below, adding them up is cheaper than asking whether one must
_MAX_EXACT = (
    1_500_000  # postings added up before the rest counts for the best candidates alone, whatever they could change
)
_CANDIDATES = 4_000

type Scores = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The words of a question with how telling each is (0 and up); `asked` of them, the most telling, are looked for.

    `pairs` are its neighbouring words with how telling each pair is, `counts` how often it has each word.
    """

    weights: dict[str, float]
    asked: tuple[str, ...]
    pairs: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def coverage(self, found: Iterable[str]) -> float:
        """0..1: the share of the question, by weight, whose words are among those found."""
        total = sum(self.weights.values())
        here = set(found)
        return sum(weight for word, weight in self.weights.items() if word in here) / total if total else 0.0


def read_terms(postings: Postings, query: str) -> Terms:
    """The words of a question; rare and repeated ones weigh most; at most MAX_QUERY_TERMS are looked for."""
    found = telling_words(query[:_MAX_QUERY_CHARS])
    counts = Counter(found)
    entries = postings.entries(list(counts))
    weights: dict[str, float] = {}
    for word, count in counts.items():
        holders = entries[word].holders if word in entries else 0
        rarity = log(1 + (postings.chunks - holders + 0.5) / (holders + 0.5))
        weights[word] = rarity * repeated(count)
    asked = sorted(entries, key=lambda word: (-weights[word], word))[:MAX_QUERY_TERMS]
    kept = set(asked) | (weights.keys() - entries.keys())
    return Terms(
        weights={word: weight for word, weight in weights.items() if word in kept},
        asked=tuple(asked),
        pairs={pair: weights[pair[0]] + weights[pair[1]] for pair in pairwise(found)},
        counts=dict(counts),
    )


def repeated(count: int) -> float:
    """How much more a word weighs that a question has so many times."""
    return count * (_K3 + 1) / (count + _K3)


def most_possible(terms: Terms) -> float:
    """What a chunk could score at most: every word, again and again."""
    return (K1 + 1) * sum(terms.weights.values())


def ranked_rows(
    postings: Postings, terms: Terms, allowed: NDArray[np.bool_] | None = None, limit: int | None = None
) -> list[tuple[int, float]]:
    """Rows and scores (higher is better) of the chunks that hold any of the words, best first, at most `limit`.

    `allowed` tells of every row whether it may be one of them.
    """
    entries = postings.entries(terms.asked)
    factors = {word: terms.weights[word] * (K1 + 1) / FULL for word in terms.asked}
    order = sorted(terms.asked, key=lambda word: (-factors[word] * entries[word].most, word))
    bounds = [factors[word] * entries[word].most for word in order]
    left = list(accumulate(reversed(bounds), initial=0.0))[::-1]  # what the words from here on could still add
    scores: Scores = np.zeros(postings.size, dtype=np.float32)
    added = 0
    for at, word in enumerate(order):
        entry = entries[word]
        if limit is not None and entry.holders > _LONG and added:
            forced = added + entry.holders > _MAX_EXACT
            candidates = _candidates(scores, limit, left[at], forced=forced)
            if candidates is not None:
                rest = [(entries[name], factors[name]) for name in order[at:]]
                return _best_first(candidates, _completed(postings, candidates, scores[candidates], rest), limit)
        rows, impacts = postings.read(entry)
        if allowed is not None:
            here = allowed[rows]
            rows, impacts = rows[here], impacts[here]
        scores[rows] += impacts * np.float32(factors[word])
        added += entry.holders
    found = np.flatnonzero(scores)
    return _best_first(found, scores[found], limit)


def scored_rows(postings: Postings, terms: Terms, rows: Sequence[int]) -> list[tuple[int, float]]:
    """The same scores for rows that another engine found, from the words of each; best first."""
    entries = postings.entries(terms.asked)
    weights = {entries[word].number: terms.weights[word] for word in terms.asked}
    texts = postings.chunk_words(rows)
    if not weights or not texts:
        return []
    codes = np.array(sorted(weights), dtype=np.uint32)
    told = np.array([weights[code] for code in sorted(weights)])
    every = np.concatenate(list(texts.values()))
    sizes = np.array([len(text) for text in texts.values()])
    starts = np.cumsum(sizes) - sizes
    titled = every[starts].astype(np.int64)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    places = np.arange(len(every)) - starts[owners]
    counts = np.where(places <= titled[owners], TITLE_WEIGHT, 1.0)
    at = np.minimum(np.searchsorted(codes, every), len(codes) - 1)
    here = (codes[at] == every) & (places > 0)  # the first is how many words the title has
    held = np.bincount(owners[here] * len(codes) + at[here], counts[here], minlength=len(sizes) * len(codes)).reshape(
        len(sizes), len(codes)
    )
    lengths = sizes - 1 + (TITLE_WEIGHT - 1) * titled
    norms = K1 * (1 - B + B * lengths / postings.mean_length)
    scores = (told * held * (K1 + 1) / (held + norms[:, None])).sum(axis=1)
    found = zip(texts, scores.tolist(), strict=True)
    return sorted(((row, score) for row, score in found if score > 0), key=lambda pair: (-pair[1], pair[0]))


def _candidates(scores: Scores, limit: int, left: float, *, forced: bool) -> NDArray[np.intp] | None:
    """The rows that can still be among the best `limit`; None where it could be any."""
    found = np.flatnonzero(scores)
    if len(found) <= limit:
        return None
    here = scores[found]
    least = np.partition(here, -limit)[-limit]
    if least >= left:
        return found[here + left >= least]
    if not forced:
        return None
    return found if len(found) <= _CANDIDATES else found[here >= np.partition(here, -_CANDIDATES)[-_CANDIDATES]]


def _completed(
    postings: Postings, candidates: NDArray[np.intp], scores: Scores, rest: Iterable[tuple[Entry, float]]
) -> Scores:
    """The scores of the candidates with those of the other words."""
    for entry, factor in rest:
        rows, impacts = postings.read(entry)
        at = np.minimum(np.searchsorted(rows, candidates.astype(np.uint32)), len(rows) - 1)
        scores = scores + np.where(rows[at] == candidates, impacts[at], 0) * np.float32(factor)
    return scores


def _best_first(rows: NDArray[np.intp], scores: Scores, limit: int | None) -> list[tuple[int, float]]:
    if limit is not None and len(rows) > limit:
        best = scores >= np.partition(scores, -limit)[-limit]
        rows, scores = rows[best], scores[best]
    order = np.lexsort((rows, -scores))[:limit]
    return list(zip(rows[order].tolist(), scores[order].tolist(), strict=True))
