"""What becomes of a task whose process is killed, paused or stopped: with real processes."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from bot.settings import CHECKOUT
from core.task import Origin, Request, Task
from storage.database import Database
from storage.task_store import PostgresTaskStore

STEP_S = 0.25


@asynccontextmanager
async def worker_process(url: str, log: Path) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.worker_process", url, str(log), str(STEP_S), cwd=CHECKOUT, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "steps.log"
    path.touch()
    return path


def lines_of(log: Path, what: str) -> list[tuple[int, str]]:
    """Process id and step."""
    found = (line.split() for line in log.read_text().splitlines())
    return [(int(pid), step) for pid, step, did in found if did == what]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def ended(store: PostgresTaskStore, task_id: UUID) -> Task:
    for _ in range(1000):
        task = await store.get(task_id)
        if task.status.is_final:
            return task
        await asyncio.sleep(0.02)
    raise AssertionError("the task did not end")


async def _begin(store: PostgresTaskStore) -> UUID:
    task, _ = await store.add(Request(text="t", origin=Origin(door="slack")), runs=True)
    return task.task_id


async def _second_step_begun(log: Path) -> int:
    """The process that has the task, once it has ended one step, and had time to store that, and begun another."""
    await until(lambda: len(lines_of(log, "started")) == 2)
    await asyncio.sleep(STEP_S / 2)
    return lines_of(log, "started")[0][0]


def _check_steps(log: Path, first: int) -> None:
    by_first = [step for pid, step in lines_of(log, "ended") if pid == first]
    by_other = [step for pid, step in lines_of(log, "started") if pid != first]
    assert (by_first[:1], by_other) == (["s1"], ["s2", "s3", "s4"])


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
async def test_a_task_is_taken_over_and_goes_on_from_its_finished_steps(
    database_url: str, database: Database, task_store: PostgresTaskStore, log: Path, blow: signal.Signals
) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(worker_process(database_url, log)) for _ in range(2)]
        task_id = await _begin(task_store)
        first = await _second_step_begun(log)
        (victim,) = [process for process in processes if process.pid == first]
        victim.send_signal(blow)
        task = await ended(task_store, task_id)
        if blow is signal.SIGSTOP:  # it wakes up, and goes on where it was
            victim.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.5)
            assert await task_store.get(task_id) == task
    _check_steps(log, first)
    assert task.status == "succeeded"
    assert task.result is not None
    assert [step.step_id for step in task.result.steps] == ["s1", "s2", "s3", "s4"]
    found = await database.fetch_one("select attempt, deaths from tasks", {})
    assert found is not None
    assert found["attempt"] == 2
    assert (found["deaths"] == 0) == (blow is signal.SIGTERM)


async def test_a_paused_process_that_wakes_up_before_the_other_is_done_writes_nothing(
    database_url: str, database: Database, task_store: PostgresTaskStore, log: Path
) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(worker_process(database_url, log)) for _ in range(2)]
        task_id = await _begin(task_store)
        first = await _second_step_begun(log)
        (victim,) = [process for process in processes if process.pid == first]
        victim.send_signal(signal.SIGSTOP)
        await until(lambda: any(pid != first for pid, _ in lines_of(log, "started")))
        victim.send_signal(signal.SIGCONT)
        task = await ended(task_store, task_id)
        found = await database.fetch_one("select attempt, deaths from tasks", {})
    assert found == {"attempt": 2, "deaths": 0}  # it said that it had not died
    assert task.status == "succeeded"
    by_other = [step for pid, step in lines_of(log, "started") if pid != first]
    assert by_other == ["s2", "s3", "s4"]
