"""Connections to PostgreSQL: a pool, time limits, and errors that say what to do."""

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from select import POLLIN, poll
from time import monotonic
from typing import Any, LiteralString, Self
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection
from psycopg.rows import BaseRowFactory, TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool

from storage.address import read_address
from storage.failures import translated

_POOL_TIMEOUT_S = 5.0
_PING_TIMEOUT_S = 2.0
_RECONNECT_TIMEOUT_S = 1.0
_STATEMENT_TIMEOUT_S = 30.0
_TRUSTED_S = 2.0


class Database:
    """A PostgreSQL database, used by one event loop. Statements commit one by one; `transaction` binds several.

    Raises SettingsError for a URL that cannot be read.
    """

    def __init__(
        self,
        url: str,
        *,
        connections: int = 10,
        pool_timeout_s: float = _POOL_TIMEOUT_S,
        statement_timeout_s: float = _STATEMENT_TIMEOUT_S,
    ) -> None:
        self._address = read_address(url)
        self._statement_timeout_s = statement_timeout_s
        self._checked_at: WeakKeyDictionary[AsyncConnection[TupleRow], float] = WeakKeyDictionary()
        self._pool: AsyncConnectionPool[AsyncConnection[TupleRow]] = AsyncConnectionPool(
            self._address.conninfo,
            min_size=1,
            max_size=connections,
            open=False,
            configure=self._configure,
            check=self._check,
            kwargs={"autocommit": True},
            timeout=pool_timeout_s,
            # The pool waits twice as long after each failure; cut short, the next caller begins anew, so that a server
            # that is back is used at once.
            reconnect_timeout=_RECONNECT_TIMEOUT_S,
        )

    @property
    def place(self) -> str:
        """Which database this is, in words, without user and password."""
        return self._address.place

    @property
    def pool(self) -> AsyncConnectionPool[AsyncConnection[TupleRow]]:
        """For a library that works on connections of its own choice; what it raises is translated by `translated`."""
        return self._pool

    @contextmanager
    def translated(self) -> Generator[None]:
        """Raises the driver's errors as those of the domain."""
        with translated(self._address):
            yield

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[AsyncConnection[TupleRow]]:
        """A connection beside the pool, for one that waits on it for long; its statements commit one by one."""
        with translated(self._address):
            connection = await AsyncConnection[TupleRow].connect(self._address.conninfo, autocommit=True)
            async with connection:
                yield connection

    async def open(self) -> None:
        """Returns when the database has answered; StorageError says why it does not."""
        with translated(self._address):
            # The pool alone would try again until its time is up, and not say why it failed.
            connection = await AsyncConnection[TupleRow].connect(self._address.conninfo)
            await connection.close()
            await self._pool.open(wait=True, timeout=_POOL_TIMEOUT_S)

    async def close(self) -> None:
        await self._pool.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ping(self) -> None:
        """Returns when the database answers; StorageError says why it does not."""
        with translated(self._address):
            async with self._pool.connection(timeout=_PING_TIMEOUT_S) as connection:
                await connection.execute("select 1")

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection[TupleRow]]:
        """A connection whose statements take effect together at the end of the context, or not at all."""
        with translated(self._address):
            async with self._pool.connection() as connection, connection.transaction():
                yield connection

    async def fetch_one[R](
        self, statement: LiteralString, values: Mapping[str, Any], rows: BaseRowFactory[R] = dict_row
    ) -> R | None:
        """The first row of the statement, as `rows` makes it; None where it has none."""
        with translated(self._address):
            async with self._pool.connection() as connection:
                cursor = await connection.cursor(row_factory=rows).execute(statement, values)
                return await cursor.fetchone()

    async def fetch_all[R](
        self, statement: LiteralString, values: Mapping[str, Any], rows: BaseRowFactory[R] = dict_row
    ) -> list[R]:
        """Every row of the statement, as `rows` makes it."""
        with translated(self._address):
            async with self._pool.connection() as connection:
                cursor = await connection.cursor(row_factory=rows).execute(statement, values)
                return await cursor.fetchall()

    async def execute(self, statement: LiteralString, values: Mapping[str, Any]) -> int:
        """How many rows the statement touched."""
        with translated(self._address):
            async with self._pool.connection() as connection:
                return (await connection.execute(statement, values)).rowcount

    async def _check(self, connection: AsyncConnection[TupleRow]) -> None:
        """A server that was restarted leaves dead connections behind; asking one costs a round trip.

        So one that was in use a moment ago is asked only where something came in unasked: that it is closed, say.
        """
        now = monotonic()
        last = self._checked_at.get(connection, float("-inf"))
        if now - last > _TRUSTED_S or _has_news(connection):
            await AsyncConnectionPool.check_connection(connection)
        self._checked_at[connection] = now

    async def _configure(self, connection: AsyncConnection[TupleRow]) -> None:
        # Not in the start-up packet: PgBouncer refuses settings there that it does not track.
        await connection.execute(
            "select set_config('statement_timeout', %s, false), set_config('TimeZone', 'UTC', false)",
            (str(round(self._statement_timeout_s * 1000)),),
        )


def _has_news(connection: AsyncConnection[TupleRow]) -> bool:
    """Whether the server has sent, or ended, anything since the last answer."""
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    return bool(waiting.poll(0))
