"""What filters ask of records, as arrays that an SQLite file keeps."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

import numpy as np
from numpy.typing import NDArray

from retrieval.issue_filters import Conditions
from retrieval.metadata import severity_in
from retrieval.records import IssueRecord

SCHEMA = "CREATE TABLE columns (name TEXT PRIMARY KEY, words TEXT NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;"
OWNERS = "owners"
_TEXTS = ("source", "collection", "issue_type", "priority", "severity", "severity_rank", "project", "incident_state")
_TIMES = ("created", "opened")
# Which columns a filter compares, each with the value of the condition at the same place.
COMPARED: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("source", "collection", "issue_type", "project", "incident_state")},
    "priority": ("priority", "severity", "severity_rank"),
    **{f"{name}_{end}": (name,) for name in _TIMES for end in ("from", "to")},
}

type Mask = NDArray[np.bool_]


def write_columns(database: sqlite3.Connection, records: Sequence[IssueRecord]) -> None:
    """Writes the columns of records, and which record (from 0) each chunk belongs to."""
    for name in _TEXTS:
        values = [_value(record, name) for record in records]
        known = {word: code for code, word in enumerate(sorted(set(values)))}
        codes = np.fromiter((known[value] for value in values), dtype="<u4", count=len(values))
        _insert(database, name, list(known), codes.tobytes())
    for name in _TIMES:
        moments = (cast("datetime | None", getattr(record, name)) for record in records)
        seconds = (float("nan") if moment is None else moment.timestamp() for moment in moments)
        _insert(database, name, [], np.fromiter(seconds, dtype="<f8", count=len(records)).tobytes())
    counts = [len(record.chunks) for record in records]
    _insert(database, OWNERS, [], np.repeat(np.arange(len(records), dtype="<u4"), counts).tobytes())


def condition_values(record: IssueRecord) -> dict[str, str]:
    """What filters compare with, case folded; empty where a record says nothing."""
    return {name: _value(record, name) for name in _TEXTS}


class Columns:
    """The columns of an open index, read when they are first asked for and kept."""

    def __init__(self, owners: NDArray[np.uint32]) -> None:
        self.owners = owners
        self._kept: dict[str, tuple[list[str], bytes]] = {}

    @classmethod
    def open(cls, database: sqlite3.Connection) -> "Columns":
        """Reads which record each chunk belongs to. Raises KeyError where the file lacks it."""
        return cls(np.frombuffer(_read(database, OWNERS)[1], dtype="<u4"))

    def admitted(self, database: sqlite3.Connection, conditions: Conditions) -> Mask | None:
        """Of every record whether it meets all conditions; None without conditions."""
        masks = [self._mask(database, name, values) for name, values in conditions.items()]
        return np.logical_and.reduce(masks) if masks else None

    def _mask(self, database: sqlite3.Connection, name: str, values: Iterable[str | float]) -> Mask:
        masks = [self._compare(database, name, *pair) for pair in zip(COMPARED[name], values, strict=True)]
        return np.logical_or.reduce(masks)

    def _compare(self, database: sqlite3.Connection, name: str, column: str, value: str | float) -> Mask:
        if column not in self._kept:
            self._kept[column] = _read(database, column)
        known, content = self._kept[column]
        if isinstance(value, str):
            codes = np.frombuffer(content, dtype="<u4")
            folded = value.casefold()
            return codes == known.index(folded) if folded and folded in known else np.zeros(len(codes), dtype=np.bool_)
        seconds = np.frombuffer(content, dtype="<f8")  # no comparison holds for a record without the time
        return seconds >= value if name.endswith("_from") else seconds <= value


def _value(record: IssueRecord, name: str) -> str:
    if name == "severity_rank":
        rank = severity_in(record.severity or record.priority or "")
        return rank[-1] if rank else ""
    return (cast("str | None", getattr(record, name)) or "").casefold()


def _insert(database: sqlite3.Connection, name: str, known: list[str], content: bytes) -> None:
    database.execute("INSERT INTO columns VALUES (?, ?, ?)", (name, json.dumps(known, ensure_ascii=False), content))


def _read(database: sqlite3.Connection, name: str) -> tuple[list[str], bytes]:
    found = database.execute("SELECT words, content FROM columns WHERE name = ?", (name,)).fetchone()
    if found is None:
        raise KeyError(f"the column {name} is missing")
    return cast("list[str]", json.loads(found[0])), bytes(found[1])
