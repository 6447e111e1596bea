"""Tasks per second with one, two and four worker processes, beside the same pipeline called in a loop; intake; pick-up.

Everything runs on this machine on one embedded PostgreSQL. What is compared takes turns, a slice each, and a ratio is the median
of those of its rounds: what else the machine does then strikes both. `--finished 1000000` measures once more with so many
finished tasks in the table. Exit code 1 when a bound is broken.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated, Any
from uuid import UUID, uuid4

import structlog
import typer
from rich.console import Console
from rich.table import Table

from bench.bare import BARE_TABLE
from bench.intake import measure_posts
from bench.pipeline import EXAMPLE
from bench.side_by_side import Beside, first_line, process
from bot.app import build_limits
from bot.company import open_company
from bot.pipeline import build_pipeline
from bot.settings import Settings
from bot.sources import open_sources
from bot.worker import Worker, WorkerTimes
from core.events import Event, RunStarted
from core.task import Context, Origin, Request, Task, TaskStatus
from storage.database import Database
from storage.embedded import embedded_postgres
from storage.migrate import migrate
from storage.notices import Notices
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tools.catalog import TOOLS
from tools.registry import Registry

MIN_SHARE_OF_DIRECT = 0.7
MIN_SHARE_OF_BARE = 0.6
MAX_PICK_UP_MS = 50.0
FULL_TABLE_TOLERANCE = 0.15
WORKERS = [1, 2, 4]
PICK_UPS = 60
ROUNDS = 5
WARM_UP = 12

_REQUEST = Request(
    text=str(EXAMPLE["task"]),
    context=Context.model_validate_json(json.dumps(EXAMPLE["context"])),
    origin=Origin(door="slack", channel="C0"),
)
_FINISHED = """
    insert into tasks (task_id, input_task, status, context_json, origin_json, plan_json, result_json, verification_json,
                       created_at, updated_at, attempt)
    select gen_random_uuid(), 'P1 alert ' || n || ': the error rate of service ' || n %% 40 || ' rose',
      case when n %% 10 = 0 then 'failed' else 'succeeded' end,
      jsonb_build_object('service', 'service-' || n %% 40, 'severity', 'P' || 1 + n %% 4),
      jsonb_build_object('door', (array['api', 'slack', 'web'])[1 + n %% 3], 'channel', 'C' || n %% 12),
      '{"version": 1, "steps": []}', '{"version": 1, "steps": [], "report": {"answer": "The disk was full."}}',
      '{"passed": true, "verdict": "confirmed", "reasons": ["every statement is cited"], "checks": []}',
      at, at + interval '1 second', 1
    from (select n, now() - n * interval '20 seconds' as at from generate_series(1, %(number)s) as n) as past
"""


@dataclass(kw_only=True)
class Figures:
    """What was measured: workers beside the pipeline in a loop, the intake beside a bare insert."""

    workers: dict[int, Beside] = field(default_factory=dict[int, Beside])
    full_table: Beside | None = None
    before_full: Beside | None = None
    posts: Beside = field(default_factory=Beside)
    pick_up_ms: float = 0.0


class Nobody:
    async def notice(self, event: Event) -> None:
        """Hears nothing."""


async def run_directly(settings: Settings) -> None:
    """Prints tasks per second of the pipeline, called in a loop, for each number of tasks on stdin: nothing is stored."""
    async with AsyncExitStack() as stack:
        company = await stack.enter_async_context(open_company(settings))
        sources = await stack.enter_async_context(open_sources(settings, company))
        registry = Registry(TOOLS, sources.sources, build_limits(settings))
        pipeline = build_pipeline(sources.references, registry, lambda: datetime.now(UTC))
        for prepare in sources.prepare.values():
            await prepare()
        now = datetime.now(UTC)
        task = Task(
            task_id=uuid4(),
            text=_REQUEST.text,
            status=TaskStatus.RUNNING,
            context=_REQUEST.context,
            origin=_REQUEST.origin,
            created_at=now,
            updated_at=now,
        )
        while line := await asyncio.to_thread(sys.stdin.readline):
            number = int(line)
            began = perf_counter()
            for _ in range(number):
                await pipeline.run(task, Nobody())
            print(number / (perf_counter() - began), flush=True)  # noqa: T201 -- for the process that asks


class Loop:
    """The pipeline in a loop, in a process of its own that rests between the slices."""

    def __init__(self, started: Process) -> None:
        self._started = started

    async def run(self, number: int) -> float:
        """Tasks per second."""
        assert self._started.stdin is not None
        self._started.stdin.write(f"{number}\n".encode())
        return float(await first_line(self._started))


@asynccontextmanager
async def loop_beside(environment: dict[str, str]) -> AsyncGenerator[Loop]:
    """The loop, its indexes and caches warm."""
    async with process("bench.throughput", "--direct", environment=environment) as started:
        loop = Loop(started)
        await loop.run(WARM_UP)
        yield loop


async def measure_workers(database: Database, environment: dict[str, str], workers: int, number: int) -> Beside:
    """Tasks per second that so many worker processes run to their stored end, beside the loop."""
    found = Beside()
    async with AsyncExitStack() as stack:
        loop = await stack.enter_async_context(loop_beside(environment))
        for _ in range(workers):
            await first_line(await stack.enter_async_context(process("bot", "worker", environment=environment)))
        await asyncio.sleep(1.0)
        await _run_tasks(database, WARM_UP * workers)  # indexes, mock systems and caches are warm in each
        for _ in range(ROUNDS):
            found.add(await _run_tasks(database, number // ROUNDS), await loop.run(number // ROUNDS))
    return found


async def _run_tasks(database: Database, number: int) -> float:
    store = PostgresTaskStore(database)
    began = perf_counter()
    ids: list[UUID] = []
    for at in range(number):
        task, _ = await store.add(
            _REQUEST.model_copy(update={"origin": Origin(door="slack", channel=f"C{at % 12}")}), runs=True
        )
        ids.append(task.task_id)
    while True:
        found = await database.fetch_one(
            "select count(*) filter (where status = 'succeeded') as ended, count(*) filter (where status = 'failed') "
            "as failed from tasks where task_id = any(%(ids)s)",
            {"ids": ids},
        )
        assert found is not None
        if found["failed"]:
            raise SystemExit(f"{found['failed']} tasks failed: see GET /tasks?status=failed")
        if found["ended"] == number:
            return number / (perf_counter() - began)
        await asyncio.sleep(0.02)


async def measure_pick_up(url: str) -> float:
    """Milliseconds from a task's being stored by one process to the start of its run in another, at the median."""
    started: dict[UUID, float] = {}

    class Watch:
        def __init__(self) -> None:
            self.seen = asyncio.Event()

        async def notice(self, event: Event) -> None:
            if isinstance(event, RunStarted):
                started[event.task.task_id] = perf_counter()
                self.seen.set()

    watch = Watch()

    settings = Settings.model_validate({"ORCHESTRATOR_DATABASE_URL": url})
    async with AsyncExitStack() as stack:
        ours, other = [await stack.enter_async_context(Database(url)) for _ in range(2)]
        company = await stack.enter_async_context(open_company(settings))
        sources = await stack.enter_async_context(open_sources(settings, company))
        registry = Registry((), sources.sources, build_limits(settings))  # no tool: a run is over at once
        pipeline = build_pipeline(sources.references, registry, lambda: datetime.now(UTC))
        worker = Worker(
            PostgresTaskStore(other), RunQueue(other), Notices(other), pipeline, watch, times=WorkerTimes(poll_s=60.0)
        )
        worker.start()
        await asyncio.sleep(0.5)
        store = PostgresTaskStore(ours)
        waits: list[float] = []
        for _ in range(PICK_UPS):
            task, _ = await store.add(Request(text="t", origin=Origin(door="slack")), runs=True)
            stored = perf_counter()
            await watch.seen.wait()
            watch.seen.clear()
            await worker.wait(task.task_id, 10)
            waits.append(max(0.0, started[task.task_id] - stored) * 1000)
        await worker.stop()
        return median(waits)


async def measure(folder: Path, number: int, finished: int, worker_counts: Sequence[int]) -> Figures:
    """All of it."""
    figures = Figures()
    server = embedded_postgres(folder)
    url = await asyncio.to_thread(server.__enter__)
    try:
        await migrate(url)
        environment = {
            "ORCHESTRATOR_DATABASE_URL": url,
            "ORCHESTRATOR_DATA_DIR": str(folder),
            "ORCHESTRATOR_RAG_INDEX_PATH": str(folder / "rag_index.sqlite"),
        }
        async with Database(url) as database:
            await database.execute(BARE_TABLE, {})
            figures.pick_up_ms = await measure_pick_up(url)
            _tell("pick-up", figures.pick_up_ms)
            figures.posts = await measure_posts(environment)
            _tell("POST /tasks", figures.posts)
            for workers in worker_counts:
                figures.workers[workers] = await measure_workers(database, environment, workers, number)
                _tell(f"workers: {workers}", figures.workers[workers])
            if finished:
                figures.before_full = await measure_workers(database, environment, 1, number)
                _tell("one worker, once more", figures.before_full)
                async with database.connect() as connection:
                    await connection.execute(_FINISHED, {"number": finished})
                    await connection.execute("vacuum analyze tasks")
                figures.full_table = await measure_workers(database, environment, 1, number)
                _tell("one worker, full table", figures.full_table)
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)
    return figures


def _tell(what: str, figure: Beside | float) -> None:
    """A figure as soon as it is there: all of them take minutes."""
    shown = (
        f"{figure:.1f} ms" if not isinstance(figure, Beside) else f"{median(figure.rates):.1f}/s, {figure.ratio:.2f}"
    )
    print("…", what, shown, file=sys.stderr, flush=True)  # noqa: T201 -- progress is for people


def judge(figures: Figures) -> dict[str, bool]:
    """Each bound in words, and whether it holds."""
    share, bare = figures.workers[1].ratio, figures.posts.ratio
    held = {
        f"one worker does {share:.2f} of the loop, at least {MIN_SHARE_OF_DIRECT}": share >= MIN_SHARE_OF_DIRECT,
        f"POST /tasks does {bare:.2f} of a bare insert, at least {MIN_SHARE_OF_BARE}": bare >= MIN_SHARE_OF_BARE,
        f"a task is picked up within {figures.pick_up_ms:.1f} ms, at most {MAX_PICK_UP_MS:g}": figures.pick_up_ms
        <= MAX_PICK_UP_MS,
    }
    if figures.full_table is not None and figures.before_full is not None:
        full = figures.full_table.ratio / figures.before_full.ratio
        sentence = f"a full table leaves {full:.2f} of it, ±{FULL_TABLE_TOLERANCE:g}"
        held[sentence] = abs(full - 1) <= FULL_TABLE_TOLERANCE
    return held


def tabulate(figures: Figures) -> Table:
    """Each rate, the one beside it, and the median of their ratios."""
    table = Table(title="per second, medians of rounds")
    for column in ("what", "per s", "beside it", "ratio"):
        table.add_column(column)
    rows = {f"{workers} worker processes; the pipeline in a loop": rate for workers, rate in figures.workers.items()}
    if figures.before_full is not None:
        rows["one worker, once more; the loop"] = figures.before_full
    if figures.full_table is not None:
        rows["one worker, full table; the loop"] = figures.full_table
    rows["POST /tasks; a bare insert"] = figures.posts
    for what, found in rows.items():
        table.add_row(what, f"{median(found.rates):.1f}", f"{median(found.yardsticks):.1f}", f"{found.ratio:.2f}")
    return table


def main(
    *,
    tasks: Annotated[int, typer.Option(min=10, help="Tasks of each measurement.")] = 150,
    workers: Annotated[list[int], typer.Option(help="How many worker processes; 1 must be among them.")] = WORKERS,
    finished: Annotated[int, typer.Option(min=0, help="Finished tasks to fill the table with.")] = 0,
    direct: Annotated[bool, typer.Option(help="Only the loop, for each number of tasks on stdin.")] = False,
) -> None:
    """Measure, print a table, and say whether the bounds hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    if direct:
        settings = Settings.model_validate(dict[str, Any](os.environ))
        asyncio.run(run_directly(settings))
        return
    with tempfile.TemporaryDirectory(prefix="orch-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database server of root is another user
        figures = asyncio.run(measure(folder, tasks, finished, workers))
    console = Console()
    console.print(tabulate(figures))
    held = judge(figures)
    for sentence, holds in held.items():
        console.print(f"{'holds' if holds else 'BROKEN'}: {sentence}", highlight=False)
    sys.exit(0 if all(held.values()) else 1)


if __name__ == "__main__":
    typer.run(main)
