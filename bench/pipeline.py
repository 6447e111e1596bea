"""The pipeline's own cost on the P1 example, beside the cost of its tool calls, and a task from POST to its final row.

The whole program runs in this process: REST, the embedded PostgreSQL, the mock systems. Overhead is the wall time from the
run's start to its stored end, less the longest path of its tool calls. Of some rounds the quickest is judged: what else the
machine does only ever adds. Exit code 1 when a bound is broken.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Annotated
from uuid import UUID

import httpx
import structlog
import typer
from rich.console import Console
from rich.table import Table

from bot.api.root import create_api
from bot.app import open_runtime
from bot.runtime import Runtime
from bot.settings import Settings
from core.events import Event, RunEnded, RunStarted

MAX_OVERHEAD_SHARE = 0.15
MAX_OVERHEAD_MS = 20.0
MAX_TASK_MS = 300.0
WARM_UPS = 3
ROUNDS = 5

EXAMPLE = {
    "task": "P1 alert: Checkout API latency and errors increased. Analyze metrics/logs and propose escalation with citations.",
    "context": {
        "service": "saas-api",
        "project_key": "OPS",
        "start_time": "2026-02-14T10:00:00Z",
        "end_time": "2026-02-14T10:30:00Z",
        "severity": "P1",
        "required_citations": ["policy_v2", "oncall_rota", "slack_config"],
    },
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One task, in milliseconds: POST to final row, the run alone, and the longest path of its tool calls."""

    task_ms: float
    run_ms: float
    longest_path_ms: float

    @property
    def overhead_ms(self) -> float:
        return self.run_ms - self.longest_path_ms


class Stopwatch:
    """Hears a run's start and its stored end."""

    def __init__(self) -> None:
        self.started: dict[UUID, float] = {}
        self.ended: dict[UUID, asyncio.Future[tuple[float, float]]] = {}

    async def notice(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.started[event.task.task_id] = perf_counter()
            self.ended[event.task.task_id] = asyncio.get_running_loop().create_future()
        elif isinstance(event, RunEnded) and event.result is not None:
            path = event.result.execution_metadata.longest_path_ms
            self.ended[event.task.task_id].set_result((perf_counter(), path))

    async def end_of(self, task_id: UUID) -> tuple[float, float]:
        """When the run's end was stored, and the longest path of its tool calls in milliseconds."""
        return await self.ended[task_id]


async def measure(tasks: int, folder: Path) -> list[list[Sample]]:
    """The samples of each round of `tasks`, one after the other, after the indexes and the mock systems have loaded.

    `folder` takes the database and the indexes.
    """
    stopwatch = Stopwatch()

    @asynccontextmanager
    async def opener(settings: Settings) -> AsyncGenerator[Runtime]:
        async with open_runtime(settings, lasting=True) as runtime:
            runtime.observers.add(stopwatch)
            yield runtime

    settings = Settings.model_validate(
        {"ORCHESTRATOR_DATA_DIR": folder, "ORCHESTRATOR_RAG_INDEX_PATH": folder / "rag_index.sqlite"}
    )
    app = create_api(settings, opener)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orch.test", timeout=60) as client,
    ):
        for _ in range(WARM_UPS):
            await _one(client, stopwatch)
        return [[await _one(client, stopwatch) for _ in range(tasks)] for _ in range(ROUNDS)]


async def _one(client: httpx.AsyncClient, stopwatch: Stopwatch) -> Sample:
    began = perf_counter()
    created = (await client.post("/tasks", json=EXAMPLE)).raise_for_status().json()
    ran = (await client.post(f"/tasks/{created['task_id']}/run", json={})).raise_for_status().json()
    task_ms = (perf_counter() - began) * 1000
    if ran["status"] != "succeeded":
        raise SystemExit(f"the example ended {ran['status']}: {ran['verification_json']['reasons']}")
    task_id = UUID(created["task_id"])
    ended, longest_path_ms = await stopwatch.end_of(task_id)
    run_ms = (ended - stopwatch.started[task_id]) * 1000
    return Sample(task_ms=task_ms, run_ms=run_ms, longest_path_ms=longest_path_ms)


def tabulate(samples: Sequence[Sample]) -> Table:
    """Median and 95th percentile of each figure."""
    table = Table(
        title=f"the P1 example, {len(samples)} tasks, one after the other (ms): the quickest of {ROUNDS} rounds"
    )
    table.add_column("what")
    table.add_column("p50", justify="right")
    table.add_column("p95", justify="right")
    for name, values in {
        "task: POST to final row": [sample.task_ms for sample in samples],
        "run: start to stored end": [sample.run_ms for sample in samples],
        "longest path of tool calls": [sample.longest_path_ms for sample in samples],
        "overhead: run less path": [sample.overhead_ms for sample in samples],
    }.items():
        table.add_row(name, f"{median(values):.1f}", f"{quantiles(values, n=20)[-1]:.1f}")
    return table


def quickest(rounds: Sequence[list[Sample]]) -> list[Sample]:
    """The round whose tasks took the least, at the median."""
    return min(rounds, key=lambda samples: median(sample.task_ms for sample in samples))


def main(tasks: Annotated[int, typer.Option(min=5, help="Tasks of each round.")] = 20) -> None:
    """Measure, print a table, and say whether the bounds hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="orch-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database server of root is another user
        samples = quickest(asyncio.run(measure(tasks, folder)))
    console = Console()
    console.print(tabulate(samples))
    path = median(sample.longest_path_ms for sample in samples)
    overhead = median(sample.overhead_ms for sample in samples)
    task = median(sample.task_ms for sample in samples)
    bound = MAX_OVERHEAD_SHARE * path + MAX_OVERHEAD_MS
    held = {
        f"overhead {overhead:.1f} ms < 15 % of the path + 20 ms = {bound:.1f} ms": overhead < bound,
        f"task {task:.1f} ms < {MAX_TASK_MS:.0f} ms": task < MAX_TASK_MS,
    }
    for sentence, holds in held.items():
        console.print(f"{'holds' if holds else 'BROKEN'}: {sentence} (medians)", highlight=False)
    sys.exit(0 if all(held.values()) else 1)


if __name__ == "__main__":
    typer.run(main)
