"""Vectors of an index: kept by the digest of what was encoded, so that what did not change is never encoded again."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

from retrieval.encoder import Encoder

SCHEMA = "CREATE TABLE vectors (kind TEXT NOT NULL, row INTEGER NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL);"
CHUNK = "chunk"
TITLE = "title"
_COMMIT_EVERY = 32

type Asked = tuple[str, int, str]  # kind, row, text


def digest(encoder_name: str, text: str) -> bytes:
    """What a vector is known by: the model and the text."""
    return blake2b(f"{encoder_name}\n{text}".encode(), digest_size=16).digest()


class VectorStore:
    """Vectors that were made before, of an earlier index, and those made now, in a file beside it.

    A build that is broken off leaves the file, and the next one goes on from it; `drop` removes it after a whole build.
    """

    def __init__(self, index_path: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._path = index_path.with_name(f".{index_path.name}.vectors")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._kept = sqlite3.connect(self._path)
        self._kept.execute(
            "CREATE TABLE IF NOT EXISTS made (digest BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
        )
        self._earlier = dict(_earlier(index_path))

    def vectors(self, asked: Iterable[Asked], progress: Callable[[], None]) -> Iterator[tuple[str, int, bytes, bytes]]:
        """Rows for the table `vectors`, in the order asked; half-precision floats."""
        made = 0
        for kind, row, text in asked:
            key = digest(self._encoder.name, text)
            vector = self._earlier.get(key) or self._found(key)
            if vector is None:
                vector = self._encoder.encode(text).astype("<f2").tobytes()
                self._kept.execute("INSERT OR REPLACE INTO made VALUES (?, ?)", (key, vector))
                made += 1
                if made % _COMMIT_EVERY == 0:
                    self._kept.commit()
            progress()
            yield kind, row, key, vector
        self._kept.commit()

    def count_new(self, asked: Iterable[Asked]) -> int:
        """How many of them would have to be made."""
        keys = {digest(self._encoder.name, text) for _, _, text in asked}
        return sum(1 for key in keys if key not in self._earlier and self._found(key) is None)

    def close(self) -> None:
        self._kept.commit()
        self._kept.close()

    def drop(self) -> None:
        """Removes the file of a closed store: the index holds everything now."""
        self._path.unlink(missing_ok=True)

    def _found(self, key: bytes) -> bytes | None:
        row = self._kept.execute("SELECT vector FROM made WHERE digest = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])


def _earlier(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """The vectors of an index that is there; none when it is missing, foreign or damaged."""
    if path.is_file():
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database,
        ):
            yield from database.execute("SELECT digest, vector FROM vectors").fetchall()


def read_matrix(database: sqlite3.Connection, kind: str) -> tuple[list[int], Any]:
    """The rows that have a vector of this kind, and the vectors as a matrix of 32-bit floats."""
    numpy: Any = import_module("numpy")
    rows: list[int] = []
    content = bytearray()
    for row, vector in database.execute("SELECT row, vector FROM vectors WHERE kind = ? ORDER BY row", (kind,)):
        rows.append(int(row))
        content += vector
    matrix = numpy.frombuffer(bytes(content), dtype="<f2").astype(numpy.float32)
    return rows, matrix.reshape(len(rows), -1) if rows else matrix.reshape(0, 0)
