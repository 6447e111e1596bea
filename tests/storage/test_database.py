import asyncio
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from core.errors import SettingsError, StorageError
from storage.address import read_address
from storage.database import Database
from storage.migrate import migrate
from storage.task_store import PostgresTaskStore
from tests.conftest import MakeDatabase


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "POSTGRESQL"])
def test_urls_of_libpq_and_of_sqlalchemy_are_read(scheme: str) -> None:
    address = read_address(f"{scheme}://me:p%40ss@db.example:6432/orch?sslmode=require")
    settings = conninfo_to_dict(address.conninfo)
    expected = {"user": "me", "password": "p@ss", "host": "db.example", "dbname": "orch", "sslmode": "require"}
    assert expected.items() <= settings.items()
    assert str(settings["port"]) == "6432"
    assert address.place == "database 'orch' on db.example:6432"


def test_a_socket_folder_may_hold_spaces() -> None:
    address = read_address(f"postgresql://orch@/orch?host={quote('/var/my data/é/socket')}")
    assert conninfo_to_dict(address.conninfo)["host"] == "/var/my data/é/socket"
    assert address.place == "database 'orch' on /var/my data/é/socket"


def test_a_url_may_set_its_own_limits() -> None:
    assert str(conninfo_to_dict(read_address("postgresql://h/d?connect_timeout=9").conninfo)["connect_timeout"]) == "9"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hunter2@db/orch",
        "me:hunter2@db/orch",
        "",
        "postgresql://me:hunter2%zz@db/orch",
        "postgresql://me:hunter2@db/orch?colour=red",
        "postgresql://me:hunter2@db/orch?host=%00",
        "host=db password=hunter2",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://user:password@host") as caught:
        read_address(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_server_that_is_not_there_is_named_with_the_remedy() -> None:
    url = "postgresql://me:hunter2@127.0.0.1:1/orch"
    with pytest.raises(StorageError, match=r"'orch' on 127\.0\.0\.1:1 .*refused.* start the server") as caught:
        async with Database(url):
            pass
    assert "hunter2" not in str(caught.value) + repr(read_address(url))
    assert caught.value.__suppress_context__
    with pytest.raises(StorageError, match=r"'orch' on 127\.0\.0\.1:1"):
        await migrate(url)


async def test_a_database_that_does_not_exist_is_named(database_url: str) -> None:
    before, _, query = database_url.partition("?")
    url = f"{before.rpartition('/')[0]}/nowhere?{query}"
    with pytest.raises(StorageError, match=r"'nowhere' on .* does not exist"):
        async with Database(url):
            pass


async def test_a_ping_answers(database: Database) -> None:
    await database.ping()


async def test_connections_that_the_server_closed_are_replaced(database: Database, database_url: str) -> None:
    await database.ping()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            # With a time-out it returns once they are gone, not once they were told to go.
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()"
        )
    await database.ping()
    assert await PostgresTaskStore(database).list_documents() == []


async def test_a_database_that_is_back_is_used_at_once(make_database: MakeDatabase, postgres_url: str) -> None:
    url = make_database()
    plain_name = conninfo_to_dict(url)["dbname"]
    name = sql.Identifier(str(plain_name))
    allow = sql.SQL("alter database {} with allow_connections {}")
    async with Database(url, pool_timeout_s=0.1) as database:
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(allow.format(name, sql.SQL("false")))
            admin.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", (plain_name,)
            )
            for _ in range(3):
                with pytest.raises(StorageError, match="no connection in time"):
                    await database.execute("select 1", {})
            admin.execute(allow.format(name, sql.SQL("true")))
        async with asyncio.timeout(2):
            await database.ping()


async def test_a_statement_that_takes_too_long_is_ended(database_url: str) -> None:
    async with Database(database_url, statement_timeout_s=0.05) as database:
        with pytest.raises(StorageError, match="took too long"):
            await database.execute("select pg_sleep(30)", {})
        await database.ping()


async def test_a_pool_that_is_used_up_says_so(database_url: str) -> None:
    async with Database(database_url, connections=1, pool_timeout_s=0.05) as database, database.transaction():
        with pytest.raises(StorageError, match="no connection in time"):
            await database.execute("select 1", {})


async def test_a_closed_database_says_so(database_url: str) -> None:
    async with Database(database_url) as database:
        pass
    with pytest.raises(StorageError, match="not open"):
        await database.ping()


async def test_tables_that_are_missing_are_named_with_the_remedy(database: Database) -> None:
    with pytest.raises(StorageError, match=r'relation "nothing" does not exist.*start orch once'):
        await database.execute("select * from nothing", {})


async def test_a_transaction_takes_effect_whole_or_not_at_all(database: Database) -> None:
    async def insert_and_fail() -> None:
        async with database.transaction() as connection:
            await connection.execute("insert into idempotency_keys (scope, key, fingerprint) values ('s', 'k', 'f')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await insert_and_fail()
    assert await database.fetch_all("select * from idempotency_keys", {}) == []


async def test_a_cancelled_statement_leaves_its_connection_usable(database_url: str) -> None:
    async with Database(database_url, connections=1) as database:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await database.execute("select pg_sleep(30)", {})
        await database.ping()
