"""Index files as they are opened for one question, with what is kept of them between questions."""

import json
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import cast
from urllib.parse import quote

from core.base import JsonObject
from core.errors import ToolBrokenError
from retrieval.build import FORMAT
from retrieval.chunks import Chunk
from retrieval.columns import Columns
from retrieval.postings import PostingCache, Postings

HOW_TO_BUILD = "build it with `python -m retrieval build --company FOLDER --index PATH`"
_KEPT_FILES = 2
_MAX_VALUES = 500

type Stamp = tuple[str, int, int, int]


@dataclass(frozen=True, kw_only=True)
class OpenIndex:
    """An index file at one of its states: `stamp` is equal as long as nobody replaced it."""

    path: Path
    stamp: Stamp
    database: sqlite3.Connection
    about: dict[str, str]
    columns: Columns
    postings: Postings

    def chunks(self, rows: Iterable[int]) -> Iterator[Chunk]:
        """The chunks of the rows, in their order, read as they are asked for."""
        for row in rows:
            found = self.database.execute(
                "SELECT record_id, chunks.title, text, first_line, path, url, records.metadata, chunks.metadata"
                " FROM chunks JOIN records ON records.id = chunks.record WHERE chunks.id = ?",
                (row,),
            ).fetchone()
            source_id, title, text, first_line, path, url, of_record, of_chunk = found
            metadata = cast("JsonObject", json.loads(of_record)) | cast("JsonObject", json.loads(of_chunk))
            yield Chunk(
                source_id=source_id,
                title=title,
                text=text,
                first_line=first_line,
                path=path,
                url=url,
                metadata=metadata,
            )

    def texts(self, rows: list[int]) -> dict[int, tuple[str, str]]:
        """Row → title and text."""
        found: dict[int, tuple[str, str]] = {}
        for first in range(0, len(rows), _MAX_VALUES):
            some = rows[first : first + _MAX_VALUES]
            marks = ",".join("?" * len(some))
            statement = f"SELECT id, title, text FROM chunks WHERE id IN ({marks})"  # noqa: S608 - marks alone
            found.update((row, (title, text)) for row, title, text in self.database.execute(statement, some))
        return found


class IndexFiles:
    """Opens index files; what every question needs of one is read once. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[Stamp, tuple[dict[str, str], Columns]] = {}
        self._cache = PostingCache()

    @contextmanager
    def open(self, path: Path) -> Generator[OpenIndex]:
        """The index at `path`. Raises ToolBrokenError for another format, sqlite3.Error for what is no index."""
        database, stamp = _opened(path)
        with closing(database):
            about, columns = self._kept(stamp, database, path)
            chunks = int(about["chunks"])
            yield OpenIndex(
                path=path,
                stamp=stamp,
                database=database,
                about=about,
                columns=columns,
                postings=Postings(
                    database,
                    size=chunks + 1,
                    chunks=chunks,
                    mean_length=float(about["mean_length"]),
                    cache=self._cache,
                    stamp=stamp,
                ),
            )

    def _kept(self, stamp: Stamp, database: sqlite3.Connection, path: Path) -> tuple[dict[str, str], Columns]:
        with self._lock:
            found = self._known.get(stamp)
        if found is not None:
            return found
        found = check_format(read_about(database), path), Columns.open(database)
        with self._lock:
            while len(self._known) >= _KEPT_FILES:
                del self._known[next(iter(self._known))]
            self._known[stamp] = found
        return found


def read_about(database: sqlite3.Connection) -> dict[str, str]:
    """What an index says of itself. Raises sqlite3.Error for what is no index."""
    return dict(database.execute("SELECT name, value FROM about").fetchall())


def check_format(about: dict[str, str], path: Path) -> dict[str, str]:
    """The same, of this format. Raises ToolBrokenError for another."""
    if about.get("format") != FORMAT:
        raise ToolBrokenError(
            f"the index {path} has the format {about.get('format')!r}, not {FORMAT!r}: {HOW_TO_BUILD}"
        )
    return about


def open_database(path: Path) -> sqlite3.Connection:
    """A connection that reads alone."""
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)


def _opened(path: Path) -> tuple[sqlite3.Connection, Stamp]:
    """A connection, and the stamp of the very file that it reads."""
    while True:
        before = _stamp(path)
        database = open_database(path)
        if _stamp(path) == before:
            return database, before
        database.close()  # replaced at this very moment


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError as error:
        raise ToolBrokenError(f"the index {path} cannot be read ({error.strerror}): {HOW_TO_BUILD}") from None
    return str(path.resolve()), status.st_ino, status.st_mtime_ns, status.st_size
