"""A real Prometheus over given samples, on a free port of 127.0.0.1, for as long as a test session asks it."""

import math
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

_READY_WITHIN_S = 30.0
_EMPTY_CONFIG = "global: {}\n"


@dataclass(frozen=True)
class Sample:
    """One value of the series with these labels, `__name__` among them."""

    labels: tuple[tuple[str, str], ...]
    time_ms: int
    value: float


@contextmanager
def run_prometheus(samples: Iterable[Sample], folder: Path) -> Generator[str]:
    """The base URL of a server that holds the samples; its data lie in `folder`.

    Raises AssertionError, saying what to install, when Prometheus is not here.
    """
    promtool, prometheus = _find("promtool"), _find("prometheus")
    text, data, config = folder / "samples.om", folder / "data", folder / "prometheus.yml"
    text.write_text(write_openmetrics(samples), encoding="utf-8")
    config.write_text(_EMPTY_CONFIG, encoding="utf-8")
    made = subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, f"promtool made no blocks of {text}: {made.stderr}"
    port = _free_port()
    log = (folder / "prometheus.log").open("wb")
    server = subprocess.Popen(
        [
            prometheus,
            f"--config.file={config}",
            f"--storage.tsdb.path={data}",
            "--storage.tsdb.retention.time=10y",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ],
        stdout=log,
        stderr=log,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _await_ready(url, server, folder / "prometheus.log")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def write_openmetrics(samples: Iterable[Sample]) -> str:
    """The samples as promtool reads them: times in seconds, `# EOF` at the end.

    https://prometheus.io/docs/prometheus/latest/storage/#backfilling-from-openmetrics-format
    """
    lines = [
        f"{_series_of(sample)} {_number(sample.value)} {sample.time_ms / 1000:.3f}\n"
        for sample in sorted(samples, key=lambda sample: (sample.labels, sample.time_ms))
    ]
    return "".join([*lines, "# EOF\n"])


def _series_of(sample: Sample) -> str:
    labels = dict(sample.labels)
    name = labels.pop("__name__")
    inner = ",".join(f'{label}="{_escape(value)}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inner}}}"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(value) if math.isfinite(value) else ("+Inf" if value > 0 else "-Inf")


def _find(program: str) -> str:
    path = shutil.which(program)
    assert path, f"{program} is not on the PATH: apt-get install --no-install-recommends prometheus"
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        assert server.poll() is None, f"prometheus ended at once: {log.read_text(errors='replace')}"
        try:
            if httpx.get(f"{url}/-/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"prometheus was not ready after {_READY_WITHIN_S} s: {log.read_text(errors='replace')}")
