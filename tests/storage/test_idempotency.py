import asyncio

import pytest

from core.errors import InvalidInputError
from storage.database import Database
from storage.idempotency import Fresh, IdempotencyStore, InProgress, Mismatch, Replay

SCOPE = "POST /tasks"


@pytest.fixture
def store(database: Database) -> IdempotencyStore:
    return IdempotencyStore(database)


async def _age(database: Database, seconds: float) -> None:
    await database.execute(
        "update idempotency_keys set created_at = now() - make_interval(secs => %(seconds)s)", {"seconds": seconds}
    )


async def _claim(store: IdempotencyStore, fingerprint: str = "f1") -> Fresh:
    claim = await store.begin(SCOPE, "k", fingerprint)
    assert isinstance(claim, Fresh)
    return claim


async def test_an_answer_is_replayed(store: IdempotencyStore) -> None:
    claim = await _claim(store)
    assert isinstance(await store.begin(SCOPE, "k", "f1"), InProgress)
    await store.complete(claim, 201, {"task_id": "t", "nested": [1, None]})
    assert await store.begin(SCOPE, "k", "f1") == Replay(201, {"task_id": "t", "nested": [1, None]})


@pytest.mark.parametrize("answered", [False, True])
async def test_another_payload_is_a_mismatch(store: IdempotencyStore, answered: bool) -> None:  # noqa: FBT001 -- a table
    claim = await _claim(store)
    if answered:
        await store.complete(claim, 201, {})
    assert await store.begin(SCOPE, "k", "f2") == Mismatch()


async def test_a_key_counts_within_its_scope(store: IdempotencyStore) -> None:
    await _claim(store)
    assert isinstance(await store.begin("POST /tasks/1/run", "k", "f2"), Fresh)


async def test_one_of_many_at_once_does_the_work(store: IdempotencyStore) -> None:
    outcomes = await asyncio.gather(*(store.begin(SCOPE, "k", "f1") for _ in range(20)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Fresh"] + ["InProgress"] * 19


async def test_an_abandoned_key_is_free(store: IdempotencyStore) -> None:
    await store.abandon(await _claim(store))
    await _claim(store, "f2")


async def test_a_request_whose_process_died_frees_its_key(store: IdempotencyStore, database: Database) -> None:
    await _claim(store)
    await _age(database, 59)
    assert isinstance(await store.begin(SCOPE, "k", "f1"), InProgress)
    await _age(database, 61)
    await _claim(store, "f2")


async def test_a_request_that_lost_its_key_does_not_answer_for_the_other(
    store: IdempotencyStore, database: Database
) -> None:
    slow = await _claim(store)
    await _age(database, 61)
    fast = await _claim(store)
    await store.complete(slow, 500, "slow")
    await store.abandon(slow)
    assert isinstance(await store.begin(SCOPE, "k", "f1"), InProgress)
    await store.complete(fast, 201, "fast")
    assert await store.begin(SCOPE, "k", "f1") == Replay(201, "fast")


async def test_answers_are_kept_for_a_day(store: IdempotencyStore, database: Database) -> None:
    await store.complete(await _claim(store), 201, {})
    await _age(database, 23 * 3600)
    assert await store.prune() == 0
    assert isinstance(await store.begin(SCOPE, "k", "f1"), Replay)
    await _age(database, 25 * 3600)
    assert isinstance(await store.begin(SCOPE, "k", "f2"), Fresh)
    await _age(database, 25 * 3600)
    assert await store.prune() == 1


async def test_a_key_that_cannot_be_stored_is_refused(store: IdempotencyStore) -> None:
    with pytest.raises(InvalidInputError):
        await store.begin(SCOPE, "a\0b", "f")
