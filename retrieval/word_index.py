"""Ranking by words: BM25 over postings that an SQLite file keeps.

Formula: Robertson & Zaragoza, The Probabilistic Relevance Framework, 10.1561/1500000019, section 3, with the weight of
words that a question repeats. A chunk is ranked by its own words and those of its title.
"""

import sqlite3
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from heapq import nlargest
from math import log

from retrieval.words import query_words, words

MAX_QUERY_TERMS = 128
TITLE_WEIGHT = 4
_K1 = 4.0  # chunks are short: what one repeats, and a title says, tells more than in whole documents
_B = 0.9
_K3 = 8.0  # a word that a long question repeats is what it is about
_FULL = 65_535  # impacts are kept as 16-bit numbers
_MAX_POSTINGS = 20_000  # what is added up for every chunk; commoner words count for the best candidates alone
_CANDIDATES = 250
_MAX_QUERY_CHARS = 20_000

SCHEMA = """
CREATE TABLE words (
    id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, holders INTEGER NOT NULL, rows BLOB NOT NULL, impacts BLOB NOT NULL
);
"""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The words of a question with how telling each is (0 and up); `asked` of them, the most telling, are looked for."""

    weights: dict[str, float]
    asked: tuple[str, ...]

    def coverage(self, found: Iterable[str]) -> float:
        """0..1: the share of the question, by weight, whose words are among those found."""
        total = sum(self.weights.values())
        here = set(found)
        return sum(weight for word, weight in self.weights.items() if word in here) / total if total else 0.0


class WordWriter:
    """Gathers the words of chunks and writes them as postings; chunks come in order of their rows."""

    def __init__(self) -> None:
        self._postings: dict[str, tuple[array[int], array[int]]] = {}
        self._lengths: array[int] = array("I")
        self._rows: array[int] = array("I")

    def add(self, chunks: Iterable[tuple[int, str, str]]) -> None:
        """Takes chunks as (row, title, body)."""
        for row, title, body in chunks:
            counts = Counter(words(body))
            for word in words(title):
                counts[word] += TITLE_WEIGHT
            position = len(self._lengths)
            self._rows.append(row)
            self._lengths.append(sum(counts.values()))
            for word, count in counts.items():
                positions, found = self._postings.setdefault(word, (array("I"), array("I")))
                positions.append(position)
                found.append(count)

    def write(self, database: sqlite3.Connection) -> None:
        """Writes what was gathered, in the order of the words."""
        mean = sum(self._lengths) / len(self._lengths) if self._lengths else 1.0
        norms = [_K1 * (1 - _B + _B * length / (mean or 1.0)) for length in self._lengths]
        database.executemany("INSERT INTO words VALUES (?, ?, ?, ?, ?)", self._table(norms))

    def _table(self, norms: list[float]) -> Iterator[tuple[int, str, int, bytes, bytes]]:
        for number, word in enumerate(sorted(self._postings), start=1):
            positions, counts = self._postings[word]
            rows = array("I", (self._rows[at] for at in positions))
            impacts = array("H", (round(_FULL * n / (n + norms[at])) for at, n in zip(positions, counts, strict=True)))
            yield number, word, len(rows), _packed(rows), _packed(impacts)


def read_terms(database: sqlite3.Connection, query: str, chunk_count: int) -> Terms:
    """The words of a question; rare and repeated ones weigh most; at most MAX_QUERY_TERMS are looked for."""
    weights: dict[str, float] = {}
    known: set[str] = set()
    for word, count in query_words_counted(query[:_MAX_QUERY_CHARS]).items():
        with closing(database.execute("SELECT holders FROM words WHERE word = ?", (word,))) as cursor:
            found = cursor.fetchone()
        holders = int(found[0]) if found else 0
        rarity = log(1 + (chunk_count - holders + 0.5) / (holders + 0.5))
        weights[word] = rarity * count * (_K3 + 1) / (count + _K3)
        if holders:
            known.add(word)
    asked = sorted(known, key=lambda word: (-weights[word], word))[:MAX_QUERY_TERMS]
    kept = set(asked) | (weights.keys() - known)
    return Terms(weights={word: weight for word, weight in weights.items() if word in kept}, asked=tuple(asked))


def most_possible(terms: Terms) -> float:
    """What a chunk could score at most: every word, again and again."""
    return (_K1 + 1) * sum(terms.weights.values())


def query_words_counted(query: str) -> dict[str, int]:
    """The words of a question without stop words, each with how often it occurs."""
    distinct = query_words(query)
    counts = Counter(words(query))
    return {word: max(counts[word], 1) for word in distinct}


def ranked_rows(
    database: sqlite3.Connection, terms: Terms, allowed: AbstractSet[int] | None = None, limit: int | None = None
) -> list[tuple[int, float]]:
    """Rows and scores (higher is better) of the chunks that hold any of the words, best first, at most `limit`.

    `allowed` narrows them. In a large collection only the best few hundred are listed.
    """
    scores: dict[int, float] = {}
    common: list[tuple[array[int], array[int], float]] = []
    taken = 0
    for word in terms.asked:
        rows, impacts = _postings(database, word)
        factor = terms.weights[word] * (_K1 + 1) / _FULL
        taken += len(rows)
        if taken > _MAX_POSTINGS and scores:
            common.append((rows, impacts, factor))
        else:
            _add(scores, zip(rows, impacts, strict=True), factor, allowed)
    if common:
        scores = _best(scores, _CANDIDATES)
        for rows, impacts, factor in common:
            _add(scores, _of_rows(rows, impacts, scores), factor, None)
    elif limit is not None:
        scores = _best(scores, limit)
    return sorted(scores.items(), key=_best_first)[:limit]


def _best(scores: dict[int, float], count: int) -> dict[int, float]:
    """The best `count`, and those that are level with the last of them."""
    if len(scores) <= count:
        return scores
    least = nlargest(count, scores.values())[-1]
    return {row: score for row, score in scores.items() if score >= least}


def _add(
    scores: dict[int, float], postings: Iterable[tuple[int, int]], factor: float, allowed: AbstractSet[int] | None
) -> None:
    if allowed is not None:
        postings = (posting for posting in postings if posting[0] in allowed)
    known = scores.get
    for row, impact in postings:
        scores[row] = known(row, 0.0) + factor * impact


def _of_rows(rows: array[int], impacts: array[int], wanted: Iterable[int]) -> list[tuple[int, int]]:
    """The postings of the wanted rows."""
    found: list[tuple[int, int]] = []
    for row in wanted:
        at = bisect_left(rows, row)
        if at < len(rows) and rows[at] == row:
            found.append((row, impacts[at]))
    return found


def _best_first(scored: tuple[int, float]) -> tuple[float, int]:
    return -scored[1], scored[0]


def _postings(database: sqlite3.Connection, word: str) -> tuple[array[int], array[int]]:
    with closing(database.execute("SELECT rows, impacts FROM words WHERE word = ?", (word,))) as cursor:
        rows, impacts = cursor.fetchone()
    return _unpacked("I", rows), _unpacked("H", impacts)


def _packed(numbers: array[int]) -> bytes:
    """Little-endian bytes, whatever the machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _unpacked(code: str, content: bytes) -> array[int]:
    numbers: array[int] = array(code)
    numbers.frombytes(content)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
