"""Writes the index file that `search_previous_issues` reads."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from core.base import Json, JsonObject
from core.errors import ToolBrokenError
from core.window import iso
from retrieval.jira_issues import jira_record
from retrieval.metadata import severity_in
from retrieval.records import IssueRecord
from retrieval.word_index import SCHEMA as WORD_SCHEMA
from retrieval.word_index import WordWriter

FORMAT = "orch issue index 2"
_MAX_LISTED = 100
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
    id INTEGER PRIMARY KEY, record_id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, collection TEXT NOT NULL,
    issue_type TEXT, priority TEXT, severity TEXT, severity_rank TEXT, project TEXT, incident_state TEXT,
    created REAL, opened REAL, metadata TEXT NOT NULL
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES records, title TEXT NOT NULL, text TEXT NOT NULL,
    first_line INTEGER NOT NULL, path TEXT, url TEXT, metadata TEXT NOT NULL
);
CREATE INDEX chunks_of_record ON chunks (record);
"""


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """What was written; `bad` has a sentence for each record left out (the first hundred), `bad_count` counts them."""

    path: Path
    records: int
    chunks: int
    bad_count: int
    bad: tuple[str, ...]


def build_issue_index(
    path: Path, records: Iterable[IssueRecord | Json], *, signature: str = "", problems: Iterable[str] = ()
) -> BuildReport:
    """Writes the index at `path`, whole or not at all; equal records give equal bytes.

    Records are IssueRecords or issues in the shape of Jira's REST v3. One that cannot be read, or repeats a key, is left
    out and counted; `problems` were found before and are counted with them. `signature` tells later whether the index is
    still that of its sources. Raises ToolBrokenError when the file cannot be written.
    """
    good, bad = _sorted_out(records, list(problems))
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(temporary)) as database:
            chunk_count = _write(database, good, signature)
        temporary.replace(path)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ToolBrokenError(
            f"the index {path} cannot be written ({error}): check the folder and its rights"
        ) from None
    return BuildReport(
        path=path, records=len(good), chunks=chunk_count, bad_count=len(bad), bad=tuple(bad[:_MAX_LISTED])
    )


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


def _write(database: sqlite3.Connection, records: list[IssueRecord], signature: str) -> int:
    database.execute("PRAGMA journal_mode = OFF")  # the file is nobody's until it is whole
    database.executescript(_SCHEMA + WORD_SCHEMA)
    count = 0
    written = WordWriter()
    for number, record in enumerate(records, start=1):
        database.execute(
            "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (number, *_columns(record))
        )
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
    database.executemany(
        "INSERT INTO about VALUES (?, ?)", (("format", FORMAT), ("signature", signature), ("chunks", str(count)))
    )
    database.commit()
    return count


def _columns(record: IssueRecord) -> tuple[str | float | None, ...]:
    rank = severity_in(record.severity or record.priority or "")
    metadata: JsonObject = {
        "source": record.source,
        "collection": record.collection,
        "project": record.project,
        "incident_state": record.incident_state,
        "created": _shown(record.created),
        "opened": _shown(record.opened),
    }
    return (
        record.record_id,
        record.source,
        record.collection,
        record.issue_type,
        record.priority,
        record.severity,
        rank[-1] if rank else None,
        record.project,
        record.incident_state,
        _seconds(record.created),
        _seconds(record.opened),
        json.dumps(metadata, ensure_ascii=False, sort_keys=True),
    )


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
