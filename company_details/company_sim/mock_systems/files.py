"""Reading the data files of the mock systems: plain or gzipped, tolerant of bad rows, loaded once off the event loop."""

import asyncio
import gzip
import os
import re
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNIX_SECONDS = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_MAX_SECONDS = 253_402_300_799
"""The last second of the year 9999: more than that is milliseconds by mistake, or no time."""
_EXAMPLES_KEPT = 5


def default_data_dir() -> Path:
    """`$ORCHESTRATOR_COMPANY_SIM_ROOT/mock_systems/data`, or the `data` folder beside this file when it is not set."""
    root = os.environ.get("ORCHESTRATOR_COMPANY_SIM_ROOT", "").strip()
    return Path(root) / "mock_systems" / "data" if root else Path(__file__).parent / "data"


@dataclass
class FileReport:
    """What became of one data file: where it was found, what was read, what was left out and why."""

    name: str
    path: Path | None = None
    problem: str | None = None
    rows: int = 0
    bad_rows: int = 0
    examples: list[str] = field(default_factory=list[str])

    def refuse_row(self, place: str, reason: str) -> None:
        """Count a row that could not be read, keeping the first few reasons."""
        self.bad_rows += 1
        if len(self.examples) < _EXAMPLES_KEPT:
            self.examples.append(f"{place}: {reason}")

    def as_json(self) -> dict[str, Any]:
        """The report as `/health` shows it."""
        return {
            "name": self.name,
            "path": str(self.path) if self.path else None,
            "found": self.path is not None,
            "problem": self.problem,
            "rows": self.rows,
            "bad_rows": self.bad_rows,
            "bad_row_examples": self.examples,
        }


def read_text(data_dir: Path, name: str, report: FileReport) -> str | None:
    """The text of `name`, or of `name` + `.gz`; None, with the reason in the report, when there is none to read."""
    for path in (data_dir / name, data_dir / f"{name}.gz"):
        try:
            content = path.read_bytes()
            report.path = path
            if path.suffix == ".gz":
                content = gzip.decompress(content)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, EOFError, zlib.error) as error:
            report.problem = f"{path} cannot be read: {error}"
            return None
        return content.decode("utf-8-sig", errors="replace")
    report.problem = f"{name} (or {name}.gz) is not in {data_dir}: serving no data"
    return None


def parse_time_ns(text: str) -> int:
    """Nanoseconds since 1970 of an ISO 8601 time (UTC when it names no zone) or of unix seconds; else ValueError."""
    text = text.strip()
    if _UNIX_SECONDS.fullmatch(text):
        seconds = Decimal(text)
        if abs(seconds) > _MAX_SECONDS:
            raise ValueError(f"{text[:40]!r} is not a time in unix seconds")
        return int(seconds * 1_000_000_000)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND * 1_000


class Once[T]:
    """A value computed by the first caller in a thread of its own, and shared by all the others, on any event loop.

    In-process ASGI transports run no lifespan, so loading cannot be left to it; `start` from a lifespan is a head start.
    """

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._future: Future[T] | None = None

    def start(self) -> Future[T]:
        """The computation under way, begun when nobody has begun it."""
        with self._lock:
            if self._future is None:
                self._future = Future()
                self._future.set_running_or_notify_cancel()
                threading.Thread(target=self._run, args=(self._future,), daemon=True).start()
            return self._future

    async def get(self) -> T:
        """The value, once it is there. Raises what the computation raised."""
        future = self.start()
        return future.result() if future.done() else await asyncio.wrap_future(future)

    def _run(self, future: Future[T]) -> None:
        try:
            future.set_result(self._compute())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait for the value
            future.set_exception(error)
