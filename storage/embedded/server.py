"""The life of the embedded server. A connection is the only proof that it lives.

Every start and stop holds `lock`. Every process that uses the server holds `users`, shared, for as long as it does; the
one that leaves last can have it alone, and stops the server. A process that is killed leaves the server running, and
the next one attaches.
"""

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from storage.embedded.account import Account, choose_account, reach
from storage.embedded.binaries import Release, find_release, unpack
from storage.embedded.cluster import (
    SUPERUSER,
    check_version,
    create,
    find_postmaster,
    forget_dead_postmaster,
    read_log,
)
from storage.embedded.errors import EmbeddedPostgresError
from storage.embedded.layout import PORT, Layout, locate, make_root, make_socket_dir

_DATABASE = "orch"
_LOCK_TIMEOUT_S = 180
# Crash recovery replays at most max_wal_size (1 GB) of changes.
_START_TIMEOUT_S = 60
# A server that ends at once may have met the last backends of its killed predecessor, which notice its death soon.
_RETRY_S = 5
_RETRY_PAUSE_S = 0.2
_FAST_STOP_TIMEOUT_S = 30
_IMMEDIATE_STOP_TIMEOUT_S = 10
_POLL_S = 0.01
_LOG_MAX_BYTES = 5_000_000

_logger = logging.getLogger(__name__)


def ensure_running(data_dir: Path, *, announce: Callable[[str], None] = _logger.info) -> str:
    """The URL of the embedded PostgreSQL below `data_dir`, made and started when need be: `postgresql://orch@/orch?host=…`.

    The caller does not count as a user of the server: it runs until `stop`, or until the last `embedded_postgres` leaves.
    `announce` is called with a sentence for a person when something takes time. Blocks: up to a minute after a crash.

    Raises EmbeddedPostgresError, whose message says what to do.
    """
    layout = locate(data_dir)
    with _starting(layout, announce):
        return _url(layout)


def find_running(data_dir: Path) -> tuple[str | None, bool]:
    """The URL of the server below `data_dir` if it runs now, and whether its files exist; nothing is made or started.

    Raises EmbeddedPostgresError when another major version of PostgreSQL made them.
    """
    layout = locate(data_dir)
    exists = layout.cluster.exists() and check_version(layout, find_release())
    return (_url(layout) if exists and _answers(layout) else None), exists


@contextmanager
def embedded_postgres(data_dir: Path, *, announce: Callable[[str], None] = _logger.info) -> Generator[str]:
    """The URL of the embedded PostgreSQL, which runs at least until the context ends, and no longer than its last user.

    Raises EmbeddedPostgresError, like `ensure_running`.
    """
    layout = locate(data_dir)
    with contextlib.ExitStack() as use:
        with _starting(layout, announce):
            users = use.enter_context(_opened(layout.users))
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield _url(layout)
        finally:
            with _locked(layout):
                use.close()
                _stop_unused(layout)


def stop(data_dir: Path) -> bool:
    """Whether the embedded PostgreSQL below `data_dir` stands still now; False when somebody uses it, and it runs on.

    Raises EmbeddedPostgresError when it does not end.
    """
    layout = locate(data_dir)
    if not layout.root.is_dir():
        return True
    with _locked(layout):
        return _stop_unused(layout)


@contextmanager
def _starting(layout: Layout, announce: Callable[[str], None]) -> Generator[None]:
    """Hold the lock, with the server running."""
    release = find_release()
    make_root(layout)
    with _locked(layout):
        exists = check_version(layout, release)
        if not (exists and _answers(layout)):
            try:
                _start(layout, release, announce)
            except OSError as error:
                raise EmbeddedPostgresError(
                    f"the embedded PostgreSQL in {layout.root} cannot be started ({error}): make sure there is room and that "
                    f"user id {os.geteuid()} may write there, or set ORCHESTRATOR_DATABASE_URL"
                ) from error
        yield


def _start(layout: Layout, release: Release, announce: Callable[[str], None]) -> None:
    exists = layout.cluster.exists()
    announce(
        f"{'starting' if exists else 'preparing'} the embedded PostgreSQL in {layout.root}{'' if exists else ' (once)'}"
    )
    if exists and _await_running(layout):
        return
    account = choose_account(layout.root)
    with _opened(layout.users):
        # Made here, so that its owner may use it later without being root.
        pass
    for path in (layout.root, layout.lock, layout.users):
        account.give(path)
    binaries = unpack(release, layout.root, account)
    account = reach(account, binaries / "bin" / "postgres")
    if not exists:
        create(layout, account, binaries)
    make_socket_dir(layout, account)
    _start_server(layout, account, binaries)


def _await_running(layout: Layout) -> bool:
    """Whether a server that lives but does not answer (it starts, recovers or ends) came to answer; False when it is gone.

    One that is up, and whose socket somebody swept away, is stopped: nobody could ever talk to it.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while (pid := find_postmaster(layout)) is not None:
        if _is_ready(layout):
            if _answers(layout):
                return True
            if not layout.socket.exists():
                _stop_server(layout)
                return False
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"the embedded PostgreSQL (process {pid}) has not answered on {layout.socket} for {_START_TIMEOUT_S} s: "
                f"see {layout.log}; `kill -INT {pid}` stops it"
            )
        time.sleep(_POLL_S)
    return False


def _start_server(layout: Layout, account: Account, binaries: Path) -> None:
    _turn_log(layout)
    log_start = layout.log.stat().st_size if layout.log.exists() else 0
    started = time.monotonic()
    process = _spawn_server(layout, account, binaries)
    # Asking before it says that it is ready would fill its log with refusals.
    while not (_is_ready(layout) and _answers(layout)):
        waited_s = time.monotonic() - started
        status = process.poll()
        if waited_s > (_START_TIMEOUT_S if status is None else _RETRY_S):
            state = "is not ready" if status is None else f"ended with status {status}"
            raise EmbeddedPostgresError(
                f"the embedded PostgreSQL in {layout.root} {state} after {waited_s:.0f} s: mend what its log {layout.log} "
                f"names, or set ORCHESTRATOR_DATABASE_URL. It said:\n{read_log(layout, log_start)}"
            )
        time.sleep(_POLL_S if status is None else _RETRY_PAUSE_S)
        if status is not None:
            process = _spawn_server(layout, account, binaries)
    # A process that nobody waits for stays behind as a zombie when it ends, and its pid with it.
    threading.Thread(target=process.wait, name="embedded-postgres-reaper", daemon=True).start()


def _spawn_server(layout: Layout, account: Account, binaries: Path) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(layout.socket_dir),
        "unix_socket_permissions": "0700",
        "logging_collector": "off",
        "log_destination": "stderr",
    }
    options = (f"--{name}={value}" for name, value in settings.items())
    forget_dead_postmaster(layout)
    with _opened(layout.log, os.O_APPEND) as log:
        account.give(layout.log)
        return account.spawn([binaries / "bin" / "postgres", "-D", layout.cluster, *options], log)


def _turn_log(layout: Layout) -> None:
    if layout.log.exists() and layout.log.stat().st_size > _LOG_MAX_BYTES:
        layout.log.replace(layout.log.with_suffix(".log.1"))


def _answers(layout: Layout) -> bool:
    """Whether the server takes a connection; the database of orch exists then."""
    if not layout.socket.exists():
        return False
    try:
        with psycopg.connect(
            host=str(layout.socket_dir),
            port=PORT,
            user=SUPERUSER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone():
                connection.execute(f'CREATE DATABASE "{_DATABASE}"')
    except psycopg.OperationalError:
        return False
    return True


def _is_ready(layout: Layout) -> bool:
    try:
        # https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/utils/pidfile.h
        return layout.pid_file.read_text(encoding="utf-8", errors="replace").splitlines()[7].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False


def _stop_unused(layout: Layout) -> bool:
    with _opened(layout.users) as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        _stop_server(layout)
    return True


def _stop_server(layout: Layout) -> None:
    """Stop the server: disconnect its clients, write everything (SIGINT); if that hangs, leave it to recovery (SIGQUIT)."""
    for word, timeout_s in ((signal.SIGINT, _FAST_STOP_TIMEOUT_S), (signal.SIGQUIT, _IMMEDIATE_STOP_TIMEOUT_S)):
        pid = find_postmaster(layout)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, word)
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if find_postmaster(layout) != pid:
                return
            time.sleep(_POLL_S)
    raise EmbeddedPostgresError(
        f"the embedded PostgreSQL (process {find_postmaster(layout)}) does not end: see {layout.log}, then kill that process"
    )


@contextmanager
def _locked(layout: Layout) -> Generator[None]:
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    with _opened(layout.lock) as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(
                        f"another process has held {layout.lock} for {_LOCK_TIMEOUT_S} s while it starts or stops the embedded "
                        "PostgreSQL: end that process (`fuser` names it) and start again"
                    ) from None
                time.sleep(_POLL_S)
        yield


@contextmanager
def _opened(path: Path, flags: int = 0) -> Generator[int]:
    """A descriptor of `path`; closing it, and never an explicit unlock, gives up a lock: a forked child may share it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"{path} cannot be opened ({error.strerror}): run orch as the owner of that folder, "
            "or set ORCHESTRATOR_DATA_DIR to another one"
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _url(layout: Layout) -> str:
    return f"postgresql://{SUPERUSER}@/{_DATABASE}?host={quote(str(layout.socket_dir))}&port={PORT}"
