"""Ranking by meaning: the vectors of an index held in memory, as long as the file stays the same."""

from collections import OrderedDict
from threading import Lock
from typing import Any, cast

import numpy as np

from retrieval.columns import Mask
from retrieval.encoder import Encoder
from retrieval.fusion import Ranked
from retrieval.index_files import OpenIndex, Stamp
from retrieval.vectors import CHUNK, TITLE, read_matrix

_QUERY_PIECES = 32  # what a question says first is what it is about: the rest takes time and blurs it
_TITLE_SHARE = 0.5
_LISTED = 300
_KEPT_FILES = 2
_KEPT_QUESTIONS = 256


class _Vectors:
    def __init__(self, index: OpenIndex) -> None:
        rows, self.chunks = read_matrix(index.database, CHUNK)  # those of a record follow each other
        records, self.titles = read_matrix(index.database, TITLE)
        self.rows = np.array(rows, dtype=np.int64)
        self.records = np.array(records, dtype=np.int64)
        owners = index.columns.owners[self.rows - 1].astype(np.int64) + 1 if rows else self.rows
        self.starts = np.searchsorted(owners, self.records)
        self.ends = np.searchsorted(owners, self.records, side="right")


class MeaningRanking:
    """Ranks records by how near their best chunk and their title come to a question. Thread-safe."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = Lock()
        self._known: dict[Stamp, _Vectors] = {}
        self._asked: OrderedDict[str, Any] = OrderedDict()

    def ranked(self, index: OpenIndex, query: str, admitted: Mask | None) -> list[Ranked]:
        """The best few hundred records, each with its nearest chunk; none when the index holds no vectors of the model.

        `admitted` tells of every record, from 0, whether it may be one of them.
        """
        vectors = self._vectors(index)
        if not len(vectors.rows):
            return []
        asked = self._encoded(query)
        near = _nearness(vectors.chunks, asked)
        scores = np.maximum.reduceat(near, vectors.starts) + _TITLE_SHARE * _nearness(vectors.titles, asked)
        if admitted is not None:
            scores[~admitted[vectors.records - 1]] = -np.inf
        found: list[Ranked] = []
        for at in cast("list[int]", _best(scores).tolist()):
            if np.isfinite(scores[at]):
                first, end = int(vectors.starts[at]), int(vectors.ends[at])
                row = int(vectors.rows[first + int(near[first:end].argmax())])
                found.append(Ranked(record=int(vectors.records[at]), row=row, score=float(scores[at])))
        return found

    def _encoded(self, text: str) -> Any:
        """The vector of a question; those asked last are kept: a thread asks the same again and again."""
        with self._lock:
            if text in self._asked:
                self._asked.move_to_end(text)
                return self._asked[text]
        vector = self._encoder.encode(text, _QUERY_PIECES)
        with self._lock:
            self._asked[text] = vector
            while len(self._asked) > _KEPT_QUESTIONS:
                self._asked.popitem(last=False)
        return vector

    def _vectors(self, index: OpenIndex) -> _Vectors:
        with self._lock:
            if index.stamp not in self._known:
                while len(self._known) >= _KEPT_FILES:
                    del self._known[next(iter(self._known))]
                self._known[index.stamp] = _Vectors(index)
            return self._known[index.stamp]


def _nearness(vectors: Any, asked: Any) -> Any:
    """The product of every vector with one; in this thread, for those of a linear algebra library spin while they wait."""
    return np.einsum("ij,j->i", vectors, asked)


def _best(scores: Any) -> Any:
    """The places of the best, best first; the first of those that are level."""
    found: Any = np.arange(len(scores))
    if len(scores) > _LISTED:
        found = np.flatnonzero(scores >= np.partition(scores, -_LISTED)[-_LISTED])
    return found[np.lexsort((found, -scores[found]))][:_LISTED]
