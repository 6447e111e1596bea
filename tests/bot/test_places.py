"""Runs that wait for a system which is slow, beside tasks that do not need it."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from uuid import UUID

import pytest

from bot.observers import Observers
from bot.worker import Worker
from core.plan import ToolCall
from core.result import ToolResult
from core.task import Context, Origin, Request, TaskStatus
from storage.database import Database
from storage.notices import Notices
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import QUICK_WORK, Script, ScriptedToolbox, scripted_pipeline

PLACES = 2


class SlowSystem(ScriptedToolbox):
    """Answers calls of tasks named slow only when it is told to; others at once."""

    def __init__(self) -> None:
        super().__init__(Script())
        self.answers = asyncio.Event()
        self.asked = 0

    async def call(self, call: ToolCall) -> ToolResult:
        if str(call.arguments["text"]).startswith("slow"):
            self.asked += 1
            await self.answers.wait()
        return await super().call(call)


@pytest.fixture
def system() -> SlowSystem:
    return SlowSystem()


@pytest.fixture
async def worker(database: Database, system: SlowSystem) -> AsyncGenerator[Worker]:
    worker = Worker(
        PostgresTaskStore(database),
        RunQueue(database),
        Notices(database),
        scripted_pipeline(Script(), system),
        Observers(),
        concurrency=PLACES,
        per_channel=PLACES,
        times=replace(QUICK_WORK, patience_s=0.1),
    )
    worker.start()
    yield worker
    await worker.stop(grace_s=0.0)


async def hand_in(store: PostgresTaskStore, text: str, severity: str, channel: str | None = None) -> UUID:
    request = Request(text=text, context=Context(severity=severity), origin=Origin(door="slack", channel=channel))
    return (await store.add(request, runs=True))[0].task_id


@pytest.mark.parametrize("channel", [None, "C1"])
async def test_a_task_that_does_not_need_the_slow_system_ends_while_all_that_do_still_wait(
    task_store: PostgresTaskStore, worker: Worker, system: SlowSystem, channel: str | None
) -> None:
    slow = [await hand_in(task_store, "slow", "P0", channel) for _ in range(PLACES * 2)]
    quick = await hand_in(task_store, "quick", "P4", channel)
    for _ in range(500):
        if (await task_store.get_status(quick)).is_final:
            break
        await asyncio.sleep(0.01)
    assert await task_store.get_status(quick) is TaskStatus.SUCCEEDED
    assert {await task_store.get_status(task_id) for task_id in slow} == {TaskStatus.RUNNING}
    system.answers.set()
    for task_id in slow:
        await worker.wait(task_id, 10)
        assert await task_store.get_status(task_id) is TaskStatus.SUCCEEDED


async def test_the_runs_that_wait_are_bounded_too(
    task_store: PostgresTaskStore, worker: Worker, system: SlowSystem
) -> None:
    for _ in range(PLACES * 8):
        await hand_in(task_store, "slow", "P0")
    for _ in range(100):
        await asyncio.sleep(0.02)
        if system.asked == PLACES * 4:
            break
    await asyncio.sleep(0.3)
    assert system.asked == worker.state.running == PLACES * 4


async def test_who_hurries_a_stop_ends_its_grace(
    task_store: PostgresTaskStore, worker: Worker, system: SlowSystem
) -> None:
    task_id = await hand_in(task_store, "slow", "P0")
    while system.asked == 0:  # noqa: ASYNC110 -- the system is asked in the middle of a run, which tells nobody
        await asyncio.sleep(0.01)
    stopping = asyncio.create_task(worker.stop(grace_s=60.0))
    await asyncio.sleep(0.05)
    assert not stopping.done()
    worker.hurry()
    async with asyncio.timeout(10):
        await stopping
    assert await task_store.get_status(task_id) is TaskStatus.RUNNING  # and waits for another process


async def test_who_waits_for_a_run_elsewhere_is_let_go_when_this_process_stops(
    database: Database, task_store: PostgresTaskStore, worker: Worker, system: SlowSystem
) -> None:
    task_id = await hand_in(task_store, "slow", "P0")
    while system.asked == 0:  # noqa: ASYNC110 -- likewise
        await asyncio.sleep(0.01)
    store = PostgresTaskStore(database)
    other = Worker(
        store,
        RunQueue(database),
        Notices(database),
        scripted_pipeline(Script()),
        Observers(),
        works=False,
        times=QUICK_WORK,
    )
    other.start()
    waiting = asyncio.create_task(other.wait(task_id, 60))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await other.stop(grace_s=0.0)
    async with asyncio.timeout(5):
        await waiting
