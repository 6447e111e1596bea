from uuid import UUID

import pytest

from core.task import Context, Request, TaskStatus
from storage.database import Database
from storage.run_queue import RunQueue
from storage.task_store import PostgresTaskStore
from tests.storage.samples import VERDICT


async def _add(store: PostgresTaskStore, text: str = "t", service: str | None = None) -> UUID:
    context = Context() if service is None else Context(service=service)
    task, _ = await store.add(Request(text=text, context=context))
    return task.task_id


async def _pages(store: PostgresTaskStore, limit: int, *, between_pages: bool) -> list[UUID]:
    seen: list[UUID] = []
    before = None
    while page := await store.list_documents(before=before, limit=limit):
        seen += [document.task_id for document in page]
        before = (page[-1].created_at, page[-1].task_id)
        if between_pages:
            await _add(store, "late")
    return seen


async def test_the_newest_come_first(task_store: PostgresTaskStore) -> None:
    added = [await _add(task_store) for _ in range(5)]
    assert [document.task_id for document in await task_store.list_documents()] == added[::-1]
    assert [document.task_id for document in await task_store.list_documents(limit=2)] == added[:-3:-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
async def test_pages_neither_repeat_nor_drop_while_tasks_come_in(task_store: PostgresTaskStore, limit: int) -> None:
    added = [await _add(task_store) for _ in range(7)]
    assert await _pages(task_store, limit, between_pages=True) == added[::-1]


async def test_pages_neither_repeat_nor_drop_tasks_of_one_moment(
    task_store: PostgresTaskStore, database: Database
) -> None:
    added = {await _add(task_store) for _ in range(7)}
    await database.execute("update tasks set created_at = '2026-01-01T00:00:00.123456Z'", {})
    seen = await _pages(task_store, 2, between_pages=False)
    assert (len(seen), set(seen)) == (7, added)


async def test_filters_narrow_the_list(task_store: PostgresTaskStore, database: Database) -> None:
    shop = await _add(task_store, "Checkout is SLOW", "shop")
    till = await _add(task_store, "till is slow", "till")
    await _add(task_store, "something else")
    queue = RunQueue(database)
    await task_store.start(till)
    claim = await queue.take(await queue.register())
    assert claim is not None

    async def found(
        status: TaskStatus | None = None, service: str | None = None, text: str | None = None
    ) -> list[UUID]:
        return [row.task_id for row in await task_store.list_documents(status=status, service=service, text=text)]

    assert await found(status=TaskStatus.RUNNING) == [till]
    assert await found(status=TaskStatus.SUCCEEDED) == []
    assert await found(service="shop") == [shop]
    assert await found(text="slow") == [till, shop]
    assert await found(text="slow", service="shop", status=TaskStatus.QUEUED) == [shop]
    assert await found(text="slow", service="shop", status=TaskStatus.RUNNING) == []
    await queue.finish(claim, status=TaskStatus.FAILED, result=None, verification=VERDICT)
    assert await found(status=TaskStatus.FAILED) == [till]


@pytest.mark.parametrize("text", ["100%", "a_b", "c:\\temp", "it's", '"; drop table tasks; --', "%(status)s"])
async def test_a_text_filter_is_taken_by_the_letter(task_store: PostgresTaskStore, text: str) -> None:
    wanted = await _add(task_store, f"before {text} after")
    await _add(task_store, "before 100 axb c:temp its after")
    assert [row.task_id for row in await task_store.list_documents(text=text)] == [wanted]
