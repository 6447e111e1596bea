"""From an alert's post to the first evidence, and to the verdict, in its thread: `python -m bench.slack_latency`.

The whole program runs in this process with the simulated company; Slack is another process, which answers each call after
50 ms. Alerts come at an even pace, spread over channels, of which each takes one writing a second.
Exit code 1 when a bound is broken.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Any

import httpx
import structlog
import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from bot.app import create_app
from bot.settings import Settings

SECRET = "bench"  # noqa: S105 -- both sides of it are here
POSTED = 1_771_063_500
"""2026-02-14T10:05:00Z: five minutes into the trouble that the simulated company's data tell of."""
SERVICES = ("saas-api", "checkout-worker", "search-api", "billing-api")
BOUNDS_S = {"first evidence": (1.0, 3.0), "verdict": (None, 5.0)}
"""Median and 95th percentile."""
QUIET_S = 12.0


@contextmanager
def slack_server() -> Generator[str]:
    """The address of a Slack in a process of its own."""
    command = [sys.executable, "-m", "bench.slack_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own module
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


async def measure(alerts: int, channels: int, every_s: float, url: str, folder: Path) -> dict[str, list[float]]:
    """Seconds from each alert's post to what came of it; the shortest gap between two writings of a channel."""
    settings = Settings.model_validate(
        {
            "ORCHESTRATOR_DATA_DIR": folder,
            "ORCHESTRATOR_RAG_INDEX_PATH": folder / "rag_index.sqlite",
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{url}/api",
        }
    )
    posted: dict[str, float] = {}
    app = create_app(settings, lasting=True)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orch.test", timeout=60) as client,
        httpx.AsyncClient(base_url=url, timeout=60) as slack,
    ):
        for warm_up in range(3):
            await _post(client, f"W{warm_up}", POSTED + warm_up, SERVICES[0])
        await asyncio.sleep(QUIET_S)
        for number in range(alerts):
            # Those of one channel are too far apart to be taken for one storm.
            ts = POSTED + 10 + number % channels + 1800 * (number // channels)
            posted[f"{ts}.000100"] = time.time()
            await _post(client, f"C{number % channels}", ts, SERVICES[number % len(SERVICES)])
            await asyncio.sleep(every_s)
        await asyncio.sleep(QUIET_S)
        seen: list[dict[str, Any]] = (await slack.get("/seen")).json()
    return _gather(seen, posted)


def _gather(seen: list[dict[str, Any]], posted: dict[str, float]) -> dict[str, list[float]]:
    threads = {write["task"]: write["thread"] for write in seen if write["thread"] and write["task"]}
    first: dict[str, dict[str, float]] = defaultdict(dict)
    for write in seen:
        thread = write["thread"] or threads.get(write["task"])
        if thread in posted:
            came_after_s = write["at"] - posted[thread]
            first[thread].setdefault(write["role"], came_after_s)
            if write["has_evidence"]:
                first[thread].setdefault("first evidence", came_after_s)
    missing = [thread for thread in posted if "verdict" not in first[thread]]
    if missing:
        raise SystemExit(f"{len(missing)} of {len(posted)} alerts have no verdict {QUIET_S:g} s after the last one")
    roles = ("plan", "first evidence", "evidence", "verdict", "chart")
    found = {role: [times[role] for times in first.values() if role in times] for role in roles}
    by_channel: dict[str, list[float]] = defaultdict(list)
    for write in seen:
        by_channel[write["channel"]].append(write["at"])
    found["gap"] = [later - earlier for times in by_channel.values() for earlier, later in pairwise(sorted(times))]
    return found


async def _post(client: httpx.AsyncClient, channel: str, at: int, service: str) -> None:
    """Alertmanager's default post, signed as Slack signs."""
    ts = f"{at}.000100"
    title = f"[FIRING:1] HighErrorRate {service} (critical)"
    text = f"*Details:*\n • *alertname:* `HighErrorRate`\n • *service:* `{service}`\n • *severity:* `critical`"
    event = {
        "type": "message",
        "subtype": "bot_message",
        "text": "",
        "bot_id": "B1",
        "ts": ts,
        "event_ts": ts,
        "channel": channel,
        "channel_type": "channel",
        "attachments": [{"id": 1, "color": "danger", "title": title, "text": text, "fallback": title}],
    }
    envelope = {
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A1",
        "event_id": f"Ev{at}{channel}",
        "event": event,
    }
    body = json.dumps({**envelope, "event_time": at}).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }
    (await client.post("/slack/events", content=body, headers=headers)).raise_for_status()


def tabulate(found: dict[str, list[float]], title: str) -> Table:
    """Median, 95th percentile and the latest, in seconds."""
    table = Table(title=title)
    table.add_column("in the thread, seconds after the post")
    for name in ("threads", "p50", "p95", "max"):
        table.add_column(name, justify="right")
    for role, times in found.items():
        if role != "gap" and len(times) > 1:
            late = quantiles(times, n=20)[-1]
            table.add_row(role, str(len(times)), f"{median(times):.2f}", f"{late:.2f}", f"{max(times):.2f}")
    return table


def main(
    alerts: Annotated[int, typer.Option(min=5, help="Alerts to post.")] = 60,
    channels: Annotated[int, typer.Option(min=1, help="Channels to spread them over.")] = 60,
    every_s: Annotated[float, typer.Option(min=0.0, help="Seconds between two alerts.")] = 0.5,
) -> None:
    """Measure, print a table, and say whether the bounds hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with slack_server() as url, tempfile.TemporaryDirectory(prefix="orch-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database server of root is another user
        loop_factory = uvicorn.Config(app="").get_loop_factory()  # the loop that `make run` serves on
        found = asyncio.run(measure(alerts, channels, every_s, url, folder), loop_factory=loop_factory)
    console = Console()
    console.print(tabulate(found, f"{alerts} alerts in {channels} channels, one every {every_s:g} s"))
    held = {f"no two writings of a channel within 1 s (least {min(found['gap']):.2f} s)": min(found["gap"]) >= 1.0}
    for role, (most_median, most_late) in BOUNDS_S.items():
        times = found[role]
        if most_median is not None:
            held[f"{role}: median {median(times):.2f} s < {most_median:g} s"] = median(times) < most_median
        late = quantiles(times, n=20)[-1]
        held[f"{role}: p95 {late:.2f} s < {most_late:g} s"] = late < most_late
    for sentence, holds in held.items():
        console.print(f"{'holds' if holds else 'BROKEN'}: {sentence}", highlight=False)
    sys.exit(0 if all(held.values()) else 1)


if __name__ == "__main__":
    typer.run(main)
