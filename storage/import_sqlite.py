"""Imports tasks from an older SQLite file: `python -m storage.import_sqlite --sqlite-path F --database-url URL`.

Rows keep their ids and times. A second run adds nothing. A bad row is named with its reason and does not stop the rest.
"""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from core.errors import InvalidInputError, OrchError
from storage.database import Database
from storage.embedded import embedded_postgres
from storage.migrate import migrate
from storage.old_rows import BadRowError, OldRow, read_row

_BATCH_ROWS = 200
# A task that was running has no job here: a worker's sweep gives it one.
_INSERT = """
    insert into tasks (task_id, input_task, status, context_json, plan_json, result_json, verification_json,
                       created_at, updated_at, origin_json)
    values (%(task_id)s, %(input_task)s, %(status)s, %(context_json)s::jsonb, %(plan_json)s::jsonb, %(result_json)s::json,
            %(verification_json)s::jsonb, %(created_at)s, %(updated_at)s, '{"door": "import"}'::jsonb)
    on conflict (task_id) do nothing
"""


@dataclass(frozen=True)
class BadRow:
    """A row that was not imported: its id, or its position in the file where it has none."""

    name: str
    reason: str


@dataclass(frozen=True)
class ImportReport:
    """What came of an import. `renamed` maps ids that are no UUIDs to the ones that stand for them now."""

    added: int
    known: int
    bad: tuple[BadRow, ...]
    renamed: dict[str, UUID]


async def import_tasks(sqlite_path: Path, database_url: str) -> ImportReport:
    """What came of importing the table `tasks` of the file, whose tables in PostgreSQL are made first.

    Raises InvalidInputError for a file without such a table, StorageError and SettingsError for the database.
    """
    added = known = 0
    bad: list[BadRow] = []
    renamed: dict[str, UUID] = {}
    with closing(_open(sqlite_path)) as source:
        cells = _read_cells(source, sqlite_path)
        await migrate(database_url)
        async with Database(database_url, connections=1) as database:
            for batch in batched(cells, _BATCH_ROWS, strict=False):
                rows: list[OldRow] = []
                for position, columns in batch:
                    try:
                        rows.append(read_row(columns))
                    except BadRowError as error:
                        bad.append(BadRow(error.row_id or f"row {position}", str(error)))
                outcome = await _insert(database, rows)
                added += sum(1 for inserted in outcome if inserted is True)
                known += sum(1 for inserted in outcome if inserted is False)
                for row, inserted in zip(rows, outcome, strict=True):
                    if isinstance(inserted, InvalidInputError):
                        bad.append(BadRow(row.old_id, str(inserted)))
                    elif row.renamed:
                        renamed[row.old_id] = row.task_id
    return ImportReport(added=added, known=known, bad=tuple(bad), renamed=renamed)


async def _insert(database: Database, rows: Sequence[OldRow]) -> list[bool | InvalidInputError]:
    """For each row whether it was inserted (False: it was there already), or why PostgreSQL does not take it."""
    try:
        async with database.transaction() as connection:
            return [(await connection.execute(_INSERT, row.values())).rowcount == 1 for row in rows]
    except InvalidInputError as error:
        if len(rows) == 1:
            return [error]
    # One bad row undid the batch: the halves find it.
    half = len(rows) // 2
    return [*await _insert(database, rows[:half]), *await _insert(database, rows[half:])]


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise InvalidInputError(f"there is no file {path}: give the SQLite file of the older installation")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    # Text that is not UTF-8 would end the reading; as bytes it is one bad row.
    connection.text_factory = bytes
    return connection


def _read_cells(source: sqlite3.Connection, path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        cursor = source.execute("select * from tasks")
    except sqlite3.Error as error:
        raise InvalidInputError(
            f"{path} cannot be read as tasks of an older installation ({error}): give a SQLite file with a table `tasks`"
        ) from None
    names = [str(column[0]) for column in cursor.description]

    def cells() -> Iterator[tuple[int, dict[str, object]]]:
        position = 0
        try:
            for position, values in enumerate(cursor, start=1):
                yield position, dict(zip(names, values, strict=True))
        except sqlite3.Error as error:
            raise InvalidInputError(
                f"{path} cannot be read after row {position} ({error}): mend it with sqlite3's `.recover`, and import again"
            ) from None

    return cells()


def main(
    sqlite_path: Annotated[Path, typer.Option(help="The SQLite file with the table `tasks`.")],
    database_url: Annotated[
        str | None,
        typer.Option(help="postgresql://user:password@host:5432/database  [default: the embedded PostgreSQL]"),
    ] = None,
    data_dir: Annotated[Path, typer.Option(help="The folder of the embedded PostgreSQL.")] = Path("data"),
) -> None:
    """Import tasks from an older SQLite file. Exit status: 0, 1 when some rows were bad, 2 when nothing could be done."""
    try:
        with nullcontext(database_url) if database_url else embedded_postgres(data_dir) as url:
            report = asyncio.run(import_tasks(sqlite_path, url))
    except OrchError as error:
        typer.echo(f"import_sqlite: {error}", err=True)
        raise typer.Exit(2) from None
    for row in report.bad:
        typer.echo(f"bad row {row.name}: {row.reason}", err=True)
    for old, new in report.renamed.items():
        typer.echo(f"id {old} is no UUID: the task is {new} now, its old id is kept as context.imported_task_id")
    typer.echo(f"{report.added} added, {report.known} already there, {len(report.bad)} bad")
    if report.bad:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
