"""Where everything of one embedded PostgreSQL lies."""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from storage.embedded.account import Account
from storage.embedded.errors import EmbeddedPostgresError

PORT = 5432
"""Names the socket file only: there is no TCP. Fixed, so that PGPORT in somebody's environment does not matter."""

_SOCKET_FILE = f".s.PGSQL.{PORT}"
# sun_path holds 108 bytes on Linux (https://man7.org/linux/man-pages/man7/unix.7.html) and 104 on macOS and the BSDs,
# the closing NUL included.
_SOCKET_PATH_MAX_BYTES = 103
# libpq reads a comma in `host` as a list of hosts, SQLAlchemy a colon as a port; the others end or escape settings.
_UNSAFE_IN_SOCKET_PATH = frozenset(",:'")
# initdb hands the path of `postgres` to a shell, in double quotes.
_UNSAFE_IN_ANY_PATH = frozenset('"$`\\\n')


@dataclass(frozen=True)
class Layout:
    """The files of the embedded PostgreSQL below one data folder; every process derives the same from the same folder."""

    root: Path
    socket_dir: Path

    @property
    def cluster(self) -> Path:
        """PGDATA."""
        return self.root / "cluster"

    @property
    def pid_file(self) -> Path:
        """Written by the postmaster: its pid, its folder, its start time, its port, its socket folder, its status."""
        return self.cluster / "postmaster.pid"

    @property
    def log(self) -> Path:
        """What the server says, one earlier generation kept beside it as `server.log.1`."""
        return self.root / "server.log"

    @property
    def lock(self) -> Path:
        """Locked by whoever starts or stops the server, for as long as that takes."""
        return self.root / "lock"

    @property
    def users(self) -> Path:
        """Locked, shared, by every process that uses the server, for as long as it does."""
        return self.root / "users"

    @property
    def socket(self) -> Path:
        """The socket that the server listens on."""
        return self.socket_dir / _SOCKET_FILE

    @property
    def socket_lock(self) -> Path:
        """The lock file that PostgreSQL keeps beside its socket."""
        return self.socket_dir / f"{_SOCKET_FILE}.lock"


def locate(data_dir: Path) -> Layout:
    """The layout below `data_dir`, nothing of which need exist.

    The socket lies in the data folder when its path is short and plain enough, otherwise in a folder under /tmp whose
    name is derived from the data folder. TMPDIR is not asked: processes that share a server may differ in it.
    """
    root = data_dir.resolve() / "postgres"
    inside = root / "socket"
    if len(os.fsencode(inside / _SOCKET_FILE)) <= _SOCKET_PATH_MAX_BYTES and not _UNSAFE_IN_SOCKET_PATH & set(
        str(inside)
    ):
        return Layout(root, inside)
    shared_temp = Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())  # noqa: S108 -- see guard_socket_dir
    return Layout(root, shared_temp / f"orch-{hashlib.sha256(os.fsencode(root)).hexdigest()[:16]}")


def make_root(layout: Layout) -> None:
    """Make the folder of the embedded PostgreSQL, if it is missing.

    Raises EmbeddedPostgresError when that is not allowed here, or when PostgreSQL cannot bear the path.
    """
    if unsafe := sorted(_UNSAFE_IN_ANY_PATH & set(str(layout.root))):
        raise EmbeddedPostgresError(
            f"the path {str(layout.root)!r} holds {unsafe}, which PostgreSQL cannot bear in the path of its programs: "
            "set ORCHESTRATOR_DATA_DIR to a folder without them"
        )
    try:
        layout.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"the folder {layout.root} of the embedded PostgreSQL cannot be made ({error.strerror}): "
            "set ORCHESTRATOR_DATA_DIR to a folder that this user may write"
        ) from error
    if not os.access(layout.root, os.R_OK | os.W_OK | os.X_OK):
        raise EmbeddedPostgresError(
            f"the folder {layout.root} belongs to user id {layout.root.stat().st_uid}, and user id {os.geteuid()} may not "
            "write it: run orch as its owner, or set ORCHESTRATOR_DATA_DIR to another folder"
        )


def make_socket_dir(layout: Layout, account: Account) -> None:
    """Make the folder of the socket, private to the server's account: it is all that guards the database.

    Raises EmbeddedPostgresError when somebody else made it first.
    """
    try:
        layout.socket_dir.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        account.give(layout.socket_dir)
    found = layout.socket_dir.lstat()
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    if not private or found.st_uid != account.uid:
        raise EmbeddedPostgresError(
            f"{layout.socket_dir} is not a private folder of user id {account.uid} (owner {found.st_uid}, "
            f"mode {stat.S_IMODE(found.st_mode):o}): delete it, or set ORCHESTRATOR_DATA_DIR to a shorter path"
        )
