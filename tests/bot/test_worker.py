import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.observers import Observers
from bot.worker import Worker, WorkerClosedError, WorkerTimes
from core.errors import StorageError, TaskConflictError, TaskNotFoundError
from core.events import Event, RunEnded
from core.pipeline import Pipeline
from core.plan import Plan
from core.ports import Observer
from core.result import Result
from core.service import TaskService
from core.task import SELF_RUNNING_DOORS, Claim, Context, Door, Origin, Request, Task, TaskStatus
from core.verdict import Verdict
from storage.database import Database
from storage.jobs import put_back
from storage.notices import Notices
from storage.run_queue import RunQueue, SignOfLife
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import QUICK_WORK, Listener, Script, ScriptedPlanner, scripted_pipeline

SLOW = replace(QUICK_WORK, lease_s=60.0, ledger_s=0.02)
"""Nobody is held dead while the test lasts, and finished steps are stored soon."""


class FlakyQueue(RunQueue):
    """The real queue, on a database that goes away and comes back. One that stays `out` has died."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.database = database
        self.out = False
        self.lose_next_answer = False
        self.lose_next_claim = False
        self.refused = 0

    def _check(self) -> None:
        if self.out:
            self.refused += 1
            raise StorageError("the database is away")

    async def beat(self, worker_id: int) -> SignOfLife:
        self._check()
        return await super().beat(worker_id)

    async def take(self, worker_id: int, *, full_channels: Collection[str] = ()) -> Claim | None:
        self._check()
        claim = await super().take(worker_id, full_channels=full_channels)
        if claim is not None and self.lose_next_claim:
            self.lose_next_claim = False
            raise StorageError("the connection was lost")
        return claim

    async def save_plan(self, claim: Claim, plan: Plan) -> None:
        self._check()
        await super().save_plan(claim, plan)

    async def save_steps(self, claim: Claim, steps: Mapping[str, str]) -> None:
        self._check()
        await super().save_steps(claim, steps)

    async def hand_back(self, claim: Claim) -> None:
        self._check()
        await super().hand_back(claim)

    async def unregister(self, worker_id: int) -> None:
        self._check()
        await super().unregister(worker_id)

    async def finish(
        self,
        claim: Claim,
        *,
        status: TaskStatus,
        result: Result | None,
        verification: Verdict,
        written: Mapping[str, str] | None = None,
    ) -> Task:
        self._check()
        task = await super().finish(claim, status=status, result=result, verification=verification, written=written)
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise StorageError("the connection was lost")
        return task


@pytest.fixture
def store(database: Database) -> PostgresTaskStore:
    return PostgresTaskStore(database)


@pytest.fixture
def queue(database: Database) -> FlakyQueue:
    return FlakyQueue(database)


@pytest.fixture
async def other_queue(database_url: str) -> AsyncGenerator[FlakyQueue]:
    """The queue of another process."""
    async with Database(database_url) as database:
        yield FlakyQueue(database)


@asynccontextmanager
async def working(
    queue: FlakyQueue,
    script: Script,
    *observers: Observer,
    grace_s: float = 0.0,
    concurrency: int = 8,
    per_channel: int = 8,
    works: bool = True,
    times: WorkerTimes = QUICK_WORK,
    is_pressed: Callable[[], bool] = lambda: False,
) -> AsyncGenerator[Worker]:
    database = queue.database
    worker = Worker(
        PostgresTaskStore(database),
        queue,
        Notices(database),
        scripted_pipeline(script),
        Observers(observers),
        works=works,
        concurrency=concurrency,
        per_channel=per_channel,
        times=times,
        is_pressed=is_pressed,
    )
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop(grace_s=grace_s)


async def queued(
    store: PostgresTaskStore,
    text: str = "What is wrong?",
    *,
    door: Door = "api",
    channel: str | None = None,
    severity: str | None = None,
    runs: bool = False,
) -> UUID:
    request = Request(text=text, context=Context(severity=severity), origin=Origin(door=door, channel=channel))
    task, _ = await store.add(request, runs=runs)
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


async def until_kept(database: Database, number: int) -> None:
    for _ in range(500):
        if await count(database, "task_steps") == number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the steps were not stored")


async def count(database: Database, table: str) -> int:
    found = await database.fetch_one(f"select count(*) as number from {table}", {})  # pyright: ignore[reportArgumentType] -- a name of this file
    assert found is not None
    return found["number"]


async def test_a_run_is_stored_and_told(store: PostgresTaskStore, queue: FlakyQueue, script: Script) -> None:
    listener = Listener()
    async with working(queue, script, listener) as worker:
        task_id = await queued(store)
        assert (await worker.begin(task_id)).status is TaskStatus.RUNNING
        await worker.wait(task_id, 5)
        task = await store.get(task_id)
        await until(lambda: "RunEnded" in listener.heard)
    assert task.status is TaskStatus.SUCCEEDED
    assert task.plan is not None
    assert task.result is not None
    assert listener.heard == ["RunStarted", "PlanBuilt", "StepStarted", "StepEnded", "RunEnded"]
    assert [await count(queue.database, table) for table in ("procrastinate_jobs", "task_steps")] == [0, 0]


async def test_only_a_queued_task_begins(store: PostgresTaskStore, queue: FlakyQueue, script: Script) -> None:
    async with working(queue, script) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        with pytest.raises(TaskConflictError, match="queued"):
            await worker.begin(task_id)
        with pytest.raises(TaskNotFoundError):
            await worker.begin(UUID(int=0))


async def test_an_observer_that_raises_harms_neither_the_run_nor_the_others(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    class Broken:
        async def notice(self, event: Event) -> None:
            raise RuntimeError("no")

    listener = Listener()
    async with working(queue, script, Broken(), listener) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
        await until(lambda: "RunEnded" in listener.heard)


async def test_a_broken_run_ends_failed_without_its_secrets(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    script.error = ValueError("cannot reach http://me:hunter22@db/x")
    async with working(queue, script) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        task = await ended(store, task_id)
    assert task.verification is not None
    assert not task.verification.passed
    (reason,) = task.verification.reasons
    assert reason.startswith("the run broke: ValueError")
    assert "hunter22" not in reason


async def test_further_runs_wait_for_a_free_place(store: PostgresTaskStore, queue: FlakyQueue, script: Script) -> None:
    script.hold()
    async with working(queue, script, concurrency=2) as worker:
        ids = [await queued(store, f"task {number}") for number in range(5)]
        for task_id in ids:
            await worker.begin(task_id)
        await until(lambda: script.at_work == 2)
        assert worker.state.running == 2
        assert (await worker.look_at_queue()).waiting == 3
        script.release()
        for task_id in ids:
            await ended(store, task_id)
    assert script.most_at_work == 2


async def test_while_something_more_urgent_is_to_be_done_one_run_alone_is_at_work(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    pressed = True
    script.hold()
    async with working(queue, script, is_pressed=lambda: pressed) as worker:
        for number in range(3):
            await worker.begin(await queued(store, f"task {number}"))
        await until(lambda: script.at_work == 1)
        await asyncio.sleep(0.1)
        assert worker.state.running == 1
        pressed = False
        await until(lambda: script.at_work == 3)


async def test_one_channel_leaves_places_to_the_others(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    script.hold()
    async with working(queue, script, concurrency=4, per_channel=2) as worker:
        for number in range(6):
            await queued(store, f"flood {number}", door="slack", channel="C1", runs=True)
        await until(lambda: worker.state.running == 2)
        await asyncio.sleep(0.1)
        assert worker.state.running == 2
        await queued(store, "quiet", door="slack", channel="C2", runs=True)
        await until(lambda: worker.state.running == 3)


@pytest.mark.parametrize("door", SELF_RUNNING_DOORS)
async def test_what_such_a_door_hands_in_runs_once_without_being_told_to(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script, door: Door
) -> None:
    async with working(queue, script) as worker, working(other_queue, script):
        service = TaskService(store, worker)
        of_api = (await service.submit(Request(text="api"))).task.task_id
        task_id = (await service.submit(Request(text="self", origin=Origin(door=door)))).task.task_id
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
        await asyncio.sleep(0.05)
    assert script.calls == 1
    assert (await store.get(of_api)).status is TaskStatus.QUEUED


async def test_a_task_whose_process_died_is_finished_by_another(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script, database: Database
) -> None:
    script.hold()
    task_id = await queued(store)
    async with working(queue, script) as worker:
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
        queue.out = True  # its process dies: it says nothing more
    script.release()
    async with working(other_queue, script):
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
    found = await database.fetch_one("select attempt, deaths from tasks", {})
    assert found == {"attempt": 2, "deaths": 1}


async def test_a_task_that_kills_its_process_each_time_ends_failed(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, database: Database
) -> None:
    listener = Listener()
    task_id = await queued(store, runs=True)
    await database.execute("update tasks set deaths = 3, status = 'running'", {})
    async with working(queue, script, listener):
        task = await ended(store, task_id)
        await until(lambda: "RunEnded" in listener.heard)
    assert task.status is TaskStatus.FAILED
    assert task.verification is not None
    assert "taken up 3 times and its process died each time" in task.verification.reasons[0]
    assert script.calls == 0


async def test_a_task_that_comes_to_no_end_whoever_takes_it_up_ends_failed(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, database: Database
) -> None:
    """A run that holds up its process for longer than a lease is taken over each time, and is nobody's death."""
    task_id = await queued(store, runs=True)
    await database.execute("update tasks set attempt = 20, status = 'running'", {})
    async with working(queue, script):
        task = await ended(store, task_id)
    assert task.verification is not None
    assert "taken up 20 times and came to no end" in task.verification.reasons[0]
    assert (task.status, script.calls) == (TaskStatus.FAILED, 0)


async def test_a_finished_step_is_not_run_again_and_told_again(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script
) -> None:
    script.steps = 3
    script.hold_from = 2
    task_id = await queued(store)
    async with working(queue, script, times=replace(QUICK_WORK, ledger_s=0.02)) as worker:
        await worker.begin(task_id)
        await until(lambda: script.calls == 2)
        await asyncio.sleep(0.1)
        queue.out = True  # its process dies: it says nothing more
    assert await count(queue.database, "task_steps") == 1
    plan = (await store.get(task_id)).plan
    script.hold_from = None
    script.release()
    listener = Listener()
    async with working(other_queue, script, listener):
        task = await ended(store, task_id)
        await until(lambda: "RunEnded" in listener.heard)
    assert script.called == ["s1", "s2", "s2", "s3"]
    assert listener.heard.count("StepEnded") == 3
    assert listener.heard.count("PlanBuilt") == 1
    assert task.plan == plan
    assert task.result is not None
    assert [step.step_id for step in task.result.steps] == ["s1", "s2", "s3"]
    assert await count(queue.database, "task_steps") == 0


async def test_a_short_run_writes_no_steps(store: PostgresTaskStore, queue: FlakyQueue, script: Script) -> None:
    written: list[Mapping[str, str]] = []

    class Counting(FlakyQueue):
        async def save_steps(self, claim: Claim, steps: Mapping[str, str]) -> None:
            written.append(steps)

    async with working(Counting(queue.database), script, times=replace(SLOW, ledger_s=5.0)) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await ended(store, task_id)
    assert written == []


async def test_a_task_that_was_taken_and_whose_taking_was_not_heard_of_is_run(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, database: Database
) -> None:
    queue.lose_next_claim = True
    async with working(queue, script):
        task_id = await queued(store, runs=True)
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
    assert not queue.lose_next_claim
    assert await database.fetch_one("select attempt, deaths from tasks", {}) == {"attempt": 2, "deaths": 0}


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("name", ["register", "beat", "take", "save_plan", "save_steps", "find_steps", "finish"])
async def test_whichever_statement_a_connection_breaks_in_the_task_ends_once_and_is_told_once(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, database: Database, name: str, *, is_done: bool
) -> None:
    """Before the statement, or after it and before its answer."""
    script.steps = 3
    ask = getattr(queue, name)
    broken = 0

    async def break_once(*given: object, **named: object) -> object:
        nonlocal broken
        broken += 1
        answer = await ask(*given, **named) if broken > 1 or is_done else None
        if broken == 1:
            raise StorageError("the connection was lost")
        return answer

    setattr(queue, name, break_once)
    listener = Listener()
    task_id = await queued(store, runs=True)
    if name == "find_steps":
        await database.execute(
            "update tasks set plan_json = %(plan)s::jsonb, attempt = 1", {"plan": await _plan(store)}
        )
    async with working(queue, script, listener, times=replace(QUICK_WORK, ledger_s=0.0)):
        task = await ended(store, task_id)
        await until(lambda: "RunEnded" in listener.heard)
        await asyncio.sleep(2 * QUICK_WORK.poll_s)
    assert broken > 0
    assert task.status is TaskStatus.SUCCEEDED
    assert listener.heard.count("RunEnded") == 1
    assert [await count(queue.database, table) for table in ("procrastinate_jobs", "task_steps")] == [0, 0]
    assert await database.fetch_one("select deaths from tasks", {}) == {"deaths": 0}


async def _plan(store: PostgresTaskStore) -> str:
    """That of the scripted planner, as it is stored."""
    (document,) = await store.list_documents()
    request = Request(text=document.input_task)
    return (await ScriptedPlanner(Script(steps=3)).plan(request, datetime.now(UTC))).model_dump_json()


async def test_a_run_that_breaks_at_its_end_does_not_leave_its_task_running(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = 2

    async def finish(*_: object, **__: object) -> Task:
        nonlocal broken
        broken -= 1
        if broken == 0:
            monkeypatch.undo()
        raise ValueError("cannot be written")

    script.error = ValueError("no")
    monkeypatch.setattr(queue, "finish", finish)
    async with working(queue, script):
        assert (await ended(store, await queued(store, runs=True))).status is TaskStatus.FAILED


async def test_a_process_whose_connections_are_all_in_use_is_not_held_dead(
    store: PostgresTaskStore, database_url: str, other_queue: FlakyQueue, script: Script, database: Database
) -> None:
    script.hold()
    times = replace(QUICK_WORK, lease_s=1.5, beat_s=0.1)
    async with Database(database_url, connections=2) as crowded:
        queue = FlakyQueue(crowded)
        async with working(queue, script, times=times) as worker, working(other_queue, script, times=times):
            async with asyncio.timeout(10):  # which of the two takes it is chance
                while worker.state.running == 0:
                    await database.execute("delete from procrastinate_jobs", {})
                    await database.execute("delete from tasks", {})
                    await queued(store, runs=True)
                    await asyncio.sleep(0.1)
            await asyncio.gather(*(crowded.fetch_one("select pg_sleep(2.5)", {}) for _ in range(2)))
            assert worker.state.running == 1
            script.release()
            await until(lambda: worker.state.running == 0)
    assert await database.fetch_one("select attempt, deaths from tasks", {}) == {"attempt": 1, "deaths": 0}


async def test_nothing_is_written_behind_the_end(store: PostgresTaskStore, queue: FlakyQueue, script: Script) -> None:
    """A step that ended while others were being stored is stored with the result."""
    order: list[str] = []

    class Noting(FlakyQueue):
        async def save_steps(self, claim: Claim, steps: Mapping[str, str]) -> None:
            order.extend(steps)
            script.release()
            await asyncio.sleep(0.05)
            await super().save_steps(claim, steps)

        async def finish(
            self,
            claim: Claim,
            *,
            status: TaskStatus,
            result: Result | None,
            verification: Verdict,
            written: Mapping[str, str] | None = None,
        ) -> Task:
            order.append("end")
            await asyncio.sleep(0.1)
            return await super().finish(claim, status=status, result=result, verification=verification, written=written)

    script.steps = 2
    script.hold_from = 2
    async with working(Noting(queue.database), script, times=replace(SLOW, ledger_s=0.02)) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await ended(store, task_id)
        await asyncio.sleep(0.1)
    assert order == ["s1", "end"]


async def test_stop_hands_a_long_run_over_with_its_finished_steps(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script, database: Database
) -> None:
    script.steps = 2
    script.hold_from = 2
    task_id = await queued(store)
    async with working(queue, script, grace_s=0.05, times=replace(SLOW, ledger_s=60.0)) as worker:
        await worker.begin(task_id)
        await until(lambda: script.calls == 2)
    assert (await store.get(task_id)).status is TaskStatus.RUNNING
    script.hold_from = None
    script.release()
    async with working(other_queue, script, times=SLOW):  # by whom nobody is ever held dead
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
    assert script.called == ["s1", "s2", "s2"]
    assert await database.fetch_one("select deaths from tasks", {}) == {"deaths": 0}


async def test_stop_lets_a_short_run_end(store: PostgresTaskStore, queue: FlakyQueue, script: Script) -> None:
    script.hold()
    task_id = await queued(store)
    async with working(queue, script, grace_s=5.0) as worker:
        await worker.begin(task_id)
        await until(lambda: worker.state.running == 1)
        asyncio.get_running_loop().call_later(0.05, script.release)
    assert (await store.get(task_id)).status is TaskStatus.SUCCEEDED
    assert worker.state.stopping
    with pytest.raises(WorkerClosedError):
        await worker.begin(await queued(store))


async def test_an_outage_in_the_middle_of_a_run_loses_nothing_and_is_no_death(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, database: Database
) -> None:
    script.hold()
    async with working(queue, script) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
        queue.out = True
        script.release()
        await asyncio.sleep(2 * QUICK_WORK.lease_s)
        assert queue.refused > 5
        assert (await store.get(task_id)).status is TaskStatus.RUNNING
        queue.out = False
        task = await ended(store, task_id)
    assert task.status is TaskStatus.SUCCEEDED
    assert task.plan is not None
    assert script.calls == 1
    assert await database.fetch_one("select deaths from tasks", {}) == {"deaths": 0}


async def test_a_process_that_was_out_of_reach_loses_its_run_and_takes_back_its_death(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script, database: Database
) -> None:
    script.hold()
    listener = Listener()
    async with working(queue, script, listener) as worker, working(other_queue, script):
        task_id = await queued(store)
        other_queue.out = True
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
        other_queue.out, queue.out = False, True
        await until(lambda: script.calls == 2)
        assert await database.fetch_one("select attempt, deaths from tasks", {}) == {"attempt": 2, "deaths": 1}
        queue.out = False
        await until(lambda: worker.state.running == 0)
        await asyncio.sleep(0.05)
        assert await database.fetch_one("select attempt, deaths from tasks", {}) == {"attempt": 2, "deaths": 0}
        script.release()
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
    assert "RunEnded" not in listener.heard


async def test_an_end_whose_answer_was_lost_is_told_once(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    listener = Listener()
    queue.lose_next_answer = True
    async with working(queue, script, listener) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: "RunEnded" in listener.heard)
    assert listener.heard.count("RunEnded") == 1


async def test_the_run_of_another_process_is_waited_for(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script
) -> None:
    script.hold()
    async with working(queue, script, works=False, times=SLOW) as api, working(other_queue, script):
        task_id = await queued(store)
        await api.begin(task_id)
        waiting = asyncio.create_task(api.wait(task_id, 60))
        await until(lambda: script.calls == 1)
        assert not waiting.done()
        script.release()
        async with asyncio.timeout(2):
            await waiting
        assert (await store.get(task_id)).status.is_final


async def test_who_waits_goes_on_waiting_while_the_database_is_away(
    store: PostgresTaskStore,
    queue: FlakyQueue,
    other_queue: FlakyQueue,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: object) -> TaskStatus:
        raise StorageError("the database is away")

    script.hold()
    async with working(queue, script, works=False) as worker, working(other_queue, script):
        task_id = await queued(store)
        await worker.begin(task_id)
        with monkeypatch.context() as patch:
            patch.setattr(PostgresTaskStore, "get_status", away)
            waiting = asyncio.create_task(worker.wait(task_id, 5))
            await asyncio.sleep(3 * QUICK_WORK.poll_s)
            assert not waiting.done()
        script.release()
        await waiting
        assert (await store.get(task_id)).status is TaskStatus.SUCCEEDED


async def test_a_run_that_its_own_process_takes_up_anew_is_given_up(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, database: Database
) -> None:
    """Another process had taken the task back meanwhile, and this one was first to take it again."""
    script.hold()
    async with working(queue, script, times=SLOW) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: script.at_work == 1)
        async with database.transaction() as sweeper:
            cursor = await sweeper.execute("select id from procrastinate_jobs")
            ((job_id,),) = await cursor.fetchall()
            await sweeper.execute("update tasks set deaths = 1")
            await put_back(sweeper, job_id)
        await until(lambda: script.calls == 2)
        await until(lambda: script.at_work == 1)
        assert worker.state.running == 1
        script.release()
        assert (await ended(store, task_id)).status is TaskStatus.SUCCEEDED
    assert await database.fetch_one("select attempt, deaths from tasks", {}) == {"attempt": 2, "deaths": 0}


async def test_waiting_for_a_task_that_does_not_run_returns_at_once(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    async with working(queue, script) as worker:
        async with asyncio.timeout(1):
            await worker.wait(UUID(int=1), 60)
            await worker.wait(await queued(store), 60)


async def test_what_is_cancelled_before_its_run_never_runs(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    listener = Listener()
    async with working(queue, script, listener) as worker:
        service = TaskService(store, worker)
        task = await service.cancel(await queued(store), "U1")
        assert task.status is TaskStatus.FAILED
        assert task.verification is not None
        assert task.verification.reasons[0].startswith("cancelled: by U1 at 20")
        with pytest.raises(TaskConflictError, match="is failed already"):
            await service.cancel(task.task_id, "U1")
        with pytest.raises(TaskConflictError):
            await service.run(task.task_id)
    assert listener.heard == ["RunEnded"]
    assert script.calls == 0


@pytest.mark.parametrize("where", ["here", "elsewhere", "handed over"])
async def test_a_cancelled_run_keeps_what_it_had_found(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script, where: str
) -> None:
    script.steps = 3
    script.hold_from = 2
    told: list[Event] = []

    class Telling:
        async def notice(self, event: Event) -> None:
            told.append(event)

    # One of the same process writes down what it has when it is stopped.
    times = replace(SLOW, ledger_s=60.0 if where == "here" else 0.02)
    async with (
        working(queue, script, Telling(), works=where == "here", times=times) as worker,
        working(other_queue, script, Telling(), works=where != "here", times=times) as other,
    ):
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: script.called == ["s1", "s2"])
        if where != "here":
            await until_kept(queue.database, 1)
        if where == "handed over":
            await other.stop(grace_s=0.0)
            told.clear()
        task = await TaskService(store, worker).cancel(task_id, "ada")
        await until(lambda: isinstance(told[-1], RunEnded))
    assert task == await store.get(task_id)
    assert (task.status, task.plan is None) == (TaskStatus.FAILED, False)
    assert task.result is not None
    assert [step.was_cancelled for step in task.result.steps] == [False, True, True]
    assert task.result.report.answer.splitlines()[0].startswith("Cancelled by ada at 20")
    assert task.verification is not None
    assert task.verification.reasons[1:] == (
        "1 of 3 steps had ended",
        "not run to their end: Read the task; Read the task",
    )
    (ended,) = [event for event in told if isinstance(event, RunEnded)]
    assert (ended.result, ended.verification) == (task.result, task.verification)
    assert await count(queue.database, "task_steps") == 0


async def test_a_run_is_cancelled_though_no_report_can_be_made(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("gone")

    monkeypatch.setattr(Pipeline, "conclude", broken)
    async with working(queue, script) as worker:
        task = await TaskService(store, worker).cancel(await queued(store), "ada")
    assert (task.status, task.result) == (TaskStatus.FAILED, None)
    assert task.verification is not None
    assert task.verification.reasons[1].startswith("no report could be made")


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_run_at_work_is_cancelled_and_told_of_once(
    store: PostgresTaskStore, queue: FlakyQueue, other_queue: FlakyQueue, script: Script, *, elsewhere: bool
) -> None:
    script.hold()
    told: list[Event] = []

    class Telling:
        async def notice(self, event: Event) -> None:
            told.append(event)

    async with (
        working(queue, script, Telling(), works=not elsewhere, times=SLOW) as worker,
        working(other_queue, script, Telling(), works=elsewhere, times=SLOW) as other,
    ):
        task_id = await queued(store)
        await worker.begin(task_id)
        await until(lambda: script.calls == 1)
        await TaskService(store, worker).cancel(task_id, "ada")
        await until(lambda: worker.state.running + other.state.running == 0)
        await until(lambda: isinstance(told[-1], RunEnded))
        script.release()
        await asyncio.sleep(0.1)
    assert [type(event).__name__ for event in told].count("RunEnded") == 1
    task = await store.get(task_id)
    assert (task.status, task.result) == (TaskStatus.FAILED, None)
    assert task.verification is not None
    assert "by ada" in task.verification.reasons[0]


async def test_what_has_ended_is_run_again_as_a_new_task(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    async with working(queue, script) as worker:
        service = TaskService(store, worker)
        context = Context.model_validate({"service": "shop", "more": 1})
        old = (await service.submit(Request(text="t", context=context))).task
        with pytest.raises(TaskConflictError, match="is queued"):
            await service.rerun(old.task_id, Origin(), None)
        await service.run(old.task_id)
        await ended(store, old.task_id)
        first = await service.rerun(old.task_id, Origin(door="web"), "again")
        second = await service.rerun(old.task_id, Origin(door="web"), "again")
        assert (first.created, second.created) == (True, False)
        assert first.task.task_id == second.task.task_id
        again = await ended(store, first.task.task_id)
    assert (again.text, again.status) == ("t", TaskStatus.SUCCEEDED)
    assert again.context.to_json() == {"service": "shop", "more": 1, "rerun_of": str(old.task_id)}


async def test_at_the_deadline_the_report_is_made_of_what_there_is(
    store: PostgresTaskStore, queue: FlakyQueue, script: Script
) -> None:
    script.steps = 3
    script.hold_from = 2
    async with working(queue, script, times=replace(SLOW, deadline_s=0.1)) as worker:
        task_id = await queued(store)
        await worker.begin(task_id)
        task = await ended(store, task_id)
    assert task.result is not None
    assert [result.error and result.error.kind for result in task.result.tool_results] == [None, "deadline", "deadline"]
    assert "the run's deadline of 0.1 s had passed" in str(task.result.tool_results[1].error)
    assert script.called == ["s1", "s2"]


async def test_a_new_task_is_picked_up_at_once(store: PostgresTaskStore, queue: FlakyQueue, script: Script) -> None:
    async with working(queue, script, times=replace(SLOW, poll_s=30.0)):
        await asyncio.sleep(0.2)
        async with asyncio.timeout(2):
            task_id = await queued(
                PostgresTaskStore(queue.database), door="slack", runs=True
            )  # as another process would
            await ended(store, task_id)
