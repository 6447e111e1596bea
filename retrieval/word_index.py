"""Full-text search over prepared words, on SQLite's FTS5 (https://www.sqlite.org/fts5.html)."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from math import log

from retrieval.words import query_words, words

MAX_QUERY_TERMS = 24
TITLE_WEIGHT = 2.0
_MAX_QUERY_CHARS = 20_000

# The words are prepared by `words()`, so FTS5 only has to part them at blanks: every character that can be inside one
# is a token character. `content=''` keeps the inverted index alone.
SCHEMA = """
CREATE VIRTUAL TABLE chunk_words USING fts5(title, body, content='', tokenize="ascii tokenchars '._-:'");
CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab(chunk_words, 'row');
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


def add_chunk(database: sqlite3.Connection, row: int, title: str, body: str) -> None:
    """Makes a chunk findable under the number `row`."""
    database.execute(
        "INSERT INTO chunk_words (rowid, title, body) VALUES (?, ?, ?)",
        (row, " ".join(words(title)), " ".join(words(body))),
    )


def read_terms(database: sqlite3.Connection, query: str, chunk_count: int) -> Terms:
    """The words of a question; those that occur in few chunks weigh most, at most MAX_QUERY_TERMS are looked for."""
    weights: dict[str, float] = {}
    known: list[str] = []
    for word in query_words(query[:_MAX_QUERY_CHARS]):
        with closing(database.execute("SELECT doc FROM chunk_vocabulary WHERE term = ?", (word,))) as cursor:
            found = cursor.fetchone()
        holders = int(found[0]) if found else 0
        weights[word] = log(1 + (chunk_count - holders + 0.5) / (holders + 0.5))
        if holders:
            known.append(word)
    asked = sorted(known, key=lambda word: -weights[word])[:MAX_QUERY_TERMS]
    kept = set(asked) | {word for word in weights if word not in set(known)}
    return Terms(weights={word: weight for word, weight in weights.items() if word in kept}, asked=tuple(asked))


def ranked_rows(
    database: sqlite3.Connection, terms: Terms, where: str = "", values: tuple[str | float, ...] = ()
) -> list[tuple[int, float]]:
    """Numbers and scores (higher is better) of the chunks that hold any of the words, best first.

    `where` narrows them by columns of `records`, with a `?` for each of `values`; it is program text, never a user's.
    """
    if not terms.asked:
        return []
    # Words hold letters, digits and `._-:` only; in quotes nothing of them is FTS5 syntax.
    match = " OR ".join(f'"{word}"' for word in terms.asked)
    statement = "SELECT rowid, bm25(chunk_words, ?, 1.0) AS rank FROM chunk_words WHERE chunk_words MATCH ?"
    if where:
        ids = f"SELECT chunks.id FROM chunks JOIN records ON records.id = record WHERE {where}"  # noqa: S608 - program text
        statement += f" AND rowid IN ({ids})"
    with closing(database.execute(f"{statement} ORDER BY rank, rowid", (TITLE_WEIGHT, match, *values))) as cursor:
        return [(int(row), -float(rank)) for row, rank in cursor]
