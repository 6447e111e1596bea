"""How soon orch acknowledges what Slack sends, while it works on all of it.

A real server (uvicorn, embedded PostgreSQL) in a process of its own; this one plays Slack: it sends signed requests at an
even rate, whether or not earlier ones were answered, and answers the Web API. Times count from when a request was due.
"""

import asyncio
import hashlib
import hmac
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from statistics import quantiles
from time import monotonic, time
from typing import Annotated, Any
from urllib.parse import urlencode

import aiohttp
import typer
from aiohttp import web

_SECRET = "bench-signing-secret"  # noqa: S105 -- of a server that lives for a minute
_READY_S = 120.0
_SETTLED_S = 60.0
_EPOCH = 1_794_000_000
_MIX = {"talk": 0.6, "repeat": 0.29, "alert": 0.01, "resolve": 0.03, "mention": 0.02, "command": 0.03, "press": 0.02}
"""What a busy workspace sends: mostly people's talk, and the same alerts again and again; some are new each second."""
_RULES = 40


@dataclass
class Times:
    """Seconds from when a request was due to its answer; `statuses` counts the answers, 0 for none."""

    waits_s: list[float] = field(default_factory=list[float])
    statuses: Counter[int] = field(default_factory=Counter[int])


class Traffic:
    """Requests of the mix, each new."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._numbers = count(1)

    def next(self) -> tuple[bytes, str]:
        """A body and its content type."""
        (kind,) = self._random.choices(list(_MIX), list(_MIX.values()))
        number = next(self._numbers)
        if kind == "command":
            words = self._random.choice(["status", "oncall", "help", "analyze saas-api errors last 30 min"])
            return urlencode(_command(number, words)).encode(), "application/x-www-form-urlencoded"
        if kind == "press":
            return urlencode({"payload": json.dumps(_press(number))}).encode(), "application/x-www-form-urlencoded"
        return json.dumps(self._event(kind, number)).encode(), "application/json"

    def _event(self, kind: str, number: int) -> dict[str, Any]:
        ts = f"{_EPOCH + number // 200}.{number:06}"
        channel = f"C{self._random.randrange(20):03}"
        base: dict[str, Any] = {"ts": ts, "event_ts": ts, "channel": channel, "channel_type": "channel", "team": "T1"}
        number_of_rule = self._random.randrange(_RULES)
        rule = f"Rule{number_of_rule}"
        if kind in {"repeat", "resolve"}:  # a rule posts to one channel
            base["channel"] = f"C{number_of_rule % 20:03}"
        match kind:
            case "talk":
                text = f"has anybody seen the report of yesterday? {number}"
                event = {"type": "message", "user": f"U{number % 50:03}", "text": text, **base}
            case "mention":
                event = {"type": "app_mention", "user": f"U{number % 50:03}", "text": "<@U0US> status", **base}
            case "alert":
                event = _alert(f"[FIRING:1] New{number} saas-api (critical)", "danger", base)
            case "repeat":
                event = _alert(f"[FIRING:1] {rule} saas-api (critical)", "danger", base)
            case _:
                event = _alert(f"[RESOLVED] {rule} saas-api (critical)", "good", base)
        grants = [{"team_id": "T1", "user_id": "U0US", "is_bot": True}]
        return {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A0US",
            "event_id": f"Ev{number}",
            "event_time": _EPOCH,
            "authorizations": grants,
            "event": event,
        }


def _alert(title: str, colour: str, base: dict[str, Any]) -> dict[str, Any]:
    attachment = {"id": 1, "color": colour, "title": title, "text": "", "fallback": f"{title} | http://alertmanager"}
    return {
        "type": "message",
        "subtype": "bot_message",
        "text": "",
        "bot_id": "B1",
        "attachments": [attachment],
        **base,
    }


def _command(number: int, text: str) -> dict[str, str]:
    return {
        "team_id": "T1",
        "channel_id": f"C{number % 20:03}",
        "channel_name": "alerts",
        "user_id": f"U{number % 50:03}",
        "user_name": "ada",
        "command": "/orch",
        "text": text,
        "trigger_id": f"trigger-{number}",
        "response_url": "",
    }


def _press(number: int) -> dict[str, Any]:
    action = {
        "type": "button",
        "action_id": "orch_show",
        "value": "00000000-0000-4000-8000-000000000000",
        "block_id": "b",
    }
    return {
        "type": "block_actions",
        "user": {"id": f"U{number % 50:03}", "team_id": "T1"},
        "team": {"id": "T1"},
        "trigger_id": f"press-{number}",
        "channel": {"id": f"C{number % 20:03}"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C001"},
        "actions": [{**action, "action_ts": f"{number}.0"}],
    }


class FakeSlack:
    """Takes whatever it is told, and counts it."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._numbers = count(1)

    async def call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls[method] += 1
        ts = f"1700000000.{next(self._numbers):06}"
        return web.json_response(
            {"ok": True, "ts": ts, "user": {"id": "U1"}, "channel": {"name": "alerts"}, "team": "Bench"}
        )


@asynccontextmanager
async def serve_slack(fake: FakeSlack) -> AsyncGenerator[str]:
    """The fake's address as long as the context lasts."""
    app = web.Application()
    app.router.add_route("*", "/api/{method}", fake.call)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    try:
        yield f"http://{host}:{port}/api"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serve_orch(slack_url: str, folder: str, log: str) -> AsyncGenerator[tuple[str, int]]:
    """The address of a server that takes tasks, and its process."""
    environment = {
        **os.environ,
        "ORCHESTRATOR_DATA_DIR": folder,
        "ORCHESTRATOR_PORT": "0",
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": _SECRET,
        "SLACK_API_URL": slack_url,
    }
    with open(log, "wb") as written:  # noqa: ASYNC230, PTH123 -- opened once, before anything is measured
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", stdout=asyncio.subprocess.PIPE, stderr=written, env=environment
        )
    assert server.stdout is not None
    try:
        async with asyncio.timeout(_READY_S):
            while b"listens on " not in (line := await server.stdout.readline()):
                if not line:
                    raise RuntimeError(f"the server did not start: see {log}")
        yield line.split(b"listens on ")[1].split()[0].decode(), server.pid
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


def sign(body: bytes) -> dict[str, str]:
    """Headers: https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
    stamp = str(int(time()))
    digest = hmac.new(_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


async def send_all(url: str, *, rate: float, seconds: float, seed: int) -> Times:
    """Send at an even rate, whether or not earlier requests were answered."""
    times = Times()
    traffic = Traffic(seed)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=10)) as session:

        async def send(due: float) -> None:
            body, content_type = traffic.next()
            headers = {"content-type": content_type, **sign(body)}
            try:
                async with session.post(f"{url}/slack/events", data=body, headers=headers) as answer:
                    await answer.read()
                    status = answer.status
            except (aiohttp.ClientError, TimeoutError):
                status = 0
            times.waits_s.append(monotonic() - due)
            times.statuses[status] += 1

        began = monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - monotonic()))
                group.create_task(send(due))
    return times


async def measure(*, rate: float, seconds: float, seed: int, log: str) -> bool:
    """Whether the goal is met: p99 under 250 ms and no 5xx. Prints what was found."""
    fake = FakeSlack()
    with tempfile.TemporaryDirectory(prefix="orch-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: S103, PTH101 -- root's database server runs as nobody
        async with (
            serve_slack(fake) as slack_url,
            serve_orch(slack_url, folder, log) as (url, pid),
            aiohttp.ClientSession() as asking,
        ):
            await _until_ready(asking, url)
            before_s = cpu_s(pid)
            times = await send_all(url, rate=rate, seconds=seconds, seed=seed)
            used_s = cpu_s(pid) - before_s
            waiting = await _settle(asking, url)
    cuts = quantiles(times.waits_s, n=100)
    p50, p95, p99 = (cuts[at - 1] * 1000 for at in (50, 95, 99))
    errors = sum(number for status, number in times.statuses.items() if status == 0 or status >= 500)  # noqa: PLR2004 -- 5xx
    said = (
        f"{len(times.waits_s)} requests at {rate:g}/s for {seconds:g} s; statuses {dict(times.statuses)}",
        f"acknowledged: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, max {max(times.waits_s) * 1000:.1f} ms",
        f"errors: {errors}; load of the machine {os.getloadavg()[0]:.1f}",
        f"the server used {used_s:.1f} s of a processor, {used_s / len(times.waits_s) * 1000:.1f} ms a request",
        f"calls of the Web API meanwhile: {dict(fake.calls)}",
        waiting,
    )
    sys.stdout.write("\n".join(said) + "\n")
    return p99 < 250 and errors == 0  # noqa: PLR2004 -- the goal


def cpu_s(pid: int) -> float:
    """Seconds of a processor that the process has used, as Linux tells them: proc(5)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _until_ready(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(_READY_S):
        while True:
            async with session.get(f"{url}/ready") as answer:
                if answer.status == 200:  # noqa: PLR2004 -- OK
                    return
            await asyncio.sleep(0.2)


async def _settle(session: aiohttp.ClientSession, url: str) -> str:
    """What still waits a minute after the last request, or when nothing does."""
    began = monotonic()
    while True:
        async with session.get(f"{url}/health") as answer:
            detail = str((await answer.json())["parts"]["slack"]["detail"])
        if "inbox: 0 waiting" in detail or monotonic() - began > _SETTLED_S:
            return f"{monotonic() - began:.0f} s later: {detail}"
        await asyncio.sleep(0.5)


def main(
    rate: Annotated[float, typer.Option(help="Requests a second.")] = 200.0,
    seconds: Annotated[float, typer.Option(help="For how long.")] = 30.0,
    seed: Annotated[int, typer.Option(help="Of the mix.")] = 1,
    log: Annotated[str, typer.Option(help="Where the server's log goes.")] = os.devnull,
) -> None:
    """Exit code 1 when p99 is 250 ms or more, or anything was answered 5xx or not at all."""
    if not asyncio.run(measure(rate=rate, seconds=seconds, seed=seed, log=log)):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
