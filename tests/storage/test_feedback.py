from datetime import timedelta
from uuid import uuid4

import pytest

from core.errors import TaskNotFoundError
from core.task import Request, Task
from storage.database import Database
from storage.feedback import NOTE_CHARS, FeedbackCounts, FeedbackStore
from storage.task_store import PostgresTaskStore


@pytest.fixture
def store(database: Database) -> FeedbackStore:
    return FeedbackStore(database)


async def add(task_store: PostgresTaskStore, text: str = "the disk") -> Task:
    task, _ = await task_store.add(Request(text=text))
    return task


async def test_the_last_word_of_a_person_counts_and_replaces_the_note(
    store: FeedbackStore, task_store: PostgresTaskStore
) -> None:
    task = await add(task_store)
    first = await store.put(task.task_id, user_id="U1", team="T1", value="rejected", note="  it was the proxy ")
    assert (first.value, first.note) == ("rejected", "it was the proxy")
    await store.put(task.task_id, user_id="U2", team="T1", value="helpful")
    await store.put(task.task_id, user_id="U1", team="T1", value="helpful")
    assert [(said.user_id, said.value, said.note) for said in await store.of(task.task_id)] == [
        ("U2", "helpful", None),
        ("U1", "helpful", None),
    ]


async def test_one_user_id_of_two_workspaces_is_two_people(store: FeedbackStore, task_store: PostgresTaskStore) -> None:
    task = await add(task_store)
    for team in ("T1", "T2", None):
        await store.put(task.task_id, user_id="U1", team=team, value="helpful")
    await store.put(task.task_id, user_id="U9", team="T1", value="rejected")
    assert await store.counts([task.task_id, uuid4()]) == {task.task_id: FeedbackCounts(helpful=3, rejected=1)}


async def test_rejections_since_a_moment_come_newest_first(store: FeedbackStore, task_store: PostgresTaskStore) -> None:
    tasks = [await add(task_store, text) for text in ("one", "two", "three")]
    said = [
        await store.put(task.task_id, user_id="U1", team="T1", value=value)
        for task, value in zip(tasks, ("rejected", "helpful", "rejected"), strict=True)
    ]
    assert [it.task_id for it in await store.rejected_since(said[0].created_at)] == [tasks[2].task_id, tasks[0].task_id]
    later = said[0].created_at + timedelta(microseconds=1)
    assert [it.task_id for it in await store.rejected_since(later)] == [tasks[2].task_id]


async def test_a_note_is_cut_and_rid_of_what_the_database_cannot_hold(
    store: FeedbackStore, task_store: PostgresTaskStore
) -> None:
    task = await add(task_store)
    said = await store.put(task.task_id, user_id="U1", team=None, value="rejected", note="a\0b\ud800" + "x" * 5000)
    assert said.note is not None
    assert said.note.startswith("a\ufffdb\ufffd")
    assert len(said.note) == NOTE_CHARS


async def test_a_task_that_is_not_there_takes_no_word(store: FeedbackStore) -> None:
    with pytest.raises(TaskNotFoundError):
        await store.put(uuid4(), user_id="U1", team="T1", value="helpful")
