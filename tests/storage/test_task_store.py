import asyncio

from core.task import Request
from storage.task_store import PostgresTaskStore


async def test_many_requests_of_one_key_make_one_task(task_store: PostgresTaskStore) -> None:
    request = Request(text="look into it", key="slack:Ev1")
    answers = await asyncio.gather(*(task_store.add(request) for _ in range(20)))
    assert len({task.task_id for task, _ in answers}) == 1
    assert [created for _, created in answers].count(True) == 1
    assert len(await task_store.list_documents()) == 1
