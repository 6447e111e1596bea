"""`python -m bench.chaos`: prints a table of promises, and exits with 1 when one of them breaks."""

import argparse
import asyncio
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

from bench.chaos import promises
from bench.chaos.delivery import Delivered, deliver
from bench.chaos.events import Plan, plan_events
from bench.chaos.processes import Node, Postgres, free_port, running
from bench.chaos.promises import Promise
from bench.chaos.slack import TOKEN
from bench.chaos.watch import Backlog, Watch

_SECRET = "chaos"  # noqa: S105 -- signs requests on loopback for a minute
_CHECKOUT = Path(__file__).resolve().parents[2]
_COMPANY = _CHECKOUT / "company_details" / "company_sim"
_DIGEST_CHANNEL = "C0DIGEST"
_SERVICES = ("saas-api", "checkout-worker", "payments-service", "search-service")
_API, _WORKERS = 2, 3
_TAKE_OVER_S = 15.0
_PICK_UP_MS = 50.0
_RUNS = b"orch runs tasks"
"""What a worker says once it does."""
_BEGUN_S = 0.3
"""After so long a task is at work, and not at its end: the company answers slowly."""
_PAUSE_S = 30.0
"""Longer than a lease."""
_DOWN_S = (0.3, 2.0)
_QUESTION = {
    "task": "P1 alert: checkout latency and errors increased. Analyze metrics and logs and propose the escalation.",
    "context": {
        "service": _SERVICES[0],
        "start_time": "2026-02-14T10:00:00Z",
        "end_time": "2026-02-14T10:30:00Z",
        "severity": "P1",
    },
}

_log = Console(stderr=True, soft_wrap=True)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much is tried: deliveries, how many a second, seconds between two kills, and how long what is left may take.

    `is_timed`: whether promises about time are held to; what CI runs must not fail for a slow machine.
    """

    events: int
    repeats: int
    per_s: float
    kill_every_s: float
    crashes: int
    trouble: float
    drain_s: float
    is_timed: bool = True


_FULL = Scale(events=10_000, repeats=30, per_s=60.0, kill_every_s=9.0, crashes=2, trouble=0.08, drain_s=1200.0)
_SHORT = Scale(
    events=400, repeats=5, per_s=20.0, kill_every_s=7.0, crashes=1, trouble=0.08, drain_s=360.0, is_timed=False
)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that plays: `nodes` are those that may be killed."""

    postgres: Postgres
    slack: Node
    company: Node
    apis: tuple[Node, ...]
    workers: tuple[Node, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (*self.apis, *self.workers)


def main() -> None:
    """Run it, print the table, exit 0 when every promise holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--short",
        action="store_true",
        help="a few hundred events, and no promise that depends on the speed of the machine",
    )
    parser.add_argument("--events", type=int, help="how many deliveries")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same dice again")
    parser.add_argument("--keep", action="store_true", help="keep the folder with database and logs")
    options = parser.parse_args()
    scale = _SHORT if options.short else _FULL
    if options.events:
        scale = Scale(**{**vars(scale), "events": options.events})
    folder = Path(tempfile.mkdtemp(prefix="orch-chaos-"))
    folder.chmod(0o755)  # the embedded server may run under an account of its own
    _log.print(f"seed {options.seed}, logs in {folder}")
    began = time.monotonic()
    found = asyncio.run(_run(folder, scale, options.seed))
    holds = all(promise.holds for promise in found)
    _show(found, time.monotonic() - began)
    if holds and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if holds else 1)


async def _run(folder: Path, scale: Scale, seed: int) -> list[Promise]:
    stage = _set(folder, scale, seed)
    dice = random.Random(seed)
    plan = plan_events(
        scale.events, repeats=scale.repeats, duplicates=0.2, seed=seed, now=time.time(), services=_SERVICES
    )
    stage.postgres.start()
    try:
        with running(stage.slack, stage.company):
            stage.apis[0].start()
            await asyncio.to_thread(stage.apis[0].wait_ready)  # it makes the tables
            watch = Watch(stage.postgres.url)
            watch.install()
            with running(*stage.nodes[1:]):
                try:
                    for api in stage.apis:
                        await asyncio.to_thread(api.wait_ready)
                    delivered = await _storm(stage, plan, scale, dice)
                    quiet = await _drain(stage, watch, scale)
                    state = await _ask_slack(stage)
                    found = _judge(stage, watch, plan, delivered, quiet, state)
                    if scale.is_timed:
                        found += await _measure(stage, watch)
                    found.append(await _stop_gently(stage))
                finally:
                    stage.apis[0].end()
    finally:
        stage.postgres.stop()
    return found


def _set(folder: Path, scale: Scale, seed: int) -> Stage:
    slack_port, api_ports = free_port(), [free_port() for _ in range(_API)]
    company_ports = [free_port() for _ in range(3)]
    common = {
        "ORCHESTRATOR_DATA_DIR": str(folder / "data"),
        "ORCHESTRATOR_WORKERS": "separate",
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": _SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack_port}/api",
        "ORCHESTRATOR_DIGEST_CHANNEL": _DIGEST_CHANNEL,
        "ORCHESTRATOR_DIGEST_CRON": "* * * * *",
        **{
            f"COMPANY_{name}_BASE_URL": f"http://127.0.0.1:{port}"
            for name, port in zip(("JIRA", "METRICS", "LOGS"), company_ports, strict=True)
        },
    }
    apis = tuple(
        Node(
            name=f"api {number}",
            arguments=["-m", "bot", "serve"],
            env={**common, "ORCHESTRATOR_PORT": str(port)},
            log=folder / f"api-{number}.log",
            url=f"http://127.0.0.1:{port}",
        )
        for number, port in enumerate(api_ports, start=1)
    )
    workers = tuple(
        Node(
            name=f"worker {number}", arguments=["-m", "bot", "worker"], env=common, log=folder / f"worker-{number}.log"
        )
        for number in range(1, _WORKERS + 1)
    )
    slack = Node(
        name="slack",
        arguments=[
            "-m",
            "bench.chaos.slack",
            "--port",
            str(slack_port),
            "--trouble",
            str(scale.trouble),
            "--seed",
            str(seed),
        ],
        env={},
        log=folder / "slack.log",
        url=f"http://127.0.0.1:{slack_port}",
    )
    ports = [str(port) for port in company_ports]
    data = str(_COMPANY / "mock_systems" / "data")
    company = Node(
        name="company",
        arguments=["-m", "bench.chaos.company", "--data-dir", data, "--ports", *ports, "--delay", "0.4"],
        env={},
        log=folder / "company.log",
    )
    return Stage(postgres=Postgres(data_dir=folder / "data"), slack=slack, company=company, apis=apis, workers=workers)


async def _storm(stage: Stage, plan: Plan, scale: Scale, dice: random.Random) -> Delivered:
    """Send everything while things break."""
    urls = [api.url for api in stage.apis if api.url]
    lasts_s = len(plan.deliveries) / scale.per_s
    _log.print(f"{len(plan.deliveries)} deliveries of {plan.unique} events over {lasts_s:.0f} s")
    breaking = [
        asyncio.create_task(_kill(stage, scale, dice)),
        asyncio.create_task(_supervise(stage)),
        asyncio.create_task(_crash(stage, [lasts_s * n / (scale.crashes + 1) for n in range(1, scale.crashes + 1)])),
        asyncio.create_task(_pause(stage, dice, after_s=lasts_s * 0.3)),
    ]
    try:
        delivered = await deliver(plan.deliveries, urls, _SECRET, per_s=scale.per_s, seed=dice.randrange(10_000))
        await asyncio.gather(*breaking[2:])
    finally:
        for job in breaking:
            job.cancel()
        await asyncio.gather(*breaking, return_exceptions=True)
    for node in stage.nodes:
        if not node.is_alive:
            node.start()
    return delivered


async def _kill(stage: Stage, scale: Scale, dice: random.Random) -> None:
    while True:
        await asyncio.sleep(dice.uniform(0.5, 1.5) * scale.kill_every_s)
        node = dice.choice(stage.nodes)
        node.kill()
        await asyncio.sleep(dice.uniform(*_DOWN_S))
        if not node.is_alive:
            node.start()


async def _supervise(stage: Stage) -> None:
    """Start again what has ended by itself, as whoever runs it would: a process that begins without a database says so and ends."""
    while True:
        await asyncio.sleep(1.0)
        for node in stage.nodes:
            if node.has_given_up:
                node.start()


async def _crash(stage: Stage, moments_s: Sequence[float]) -> None:
    waited = 0.0
    for moment_s in moments_s:
        await asyncio.sleep(moment_s - waited)
        waited = moment_s
        await asyncio.to_thread(stage.postgres.crash)
        _log.print("PostgreSQL crashed and is back")


async def _pause(stage: Stage, dice: random.Random, *, after_s: float) -> None:
    await asyncio.sleep(after_s)
    worker = dice.choice(stage.workers)
    process = worker.process
    worker.pause()
    _log.print(f"{worker.name} is paused for {_PAUSE_S:.0f} s")
    await asyncio.sleep(_PAUSE_S)
    if worker.process is process:
        worker.resume()


async def _drain(stage: Stage, watch: Watch, scale: Scale) -> Backlog:
    """Wait until nothing is left to do, or for as long as that may take."""
    deadline = time.monotonic() + scale.drain_s
    left = Backlog(inbox=-1, tasks=-1, outbox=-1)
    told = 0.0
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            left = watch.backlog()
            if left.is_empty:
                break
        if time.monotonic() - told > 20:  # noqa: PLR2004 -- seconds between two lines of progress
            told = time.monotonic()
            _log.print(f"left: {left.inbox} in the inbox, {left.tasks} tasks, {left.outbox} messages")
        for node in stage.nodes:
            if not node.is_alive:
                _log.print(f"[red]{node.name} ended by itself[/red]: {node.log}")
                node.start()
        await asyncio.sleep(1.0)
    return left


async def _ask_slack(stage: Stage) -> dict[str, Any]:
    """What stands in Slack."""
    async with httpx.AsyncClient(timeout=60.0) as client:
        return (await client.get(f"{stage.slack.url}/state")).json()


def _judge(
    stage: Stage, watch: Watch, plan: Plan, delivered: Delivered, left: Backlog, state: dict[str, Any]
) -> list[Promise]:
    _log.print(
        f"kills {sum(node.kills for node in stage.nodes)}, database crashes {stage.postgres.restarts}, "
        f"Slack's faults: {promises.tell_faults(state)}, answers {dict(delivered.answers)}"
    )
    found = [
        Promise(name="all work comes to an end", holds=left.is_empty, found=str(left)),
        *promises.check_events(watch, delivered, {envelope["event_id"] for envelope in plan.deliveries}),
        *promises.check_tasks(watch),
        *promises.check_messages(watch, state),
        promises.check_pace(state),
        promises.check_digest(state, _DIGEST_CHANNEL),
    ]
    for promise in found:
        _log.print(f"{'holds' if promise.holds else 'BROKEN'}: {promise.name}: {promise.found}")
    return found


async def _measure(stage: Stage, watch: Watch) -> list[Promise]:
    """How fast a task is picked up when all is well, and taken over when its worker is killed."""
    url = stage.apis[0].url
    async with httpx.AsyncClient(base_url=url or "", timeout=30.0) as client:

        async def begin() -> str:
            task_id = str((await client.post("/tasks", json=_QUESTION)).raise_for_status().json()["task_id"])
            answer = await client.post(f"/tasks/{task_id}/run", json={}, headers={"Prefer": "respond-async"})
            answer.raise_for_status()
            return task_id

        async def ended(task_id: str) -> None:
            final = "select status in ('succeeded', 'failed') from tasks where task_id = %(id)s"
            await _until(lambda: watch.one(final, {"id": task_id}))

        for api in stage.apis:
            await asyncio.to_thread(api.wait_ready)
        await ended(await begin())  # the workers may have been started just now
        picked: list[str] = []
        for _ in range(15):
            picked.append(await begin())
            await ended(picked[-1])
        pick_up_ms = watch.pick_up_ms(picked)
        took = [await _take_over(stage, watch, begin, ended) for _ in range(2)]
    return [
        Promise(
            name=f"pick-up of a new task under {_PICK_UP_MS:.0f} ms at the median",
            holds=pick_up_ms < _PICK_UP_MS,
            found=f"{pick_up_ms:.1f} ms over {len(picked)} tasks",
        ),
        Promise(
            name=f"take-over after kill -9 within {_TAKE_OVER_S:.0f} s",
            holds=max(took) < _TAKE_OVER_S,
            found=", ".join(f"{seconds:.1f} s" for seconds in took),
        ),
    ]


async def _take_over(stage: Stage, watch: Watch, begin: Any, ended: Any) -> float:
    """Seconds from killing the only worker at work on a task to another one's begin of it, which idled until then."""
    *others, last = stage.workers
    for worker in others:
        worker.pause()
    task_id = await begin()
    await asyncio.sleep(_BEGUN_S)
    last.kill()
    killed = time.time()
    for worker in others:
        worker.resume()
    await ended(task_id)
    begun = watch.one(
        "select extract(epoch from min(at)) from chaos_runs where task_id = %(id)s and attempt > 1", {"id": task_id}
    )
    said = last.log.read_bytes().count(_RUNS)
    last.start()
    await _until(lambda: last.log.read_bytes().count(_RUNS) > said)
    if begun is None:
        raise RuntimeError(f"task {task_id} was not at work when its worker was killed: try again on a quieter machine")
    return float(begun) - killed


async def _until(holds: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(holds):  # noqa: ASYNC110 -- it is another process that changes what is asked for
        await asyncio.sleep(0.01)


async def _stop_gently(stage: Stage) -> Promise:
    """SIGTERM: every process ends by itself, within its grace."""
    ends = await asyncio.gather(*(asyncio.to_thread(node.end) for node in stage.nodes))
    return Promise(
        name="SIGTERM ends every process by itself",
        holds=None not in ends,
        found=f"exit statuses {ends} (-15: handed on after the end)",
    )


def _show(found: Sequence[Promise], lasted_s: float) -> None:
    table = Table(title=f"{sum(it.holds for it in found)} of {len(found)} promises hold, {lasted_s:.0f} s")
    for column in ("", "promise", "found"):
        table.add_column(column, overflow="fold")
    for promise in found:
        table.add_row("[green]holds[/green]" if promise.holds else "[red]BROKEN[/red]", promise.name, promise.found)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
