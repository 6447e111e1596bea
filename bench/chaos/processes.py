"""The processes that are started, killed and paused: API servers, workers, the fake Slack, the company, PostgreSQL."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from storage.embedded import ensure_running, stop

_START_TIMEOUT_S = 90.0
_POLL_S = 0.1


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclass
class Node:
    """A process of the program, started again under the same name after every death; its output goes to one file."""

    name: str
    arguments: list[str]
    env: Mapping[str, str]
    log: Path
    url: str | None = None
    kills: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def has_given_up(self) -> bool:
        """Whether it ended without having been killed."""
        return self.process is not None and self.process.poll() not in {None, -signal.SIGKILL}

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own program
                [sys.executable, *self.arguments],
                env={**os.environ, **self.env},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a power failure would: no signal that it could hear."""
        if self.process is not None and self.is_alive:
            self.process.kill()
            self.process.wait()
            self.kills += 1

    def pause(self) -> None:
        if self.process is not None and self.is_alive:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        if self.process is not None and self.is_alive:
            self.process.send_signal(signal.SIGCONT)

    def end(self, *, grace_s: float = 20.0) -> int | None:
        """Ask it to stop; its exit status, None where it had to be killed."""
        if self.process is None or not self.is_alive:
            return None
        self.resume()
        self.process.terminate()
        try:
            return self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def wait_ready(self, path: str = "/health") -> None:
        """Returns once it answers. RuntimeError when it does not within a minute and a half."""
        assert self.url is not None
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}{path}", timeout=5.0).is_success:
                    return
            if not self.is_alive:
                break
            time.sleep(_POLL_S)
        raise RuntimeError(f"{self.name} does not answer: see {self.log}")


@dataclass
class Postgres:
    """The embedded server, held by nobody but this program."""

    data_dir: Path
    url: str = ""
    restarts: int = 0

    def start(self) -> None:
        self.url = ensure_running(self.data_dir)

    def crash(self) -> None:
        """Kill it with every connection, as a failing machine would, and start it again."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute("select pg_read_file('postmaster.pid')").fetchone()
        assert row is not None
        os.kill(int(row[0].splitlines()[0]), signal.SIGQUIT)
        time.sleep(1.0)
        self.start()
        self.restarts += 1

    def stop(self) -> None:
        stop(self.data_dir)


@contextmanager
def running(*nodes: Node) -> Generator[None]:
    """The nodes, started, and ended with the context."""
    try:
        for node in nodes:
            node.start()
        yield
    finally:
        for node in reversed(nodes):
            node.end()
