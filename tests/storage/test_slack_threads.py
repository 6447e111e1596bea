from uuid import uuid4

import pytest

from core.errors import TaskNotFoundError
from core.task import Request
from storage.database import Database
from storage.slack_threads import SlackThread, SlackThreadStore
from storage.task_store import PostgresTaskStore


async def test_a_thread_is_kept_with_its_messages(database: Database, task_store: PostgresTaskStore) -> None:
    task, _ = await task_store.add(Request(text="t"))
    threads = SlackThreadStore(database)
    assert await threads.get(task.task_id) is None
    await threads.put(SlackThread(task.task_id, "C1", "1.0", {"root": "1.0"}))
    await threads.put(SlackThread(task.task_id, "C1", "1.0", {"plan": "1.1", "root": "1.0"}))
    await threads.put(SlackThread(task.task_id, "C1", "1.0", {"report": "1.2"}))
    kept = SlackThread(task.task_id, "C1", "1.0", {"root": "1.0", "plan": "1.1", "report": "1.2"})
    assert await threads.get(task.task_id) == kept
    await threads.put(SlackThread(task.task_id, "C2", "2.0", {"root": "2.0"}))
    assert await threads.get(task.task_id) == SlackThread(task.task_id, "C2", "2.0", {"root": "2.0"})


async def test_a_thread_needs_its_task(database: Database) -> None:
    with pytest.raises(TaskNotFoundError):
        await SlackThreadStore(database).put(SlackThread(uuid4(), "C1", "1.0"))
