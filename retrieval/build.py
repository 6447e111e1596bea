"""Writes the index file that `search_previous_issues` reads."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from shutil import rmtree
from time import time
from typing import Literal
from uuid import uuid4

from core.base import Json, JsonObject
from core.errors import ToolBrokenError
from core.window import iso
from retrieval.columns import SCHEMA as COLUMN_SCHEMA
from retrieval.columns import write_columns
from retrieval.encoder import Encoder
from retrieval.jira_issues import jira_record
from retrieval.large import LARGE_FROM, drop_others, is_installed, write_large
from retrieval.postings import SCHEMA as WORD_SCHEMA
from retrieval.postings import WordWriter, read_texts
from retrieval.records import IssueRecord
from retrieval.vectors import CHUNK, TITLE, Asked, VectorStore
from retrieval.vectors import SCHEMA as VECTOR_SCHEMA

FORMAT = "orch issue index 5"
_MAX_LISTED = 100
_AT_WORK_S = 3600.0
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
    id INTEGER PRIMARY KEY, record_id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, metadata TEXT NOT NULL
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES records, title TEXT NOT NULL, text TEXT NOT NULL,
    first_line INTEGER NOT NULL, path TEXT, url TEXT, metadata TEXT NOT NULL
);
"""


type Engine = Literal["auto", "sqlite", "large"]
type Progress = Callable[[str, int, int], None]  # what is being written, how many are done, of how many


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """What was written; `bad` has a sentence for each record left out (the first hundred), `bad_count` counts them.

    `new`, `changed` and `deleted` count records against the index that was there before.
    """

    path: Path
    records: int
    chunks: int
    vectors: int
    new: int
    changed: int
    deleted: int
    bad_count: int
    bad: tuple[str, ...]
    engine: str = "sqlite"


def build_issue_index(
    path: Path,
    records: Iterable[IssueRecord | Json],
    *,
    signature: str = "",
    problems: Iterable[str] = (),
    sources: Iterable[Path] = (),
    encoder: Encoder | None = None,
    max_new_vectors: int | None = None,
    engine: Engine = "auto",
    progress: Progress = no_progress,
) -> BuildReport:
    """Writes the index at `path`, whole or not at all; equal records give equal bytes.

    Records are IssueRecords or issues in the shape of Jira's REST v3. One that cannot be read, or repeats a key, is left
    out and counted; `problems` were found before and are counted with them. `signature` tells later whether the index is
    still that of the company's files; `sources` are named in it, for a later build to read them again. With an encoder it holds vectors too, those of an index that was there taken over; none at
    all where more than `max_new_vectors` would have to be made. `engine` says whether the large engine gets a folder beside the
    file: `auto` from LARGE_FROM chunks on, where it is installed. Raises ToolBrokenError when the file cannot be written.
    """
    good, bad = _sorted_out(records, list(problems))
    _drop_left_over(path)
    earlier = _digests(path)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(temporary)) as database:
            chunk_count, mean_length = _write(database, good, progress)
            vector_count = _write_vectors(database, path, good, encoder, max_new_vectors, progress)
            about = {"format": FORMAT, "signature": signature, "chunks": str(chunk_count)}
            about["mean_length"] = repr(mean_length)
            large = _large_name(good) if _wants_large(engine, chunk_count) else None
            if large is not None:
                progress("large engine", 0, 1)
                write_large(path, large, good, read_texts(database))
                progress("large engine", 1, 1)
                about["large"] = large
            about["sources"] = json.dumps([str(source.resolve()) for source in sources])
            if vector_count and encoder is not None:
                about["encoder"] = encoder.name
            database.executemany("INSERT INTO about VALUES (?, ?)", sorted(about.items()))
            database.commit()
        temporary.replace(path)
        drop_others(path, large)
    except (OSError, sqlite3.Error) as error:
        raise ToolBrokenError(
            f"the index {path} cannot be written ({error}): check the folder and its rights"
        ) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return BuildReport(
        path=path,
        records=len(good),
        chunks=chunk_count,
        vectors=vector_count,
        new=sum(1 for record in good if record.record_id not in earlier),
        changed=sum(1 for record in good if earlier.get(record.record_id, record.digest) != record.digest),
        deleted=len(earlier.keys() - {record.record_id for record in good}),
        bad_count=len(bad),
        bad=tuple(bad[:_MAX_LISTED]),
        engine="sqlite" if large is None else "large",
    )


def _wants_large(engine: Engine, chunks: int) -> bool:
    if engine == "large" and not is_installed():
        raise ToolBrokenError(
            "the large engine is not installed: install the extra `large` (uv sync --extra large), or choose `sqlite`"
        )
    return engine == "large" or (engine == "auto" and chunks >= LARGE_FROM and is_installed())


def _large_name(records: list[IssueRecord]) -> str:
    """Stands for the records in their order."""
    whole = blake2b(FORMAT.encode(), digest_size=12)
    for record in records:
        whole.update(record.digest)
    return f"large-{whole.hexdigest()}"


def _drop_left_over(path: Path) -> None:
    """Removes what builds that were killed left; those of the last hour may be at work still."""
    for found in path.parent.glob(f".{path.name}.*.part"):
        with suppress(OSError):
            if time() - found.stat().st_mtime > _AT_WORK_S:
                rmtree(found) if found.is_dir() else found.unlink()


def _digests(path: Path) -> dict[str, bytes]:
    """The records of the index that is there with their digests; none when it is missing or of another format."""
    if path.is_file():
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database,
        ):
            return dict(database.execute("SELECT record_id, digest FROM records"))
    return {}


def _sorted_out(records: Iterable[IssueRecord | Json], bad: list[str]) -> tuple[list[IssueRecord], list[str]]:
    good: dict[str, IssueRecord] = {}
    for position, given in enumerate(records):
        try:
            record = given if isinstance(given, IssueRecord) else jira_record(given)
        except ValueError as error:
            bad.append(f"record {position} is left out: {error}")
            continue
        if record.record_id in good:
            bad.append(f"record {position} is left out: {record.record_id} was there before")
        else:
            good[record.record_id] = record
    return [good[name] for name in sorted(good)], bad


def _write(database: sqlite3.Connection, records: list[IssueRecord], progress: Progress) -> tuple[int, float]:
    """How many chunks were written, and how long one is on the average."""
    database.execute("PRAGMA journal_mode = OFF")  # the file is nobody's until it is whole
    database.executescript(_SCHEMA + COLUMN_SCHEMA + WORD_SCHEMA + VECTOR_SCHEMA)
    count = 0
    written = WordWriter()
    for number, record in enumerate(records, start=1):
        database.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?)", (number, record.record_id, record.digest, _metadata(record))
        )
        progress("records", number, len(records))
        for chunk in record.chunks:
            count += 1
            database.execute(
                "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    count,
                    number,
                    chunk.title,
                    chunk.text,
                    chunk.first_line,
                    chunk.path,
                    chunk.url,
                    json.dumps(chunk.metadata, ensure_ascii=False, sort_keys=True),
                ),
            )
            written.add([(count, chunk.title, chunk.text)])
    written.write(database)
    write_columns(database, records)
    return count, written.mean_length


def _write_vectors(
    database: sqlite3.Connection,
    path: Path,
    records: list[IssueRecord],
    encoder: Encoder | None,
    max_new: int | None,
    progress: Progress,
) -> int:
    if encoder is None:
        return 0
    asked: list[Asked] = []
    row = 0
    for number, record in enumerate(records, start=1):
        asked.append((TITLE, number, record.title))
        for chunk in record.chunks:
            row += 1
            asked.append((CHUNK, row, f"{record.title}\n{chunk.text}"))
    store = VectorStore(path, encoder)
    try:
        if max_new is not None and store.count_new(asked) > max_new:
            return 0
        done = iter(range(1, len(asked) + 1))
        found = store.vectors(asked, lambda: progress("vectors", next(done), len(asked)))
        database.executemany("INSERT INTO vectors VALUES (?, ?, ?, ?)", found)
    finally:
        store.close()
    store.drop()
    return len(asked)


def _metadata(record: IssueRecord) -> str:
    metadata: JsonObject = {
        "source": record.source,
        "collection": record.collection,
        "project": record.project,
        "incident_state": record.incident_state,
        "created": _shown(record.created),
        "opened": _shown(record.opened),
    }
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True)


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
