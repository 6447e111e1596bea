"""The best chunks by words, ranked anew by how much of the question they say as it is said.

Two things beside the words themselves: the share of a title's words that the question has, and the share, by weight, of the
question's neighbouring words that are neighbours in the chunk too.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.postings import Postings, Rows
from retrieval.word_index import Terms

_REFINED = 100  # chunks
_TITLE_SHARE = 1.5
_PAIR_SHARE = 2.0


def refine(postings: Postings, terms: Terms, ranked: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """The ranking (best first), its first hundred scored anew; a score never gets less."""
    first = [row for row, _ in ranked[:_REFINED]]
    found = postings.chunk_words(first)
    entries = postings.entries([*terms.weights, *(word for pair in terms.pairs for word in pair)])
    near = closeness(terms, {word: entry.number for word, entry in entries.items()}, [found[row] for row in first])
    closer = [(row, score * more) for (row, score), more in zip(ranked[:_REFINED], near, strict=True)]
    return sorted([*closer, *ranked[_REFINED:]], key=lambda pair: (-pair[1], pair[0]))


def closeness(terms: Terms, numbers: Mapping[str, int], texts: Sequence[Rows]) -> list[float]:
    """How many times its score by words each text is worth, from 1; texts are as `Postings.chunk_words` gives them."""
    asked = {numbers[word] for word in terms.weights if word in numbers}
    most = sum(terms.pairs.values()) or 1.0
    paired = _paired(texts, _coded(terms, numbers))
    return [
        1 + _TITLE_SHARE * _said(text, asked) + _PAIR_SHARE * pairs / most
        for text, pairs in zip(texts, paired, strict=True)
    ]


def _said(text: Rows, asked: set[int]) -> float:
    """0..1: the share of the title's words that are asked for."""
    title = set(text[1 : 1 + int(text[0])].tolist())
    return len(title & asked) / len(title) if title else 0.0


def _coded(terms: Terms, numbers: Mapping[str, int]) -> dict[int, float]:
    """The pairs that the index may hold, each as one number, with their weights."""
    return {
        numbers[one] << 32 | numbers[other]: weight
        for (one, other), weight in terms.pairs.items()
        if one in numbers and other in numbers
    }


def _paired(texts: Sequence[Rows], pairs: dict[int, float]) -> list[float]:
    """Of every text the weight of the pairs that stand in it."""
    if not pairs or not texts:
        return [0.0] * len(texts)
    codes = np.array(sorted(pairs), dtype=np.uint64)
    weights = np.array([pairs[code] for code in sorted(pairs)])
    every = np.concatenate(texts).astype(np.uint64)
    neighbours = every[:-1] << np.uint64(32) | every[1:]
    starts = np.cumsum([0, *(len(text) for text in texts)])
    titled = np.array([int(text[0]) for text in texts])
    for broken in (starts[1:-1] - 1, starts[:-1], starts[:-1] + titled):  # ends of texts, counts, ends of titles
        neighbours[broken[broken < len(neighbours)]] = 0
    at = np.minimum(np.searchsorted(codes, neighbours), len(codes) - 1)
    places = np.flatnonzero(codes[at] == neighbours)
    owners = np.searchsorted(starts, places, side="right") - 1
    once = np.unique(owners * len(codes) + at[places])
    return np.bincount(once // len(codes), weights[once % len(codes)], minlength=len(texts)).tolist()
