"""Passages of one source ranked against a question (BM25 over the words of a passage and of its headings)."""

from collections import Counter
from collections.abc import Sequence
from math import log

from core.evidence import Passage
from retrieval.words import query_words, words

_K1 = 1.2
_B = 0.5  # passages are short on purpose: a longer one is not punished fully
_HEADING_WEIGHT = 0.6


class PassageRanking:
    """The passages of a source, ready to be scored. BM25 as in Robertson & Zaragoza, 10.1561/1500000019, section 3."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._weights = [_weights(passage) for passage in passages]
        self._lengths = [sum(weights.values()) for weights in self._weights]
        self._mean = (sum(self._lengths) / len(self._lengths) if self._lengths else 0.0) or 1.0
        self._holders = Counter(word for weights in self._weights for word in weights)

    def scores(self, query: str) -> list[float]:
        """The score of every passage, in their order; 0.0 where no word of the query occurs."""
        terms = query_words(query)
        return [
            sum(self._score(weights[term], term, length) for term in terms if term in weights)
            for weights, length in zip(self._weights, self._lengths, strict=True)
        ]

    def _score(self, weight: float, term: str, length: float) -> float:
        holders = self._holders[term]
        rarity = log(1 + (len(self._weights) - holders + 0.5) / (holders + 0.5))
        return rarity * weight * (_K1 + 1) / (weight + _K1 * (1 - _B + _B * length / self._mean))


def _weights(passage: Passage) -> dict[str, float]:
    weights = {word: float(count) for word, count in Counter(words(passage.text)).items()}
    above = list(passage.heading)
    if passage.block == "row" and isinstance(passage.data, dict):
        above.extend(passage.data)
    for word in dict.fromkeys(word for title in above for word in words(title)):
        weights[word] = weights.get(word, 0.0) + _HEADING_WEIGHT
    return weights
