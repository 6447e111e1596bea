import asyncio

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from core.errors import StorageError
from storage.migrate import migrate
from storage.rows import SQLModel
from tests.conftest import MakeDatabase

TABLES = {
    "alembic_version",
    "tasks",
    "task_steps",
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_workers",
    "procrastinate_periodic_defers",
    "idempotency_keys",
    "forgotten_tasks",
    "slack_inbox",
    "slack_outbox",
    "slack_lanes",
    "slack_installations",
    "slack_install_states",
    "slack_greetings",
    "slack_rates",
    "alert_states",
    "task_feedback",
    "schedule",
    "digests",
    "alert_log",
    "alert_groups",
}


def _tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")}


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return not (kind == "table" and str(name).startswith("procrastinate_"))


async def test_replicas_that_start_together_migrate_once(make_database: MakeDatabase) -> None:
    url = make_database()
    revisions = await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert len(set(revisions)) == 1
    assert _tables(url) == TABLES
    assert await migrate(url) == revisions[0]


async def test_rows_and_migrations_agree(make_database: MakeDatabase) -> None:
    url = make_database()
    await migrate(url)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        assert compare_metadata(context, SQLModel.metadata) == []


async def test_a_database_of_a_newer_release_is_left_alone(make_database: MakeDatabase) -> None:
    url = make_database()
    await migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(StorageError, match="revision 9999, which this release of orch does not know"):
        await migrate(url)


async def test_a_migration_that_fails_leaves_nothing_behind(make_database: MakeDatabase) -> None:
    url = make_database()
    with psycopg.connect(url) as connection:
        connection.execute("create table slack_threads (other int)")
    with pytest.raises(StorageError, match='"slack_threads" already exists'):
        await migrate(url)
    assert _tables(url) == {"slack_threads"}
