from uuid import uuid4

import pytest

from core.errors import TaskNotFoundError
from core.task import Request
from storage.database import Database
from storage.feedback import FeedbackStore
from storage.past_tasks import PastTask, PastTasksStore
from storage.task_store import PostgresTaskStore


@pytest.fixture
def store(database: Database) -> PastTasksStore:
    return PastTasksStore(database)


async def ended(database: Database, text: str = "why") -> PastTask:
    task, _ = await PostgresTaskStore(database).add(Request(text=text))
    await database.execute(
        "update tasks set status = 'succeeded', updated_at = now(), plan_json = '{\"brief\": {\"is_incident\": true}}', "
        'result_json = \'{"report": {"answer": "so"}, "steps": []}\', verification_json = \'{"passed": true}\' '
        "where task_id = %(task_id)s",
        {"task_id": task.task_id},
    )
    (found,) = [item for item in await PastTasksStore(database).newest(limit=50) if item.task_id == task.task_id]
    return found


async def test_an_ended_task_is_read_with_its_report_and_verdict(database: Database, store: PastTasksStore) -> None:
    await PostgresTaskStore(database).add(Request(text="not ended"))
    task = await ended(database)

    assert (task.text, task.report, task.verification) == ("why", {"answer": "so"}, {"passed": True})
    assert task.brief == {"is_incident": True}
    assert task.remembered
    assert [item.task_id for item in await store.newest(limit=50)] == [task.task_id]


async def test_a_rejected_task_is_not_remembered_unless_more_people_found_it_helpful(
    database: Database, store: PastTasksStore
) -> None:
    task = await ended(database)
    feedback = FeedbackStore(database)

    await feedback.put(task.task_id, user_id="a", team=None, value="rejected")
    (changed,) = await store.changed_since(task.changed_at, limit=10)
    assert not changed.remembered
    assert changed.changed_at > task.changed_at

    for user in ("b", "c"):
        await feedback.put(task.task_id, user_id=user, team=None, value="helpful")
    (changed,) = await store.changed_since(changed.changed_at, limit=10)
    assert (changed.remembered, changed.helpful) == (True, 2)


async def test_a_forgotten_task_stays_forgotten_until_that_is_taken_back(
    database: Database, store: PastTasksStore
) -> None:
    task = await ended(database)

    await store.forget(task.task_id)
    await store.forget(task.task_id)
    (changed,) = await store.changed_since(task.changed_at, limit=10)
    assert not changed.remembered
    assert not (await store.newest(limit=1))[0].remembered

    await store.forget(task.task_id, forgotten=False)
    assert (await store.newest(limit=1))[0].remembered


async def test_an_unknown_task_is_named(store: PastTasksStore) -> None:
    with pytest.raises(TaskNotFoundError):
        await store.forget(uuid4())


async def test_only_what_changed_since_is_read(database: Database, store: PastTasksStore) -> None:
    first = await ended(database, "first")
    second = await ended(database, "second")

    found = await store.changed_since(second.changed_at, limit=10)

    assert [item.task_id for item in found] == [second.task_id]
    assert first.changed_at < second.changed_at


async def test_what_is_known_is_read_again_only_when_it_changed(database: Database, store: PastTasksStore) -> None:
    first, second, third = [await ended(database, text) for text in ("first", "second", "third")]
    known = {task.task_id: task.changed_at for task in (first, second)}

    found = await store.changed_since(first.changed_at, limit=1, known=known)
    assert [item.task_id for item in found] == [third.task_id]

    await store.forget(first.task_id)
    found = await store.changed_since(first.changed_at, limit=10, known=known)
    assert [(item.task_id, item.remembered) for item in found] == [(third.task_id, True), (first.task_id, False)]
