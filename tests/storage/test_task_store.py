import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base import Json
from core.errors import InvalidInputError, TaskConflictError, TaskNotFoundError
from core.ports import TaskStore
from core.task import SELF_RUNNING_DOORS, Context, Origin, Request, Task, TaskStatus
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.storage.samples import PLAN, RESULT, VERDICT, make_result

LEASE_S = 30.0
# jsonb keeps 1e300 as an integer of 301 digits, of which Python makes an int: floats here are those written without an exponent.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(-1e9, 1e9)
JSONS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
async def other_store(database_url: str) -> AsyncGenerator[PostgresTaskStore]:
    """The store of another process."""
    async with Database(database_url) as database:
        yield PostgresTaskStore(database)


async def _add(store: TaskStore, text: str = "look into it") -> Task:
    task, _ = await store.add(Request(text=text))
    return task


def test_the_store_is_what_the_core_asks_for(task_store: PostgresTaskStore) -> None:
    port: TaskStore = task_store
    assert port is task_store


async def test_a_task_comes_back_as_it_was_added(task_store: PostgresTaskStore) -> None:
    context = Context.model_validate_json(
        '{"service": "shop", "start_time": "2026-02-14T10:00:00Z", "required_citations": ["policy"], "extra": {"a": [1]}}'
    )
    origin = Origin(door="slack", user="U1", channel="C1", thread_ts="1.2")
    added, created = await task_store.add(Request(text="ünïcode ✓ 😀", context=context, origin=origin))
    found = await task_store.get(added.task_id)
    assert created
    assert found == added
    assert (found.text, found.context, found.origin) == ("ünïcode ✓ 😀", context, origin)
    assert found.status is TaskStatus.QUEUED
    assert abs((datetime.now(UTC) - found.created_at).total_seconds()) < 60
    document = await task_store.get_document(added.task_id)
    assert document.context_json == context.to_json()
    assert (document.plan_json, document.result_json, document.verification_json) == (None, None, None)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(extra=st.dictionaries(TEXTS.map(lambda text: f"x-{text}"), JSONS, max_size=4))
async def test_any_context_comes_back_equal(task_store: PostgresTaskStore, extra: dict[str, Json]) -> None:
    context = Context.model_validate(extra)
    task, _ = await task_store.add(Request(text="t", context=context))
    assert (await task_store.get(task.task_id)).context == context


@pytest.mark.parametrize("text", ["nul \0 byte", "half \ud800 pair"])
async def test_what_postgresql_cannot_hold_is_refused(task_store: PostgresTaskStore, text: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot be stored"):
        await task_store.add(Request.model_construct(text=text, context=Context(), origin=Origin(), key=None))
    with pytest.raises(InvalidInputError, match="cannot be stored"):
        await task_store.add(Request(text="t", context=Context.model_validate({"x": text})))
    assert await task_store.list_documents() == []


async def test_many_requests_of_one_key_make_one_task(
    task_store: PostgresTaskStore, other_store: PostgresTaskStore
) -> None:
    requests = [Request(text=f"look {n}", key="slack:Ev1") for n in range(20)]
    stores = [task_store, other_store] * 10
    answers = await asyncio.gather(*(store.add(request) for store, request in zip(stores, requests, strict=True)))
    assert len({(task.task_id, task.text) for task, _ in answers}) == 1
    assert [created for _, created in answers].count(True) == 1
    assert len(await task_store.list_documents()) == 1


async def test_requests_without_a_key_are_tasks_of_their_own(task_store: PostgresTaskStore) -> None:
    assert (await _add(task_store)).task_id != (await _add(task_store)).task_id


async def test_one_of_many_starts_wins(task_store: PostgresTaskStore, other_store: PostgresTaskStore) -> None:
    task = await _add(task_store)
    starts = (store.start(task.task_id, lease_s=LEASE_S) for store in [task_store, other_store] * 5)
    outcomes = await asyncio.gather(*starts, return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, Task)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, TaskConflictError)]
    assert (len(won), len(lost)) == (1, 9)
    assert won[0].status is TaskStatus.RUNNING
    assert "is running" in str(lost[0])


async def test_a_run_is_stored_in_the_shapes_that_scripts_read(task_store: PostgresTaskStore) -> None:
    task = await _add(task_store)
    await task_store.start(task.task_id, lease_s=LEASE_S)
    await task_store.save_plan(task.task_id, PLAN)
    assert (await task_store.get(task.task_id)).plan == PLAN
    ended = await task_store.finish(task.task_id, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)
    assert ended == await task_store.get(task.task_id)
    assert (ended.status, ended.plan, ended.result, ended.verification) == (TaskStatus.SUCCEEDED, PLAN, RESULT, VERDICT)
    assert ended.created_at == task.created_at < ended.updated_at
    document = await task_store.get_document(task.task_id)
    answered, failed = document.result_json["steps"][0]["tool_results"]
    assert (answered["attempts"], answered["duration_ms"], answered["error"]) == (2, 12.5, None)
    assert failed["error"] == {"kind": "unavailable", "message": "no answer"}
    assert document.result_json["execution_metadata"].items() >= {"total_tools": 2, "error_count": 1}.items()
    assert document.result_json["report"]["answer"] == "The shop times out."
    assert document.verification_json["passed"] is True
    assert document.plan_json == PLAN.to_json()


async def test_a_run_that_broke_is_stored_without_a_result(task_store: PostgresTaskStore) -> None:
    task = await _add(task_store)
    await task_store.start(task.task_id, lease_s=LEASE_S)
    ended = await task_store.finish(task.task_id, status=TaskStatus.FAILED, result=None, verification=VERDICT)
    assert (ended.status, ended.result) == (TaskStatus.FAILED, None)
    assert (await task_store.get_document(task.task_id)).result_json is None


@pytest.mark.parametrize("hostile", ["nul \0\0 byte", "half \ud800 pair", r"no \u0000 escape", "\\\0"])
async def test_a_run_is_not_lost_for_what_a_tool_brought_in(task_store: PostgresTaskStore, hostile: str) -> None:
    task = await _add(task_store)
    await task_store.start(task.task_id, lease_s=LEASE_S)
    # A strict model takes half of a pair in a field of plain JSON, not in a text.
    result = make_result("plain").model_dump()
    result["steps"][0]["tool_results"][0]["output"]["lines"][0]["fields"] = {"raw": hostile, f"-{hostile}": 1.0}
    await task_store.finish(
        task.task_id, status=TaskStatus.SUCCEEDED, result=type(RESULT).model_validate(result), verification=VERDICT
    )
    stored = (await task_store.get_document(task.task_id)).result_json
    expected = hostile.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    fields = stored["steps"][0]["tool_results"][0]["output"]["lines"][0]["fields"]
    assert (fields["raw"], len(fields)) == (expected, 2)
    assert (await task_store.get(task.task_id)).result is not None


async def test_a_final_task_takes_no_more_writes(task_store: PostgresTaskStore) -> None:
    task = await _add(task_store)
    await task_store.start(task.task_id, lease_s=LEASE_S)
    await task_store.finish(task.task_id, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)
    for write in (
        task_store.start(task.task_id, lease_s=LEASE_S),
        task_store.save_plan(task.task_id, PLAN),
        task_store.extend_lease(task.task_id, lease_s=LEASE_S),
        task_store.finish(task.task_id, status=TaskStatus.FAILED, result=None, verification=VERDICT),
    ):
        with pytest.raises(TaskConflictError, match="is succeeded"):
            await write
    assert (await task_store.get(task.task_id)).result == RESULT


async def test_a_task_ends_in_a_final_status_alone(task_store: PostgresTaskStore) -> None:
    task = await _add(task_store)
    with pytest.raises(ValueError, match="cannot end as running"):
        await task_store.finish(task.task_id, status=TaskStatus.RUNNING, result=None, verification=VERDICT)


async def test_an_unknown_task_is_said_to_be_unknown(task_store: PostgresTaskStore) -> None:
    nobody = uuid4()
    for call in (
        task_store.get(nobody),
        task_store.get_document(nobody),
        task_store.start(nobody, lease_s=LEASE_S),
        task_store.extend_lease(nobody, lease_s=LEASE_S),
        task_store.save_plan(nobody, PLAN),
        task_store.finish(nobody, status=TaskStatus.FAILED, result=None, verification=VERDICT),
    ):
        with pytest.raises(TaskNotFoundError, match=str(nobody)):
            await call


async def test_a_task_with_a_live_lease_is_left_alone(
    task_store: PostgresTaskStore, other_store: PostgresTaskStore
) -> None:
    await _add(task_store)  # queued: not abandoned
    running = await _add(task_store)
    await task_store.start(running.task_id, lease_s=LEASE_S)
    extended = await _add(task_store)
    await task_store.start(extended.task_id, lease_s=-1)
    await task_store.extend_lease(extended.task_id, lease_s=LEASE_S)
    assert await other_store.take_abandoned(lease_s=LEASE_S) is None


async def test_an_abandoned_task_is_taken_once(task_store: PostgresTaskStore, other_store: PostgresTaskStore) -> None:
    tasks = [await _add(task_store) for _ in range(3)]
    for task in tasks:
        await task_store.start(task.task_id, lease_s=-1)
    takes = (store.take_abandoned(lease_s=LEASE_S) for store in [task_store, other_store] * 5)
    taken = [found for found in await asyncio.gather(*takes) if found is not None]
    assert sorted(found.task.task_id for found in taken) == sorted(task.task_id for task in tasks)
    assert {(found.task.status, found.deaths) for found in taken} == {(TaskStatus.RUNNING, 1)}


async def test_deaths_are_counted_apart_from_runs_that_were_handed_back(
    task_store: PostgresTaskStore, other_store: PostgresTaskStore
) -> None:
    task = await _add(task_store)
    await task_store.start(task.task_id, lease_s=LEASE_S)
    await task_store.release(task.task_id)
    counted: list[int] = []
    for store, lease_s in ((other_store, -1), (task_store, -1), (other_store, LEASE_S)):
        found = await store.take_abandoned(lease_s=lease_s)
        assert found is not None
        counted.append(found.deaths)
    assert counted == [0, 1, 2]
    with pytest.raises(TaskConflictError, match="another process has taken over"):
        await task_store.release(task.task_id)


async def test_a_waiting_task_is_taken_once_by_its_door_and_age(
    task_store: PostgresTaskStore, other_store: PostgresTaskStore, database: Database
) -> None:
    for door in ("api", "web", "terminal", "import", "slack", "schedule"):
        await task_store.add(Request(text=door, origin=Origin(door=door)))
    old, _ = await task_store.add(Request(text="old", origin=Origin(door="slack")))
    await database.execute(
        "update tasks set created_at = now() - interval '1 minute' where task_id = %(id)s", {"id": old.task_id}
    )
    takes = (
        store.take_waiting(doors=SELF_RUNNING_DOORS, queued_s=30.0, lease_s=LEASE_S)
        for store in [task_store, other_store] * 3
    )
    (taken,) = [task for task in await asyncio.gather(*takes) if task is not None]
    assert (taken.task_id, taken.status) == (old.task_id, TaskStatus.RUNNING)
    taken_then = [await other_store.take_waiting(doors=SELF_RUNNING_DOORS, queued_s=0.0, lease_s=1) for _ in range(3)]
    assert [None if task is None else task.text for task in taken_then] == ["schedule", "slack", None]


async def test_a_run_that_lost_its_task_cannot_write_over_the_run_that_has_it(
    task_store: PostgresTaskStore, other_store: PostgresTaskStore
) -> None:
    task = await _add(task_store)
    await task_store.start(task.task_id, lease_s=-1)
    await other_store.take_abandoned(lease_s=LEASE_S)
    with pytest.raises(TaskConflictError, match="another process has taken over"):
        await task_store.finish(task.task_id, status=TaskStatus.FAILED, result=None, verification=VERDICT)
    # Nor by trying again.
    for write in (
        task_store.extend_lease(task.task_id, lease_s=LEASE_S),
        task_store.save_plan(task.task_id, PLAN),
        task_store.finish(task.task_id, status=TaskStatus.FAILED, result=None, verification=VERDICT),
    ):
        with pytest.raises(TaskConflictError):
            await write
    await other_store.finish(task.task_id, status=TaskStatus.SUCCEEDED, result=RESULT, verification=VERDICT)
    assert (await task_store.get(task.task_id)).result == RESULT
