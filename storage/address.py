"""Where the database is: a URL read into settings of libpq, and the same place in words that hold no secret."""

import re
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.errors import SettingsError

# SQLAlchemy names a driver in the scheme, libpq does not know that; both know `postgres://`.
_SCHEME = re.compile(r"^postgres(?:ql)?(?:\+[a-z0-9_]+)?://", re.IGNORECASE)
# https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS: seconds, tcp_user_timeout in milliseconds.
# Without the TCP ones a host that vanishes leaves its clients waiting for hours.
_DEFAULTS: dict[str, Any] = {
    "connect_timeout": 5,
    "application_name": "orch",
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True)
class Address:
    """`conninfo` holds the password: it is for libpq alone. `place` is for people."""

    conninfo: str = field(repr=False)
    password: str | None = field(repr=False)
    place: str


def read_address(url: str) -> Address:
    """The address that a URL of libpq or SQLAlchemy stands for (`postgresql://`, `postgres://`, `postgresql+psycopg://`).

    Raises SettingsError, without the URL: it may hold a password.
    """
    remedy = "give postgresql://user:password@host:5432/database, reserved characters percent-encoded (`@` as %40)"
    if not _SCHEME.match(url):
        scheme = url.partition(":")[0] if "://" in url else "no scheme"
        raise SettingsError(f"the database URL has {scheme!r} where postgresql:// is expected: {remedy}")
    try:
        given = conninfo_to_dict(_SCHEME.sub("postgresql://", url, count=1))
        settings: dict[str, Any] = {**_DEFAULTS, **given}
        conninfo = make_conninfo("", **settings)
    except (psycopg.Error, UnicodeError):
        raise SettingsError(f"the database URL cannot be read: {remedy}") from None
    password = settings.get("password")
    return Address(conninfo, None if password is None else str(password), _describe(settings))


def _describe(settings: dict[str, Any]) -> str:
    name = settings.get("dbname") or settings.get("user") or "(default)"
    host = settings.get("host") or settings.get("hostaddr")
    if host is None:
        return f"database {name!r} on the default host"
    port = "" if str(host).startswith("/") else f":{settings.get('port') or 5432}"
    return f"database {name!r} on {host}{port}"
