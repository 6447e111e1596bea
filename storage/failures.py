"""The one edge where errors of the driver become errors of the domain."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from core.errors import InvalidInputError, StorageError
from storage.address import Address

# By SQLSTATE or its class, the longest first: https://www.postgresql.org/docs/18/errcodes-appendix.html
_REMEDIES = {
    "25006": "it is a read-only standby: point the URL at the primary",
    "28": "correct user and password in the URL",
    "3D000": "create the database, or correct its name in the URL",
    "3F000": "create the schema, or correct the search path",
    "40": "try again",
    "42501": "grant the user the right to create and use tables in this database",
    "42P01": "start orch once, which makes its tables",
    "42703": "start this release of orch once, which brings the tables up to date",
    "53100": "make room on the disk of the server",
    "53300": "raise max_connections of the server, or run fewer replicas",
    "55P03": "another process holds a lock: end it, or try again",
    "57014": "the statement took too long: see what the server is busy with, and try again",
    "57P": "the server is stopping or starting: try again",
}
_NO_ANSWER = "start the server, or correct the URL"


@contextmanager
def translated(address: Address) -> Generator[None]:
    """Raises what the driver raises inside as StorageError, or InvalidInputError where a value cannot be stored.

    The driver's error is not chained: it may quote the URL.
    """
    try:
        yield
    except (psycopg.DataError, errors.ProgramLimitExceeded, UnicodeEncodeError) as error:
        raise InvalidInputError(f"a value cannot be stored ({_words(error, address)}): change it") from None
    except PoolTimeout:
        raise StorageError(
            f"{address.place} gave no connection in time: {_NO_ANSWER}; if it answers others, it is overloaded"
        ) from None
    except (PoolClosed, TooManyRequests) as error:
        raise StorageError(f"{address.place} is not open to this process ({error}): start orch again") from None
    except psycopg.Error as error:
        raise StorageError(
            f"{address.place} cannot be used ({_words(error, address)}): {_remedy(error.sqlstate)}"
        ) from None


def _remedy(sqlstate: str | None) -> str:
    for length in range(5, 1, -1):
        if sqlstate is not None and (remedy := _REMEDIES.get(sqlstate[:length])):
            return remedy
    return _NO_ANSWER if sqlstate is None else f"look up SQLSTATE {sqlstate} and see the server's log"


def _words(error: Exception, address: Address) -> str:
    """What went wrong, in one line and without the password."""
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    if isinstance(error, UnicodeEncodeError):
        primary = f"the character {error.object[error.start]!a} is half of a pair"
    words = " ".join((primary or str(error) or type(error).__name__).split())
    return words.replace(address.password, "***") if address.password else words
