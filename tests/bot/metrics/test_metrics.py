import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_open_metrics,  # pyright: ignore[reportUnknownVariableType] -- its argument has no type
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from bot.api.bodies import P1_EXAMPLE
from bot.app import open_runtime
from bot.clients.breaker import Breaker, BreakerLimits
from bot.metrics.exposition import Metrics
from bot.metrics.runs import RunMetrics
from bot.settings import CHECKOUT, Settings
from bot.worker import WorkerState
from core.errors import StorageError, ToolUnavailableError
from core.events import RunEnded, RunStarted, StepEnded
from core.result import CallError, CallStatus, StepResult, ToolResult
from core.task import Context, Origin, Request, Task, TaskStatus
from core.verdict import Outcome, Verdict
from storage.database import Database
from storage.queue_figures import Figures, Waiting
from storage.task_store import PostgresTaskStore
from tests.bot.conftest import serve
from tests.bot.fakes import Script

type Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]

NOTHING = Waiting(number=0, oldest_s=0.0)
IDLE = WorkerState(alive=True, stopping=False, works=True, running=2, places=8)
FIGURES = Figures(
    tasks={8: Waiting(number=3, oldest_s=7.5)},
    running=2,
    workers=4,
    inbox=NOTHING,
    outbox=NOTHING,
    outbox_given_up=1,
    ended={"failed": 5},
)


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in read_text(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def scrape(client: httpx.AsyncClient) -> Samples:
    response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert response.headers["cache-control"] == "no-store"
    return samples(response.text)


async def test_a_run_is_counted_with_its_verdict_its_calls_and_its_times(client: httpx.AsyncClient) -> None:
    task = (await client.post("/tasks", json={"task": "What is wrong?"})).json()
    assert (await client.post(f"/tasks/{task['task_id']}/run")).json()["status"] == "succeeded"
    found = await scrape(client)
    assert value(found, "orch_runs_ended_total", status="succeeded", verdict="confirmed") == 1
    assert value(found, "orch_tool_calls_total", tool="summarize", status="ok") == 1
    assert value(found, "orch_tool_call_duration_seconds_count", tool="summarize") == 1
    assert value(found, "orch_run_duration_seconds_count") == 1
    assert value(found, "orch_task_pickup_wait_seconds_count") == 1
    waited_s = value(found, "orch_task_pickup_wait_seconds_sum")
    assert waited_s is not None
    assert 0 <= waited_s < 5
    assert value(found, "orch_database_up") == 1
    assert value(found, "orch_tasks_waiting", urgency="P1") == 0
    assert value(found, "orch_tasks_ended_recently", status="succeeded") == 1
    assert value(found, "orch_tasks_ended_recently", status="failed") == 0
    assert (value(found, "process_resident_memory_bytes") or 0) > 0


async def test_what_waits_is_told_by_the_severity_it_is_run_by(
    app: FastAPI, database: Database, script: Script
) -> None:
    store = PostgresTaskStore(database)
    script.hold()
    slack = Origin(door="slack")
    async with serve(app) as client:
        for _ in range(8):
            await store.add(Request(text="busy", context=Context(severity="P0"), origin=slack), runs=True)
        await until(lambda: script.at_work == 8)
        for severity in ("P1", "P1", "P3", None):
            await store.add(Request(text="waits", context=Context(severity=severity), origin=slack), runs=True)
        found = await scrape(client)
        script.release()
    waiting = {level: value(found, "orch_tasks_waiting", urgency=level) for level in ("P0", "P1", "P3", "unknown")}
    assert waiting == {"P0": 0, "P1": 2, "P3": 1, "unknown": 1}
    assert value(found, "orch_tasks_running") == 8
    assert value(found, "orch_worker_running") == 8
    assert value(found, "orch_workers_alive") == 1
    assert value(found, "orch_tasks_waiting_oldest_seconds", urgency="P1") is not None


async def test_while_the_database_is_away_it_says_so_and_tells_the_rest(app: FastAPI, database: Database) -> None:
    async with serve(app) as client:
        await database.close()
        found = await scrape(client)
    assert value(found, "orch_database_up") == 0
    assert value(found, "orch_worker_places") == 8
    assert not [name for name, _ in found if name.startswith(("orch_tasks", "orch_slack", "orch_workers"))]


class Reader:
    def __init__(self, *, hangs: bool = False) -> None:
        self.reads = 0
        self.hangs = hangs
        self.fails = False

    async def __call__(self) -> Figures:
        self.reads += 1
        await asyncio.sleep(60 if self.hangs else 0.01)
        if self.fails:
            raise StorageError("away")
        return FIGURES


async def test_a_database_that_hangs_is_waited_for_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.metrics.exposition.READ_TIMEOUT_S", 0.05)
    metrics = Metrics(Reader(hangs=True), lambda: IDLE, {}, [])
    async with asyncio.timeout(5):
        text, _ = await metrics.render("")
    assert value(samples(text.decode()), "orch_database_up") == 0


async def test_who_scrapes_often_does_not_read_often_and_old_figures_are_not_told_as_new_ones() -> None:
    now_s = 0.0
    reader = Reader()
    metrics = Metrics(reader, lambda: IDLE, {}, [], timer=lambda: now_s)
    for _ in range(2):
        texts = await asyncio.gather(*(metrics.render("") for _ in range(5)))
        assert all(value(samples(text.decode()), "orch_tasks_waiting", urgency="P1") == 3 for text, _ in texts)
        assert reader.reads == 1
        now_s += 2.0
    now_s += 10.0
    reader.fails = True
    text, _ = await metrics.render("")
    assert value(samples(text.decode()), "orch_tasks_waiting", urgency="P1") is None


async def test_each_breaker_is_told_by_its_state_and_its_calls() -> None:
    breaker = Breaker("Jira", timeout_s=1.0, limits=BreakerLimits(failures=1, over_s=0.0))
    metrics = Metrics(Reader(), lambda: IDLE, {"jira": breaker}, [])
    async with breaker.call():
        before = samples((await metrics.render(""))[0].decode())
    with pytest.raises(ToolUnavailableError):
        await fail(breaker)
    after = samples((await metrics.render(""))[0].decode())
    assert value(before, "orch_system_calls_at_work", system="jira") == 1
    for found, state, opened in ((before, "closed", 0), (after, "open", 1)):
        shown = {name: value(found, "orch_breaker_state", system="jira", state=name) for name in ("closed", "open")}
        assert shown == {name: float(name == state) for name in ("closed", "open")}
        assert value(found, "orch_breaker_opened_total", system="jira") == opened


async def fail(breaker: Breaker) -> None:
    async with breaker.call():
        raise ToolUnavailableError("down")


async def test_who_asks_for_openmetrics_gets_it() -> None:
    text, media_type = await Metrics(Reader(), lambda: IDLE, {}, []).render("application/openmetrics-text")
    assert media_type.startswith("application/openmetrics-text")
    names = {family.name for family in read_open_metrics(text.decode())}
    assert {"orch_tasks_waiting", "orch_database_up", "orch_runs_ended"} <= names


def called(tool: str, kind: str | None = None) -> StepEnded:
    result = ToolResult(
        tool=tool,
        arguments={"text": "the words of a task"},
        status=CallStatus.OK if kind is None else CallStatus.FAILED,
        attempts=1,
        duration_ms=40.0,
        error=None if kind is None else CallError(kind=kind, message="token=hunter22"),
    )
    return StepEnded(task_id=uuid4(), step=StepResult(step_id="s", purpose="p", tool_results=(result,)))


async def test_no_label_grows_with_what_is_asked_and_no_words_of_it_are_told() -> None:
    metrics = Metrics(Reader(), lambda: IDLE, {}, ["summarize"])
    for number in range(50):
        await metrics.runs.notice(called(f"tool-{number}", kind=f"kind-{number}"))
    await metrics.runs.notice(called("summarize", kind="timeout"))
    text = (await metrics.render(""))[0].decode()
    found = samples(text)
    assert value(found, "orch_tool_call_errors_total", tool="other", kind="other") == 50
    assert value(found, "orch_tool_call_errors_total", tool="summarize", kind="timeout") == 1
    assert "hunter22" not in text
    assert "the words of a task" not in text
    assert "tool-7" not in text


async def test_runs_that_others_take_over_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.metrics.runs._MOST_OPEN_RUNS", 2)
    registry = CollectorRegistry()
    runs = RunMetrics(registry, [])
    now = datetime.now(UTC)
    tasks = [
        Task(
            task_id=uuid4(),
            text="t",
            status=TaskStatus.SUCCEEDED,
            context=Context(),
            origin=Origin(door="api"),
            created_at=now,
            updated_at=now,
        )
        for _ in range(3)
    ]
    verdict = Verdict(passed=True, verdict=Outcome.HEALTHY, reasons=(), checks=())
    for task in tasks:
        await runs.notice(RunStarted(task=task, waited_s=0.5))
    for task in tasks:
        await runs.notice(RunEnded(task=task, result=None, verification=verdict))
    assert registry.get_sample_value("orch_run_duration_seconds_count") == 2
    labels = {"status": "succeeded", "verdict": "healthy"}
    assert registry.get_sample_value("orch_runs_ended_total", labels) == 3


async def test_two_apps_in_one_process_count_apart() -> None:
    first, second = (Metrics(Reader(), lambda: IDLE, {}, ["summarize"]) for _ in range(2))
    await first.runs.notice(called("summarize"))
    assert value(samples((await first.render(""))[0].decode()), "orch_tool_calls_total", tool="summarize", status="ok")
    other = samples((await second.render(""))[0].decode())
    assert value(other, "orch_tool_calls_total", tool="summarize", status="ok") is None


async def test_every_metric_is_documented_and_every_one_of_the_document_exists(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings.model_validate(
        {
            "ORCHESTRATOR_DATABASE_URL": database_url,
            "ORCHESTRATOR_DATA_DIR": tmp_path,
            "ORCHESTRATOR_RAG_INDEX_PATH": tmp_path / "index.sqlite",
            "OPENAI_API_KEY": "k-1",
        }
    )
    async with open_runtime(settings, lambda _: None) as runtime:
        task = (await runtime.service.submit(Request(text=P1_EXAMPLE["task"], origin=Origin(door="api")))).task
        await runtime.service.run(task.task_id)
        await runtime.service.wait(task.task_id, 30)
        text = (await runtime.metrics.render(""))[0].decode()
    families = {family.name: family.type for family in read_text(text)}
    told = {
        name.removesuffix("_total") if kind == "counter" else name: kind
        for name, kind in families.items()
        if name.startswith("orch_") and not name.endswith("_created")  # the library's own, beside each
    }
    page = (CHECKOUT / "docs" / "metrics.md").read_text()
    documented = {
        line.split("`")[1].partition("{")[0].removesuffix("_total")
        for line in page.splitlines()
        if line[:7] == "| `orch"
    }
    assert documented == told.keys()
    found = samples(text)
    for system in ("jira", "metrics", "logs", "model"):
        assert value(found, "orch_breaker_state", system=system, state="closed") == 1
