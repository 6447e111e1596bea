import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from bot.observers import Observers
from bot.worker import Worker, WorkerClosedError
from core.errors import StorageError, TaskConflictError, TaskNotFoundError
from core.events import Event
from core.plan import Plan
from core.ports import Observer
from core.result import Result
from core.task import SELF_RUNNING_DOORS, Abandoned, Context, Door, Origin, Request, Task, TaskStatus
from core.verdict import Verdict
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Listener, Script, scripted_pipeline


class FlakyStore(PostgresTaskStore):
    """The real store, on a database that goes away and comes back."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.out = False
        self.lose_next_answer = False
        self.refused = 0

    def _check(self) -> None:
        if self.out:
            self.refused += 1
            raise StorageError("the database is away")

    async def extend_lease(self, task_id: UUID, *, lease_s: float) -> None:
        self._check()
        await super().extend_lease(task_id, lease_s=lease_s)

    async def take_abandoned(self, *, lease_s: float) -> Abandoned | None:
        self._check()
        return await super().take_abandoned(lease_s=lease_s)

    async def save_plan(self, task_id: UUID, plan: Plan) -> None:
        self._check()
        await super().save_plan(task_id, plan)

    async def finish(self, task_id: UUID, *, status: TaskStatus, result: Result | None, verification: Verdict) -> Task:
        self._check()
        task = await super().finish(task_id, status=status, result=result, verification=verification)
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise StorageError("the connection was lost")
        return task


@pytest.fixture
def store(database: Database) -> FlakyStore:
    return FlakyStore(database)


@asynccontextmanager
async def working(
    store: PostgresTaskStore,
    script: Script,
    *observers: Observer,
    grace_s: float = 0.0,
    concurrency: int = 8,
    lease_s: float = 5.0,
    sweep_s: float = 0.02,
    queued_s: float = 5.0,
) -> AsyncGenerator[Worker]:
    worker = Worker(
        store,
        scripted_pipeline(script),
        Observers(observers),
        concurrency=concurrency,
        lease_s=lease_s,
        sweep_s=sweep_s,
        queued_s=queued_s,
        retry_s=0.02,
    )
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop(grace_s=grace_s)


async def queued(store: PostgresTaskStore, text: str = "What is wrong?", *, door: Door = "api") -> UUID:
    task, _ = await store.add(Request(text=text, context=Context(), origin=Origin(door=door)))
    return task.task_id


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def ended(store: PostgresTaskStore, task_id: UUID) -> Task:
    for _ in range(500):
        task = await store.get(task_id)
        if task.status.is_final:
            return task
        await asyncio.sleep(0.01)
    raise AssertionError("the task did not end")


async def test_a_run_is_stored_and_told(store: FlakyStore, script: Script) -> None:
    listener = Listener()
    async with working(store, script, listener) as worker:
        task_id = await queued(store)
        assert (await worker.begin(task_id)).status is TaskStatus.RUNNING
        await worker.wait(task_id, 5)
        task = await store.get(task_id)
        await until(lambda: "RunEnded" in listener.heard)
    assert task.status is TaskStatus.SUCCEEDED
    assert task.plan is not None
    assert task.result is not None
    assert listener.heard == ["RunStarted", "PlanBuilt", "StepStarted", "StepEnded", "RunEnded"]


async def test_only_a_queued_task_begins(store: FlakyStore, script: Script) -> None:
    async with working(store, script) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        with pytest.raises(TaskConflictError, match="queued"):
            await worker.begin(task_id)
        with pytest.raises(TaskNotFoundError):
            await worker.begin(UUID(int=0))


async def test_an_observer_that_raises_harms_neither_the_run_nor_the_others(store: FlakyStore, script: Script) -> None:
    class Broken:
        async def notice(self, event: Event) -> None:
            raise RuntimeError("no")

    listener = Listener()
    async with working(store, script, Broken(), listener) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
        await until(lambda: "RunEnded" in listener.heard)


async def test_a_broken_run_ends_failed_without_its_secrets(store: FlakyStore, script: Script) -> None:
    script.error = ValueError("cannot reach http://me:hunter22@db/x")
    async with working(store, script) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        task = await ended(store, task_id)
    assert task.verification is not None
    assert not task.verification.passed
    (reason,) = task.verification.reasons
    assert reason.startswith("the run broke: ValueError")
    assert "hunter22" not in reason


async def test_further_runs_wait_for_a_free_place(store: FlakyStore, script: Script) -> None:
    script.hold()
    async with working(store, script, concurrency=2) as worker:
        ids = [await queued(store, f"task {number}") for number in range(5)]
        for task_id in ids:
            await worker.begin(task_id)
        await until(lambda: script.at_work == 2)
        assert (worker.state.running, worker.state.waiting) == (2, 3)
        script.release()
        for task_id in ids:
            await ended(store, task_id)
    assert script.most_at_work == 2


async def test_a_task_whose_process_died_is_finished_by_the_next(
    store: FlakyStore, script: Script, database: Database
) -> None:
    task_id = await queued(store)
    await store.start(task_id, lease_s=0.0)  # and nothing more: its process was killed
    async with working(PostgresTaskStore(database), script):
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED


@pytest.mark.parametrize("door", SELF_RUNNING_DOORS)
async def test_what_a_door_left_queued_is_begun_once_by_the_next_process(
    store: FlakyStore, script: Script, database: Database, door: Door
) -> None:
    of_api = await queued(store)
    task_id = await queued(store, door=door)  # and nothing more: its process was killed before it began the run
    async with (
        working(store, script, queued_s=0.0),
        working(PostgresTaskStore(database), script, queued_s=0.0),
    ):
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
        await asyncio.sleep(0.05)
    assert script.calls == 1
    assert (await store.get(of_api)).status is TaskStatus.QUEUED


async def test_a_task_that_was_queued_just_now_is_left_to_whoever_queued_it(store: FlakyStore, script: Script) -> None:
    async with working(store, script, queued_s=60.0):
        task_id = await queued(store, door="slack")
        await asyncio.sleep(0.1)
    assert (await store.get(task_id)).status is TaskStatus.QUEUED


async def die_in_run(database: Database, task_id: UUID) -> None:
    """What is left of a process that is killed while it runs the task."""
    await database.execute(
        "update tasks set lease_until = now() - interval '1 second' where task_id = %(id)s", {"id": task_id}
    )


async def test_a_task_that_kills_its_process_in_every_run_ends_failed_and_is_told(
    store: FlakyStore, script: Script, database: Database
) -> None:
    task_id = await queued(store)
    await store.start(task_id, lease_s=5.0)
    for _ in range(2):
        await die_in_run(database, task_id)
        assert await PostgresTaskStore(database).take_abandoned(lease_s=5.0) is not None
    await die_in_run(database, task_id)
    listener = Listener()
    async with working(PostgresTaskStore(database), script, listener):
        task = await ended(store, task_id)
        await until(lambda: listener.heard != [])
    assert task.status is TaskStatus.FAILED
    assert task.verification is not None
    (reason,) = task.verification.reasons
    assert reason.startswith("the run was taken up 3 times and its process died each time")
    assert f"for task {task_id}" in reason
    assert listener.heard == ["RunEnded"]
    assert script.calls == 0


async def test_a_run_that_was_handed_back_in_order_is_no_death(
    store: FlakyStore, script: Script, database: Database
) -> None:
    script.hold()
    task_id = await queued(store)
    await store.start(task_id, lease_s=0.0)
    for number in range(1, 6):  # as many restarts
        async with working(PostgresTaskStore(database), script):
            await until(lambda expected=number: script.calls == expected)
    script.release()
    async with working(PostgresTaskStore(database), script):
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED


async def test_a_living_run_keeps_its_lease(store: FlakyStore, script: Script, database: Database) -> None:
    script.hold()
    async with (
        working(store, script, lease_s=0.6) as worker,
        working(PostgresTaskStore(database), script),
    ):
        task_id = await queued(store)
        await worker.begin(task_id)
        await asyncio.sleep(0.75)
        script.release()
        await ended(store, task_id)
    assert script.calls == 1


async def test_stop_leaves_a_long_run_to_the_next_process(
    store: FlakyStore, script: Script, database: Database
) -> None:
    script.hold()
    task_id = await queued(store)
    async with working(store, script, grace_s=0.05) as worker:
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
    assert (await store.get(task_id)).status is TaskStatus.RUNNING
    script.release()
    async with working(PostgresTaskStore(database), script):
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED


async def test_stop_lets_a_short_run_end(store: FlakyStore, script: Script) -> None:
    task_id = await queued(store)
    async with working(store, script, grace_s=5.0) as worker:
        await worker.begin(task_id)
    assert (await store.get(task_id)).status is TaskStatus.SUCCEEDED
    with pytest.raises(WorkerClosedError):
        await worker.begin(await queued(store))


async def test_an_outage_in_the_middle_of_a_run_loses_nothing(store: FlakyStore, script: Script) -> None:
    script.hold()
    async with working(store, script) as worker:
        task_id = await queued(store)
        store.out = True
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
        script.release()
        await until(lambda: store.refused > 5)
        assert (await store.get(task_id)).status is TaskStatus.RUNNING
        store.out = False
        task = await ended(store, task_id)
    assert task.status is TaskStatus.SUCCEEDED
    assert task.plan is not None
    assert script.calls == 1


async def test_a_run_whose_lease_could_not_be_kept_is_given_up_and_run_anew(store: FlakyStore, script: Script) -> None:
    script.hold()
    async with working(store, script, lease_s=0.1) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
        store.out = True
        await until(lambda: worker.state.running == 0)
        script.release()
        store.out = False
        task = await ended(store, task_id)
    assert task.status is TaskStatus.SUCCEEDED
    assert script.calls == 2


async def test_a_run_that_another_process_took_over_is_given_up(
    store: FlakyStore, script: Script, database: Database
) -> None:
    script.hold()
    async with working(store, script, lease_s=0.3, sweep_s=60.0) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
        await database.execute("update tasks set attempt = attempt + 1", {})
        await until(lambda: worker.state.running == 0)
        assert (await store.get(task_id)).status is TaskStatus.RUNNING


async def test_an_end_whose_answer_was_lost_is_told_once(store: FlakyStore, script: Script) -> None:
    listener = Listener()
    store.lose_next_answer = True
    async with working(store, script, listener) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: "RunEnded" in listener.heard)
    assert listener.heard.count("RunEnded") == 1


async def test_waiting_for_a_run_of_nobody_returns_at_once(store: FlakyStore, script: Script) -> None:
    async with working(store, script) as worker:
        async with asyncio.timeout(1):
            await worker.wait(UUID(int=1), 60)
