"""Which user runs the server, and how a program is started as that user."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storage.embedded.errors import EmbeddedPostgresError

_PROBE_TIMEOUT_S = 20
# Enough to walk through folders that the account may not read; the weaker one first. Containers often have the second
# alone (https://man7.org/linux/man-pages/man7/capabilities.7.html).
_PASSING_CAPABILITIES = ("dac_read_search", "dac_override")


@dataclass(frozen=True)
class Account:
    """A user id and a group id for the server, and the words to put before its commands to become them."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    @property
    def foreign(self) -> bool:
        """Whether this process runs as somebody else (as root, that is)."""
        return self.uid != os.geteuid()

    def give(self, path: Path) -> None:
        """Make the account the owner of `path`, which this process made or may give away."""
        if self.foreign:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def spawn(self, command: Sequence[str | Path], output: int) -> subprocess.Popen[bytes]:
        """The started `command`, in a session of its own: a Ctrl-C in our terminal does not reach it.

        It sees nothing of our environment but the search paths, so neither secrets nor PG… settings nor locales.
        """
        switches = self.foreign and not self.prefix
        return subprocess.Popen(  # noqa: S603 -- the programs are ours, the arguments paths
            [*self.prefix, *command],
            cwd="/",
            env={"LC_ALL": "C", "TZ": "UTC", **_inherited("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=self.uid if switches else None,
            group=self.gid if switches else None,
            extra_groups=() if switches else None,
        )


def choose_account(root: Path) -> Account:
    """Who runs the server whose files lie in `root`: ourselves, or for root, whom PostgreSQL refuses, somebody else.

    Root takes the owner of the files if that is an ordinary user, else `nobody`.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for folder in (root / "cluster", root, root.parent):
        try:
            found = folder.stat()
        except FileNotFoundError:
            continue
        # initdb asks for the user's name, which a user id from outside a container does not have
        if found.st_uid != 0 and (folder == root / "cluster" or _has_name(found.st_uid)):
            return Account(found.st_uid, found.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, and this system has no user `nobody` to run it as: "
            "run orch as an ordinary user, or set ORCHESTRATOR_DATABASE_URL"
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def reach(account: Account, program: Path) -> Account:
    """The account in the form that can run `program`, tried by asking it for its version.

    The folders above may be closed to the account (a checkout below /root). Their permissions are the user's, so they
    stay; instead the server gets one capability, to pass through folders.

    Raises EmbeddedPostgresError when nothing helps, with what was said.
    """
    said: list[str] = []
    for candidate in _candidates(account):
        try:
            process = candidate.spawn([program, "--version"], subprocess.PIPE)
        except (OSError, subprocess.SubprocessError) as error:
            said.append(str(error))
            continue
        try:
            output, _ = process.communicate(timeout=_PROBE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            said.append(f"no answer in {_PROBE_TIMEOUT_S} s")
            continue
        if process.returncode == 0:
            return candidate
        said.append(output.decode(errors="replace").strip())
    raise EmbeddedPostgresError(
        f"user id {account.uid} cannot run {program} ({'; '.join(dict.fromkeys(said))}): set ORCHESTRATOR_DATA_DIR to a "
        "folder which that user can reach and where programs may run, or set ORCHESTRATOR_DATABASE_URL"
    )


def _candidates(account: Account) -> Iterator[Account]:
    yield account
    setpriv = shutil.which("setpriv")
    if not account.foreign or setpriv is None:
        return
    for capability in _PASSING_CAPABILITIES:
        become = (setpriv, f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups")
        keep = (
            "--securebits=+no_setuid_fixup",
            f"--inh-caps=-all,+{capability}",
            f"--ambient-caps=-all,+{capability}",
            f"--bounding-set=-all,+{capability}",
        )
        yield replace(account, prefix=(*become, *keep, "--"))


def _inherited(*names: str) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
