import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from time import sleep
from uuid import UUID

import pytest

from core.errors import TaskConflictError, TaskNotFoundError
from core.ports import RunStore
from core.result import Result, StepResult
from core.task import Claim, Context, Origin, Request, Task, TaskStatus
from core.urgency import urgency
from core.verdict import Verdict
from storage.database import Database
from storage.jobs import put_back
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tests.storage.samples import PLAN, RESULT, VERDICT, make_result

LEASE_S = 0.3
STEP = StepResult(step_id="s1", purpose="logs", tool_results=RESULT.tool_results)


@pytest.fixture
def queue(database: Database) -> RunQueue:
    return RunQueue(database)


@pytest.fixture
async def other_queue(database_url: str) -> AsyncGenerator[RunQueue]:
    """The queue of another process."""
    async with Database(database_url) as database:
        yield RunQueue(database)


async def _add(
    store: PostgresTaskStore, text: str = "t", *, channel: str | None = None, severity: str | None = None
) -> UUID:
    origin = Origin(door="slack", channel=channel) if channel else Origin()
    task, _ = await store.add(Request(text=text, context=Context(severity=severity), origin=origin), runs=True)
    return task.task_id


def written(queue: RunQueue, steps: Iterable[StepResult]) -> dict[str, str]:
    return {step.step_id: queue.write(step) for step in steps}


async def _take(queue: RunQueue, worker_id: int) -> Claim:
    claim = await queue.take(worker_id)
    assert claim is not None
    return claim


def _conclude(task: Task, steps: Sequence[StepResult]) -> tuple[Result | None, Verdict]:
    return RESULT if steps else None, VERDICT


async def _order(queue: RunQueue) -> list[str]:
    worker_id = await queue.register()
    taken: list[str] = []
    while (claim := await queue.take(worker_id)) is not None:
        taken.append(claim.task.text)
        await queue.finish(claim, status=TaskStatus.SUCCEEDED, result=None, verification=VERDICT)
    return taken


async def _let_die(database: Database, worker_id: int) -> None:
    await database.execute(
        "update procrastinate_workers set last_heartbeat = now() - interval '1 minute' where id = %(id)s",
        {"id": worker_id},
    )


async def _sweep(queue: RunQueue, lease_s: float = LEASE_S) -> list[UUID]:
    """What a process that lives takes back."""
    return await queue.upkeep.take_back_stalled(await queue.register(), lease_s)


async def _deaths(database: Database) -> int:
    found = await database.fetch_one("select deaths from tasks", {})
    assert found is not None
    return found["deaths"]


def test_the_queue_is_what_the_core_asks_for(queue: RunQueue) -> None:
    port: RunStore = queue
    assert port is queue


async def test_a_task_is_taken_once(task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue) -> None:
    ids = {await _add(task_store) for _ in range(3)}
    workers = [(queue, await queue.register()), (other_queue, await other_queue.register())]
    claims = await asyncio.gather(*(queue.take(worker_id) for queue, worker_id in workers * 5))
    taken = [claim.task.task_id for claim in claims if claim is not None]
    assert len(taken) == len(set(taken)) <= 3
    while (claim := await queue.take(workers[0][1])) is not None:
        taken.append(claim.task.task_id)
    assert sorted(taken) == sorted(ids)
    assert {(await task_store.get(task_id)).status for task_id in ids} == {TaskStatus.RUNNING}


async def test_a_run_is_stored_in_the_shapes_that_scripts_read(task_store: PostgresTaskStore, queue: RunQueue) -> None:
    task_id = await _add(task_store)
    claim = await _take(queue, await queue.register())
    await queue.save_plan(claim, PLAN)
    assert (await task_store.get(task_id)).plan == PLAN
    ended = await queue.finish(claim, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)
    assert ended == await task_store.get(task_id)
    assert (ended.status, ended.plan, ended.result, ended.verification) == (TaskStatus.SUCCEEDED, PLAN, RESULT, VERDICT)
    assert ended.created_at == claim.task.created_at < ended.updated_at
    document = await task_store.get_document(task_id)
    answered, failed = document.result_json["steps"][0]["tool_results"]
    assert (answered["attempts"], answered["duration_ms"], answered["error"]) == (2, 12.5, None)
    assert failed["error"] == {"kind": "unavailable", "message": "no answer"}
    assert document.result_json["execution_metadata"].items() >= {"total_tools": 2, "error_count": 1}.items()
    assert document.result_json["report"]["answer"] == "The shop times out."
    assert document.verification_json["passed"] is True
    assert document.plan_json == PLAN.to_json()


async def test_a_run_that_broke_is_stored_without_a_result(task_store: PostgresTaskStore, queue: RunQueue) -> None:
    task_id = await _add(task_store)
    claim = await _take(queue, await queue.register())
    ended = await queue.finish(claim, status=TaskStatus.FAILED, result=None, verification=VERDICT)
    assert (ended.status, ended.result) == (TaskStatus.FAILED, None)
    assert (await task_store.get_document(task_id)).result_json is None


@pytest.mark.parametrize("hostile", ["nul \0\0 byte", "half \ud800 pair", r"no \u0000 escape", "\\\0"])
async def test_a_run_is_not_lost_for_what_a_tool_brought_in(
    task_store: PostgresTaskStore, queue: RunQueue, hostile: str
) -> None:
    task_id = await _add(task_store)
    claim = await _take(queue, await queue.register())
    # A strict model takes half of a pair in a field of plain JSON, not in a text.
    result = make_result("plain").model_dump()
    result["steps"][0]["tool_results"][0]["output"]["lines"][0]["fields"] = {"raw": hostile, f"-{hostile}": 1.0}
    hostile_result = type(RESULT).model_validate(result)
    await queue.save_steps(claim, written(queue, hostile_result.steps))
    await queue.finish(claim, status=TaskStatus.SUCCEEDED, result=hostile_result, verification=VERDICT)
    stored = (await task_store.get_document(task_id)).result_json
    expected = hostile.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    fields = stored["steps"][0]["tool_results"][0]["output"]["lines"][0]["fields"]
    assert (fields["raw"], len(fields)) == (expected, 2)
    assert (await task_store.get(task_id)).result is not None


async def test_a_task_ends_in_a_final_status_alone(task_store: PostgresTaskStore, queue: RunQueue) -> None:
    await _add(task_store)
    claim = await _take(queue, await queue.register())
    with pytest.raises(ValueError, match="cannot end as running"):
        await queue.finish(claim, status=TaskStatus.RUNNING, result=None, verification=VERDICT)


async def test_a_worker_that_gives_signs_of_life_keeps_its_task(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue
) -> None:
    await _add(task_store)
    worker_id = await queue.register()
    claim = await _take(queue, worker_id)
    sign = await queue.beat(worker_id)
    assert (sign.known, sign.jobs) == (True, {claim.job_id})
    assert await _sweep(other_queue) == []
    assert await other_queue.take(await other_queue.register()) is None


async def test_a_dead_workers_task_is_taken_back_once_with_its_steps(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    task_id = await _add(task_store)
    worker_id = await queue.register()
    claim = await _take(queue, worker_id)
    await queue.save_plan(claim, PLAN)
    await queue.save_steps(claim, written(queue, [STEP]))
    await queue.save_steps(claim, written(queue, [STEP]))
    await _let_die(database, worker_id)
    swept = await asyncio.gather(*(_sweep(store) for store in (queue, other_queue) * 3))
    assert [found for taken in swept for found in taken] == [task_id]
    again = await _take(other_queue, await other_queue.register())
    assert (again.task.task_id, again.attempt, again.deaths) == (task_id, claim.attempt + 1, 1)
    assert again.task.plan == PLAN
    assert await other_queue.find_steps(again) == (STEP,)


async def test_a_run_that_lost_its_task_can_write_nothing(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    task_id = await _add(task_store)
    worker_id = await queue.register()
    old = await _take(queue, worker_id)
    await _let_die(database, worker_id)
    await _sweep(other_queue)
    new = await _take(other_queue, await other_queue.register())
    for write in (
        queue.save_plan(old, PLAN),
        queue.save_steps(old, written(queue, [STEP])),
        queue.hand_back(old),
        queue.finish(old, status=TaskStatus.FAILED, result=None, verification=VERDICT),
    ):
        with pytest.raises(TaskConflictError, match="another run has taken over"):
            await write
    assert await other_queue.find_steps(new) == ()
    await other_queue.finish(new, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)
    for write in (
        queue.save_plan(old, PLAN),
        other_queue.save_steps(new, written(other_queue, [STEP])),
        other_queue.finish(new, status=TaskStatus.FAILED, result=None, verification=VERDICT),
    ):
        with pytest.raises(TaskConflictError, match="is succeeded"):
            await write
    assert (await task_store.get(task_id)).result == RESULT


async def test_a_worker_that_was_silent_itself_holds_nobody_dead_until_it_has_given_a_sign(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    """Its process, or its whole machine, was paused, or the clock of the database was set on: all seem dead."""
    task_id = await _add(task_store)
    worker_id, other_id = await queue.register(), await other_queue.register()
    await _take(queue, worker_id)
    for late in (worker_id, other_id):
        await _let_die(database, late)
    assert await other_queue.upkeep.take_back_stalled(other_id, LEASE_S) == []
    sign = await other_queue.beat(other_id)
    assert sign.known
    assert 60.0 <= sign.silent_s < 90.0
    assert (await other_queue.beat(other_id)).silent_s < LEASE_S
    assert await other_queue.upkeep.take_back_stalled(other_id, LEASE_S) == [task_id]


async def test_a_worker_that_gave_its_last_sign_in_the_future_is_dead(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    """The clock of the database was set back since."""
    task_id = await _add(task_store)
    worker_id = await queue.register()
    await _take(queue, worker_id)
    await database.execute("update procrastinate_workers set last_heartbeat = now() + interval '1 hour'", {})
    assert await _sweep(other_queue) == [task_id]


async def test_a_job_that_a_worker_has_and_knows_nothing_of_waits_again_and_is_no_death(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue
) -> None:
    task_id = await _add(task_store)
    worker_id, other_id = await queue.register(), await other_queue.register()
    claim = await _take(queue, worker_id)
    assert await other_queue.put_back_strays(other_id, [claim.job_id]) == []
    assert await queue.put_back_strays(worker_id, [claim.job_id, 10**9]) == [claim.job_id]
    assert await queue.put_back_strays(worker_id, [claim.job_id]) == []
    again = await _take(other_queue, other_id)
    assert (again.task.task_id, again.attempt, again.deaths) == (task_id, claim.attempt + 1, 0)


async def test_steps_of_another_plan_are_not_those_of_this_one(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    """An earlier release's plan cannot be read: what is planned anew has steps of the same names."""
    await _add(task_store)
    claim = await _take(queue, await queue.register())
    await queue.save_plan(claim, PLAN)
    await queue.save_steps(claim, written(queue, [STEP]))
    await database.execute("""update tasks set plan_json = '{"of": "another release"}'""", {})
    await queue.hand_back(claim)
    new = await _take(queue, await queue.register())
    assert new.task.plan is None
    await queue.save_plan(new, PLAN)
    assert await queue.find_steps(new) == ()
    mine = STEP.model_copy(update={"purpose": "anew"})
    await queue.save_steps(new, written(queue, [mine]))
    assert await queue.find_steps(new) == (mine,)


async def test_nobody_is_held_dead_right_after_the_server_started(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    await _add(task_store)
    worker_id = await queue.register()
    await _take(queue, worker_id)
    await _let_die(database, worker_id)
    assert await _sweep(queue, 1e6) == []


async def test_a_task_that_is_handed_back_is_taken_at_once_and_no_death(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    task_id = await _add(task_store)
    claim = await _take(queue, await queue.register())
    await queue.hand_back(claim)
    again = await _take(other_queue, await other_queue.register())
    assert (again.task.task_id, again.deaths) == (task_id, 0)
    with pytest.raises(TaskConflictError):
        await queue.hand_back(claim)


async def test_a_run_that_was_only_out_of_reach_takes_its_death_back(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    await _add(task_store)
    worker_id = await queue.register()
    claim = await _take(queue, worker_id)
    await _let_die(database, worker_id)
    await _sweep(queue)
    assert await _deaths(database) == 1
    await queue.deny_death(claim)
    await queue.deny_death(claim)
    assert await _deaths(database) == 0


async def test_a_worker_that_was_taken_off_the_list_keeps_what_nobody_has_taken(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    await _add(task_store)
    first = await queue.register()
    claim = await _take(queue, first)
    await database.execute("delete from procrastinate_workers", {})
    assert not (await queue.beat(first)).known
    second = await queue.register()
    assert await queue.adopt(second, [claim.job_id]) == {claim.job_id}
    assert (await queue.beat(second)).jobs == {claim.job_id}


async def test_a_task_to_run_that_has_no_job_is_given_one(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    task_id = await _add(task_store)
    of_api, _ = await task_store.add(Request(text="api"))
    slack, _ = await task_store.add(Request(text="s", origin=Origin(door="slack")))
    await database.execute("delete from procrastinate_jobs", {})
    await database.execute("update tasks set status = 'running' where task_id = %(task_id)s", {"task_id": task_id})
    await database.execute("update tasks set updated_at = now() - interval '1 minute'", {})
    assert set(await queue.upkeep.give_jobs_to_jobless()) == {task_id, slack.task_id}
    assert await queue.upkeep.give_jobs_to_jobless() == []
    assert len(await _order(queue)) == 2
    assert (await task_store.get(of_api.task_id)).status is TaskStatus.QUEUED


async def test_a_job_whose_task_is_gone_is_dropped(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    await _add(task_store)
    await database.execute("delete from tasks", {})
    assert await queue.take(await queue.register()) is None
    assert (await queue.look(LEASE_S)).waiting == 0


async def test_the_more_severe_goes_first_and_the_unknown_in_the_middle(
    task_store: PostgresTaskStore, queue: RunQueue
) -> None:
    for severity in ("P4", None, "P3", "SEV-2", "critical", "P0"):
        await _add(task_store, str(severity), severity=severity)
    assert await _order(queue) == ["P0", "critical", "SEV-2", "None", "P3", "P4"]


@pytest.mark.parametrize(
    ("text", "severity", "expected"),
    [
        ("P1 alert: checkout is slow", None, 8),
        ("what is slow?", None, 5),
        ("P1 alert", "P4", 2),
        ("x" * 200 + " P1", None, 5),
        ("t", "P0", 10),
    ],
)
def test_urgency_is_read_from_the_context_else_from_the_first_words(
    text: str, severity: str | None, expected: int
) -> None:
    assert urgency(Request(text=text, context=Context(severity=severity))) == expected


async def test_channels_take_turns(task_store: PostgresTaskStore, queue: RunQueue) -> None:
    for number in range(4):
        await _add(task_store, f"a{number}", channel="A")
    await _add(task_store, "b0", channel="B")
    await _add(task_store, "b1", channel="B")
    await _add(task_store, "c0", channel="C")
    assert await _order(queue) == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]


async def _let_wait(database: Database, minutes: int) -> None:
    await database.execute(
        "update procrastinate_jobs "
        "set args = jsonb_set(args, '{since}', to_jsonb((args ->> 'since')::int - 60 * %(minutes)s::int))",
        {"minutes": minutes},
    )


async def test_a_channel_that_waits_is_not_overtaken_for_ever(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    for number in range(3):
        await _add(task_store, f"a{number}", channel="A")
    await _let_wait(database, 1)
    await _add(task_store, "b0", channel="B")
    await queue.upkeep.raise_waiting()
    await _add(task_store, "b1", channel="B")
    assert await _order(queue) == ["a0", "a1", "a2", "b0", "b1"]


async def test_how_long_a_task_has_waited_is_told_by_the_databases_clock_alone(
    task_store: PostgresTaskStore, queue: RunQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)  # the clock of this process is wrong
    await _add(task_store, "P4", severity="P4")
    assert await queue.upkeep.raise_waiting() == 0


async def test_what_waits_long_becomes_more_urgent_but_for_a_p1(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    await _add(task_store, "old P4", severity="P4")
    await _let_wait(database, 3)
    await _add(task_store, "P3", severity="P3")
    assert await queue.upkeep.raise_waiting() == 1
    assert await queue.upkeep.raise_waiting() == 0
    await _let_wait(database, 600)
    await queue.upkeep.raise_waiting()
    await _add(task_store, "P1", severity="P1")
    await _add(task_store, "P2", severity="P2")
    assert await _order(queue) == ["P1", "old P4", "P3", "P2"]


async def test_full_channels_are_passed_over(task_store: PostgresTaskStore, queue: RunQueue) -> None:
    await _add(task_store, "full", channel="A")
    await _add(task_store, "other", channel="B")
    await _add(task_store, "of no channel")
    worker_id = await queue.register()
    taken = [await queue.take(worker_id, full_channels=["A"]) for _ in range(3)]
    assert [claim and claim.task.text for claim in taken] == ["other", "of no channel", None]


async def test_a_cancelled_task_is_out_of_its_runs_reach(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    task_id = await _add(task_store)
    worker_id = await queue.register()
    claim = await _take(queue, worker_id)
    await queue.save_steps(claim, written(queue, [STEP]))
    task, at_work = await queue.cancel(task_id, _conclude)
    assert (task.status, task.result, task.verification, at_work) == (TaskStatus.FAILED, RESULT, VERDICT, True)
    assert task == await task_store.get(task_id)
    assert (await queue.beat(worker_id)).jobs == frozenset()
    assert await queue.find_steps(claim) == ()
    with pytest.raises(TaskConflictError, match="is failed, not running"):
        await queue.finish(claim, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)
    waiting, at_work = await queue.cancel(await _add(task_store), _conclude)
    assert (waiting.status, waiting.result, at_work) == (TaskStatus.FAILED, None, False)
    assert await queue.take(worker_id) is None
    with pytest.raises(TaskConflictError, match="is failed already"):
        await queue.cancel(task_id, _conclude)
    with pytest.raises(TaskNotFoundError):
        await queue.cancel(UUID(int=0), _conclude)


async def test_a_dead_runs_steps_are_what_is_left_of_a_cancelled_task(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    task_id = await _add(task_store)
    worker_id = await queue.register()
    claim = await _take(queue, worker_id)
    await queue.save_plan(claim, PLAN)
    await queue.save_steps(claim, written(queue, [STEP]))
    await _let_die(database, worker_id)
    await _sweep(other_queue)
    task, at_work = await other_queue.cancel(task_id, _conclude)
    assert (task.plan, task.result, at_work) == (PLAN, RESULT, False)
    assert await other_queue.take(await other_queue.register()) is None


async def test_an_end_that_cannot_be_made_leaves_the_task_as_it_was(
    task_store: PostgresTaskStore, queue: RunQueue
) -> None:
    def broken(task: Task, steps: Sequence[StepResult]) -> tuple[Result | None, Verdict]:
        raise ValueError(str(task.task_id))

    task_id = await _add(task_store)
    claim = await _take(queue, await queue.register())
    with pytest.raises(ValueError, match=str(task_id)):
        await queue.cancel(task_id, broken)
    await queue.finish(claim, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)


async def test_of_a_runs_end_and_its_cancellation_one_is_stored(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    """Both orders come about, whoever is first: what the other wants to store is refused."""
    worker_id = await queue.register()
    for delay_s in (0.0, 0.0, 0.0005, 0.001, 0.002, 0.004) * 3:
        task_id = await _add(task_store)
        claim = await _take(queue, worker_id)
        await queue.save_steps(claim, written(queue, [STEP]))

        async def finish(claim: Claim = claim, delay_s: float = delay_s) -> Task:
            await asyncio.sleep(delay_s)
            return await queue.finish(claim, status=TaskStatus.SUCCEEDED, result=None, verification=VERDICT)

        ends = await asyncio.gather(finish(), other_queue.cancel(task_id, _conclude), return_exceptions=True)
        (refused,) = [end for end in ends if isinstance(end, BaseException)]
        assert isinstance(refused, TaskConflictError)
        stored = await task_store.get(task_id)
        by_run = isinstance(ends[0], Task)
        assert (stored.status, stored.result) == (
            (TaskStatus.SUCCEEDED, None) if by_run else (TaskStatus.FAILED, RESULT)
        )
        rows = await database.fetch_one(
            "select (select count(*) from procrastinate_jobs) as jobs, (select count(*) from task_steps) as steps", {}
        )
        assert rows == {"jobs": 0, "steps": 0}


async def test_whoever_takes_a_task_while_it_is_cancelled_gets_nothing(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    """Taking locks the job first and then the task, cancelling the task first: neither waits for the other for ever."""

    def conclude(task: Task, steps: Sequence[StepResult]) -> tuple[Result | None, Verdict]:
        sleep(0.02)  # the other statement is on its way
        return _conclude(task, steps)

    worker_id = await queue.register()
    for _ in range(5):
        task_id = await _add(task_store)
        async with asyncio.timeout(0.9):  # PostgreSQL breaks a deadlock up after a second
            (task, _), claim = await asyncio.gather(other_queue.cancel(task_id, conclude), queue.take(worker_id))
        assert task.status is TaskStatus.FAILED
        if claim is not None:
            with pytest.raises(TaskConflictError):
                await queue.save_plan(claim, PLAN)
        assert await queue.take(worker_id) is None
        assert await database.fetch_one("select count(*) as jobs from procrastinate_jobs", {}) == {"jobs": 0}


async def test_a_run_that_ends_while_its_task_is_taken_back_waits_for_nobody(
    task_store: PostgresTaskStore, queue: RunQueue, other_queue: RunQueue, database: Database
) -> None:
    """Taking back locks the job first and then the task, ending the task first."""
    task_id = await _add(task_store)
    worker_id = await queue.register()
    claim = await _take(queue, worker_id)
    async with asyncio.timeout(0.9):  # PostgreSQL breaks a deadlock up after a second
        async with database.transaction() as sweeper:
            await sweeper.execute("select from procrastinate_jobs where id = %s for update", (claim.job_id,))
            end = asyncio.create_task(
                other_queue.finish(claim, status=TaskStatus.SUCCEEDED, result=None, verification=VERDICT)
            )
            await asyncio.sleep(0.1)
            died = await sweeper.execute(
                "update tasks set deaths = deaths + 1 where task_id = %s and status = 'running'", (task_id,)
            )
            await put_back(sweeper, claim.job_id)
        assert (await end).status is TaskStatus.SUCCEEDED
    assert died.rowcount == 0
    assert await queue.take(worker_id) is None
    assert await database.fetch_one("select count(*) as jobs from procrastinate_jobs", {}) == {"jobs": 0}


async def test_what_a_run_of_a_deleted_task_writes_is_refused(
    task_store: PostgresTaskStore, queue: RunQueue, database: Database
) -> None:
    task_id = await _add(task_store)
    claim = await _take(queue, await queue.register())
    await database.execute("delete from tasks", {})
    with pytest.raises(TaskNotFoundError, match=str(task_id)):
        await queue.save_plan(claim, PLAN)
