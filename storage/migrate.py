"""Brings the tables of a database up to this release, at the start of the program."""

import asyncio
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from core.errors import StorageError
from storage.address import Address, read_address
from storage.failures import translated

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK_TIMEOUT_S = 60
# Any number that no other program takes for an advisory lock of its own: "orch" in ASCII.
_LOCK_ID = 0x6F726368


async def migrate(url: str) -> str:
    """The revision of the tables, which are now those of this release. Several processes may call this at once.

    Raises StorageError for a database that cannot be used, or that a newer release has migrated; SettingsError for a
    URL that cannot be read.
    """
    return await asyncio.to_thread(_migrate, read_address(url))


def known_revisions() -> tuple[str, frozenset[str]]:
    """The newest revision of the tables that this release knows, and all of them."""
    scripts = _scripts(Config())
    return _newest(scripts), frozenset(script.revision for script in scripts.walk_revisions())


def _migrate(address: Address) -> str:
    def connect() -> psycopg.Connection:
        return psycopg.connect(address.conninfo)

    config = Config()
    scripts = _scripts(config)
    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    with translated(address):
        try:
            with engine.begin() as connection:
                _upgrade(connection, config, scripts, address)
        except DBAPIError as error:
            # The driver's own error carries SQLSTATE, by which it is translated.
            raise error.orig or error from None
        finally:
            engine.dispose()
    return _newest(scripts)


def _upgrade(connection: Connection, config: Config, scripts: ScriptDirectory, address: Address) -> None:
    newest = _newest(scripts)
    connection.execute(text(f"set local lock_timeout = '{_LOCK_TIMEOUT_S}s'"))
    connection.execute(text("select pg_advisory_xact_lock(:lock_id)"), {"lock_id": _LOCK_ID})
    known = {script.revision for script in scripts.walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    unknown = [revision for revision in found if revision not in known]
    if unknown:
        raise StorageError(
            f"{address.place} is at revision {', '.join(unknown)}, which this release of orch does not know (its own is "
            f"{newest}): a newer release has migrated it; start that one, or restore a backup from before"
        )
    if found != (newest,):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _scripts(config: Config) -> ScriptDirectory:
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _newest(scripts: ScriptDirectory) -> str:
    head = scripts.get_current_head()
    assert head is not None, "storage/migrations/versions is empty"
    return head
