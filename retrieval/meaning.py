"""Ranking by meaning: the vectors of an index held in memory, as long as the file stays the same."""

import sqlite3
from collections.abc import Set as AbstractSet
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, cast

from retrieval.encoder import Encoder
from retrieval.fusion import Ranked
from retrieval.vectors import CHUNK, TITLE, read_matrix

_QUERY_PIECES = 64  # a quarter of the time that a whole page of a question takes, and no worse
_HEAD_CHARS = 160  # what a question says first is what it is about: compared with titles
_TITLE_SHARE = 0.5
_LISTED = 300
_KEPT_FILES = 2

type Stamp = tuple[str, int, int]


class _Vectors:
    def __init__(self, database: sqlite3.Connection) -> None:
        numpy: Any = import_module("numpy")
        self.rows, self.chunks = read_matrix(database, CHUNK)  # those of a record follow each other
        self.records, self.titles = read_matrix(database, TITLE)
        place = {record: at for at, record in enumerate(self.records)}
        record_of = dict(database.execute("SELECT id, record FROM chunks"))
        self.owners: Any = numpy.array([place[record_of[row]] for row in self.rows], dtype=numpy.int64)


class MeaningRanking:
    """Ranks records by how near their best chunk and their title come to a question. Thread-safe."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = Lock()
        self._known: dict[Stamp, _Vectors] = {}

    def ranked(
        self, path: Path, database: sqlite3.Connection, query: str, allowed: AbstractSet[int] | None
    ) -> list[Ranked]:
        """The best few hundred records, each with its nearest chunk; none when the index holds no vectors of the model."""
        vectors = self._vectors(path, database)
        if not vectors.rows:
            return []
        numpy: Any = import_module("numpy")
        asked = self._encoder.encode(query, _QUERY_PIECES)
        head = asked if len(query) <= _HEAD_CHARS else self._encoder.encode(query[:_HEAD_CHARS], _QUERY_PIECES)
        near = vectors.chunks @ asked
        if allowed is not None:
            near[~numpy.isin(numpy.array(vectors.rows), list(allowed))] = -numpy.inf
        best = numpy.full(len(vectors.records), -numpy.inf, dtype=numpy.float32)
        numpy.maximum.at(best, vectors.owners, near)
        scores = best + _TITLE_SHARE * (vectors.titles @ head)
        order = numpy.argsort(-scores, kind="stable")[:_LISTED]
        found: list[Ranked] = []
        for at in cast("list[int]", order.tolist()):
            record: int = vectors.records[at]
            if numpy.isfinite(scores[at]):
                first, end = numpy.searchsorted(vectors.owners, [at, at + 1])
                row = vectors.rows[int(first) + int(near[first:end].argmax())]
                found.append(Ranked(record=record, row=row, score=float(scores[at])))
        return found

    def _vectors(self, path: Path, database: sqlite3.Connection) -> _Vectors:
        status = path.stat()
        stamp = (str(path.resolve()), status.st_mtime_ns, status.st_size)
        with self._lock:
            if stamp not in self._known:
                while len(self._known) >= _KEPT_FILES:
                    del self._known[next(iter(self._known))]
                self._known[stamp] = _Vectors(database)
            return self._known[stamp]
