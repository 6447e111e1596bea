"""One database cluster on disk: made, checked, and asked whether a server runs it."""

import os
import shutil
import subprocess
from pathlib import Path

from storage.embedded.account import Account
from storage.embedded.binaries import Release
from storage.embedded.errors import EmbeddedPostgresError
from storage.embedded.layout import Layout

SUPERUSER = "orch"
_INITDB_TIMEOUT_S = 120
_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement is its sender's to report; here it would fill the disk, with values that are nobody's business.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
_LAST_LINES = 12


def check_version(layout: Layout, release: Release) -> bool:
    """Whether there is a cluster; False when it has yet to be made.

    Raises EmbeddedPostgresError when another major version of PostgreSQL made it: its files cannot be read by this one.
    """
    try:
        found = (layout.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if layout.cluster.exists():
            raise EmbeddedPostgresError(
                f"{layout.cluster} exists and is no database (it has no PG_VERSION): restore it from a backup, "
                "or move it away to begin with an empty database"
            ) from None
        return False
    if found != release.major:
        raise EmbeddedPostgresError(
            f"the database in {layout.cluster} was made by PostgreSQL {found}, and PostgreSQL {release.version} is installed: "
            f"dump it with release {found} of PostgreSQL (pg_dump) and load it into a new one, "
            "or move that folder away to begin with an empty database, or set ORCHESTRATOR_DATABASE_URL"
        )
    return True


def create(layout: Layout, account: Account, binaries: Path) -> None:
    """Make the cluster; what is half made never bears its name. The caller holds the lock.

    Raises EmbeddedPostgresError with the last words of initdb.
    """
    half_made = layout.root / "cluster-unfinished"
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(mode=0o700)
    account.give(half_made)
    settings = (f"--set={name}={value}" for name, value in _SETTINGS.items())
    # PostgreSQL's own C.UTF-8 is the same everywhere and needs no locale of the system:
    # https://www.postgresql.org/docs/18/locale.html#LOCALE-PROVIDERS
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
    # `trust` stops at the private folder of the socket; `reject` is for TCP, which is off in any case.
    access = ("--auth-local=trust", "--auth-host=reject", f"--username={SUPERUSER}")
    command = [binaries / "bin" / "initdb", f"--pgdata={half_made}", *locale, *access, *settings]
    process = account.spawn(command, subprocess.PIPE)
    try:
        output, _ = process.communicate(timeout=_INITDB_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        output = f"no end after {_INITDB_TIMEOUT_S} s".encode()
        process.kill()
        process.communicate()
    if process.returncode != 0:
        shutil.rmtree(half_made, ignore_errors=True)
        raise EmbeddedPostgresError(
            f"initdb could not make the database in {layout.cluster} (exit status {process.returncode}): make sure there is "
            f"room and that user id {account.uid} may write there, or set ORCHESTRATOR_DATABASE_URL. It said:\n"
            f"{_last_lines(output)}"
        )
    half_made.rename(layout.cluster)


def find_postmaster(layout: Layout) -> int | None:
    """The pid of the live server of this cluster, starting up and shutting down included; None when there is none.

    The number in the pid file alone proves nothing: after a crash it may be anybody's. Its command line tells.
    """
    pid = _written_pid(layout.pid_file)
    if pid is None:
        return None
    command = _command_line(pid)
    return pid if command is not None and os.fsencode(layout.cluster) in command else None


def forget_dead_postmaster(layout: Layout) -> None:
    """Make a start possible after a server that died and whose number now belongs to another process.

    PostgreSQL takes any live process of its user with that number for a server, and refuses. The file is not deleted: it
    leads PostgreSQL to the old server's shared memory, by which it refuses to start beside backends that still live. Only
    the number is replaced, by our own: a server does not mistake its parent for another server
    (https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/init/miscinit.c, CreateLockFile).

    The caller holds the lock and has found no live postmaster.
    """
    layout.socket_lock.unlink(missing_ok=True)
    if not layout.pid_file.exists():
        return
    number, newline, rest = layout.pid_file.read_bytes().partition(b"\n")
    if not number.strip().isdigit():
        # A power cut can leave it empty. PostgreSQL refuses that, and it leads to nothing.
        layout.pid_file.unlink()
        return
    with layout.pid_file.open("r+b") as file:
        file.write(f"{os.getpid()}".encode() + newline + rest)
        file.truncate()


def read_log(layout: Layout, since_byte: int) -> str:
    """The last lines of the server's log, none from before `since_byte`."""
    with layout.log.open("rb") as file:
        file.seek(max(since_byte, file.seek(0, os.SEEK_END) - 10_000))
        return _last_lines(file.read())


def _written_pid(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_bytes().partition(b"\n")[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() and int(first) > 0 else None


def _command_line(pid: int) -> bytes | None:
    """The words of process `pid`; None when it does not exist. Empty for a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return None
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 -- fixed words and a number
    return found.stdout if found.returncode == 0 else None


def _last_lines(text: bytes) -> str:
    return "\n".join(text.decode(errors="replace").strip().splitlines()[-_LAST_LINES:])
