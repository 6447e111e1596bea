"""What tests of every package share: a real PostgreSQL, one server for all xdist workers, one database a worker.

The server is the embedded one, in a folder of this test run, or the one that ORCHESTRATOR_TEST_DATABASE_URL names (its
user must be allowed to create databases). It starts when the first test asks for it.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from storage.database import Database
from storage.embedded import embedded_postgres
from storage.migrate import migrate
from storage.task_store import PostgresTaskStore

type MakeDatabase = Callable[[], str]

# How long an example takes says more of the machine and its other work than of the code.
settings.register_profile("orch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("orch")


def _run_folder(config: pytest.Config) -> Path:
    """The folder that the workers of this run share. Short, since socket paths are; open, since root's server is nobody's."""
    worker_input: dict[str, str] | None = getattr(config, "workerinput", None)
    run_id = worker_input["testrunuid"] if worker_input else config.stash.setdefault(_RUN_ID, uuid4().hex)
    return Path(tempfile.gettempdir()) / f"orch-test-{run_id[:12]}"


_RUN_ID = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the workers and the process that starts them one name for this run."""
    run_id = getattr(config.option, "testrunuid", None)
    if not hasattr(config, "workerinput"):
        config.stash[_RUN_ID] = run_id or uuid4().hex
        if hasattr(config.option, "testrunuid"):
            config.option.testrunuid = config.stash[_RUN_ID]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the server's folder: in the process that outlives the workers, when each has left the server."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(_run_folder(config), ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> Generator[str]:
    """The URL of the server, with a database that only serves to make others."""
    given = os.environ.get("ORCHESTRATOR_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = _run_folder(pytestconfig)
    folder.mkdir(mode=0o755, exist_ok=True)
    with embedded_postgres(folder) as url:
        yield url


@pytest.fixture(scope="session")
def make_database(postgres_url: str) -> Generator[MakeDatabase]:
    """Makes empty databases, without tables; dropped when the session ends."""
    made: list[str] = []

    def make() -> str:
        name = f"orch_test_{uuid4().hex[:12]}"
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            # Nothing here need outlive the server.
            connection.execute(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(name)))
        made.append(name)
        return _with_database(postgres_url, name)

    yield make
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def migrated_database_url(make_database: MakeDatabase) -> str:
    """The database of this worker, with today's tables. Tests take `database_url`, which is it with nothing in it."""
    url = make_database()
    asyncio.run(migrate(url))
    return url


@pytest.fixture
def database_url(migrated_database_url: str) -> str:
    """A database with today's tables and no rows."""
    with psycopg.connect(migrated_database_url, autocommit=True) as connection:
        found = connection.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"
        )
        tables = [sql.Identifier(name) for (name,) in found]
        # A connection that an earlier test left in a transaction would hold the tables for ever.
        connection.execute("set lock_timeout = '10s'")
        with connection.transaction():
            # What an earlier test still writes ends first, and is deleted too.
            connection.execute(sql.SQL("lock table {} in exclusive mode").format(sql.SQL(", ").join(tables)))
            # Dearer by far for so few rows would be to truncate; one statement needs no order among foreign keys.
            deletions = [
                sql.SQL("{} as (delete from {})").format(sql.Identifier(f"deletion_{number}"), table)
                for number, table in enumerate(tables)
            ]
            connection.execute(sql.SQL("with {} select").format(sql.SQL(", ").join(deletions)))
    return migrated_database_url


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    """The open database of `database_url`."""
    async with Database(database_url) as opened:
        yield opened


@pytest.fixture
def task_store(database: Database) -> PostgresTaskStore:
    """A store over tables with no rows."""
    return PostgresTaskStore(database)


def _with_database(url: str, name: str) -> str:
    """The URL with another database in it."""
    parts = conninfo_to_dict(url)
    assert parts.get("dbname"), "ORCHESTRATOR_TEST_DATABASE_URL names no database"
    before, slash, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{slash}{query}"
