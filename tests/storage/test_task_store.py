import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base import Json
from core.errors import InvalidInputError, StorageError, TaskConflictError, TaskNotFoundError
from core.ports import TaskStore
from core.task import Context, Origin, Request, Task, TaskStatus
from storage.database import Database
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tests.storage.samples import VERDICT

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


async def test_one_of_many_starts_wins_and_leaves_one_job(
    task_store: PostgresTaskStore, other_store: PostgresTaskStore, database: Database
) -> None:
    task = await _add(task_store)
    starts = (store.start(task.task_id) for store in [task_store, other_store] * 5)
    outcomes = await asyncio.gather(*starts, return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, Task)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, TaskConflictError)]
    assert (len(won), len(lost)) == (1, 9)
    assert won[0].status is TaskStatus.RUNNING
    assert "is running" in str(lost[0])
    assert await _jobs(database) == [str(task.task_id)]


async def test_a_task_that_is_only_handed_in_has_no_job(task_store: PostgresTaskStore, database: Database) -> None:
    await _add(task_store)
    assert await _jobs(database) == []


async def test_a_task_that_runs_and_its_job_are_stored_together(
    task_store: PostgresTaskStore, other_store: PostgresTaskStore, database: Database
) -> None:
    request = Request(text="t", origin=Origin(door="slack"), key="slack:Ev1")
    added = await asyncio.gather(*(store.add(request, runs=True) for store in [task_store, other_store] * 5))
    (task_id,) = {task.task_id for task, _ in added}
    assert await _jobs(database) == [str(task_id)]


async def test_without_its_job_no_task_is_stored_nor_begun(task_store: PostgresTaskStore, database: Database) -> None:
    waiting = await _add(task_store)
    await database.execute("alter table procrastinate_jobs add constraint none_today check (id < 0) not valid", {})
    try:
        with pytest.raises(StorageError):
            await task_store.add(Request(text="t"), runs=True)
        with pytest.raises(StorageError):
            await task_store.start(waiting.task_id)
    finally:
        await database.execute("alter table procrastinate_jobs drop constraint none_today", {})
    (document,) = await task_store.list_documents()
    assert (document.task_id, document.status) == (waiting.task_id, TaskStatus.QUEUED)


async def test_a_final_task_is_not_begun(task_store: PostgresTaskStore, database: Database) -> None:
    task = await _add(task_store)
    await RunQueue(database).cancel(task.task_id, lambda _, __: (None, VERDICT))
    with pytest.raises(TaskConflictError, match="is failed"):
        await task_store.start(task.task_id)
    assert (await task_store.get(task.task_id)).verification == VERDICT


async def test_an_unknown_task_is_said_to_be_unknown(task_store: PostgresTaskStore) -> None:
    nobody = uuid4()
    for call in (
        task_store.get(nobody),
        task_store.get_document(nobody),
        task_store.get_status(nobody),
        task_store.start(nobody),
    ):
        with pytest.raises(TaskNotFoundError, match=str(nobody)):
            await call


async def _jobs(database: Database) -> list[str]:
    return [row["lock"] for row in await database.fetch_all("select lock from procrastinate_jobs", {})]


async def test_tasks_that_come_together_are_told_apart(task_store: PostgresTaskStore) -> None:
    requests = [Request(text=f"t{n}", context=Context.model_validate({"n": n}), key=f"k{n % 5}") for n in range(10)]
    odd = [Request(text="half", context=Context.model_validate({"x": "\ud800"})), Request(text="whole")]
    answers = await asyncio.gather(*(task_store.add(it) for it in [*requests, *odd]), return_exceptions=True)
    refused = answers.pop(10)
    assert isinstance(refused, InvalidInputError)
    added = [it for it in answers if not isinstance(it, BaseException)]
    assert len(added) == 11
    assert [created for _, created in added] == [True] * 5 + [False] * 5 + [True]
    for (task, _), request in zip(added[:5], requests[:5], strict=True):
        assert await task_store.get(task.task_id) == task
        assert (task.text, task.context) == (request.text, request.context)
    assert [task.task_id for task, _ in added[5:10]] == [task.task_id for task, _ in added[:5]]
