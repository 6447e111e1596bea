import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import UUID, uuid4

import pytest
import typer
from typer.testing import CliRunner

from core.task import TaskStatus
from storage.database import Database
from storage.import_sqlite import import_tasks, main
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore

COLUMNS = "task_id, input_task, status, context_json, plan_json, result_json, verification_json, created_at, updated_at"
MOMENT = datetime(2026, 2, 14, 10, 0, tzinfo=UTC)


def _row(task_id: object, **changed: object) -> tuple[object, ...]:
    values: dict[str, object] = {
        "task_id": task_id,
        "input_task": "look into it",
        "status": "succeeded",
        "context_json": '{"service": "shop"}',
        "plan_json": None,
        "result_json": None,
        "verification_json": None,
        "created_at": "2026-02-14T10:00:00Z",
        "updated_at": "2026-02-14T10:05:00Z",
    }
    return tuple((values | changed).values())


def _write(path: Path, *rows: tuple[object, ...]) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"create table if not exists tasks ({COLUMNS})")
        connection.executemany(f"insert into tasks values ({', '.join('?' * 9)})", rows)
    return path


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    return tmp_path / "old tasks #1.sqlite"


async def test_rows_keep_their_ids_and_times_and_a_second_run_adds_nothing(
    sqlite_path: Path, database_url: str, task_store: PostgresTaskStore
) -> None:
    first, second = uuid4(), uuid4()
    plan: list[Any] = [{"tool": "x"}]
    result: dict[str, Any] = {"steps": [], "old": True}
    _write(
        sqlite_path,
        _row(
            str(first), plan_json=json.dumps(plan), result_json=json.dumps(result), verification_json='{"passed": true}'
        ),
        _row(second.hex.upper(), status="queued", created_at="2026-02-14T12:00:00+02:00", updated_at=None),
    )
    report = await import_tasks(sqlite_path, database_url)
    assert (report.added, report.known, report.bad, report.renamed) == (2, 0, (), {})
    document = await task_store.get_document(first)
    assert (document.created_at, document.updated_at) == (MOMENT, MOMENT + timedelta(minutes=5))
    assert (document.input_task, document.status) == ("look into it", TaskStatus.SUCCEEDED)
    assert document.context_json == {"service": "shop"}
    assert (document.plan_json, document.result_json) == (plan, result)
    assert document.verification_json == {"passed": True}
    other = await task_store.get(second)
    assert (other.created_at, other.updated_at, other.origin.door) == (MOMENT, MOMENT, "import")
    again = await import_tasks(sqlite_path, database_url)
    assert (again.added, again.known, again.bad) == (0, 2, ())
    assert len(await task_store.list_documents()) == 2


async def test_tasks_that_changed_since_are_not_written_over(
    sqlite_path: Path, database_url: str, task_store: PostgresTaskStore
) -> None:
    task_id = uuid4()
    _write(sqlite_path, _row(str(task_id), status="queued"))
    await import_tasks(sqlite_path, database_url)
    await task_store.start(task_id)
    await import_tasks(sqlite_path, database_url)
    assert (await task_store.get(task_id)).status is TaskStatus.RUNNING


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-14T10:00:00Z",
        "2026-02-14T10:00:00",
        "2026-02-14 10:00:00.000000",
        "2026-02-14 05:00:00-05:00",
        1771063200,
        1771063200.0,
        "1771063200",
    ],
)
async def test_times_are_read_in_every_form(
    sqlite_path: Path, database_url: str, task_store: PostgresTaskStore, written: object
) -> None:
    task_id = uuid4()
    _write(sqlite_path, _row(str(task_id), created_at=written, updated_at=written))
    assert (await import_tasks(sqlite_path, database_url)).bad == ()
    document = await task_store.get_document(task_id)
    assert (document.created_at, document.updated_at) == (MOMENT, MOMENT)


async def test_an_id_that_is_no_uuid_gets_one_that_stays_and_keeps_its_old_name(
    sqlite_path: Path, database_url: str, task_store: PostgresTaskStore
) -> None:
    blob = UUID("f0f0f0f0-1234-4abc-8def-ffffffffffff")
    _write(sqlite_path, _row(17), _row("task-ä", context_json=None), _row(blob.bytes))
    report = await import_tasks(sqlite_path, database_url)
    assert (report.added, report.bad, set(report.renamed)) == (3, (), {"17", "task-ä"})
    assert (await task_store.get_document(report.renamed["17"])).context_json == {
        "service": "shop",
        "imported_task_id": "17",
    }
    assert (await task_store.get_document(blob)).context_json == {"service": "shop"}
    again = await import_tasks(sqlite_path, database_url)
    assert (again.added, again.known, again.renamed) == (0, 3, report.renamed)


async def test_equal_numbers_of_two_installations_are_two_tasks(tmp_path: Path, database_url: str) -> None:
    one = _write(tmp_path / "1.sqlite", _row(1))
    two = _write(tmp_path / "2.sqlite", _row(1, input_task="another"))
    assert (await import_tasks(one, database_url)).added == 1
    assert (await import_tasks(two, database_url)).added == 1


BAD: dict[str, tuple[dict[str, object], str]] = {
    "status": ({"status": "lost"}, "its status is 'lost'"),
    "no status": ({"status": None}, "its status is ''"),
    "no text": ({"input_task": None}, "it has no input_task"),
    "not UTF-8": ({"input_task": b"caf\xe9"}, "input_task is not UTF-8"),
    "NUL": ({"input_task": "a\0b"}, "cannot be stored"),
    "NUL in JSON": ({"plan_json": r'{"a": "\u0000"}'}, "cannot be stored"),
    "no JSON": ({"result_json": "{'a': 1}"}, "result_json is not JSON"),
    "NaN": ({"result_json": '{"a": NaN}'}, "result_json holds NaN"),
    "deep": ({"plan_json": "[" * 200_000}, "nested too deep"),
    "context": ({"context_json": "[1]"}, "context_json is [1], not an object"),
    "time": ({"created_at": "yesterday"}, "created_at is 'yesterday', neither"),
    "far time": ({"updated_at": 1e18}, "updated_at is '1e+18', neither"),
    "no time": ({"created_at": None}, "created_at is ''"),
    # More than an entry of the index over services holds.
    "long service": ({"context_json": json.dumps({"service": token_hex(5000)})}, "cannot be stored"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_row_is_named_and_does_not_stop_the_rest(
    sqlite_path: Path, database_url: str, task_store: PostgresTaskStore, name: str
) -> None:
    changed, reason = BAD[name]
    bad, good = uuid4(), [uuid4() for _ in range(3)]
    _write(sqlite_path, _row(str(good[0])), _row(str(bad), **changed), _row(str(good[1])), _row(str(good[2])))
    report = await import_tasks(sqlite_path, database_url)
    assert (report.added, [row.name for row in report.bad]) == (3, [str(bad)])
    assert reason in report.bad[0].reason
    assert {row.task_id for row in await task_store.list_documents()} == set(good)


async def test_a_row_without_an_id_is_named_by_its_place(sqlite_path: Path, database_url: str) -> None:
    _write(sqlite_path, _row(str(uuid4())), _row(None))
    report = await import_tasks(sqlite_path, database_url)
    assert [(row.name, row.reason) for row in report.bad] == [("row 2", "it has no task_id")]


async def test_a_task_that_was_running_is_taken_up(sqlite_path: Path, database_url: str, database: Database) -> None:
    task_id = uuid4()
    _write(sqlite_path, _row(str(task_id), status="running"))
    await import_tasks(sqlite_path, database_url)
    queue = RunQueue(database)
    assert await queue.upkeep.give_jobs_to_jobless() == [task_id]
    taken = await queue.take(await queue.register())
    assert taken is not None
    assert taken.task.task_id == task_id


async def test_columns_that_the_older_file_lacks_are_empty(
    sqlite_path: Path, database_url: str, task_store: PostgresTaskStore
) -> None:
    task_id = uuid4()
    with closing(sqlite3.connect(sqlite_path)) as connection, connection:
        connection.execute("create table tasks (task_id, input_task, status, created_at, owner)")
        connection.execute("insert into tasks values (?, 't', 'failed', 1771063200, 'me')", (str(task_id),))
    assert (await import_tasks(sqlite_path, database_url)).added == 1
    assert (await task_store.get_document(task_id)).updated_at == MOMENT


@pytest.fixture
def app() -> typer.Typer:
    program = typer.Typer()
    program.command()(main)
    return program


def _run(app: typer.Typer, path: Path, url: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(app, ["--sqlite-path", str(path), "--database-url", url])
    return outcome.exit_code, outcome.output


def test_the_command_counts_and_exits_by_outcome(app: typer.Typer, sqlite_path: Path, database_url: str) -> None:
    _write(sqlite_path, _row(str(uuid4())), _row(7))
    status, output = _run(app, sqlite_path, database_url)
    assert (status, "2 added, 0 already there, 0 bad" in output) == (0, True)
    assert "id 7 is no UUID" in output
    _write(sqlite_path, _row("x", status="?"))
    status, output = _run(app, sqlite_path, database_url)
    assert (status, "0 added, 2 already there, 1 bad" in output) == (1, True)
    assert "bad row x: its status is '?'" in output


@pytest.mark.parametrize("content", [None, b"", b"no database, though it is long enough to be one" * 100])
def test_a_file_without_tasks_is_refused(
    app: typer.Typer, sqlite_path: Path, database_url: str, content: bytes | None
) -> None:
    if content is not None:
        sqlite_path.write_bytes(content)
    status, output = _run(app, sqlite_path, database_url)
    assert status == 2
    assert str(sqlite_path) in output
