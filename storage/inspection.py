"""A look at a database without changing it: what it is, whose tables are in it, who else uses it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from storage.address import read_address
from storage.failures import translated
from storage.migrate import known_revisions


@dataclass(frozen=True, kw_only=True)
class DatabaseState:
    """`revision` is that of the tables (None: there are none yet), `newest` this release's; `ahead` when a newer one made them.

    `clock` is the server's time, `asked_at` ours in the middle of asking; `others` are connections of other orch processes.
    """

    place: str
    version: str
    revision: str | None
    newest: str
    ahead: bool
    writable: bool
    clock: datetime
    asked_at: datetime
    others: int


async def inspect(url: str) -> DatabaseState:
    """The state. Raises StorageError when it cannot be reached, SettingsError for a URL that cannot be read."""
    address = read_address(url)
    newest, known = known_revisions()
    with translated(address):
        async with await AsyncConnection[TupleRow].connect(address.conninfo, autocommit=True) as connection:
            before = datetime.now(UTC)
            row = await _one(
                connection,
                "select clock_timestamp(), current_setting('server_version'), to_regclass('alembic_version') is not null, "
                "not pg_is_in_recovery(), (select count(*) from pg_stat_activity "
                "where application_name = 'orch' and datname = current_database() and pid <> pg_backend_pid())",
            )
            after = datetime.now(UTC)
            clock, version, has_tables, writable, others = row
            revision = None
            if has_tables:
                found = await connection.execute("select version_num from alembic_version")
                revision = next((str(name) for (name,) in await found.fetchall()), None)
    return DatabaseState(
        place=address.place,
        version=str(version),
        revision=revision,
        newest=newest,
        ahead=revision is not None and revision not in known,
        writable=bool(writable),
        clock=clock,
        asked_at=before + (after - before) / 2,
        others=int(others),
    )


async def _one(connection: AsyncConnection[TupleRow], statement: LiteralString) -> TupleRow:
    row = await (await connection.execute(statement)).fetchone()
    assert row is not None, "a select without a from has one row"
    return row
