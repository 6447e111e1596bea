"""The servers as a program, and the loading that they share."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from company_details.company_sim.mock_systems.files import Once, default_data_dir, parse_time_ns
from company_details.company_sim.mock_systems.jira.app import create_app as create_jira
from company_details.company_sim.mock_systems.literals import parse_duration_ms, unquote
from company_details.company_sim.mock_systems.selectors import SelectorError, compile_regex

MODULE = "company_details.company_sim.mock_systems"
FOLDER = Path(__file__).parents[3] / "company_details" / "company_sim" / "mock_systems"


@pytest.fixture
def program(data_dir: Path) -> Generator[subprocess.Popen[str]]:
    arguments = ["--data-dir", str(data_dir), "--jira-port=0", "--metrics-port=0", "--logs-port=0"]
    with subprocess.Popen(
        [sys.executable, "-m", MODULE, *arguments], cwd=FOLDER.parents[2], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_the_program_serves_all_three_and_stops_when_told_to(program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    addresses: dict[str, str] = {}
    while len(addresses) < 3:
        line = program.stdout.readline()
        assert line, "the program ended before it served"
        if match := re.match(r"(\w+): (http://[\d.:]+) ", line):
            addresses[match[1]] = match[2]
    with httpx.Client(timeout=10) as client:
        for name, address in addresses.items():
            health = client.get(f"{address}/health").json()
            assert (health["status"], health["system"]) == ("ok", name)
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=10) == 0


def test_an_address_in_use_is_named_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", MODULE, "--only", "logs", f"--logs-port={port}"],
            cwd=FOLDER.parents[2],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 1
    assert f"logs: cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert "--logs-port" in ended.stderr


def test_the_data_folder_follows_the_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORCHESTRATOR_COMPANY_SIM_ROOT", raising=False)
    assert default_data_dir() == FOLDER / "data"
    monkeypatch.setenv("ORCHESTRATOR_COMPANY_SIM_ROOT", "/srv/other")
    assert default_data_dir() == Path("/srv/other/mock_systems/data")


def test_compose_serves_the_same_ports_from_the_same_files() -> None:
    compose = yaml.safe_load((FOLDER / "docker-compose.yml").read_text())
    assert {name: service["ports"] for name, service in compose["services"].items()} == {
        "jira": ["127.0.0.1:8001:8001"],
        "metrics": ["127.0.0.1:8002:8002"],
        "logs": ["127.0.0.1:8003:8003"],
    }
    for name, service in compose["services"].items():
        assert service["command"] == ["--only", name]
        assert service["volumes"] == ["${MOCK_DATA_DIR:-./data}:/data:ro"]
    dockerfile = (FOLDER / "Dockerfile").read_text()
    lock = (FOLDER.parents[2] / "uv.lock").read_text()
    for package, version in re.findall(r'"([a-z]+)==([\d.]+)"', dockerfile):
        assert f'name = "{package}"\nversion = "{version}"' in lock


async def test_first_requests_at_once_load_once(data_dir: Path) -> None:
    loads = 0
    lock = threading.Lock()

    def compute() -> int:
        nonlocal loads
        with lock:
            loads += 1
        time.sleep(0.05)
        return 7

    once = Once(compute)
    assert await asyncio.gather(*(once.get() for _ in range(20))) == [7] * 20
    assert loads == 1
    assert await once.get() == 7


async def test_a_caller_that_gives_up_does_not_stop_the_loading() -> None:
    release = threading.Event()

    def compute() -> int:
        release.wait(5)
        return 7

    once = Once(compute)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(once.get(), 0.01)
    release.set()
    assert await once.get() == 7


def test_one_app_serves_several_event_loops(data_dir: Path) -> None:
    app = create_jira(data_dir)

    async def ask() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
            return (await client.get("/health")).status_code

    assert [asyncio.run(ask()) for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        (r'"a\nb"', "a\nb"),
        (r'"\"\\"', '"\\'),
        (r"'\''", "'"),
        (r"`\n`", r"\n"),
        (r'"\x41\101\u00e9\U0001F600"', "AAé😀"),
        (r'"\xc3\xa9é"', "éé"),
    ],
)
def test_string_literals(literal: str, text: str) -> None:
    assert unquote(literal) == text


@pytest.mark.parametrize("literal", [r'"\q"', r'"\'"', r"'\"'", r'"\x4"', r'"\777"', r'"\ud800"', '"a\nb"'])
def test_string_literals_that_are_none(literal: str) -> None:
    with pytest.raises(ValueError, match=r"escape|Unicode|line breaks"):
        unquote(literal)


@pytest.mark.parametrize(
    ("text", "length_ms"),
    [("5m", 300_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("250ms", 250), ("1y2w", 32_745_600_000), ("0", 0)],
)
def test_durations(text: str, length_ms: int) -> None:
    assert parse_duration_ms(text) == length_ms


@pytest.mark.parametrize("text", ["", "5", "m", "5m1h", "-5m", "1.5m", "5 m", "5M"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid duration"):
        parse_duration_ms(text)


@pytest.mark.parametrize("pattern", ["(?=a)", "(?<!a)b", r"(a)\1", "a++", "(?>a)", "(", "[[:alpha:]]", "a{2,1}"])
def test_regular_expressions_that_re2_has_not_are_refused(pattern: str) -> None:
    with pytest.raises(SelectorError, match="error parsing regexp"):
        compile_regex(pattern)


@pytest.mark.parametrize("pattern", ["[*+]+", r"\++", "(?i)a|b", "(?P<n>a)", "a*?", r"[^\]+]+", "(?:a+)+", ""])
def test_regular_expressions_that_re2_has_are_taken(pattern: str) -> None:
    compile_regex(pattern)


@settings(deadline=None)
@given(st.integers(0, 4_000_000_000_000_000), st.sampled_from([timedelta(), timedelta(hours=5.5), timedelta(hours=-8)]))
def test_a_time_and_its_unix_seconds_are_the_same(microseconds: int, offset: timedelta) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    time_ns = microseconds * 1000
    assert parse_time_ns(moment.astimezone(timezone(offset)).isoformat()) == time_ns
    assert parse_time_ns(f"{time_ns // 10**9}.{time_ns % 10**9:09d}") == time_ns
