"""Which chunks hold a word and how much it tells of them, as arrays that an SQLite file keeps."""

import sqlite3
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from retrieval.words import telling_words

TITLE_WEIGHT = 4
K1 = 4.0  # chunks are short: what one repeats, and a title says, tells more than in whole documents
B = 0.9
FULL = 65_535  # impacts are kept as 16-bit numbers
_MAX_VALUES = 500
_CACHE_BYTES = 96_000_000

SCHEMA = """
CREATE TABLE words (
    id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, holders INTEGER NOT NULL, most INTEGER NOT NULL,
    rows BLOB NOT NULL, impacts BLOB NOT NULL
);
CREATE TABLE chunk_words (row INTEGER PRIMARY KEY, numbers BLOB NOT NULL);
"""

type Rows = NDArray[np.uint32]
type Impacts = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Entry:
    """A word of the index: how many chunks hold it, and the highest of their impacts, up to FULL."""

    number: int
    holders: int
    most: int


class PostingCache:
    """The postings asked for last, up to a bounded number of bytes, of files that do not change. Thread-safe."""

    def __init__(self, max_bytes: int = _CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._bytes = 0
        self._kept: OrderedDict[tuple[object, int], tuple[Rows, Impacts]] = OrderedDict()

    def get(self, key: tuple[object, int]) -> tuple[Rows, Impacts] | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[object, int], postings: tuple[Rows, Impacts]) -> None:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = postings
                self._bytes += postings[0].nbytes + postings[1].nbytes
            while self._bytes > self._max_bytes:
                _, (rows, impacts) = self._kept.popitem(last=False)
                self._bytes -= rows.nbytes + impacts.nbytes


@dataclass(frozen=True)
class Postings:
    """The postings of an open index; `rows` of its chunks are below `size`, `chunks` counts them.

    `mean_length` is that of a chunk in words, those of titles weighed. With a cache, `stamp` tells this file from others and from its own earlier states.
    """

    database: sqlite3.Connection
    size: int
    chunks: int
    mean_length: float = 1.0
    cache: PostingCache | None = None
    stamp: object = None
    _entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def entries(self, wanted: Sequence[str]) -> dict[str, Entry]:
        """The words of the index among those wanted."""
        missing = [word for word in wanted if word not in self._entries]
        for first in range(0, len(missing), _MAX_VALUES):
            some = missing[first : first + _MAX_VALUES]
            marks = ",".join("?" * len(some))
            for word, *entry in self.database.execute(
                f"SELECT word, id, holders, most FROM words WHERE word IN ({marks})",  # noqa: S608 - marks alone
                some,
            ):
                self._entries[word] = Entry(*entry)
        return {word: self._entries[word] for word in wanted if word in self._entries}

    def chunk_words(self, rows: Sequence[int]) -> dict[int, Rows]:
        """Row → how many words its title has, then the numbers of its words, those of the title first."""
        found: dict[int, Rows] = {}
        for first in range(0, len(rows), _MAX_VALUES):
            some = rows[first : first + _MAX_VALUES]
            marks = ",".join("?" * len(some))
            statement = f"SELECT row, numbers FROM chunk_words WHERE row IN ({marks})"  # noqa: S608 - marks alone
            for row, numbers in self.database.execute(statement, some):
                found[row] = np.frombuffer(numbers, dtype="<u4")
        return found

    def read(self, entry: Entry) -> tuple[Rows, Impacts]:
        """The rows that hold the word, ascending, and its impact on each."""
        key = (self.stamp, entry.number)
        if self.cache is not None and (kept := self.cache.get(key)) is not None:
            return kept
        rows, impacts = self.database.execute(
            "SELECT rows, impacts FROM words WHERE id = ?", (entry.number,)
        ).fetchone()
        found = np.frombuffer(rows, dtype="<u4"), np.frombuffer(impacts, dtype="<u2")
        if self.cache is not None:
            self.cache.put(key, found)
        return found


class WordWriter:
    """Gathers the words of chunks and writes them as postings; chunks come in order of their rows."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._postings: list[tuple[array[int], array[int]]] = []  # positions and counts, by code
        self._lengths: array[int] = array("I")
        self._rows: array[int] = array("I")
        self._texts: array[int] = array("I")  # the codes of every chunk, one after the other
        self._title_words: array[int] = array("I")
        self._ends: array[int] = array("Q")

    def add(self, chunks: Iterable[tuple[int, str, str]]) -> None:
        """Takes chunks as (row, title, body)."""
        for row, title, body in chunks:
            self.add_words(row, telling_words(title), telling_words(body))

    def add_words(self, row: int, title: Sequence[str], body: Sequence[str]) -> None:
        """Takes a chunk as its telling words."""
        position = len(self._lengths)
        above, here = self._coded(title), self._coded(body)
        self._rows.append(row)
        self._lengths.append(TITLE_WEIGHT * len(above) + len(here))
        self._texts.extend(above)
        self._texts.extend(here)
        self._title_words.append(len(above))
        self._ends.append(len(self._texts))
        counts = Counter(here)
        for code in above:
            counts[code] += TITLE_WEIGHT
        for code, count in counts.items():
            positions, found = self._postings[code]
            positions.append(position)
            found.append(count)

    @property
    def mean_length(self) -> float:
        return (sum(self._lengths) / len(self._lengths) if self._lengths else 0.0) or 1.0

    def write(self, database: sqlite3.Connection) -> None:
        """Writes what was gathered, in the order of the words."""
        norms = K1 * (1 - B + B * _array(self._lengths) / self.mean_length)
        database.executemany("INSERT INTO words VALUES (?, ?, ?, ?, ?, ?)", self._table(norms))
        database.executemany("INSERT INTO chunk_words VALUES (?, ?)", self._chunks())

    def _coded(self, found: Sequence[str]) -> list[int]:
        codes = self._codes
        coded: list[int] = []
        for word in found:
            code = codes.get(word)
            if code is None:
                code = codes[word] = len(codes)
                self._postings.append((array("I"), array("I")))
            coded.append(code)
        return coded

    def _table(self, norms: NDArray[np.floating]) -> Iterator[tuple[int, str, int, int, bytes, bytes]]:
        of_position = _array(self._rows)
        for number, word in enumerate(sorted(self._codes), start=1):
            held, counted = self._postings[self._codes[word]]
            positions, counts = _array(held), _array(counted)
            rows = of_position[positions].astype("<u4")
            impacts = np.rint(FULL * counts / (counts + norms[positions])).astype("<u2")
            yield number, word, len(rows), int(impacts.max()), rows.tobytes(), impacts.tobytes()

    def _chunks(self) -> Iterator[tuple[int, bytes]]:
        """Row → how many words its title has, then the numbers of all its words."""
        numbers = np.zeros(len(self._codes) + 1, dtype="<u4")
        numbers[[self._codes[word] for word in sorted(self._codes)]] = np.arange(1, len(self._codes) + 1)
        texts, start = _array(self._texts), 0
        for row, titled, end in zip(self._rows, self._title_words, self._ends, strict=True):
            yield row, np.uint32(titled).astype("<u4").tobytes() + numbers[texts[start:end]].tobytes()
            start = end


def read_texts(database: sqlite3.Connection) -> Iterator[Rows]:
    """The `chunk_words` of every row, in their order."""
    for (numbers,) in database.execute("SELECT numbers FROM chunk_words ORDER BY row"):
        yield np.frombuffer(numbers, dtype="<u4")


def _array(values: array[int]) -> Rows:
    return np.frombuffer(values, dtype=np.uint32) if values else np.zeros(0, dtype=np.uint32)
