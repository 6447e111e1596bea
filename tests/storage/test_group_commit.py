"""What many put at once is written together, and each is told what became of its own."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError, StorageError
from storage.group_commit import GroupCommit


class Table:
    """Takes its time to write; refuses negative numbers, and everything while it is `broken`."""

    def __init__(self) -> None:
        self.writings: list[list[int]] = []
        self.broken: Exception | None = None
        self.go_on = asyncio.Event()

    async def write(self, items: Sequence[int]) -> Sequence[str]:
        await self.go_on.wait()
        if self.broken is not None:
            raise self.broken
        if any(item < 0 for item in items):
            raise InvalidInputError("a number is negative", pointer="/number")
        self.writings.append(list(items))
        return [f"wrote {item}" for item in items]


async def test_a_lone_item_is_written_at_once_and_what_comes_meanwhile_together_after_it() -> None:
    table = Table()
    group = GroupCommit(table.write)
    puts = [asyncio.create_task(group.put(0))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    puts += [asyncio.create_task(group.put(number)) for number in range(1, 5)]
    await asyncio.sleep(0)
    table.go_on.set()
    assert await asyncio.gather(*puts) == [f"wrote {number}" for number in range(5)]
    assert table.writings == [[0], [1, 2, 3, 4]]


async def test_no_writing_holds_more_than_its_limit() -> None:
    table = Table()
    table.go_on.set()
    group = GroupCommit(table.write, most_at_once=3)
    await asyncio.gather(*(group.put(number) for number in range(10)))
    assert [len(writing) for writing in table.writings] == [3, 3, 3, 1]


@given(numbers=st.lists(st.integers(-3, 20), max_size=12), most_at_once=st.integers(1, 5))
def test_each_is_answered_for_its_own_item_alone_in_order(numbers: list[int], most_at_once: int) -> None:
    async def put_all() -> None:
        table = Table()
        table.go_on.set()
        group = GroupCommit(table.write, most_at_once=most_at_once)
        answers = await asyncio.gather(*(group.put(number) for number in numbers), return_exceptions=True)
        for number, answer in zip(numbers, answers, strict=True):
            assert isinstance(answer, InvalidInputError) if number < 0 else answer == f"wrote {number}"
        written = [number for writing in table.writings for number in writing]
        assert written == [number for number in numbers if number >= 0]

    asyncio.run(put_all())


@pytest.mark.parametrize("error", [StorageError("the disk is full"), RuntimeError("a mistake of ours")])
async def test_a_failure_is_told_to_all_who_wait_and_the_next_one_is_written_again(error: Exception) -> None:
    table = Table()
    table.broken = error
    table.go_on.set()
    group = GroupCommit(table.write)
    assert await asyncio.gather(*(group.put(n) for n in range(3)), return_exceptions=True) == [error] * 3
    table.broken = None
    assert await group.put(7) == "wrote 7"


async def test_what_nobody_waits_for_any_more_is_not_written() -> None:
    table = Table()
    group = GroupCommit(table.write)
    first, given_up, last = (asyncio.create_task(group.put(number)) for number in range(3))
    await asyncio.sleep(0)
    given_up.cancel()
    table.go_on.set()
    assert await first == "wrote 0"
    assert await last == "wrote 2"
    assert 1 not in [number for writing in table.writings for number in writing]


async def test_stopping_waits_for_what_is_under_way_no_longer_than_told() -> None:
    table = Table()
    group = GroupCommit(table.write)
    await group.settle(5.0)  # nothing is
    put = asyncio.create_task(group.put(1))
    await asyncio.sleep(0)
    await group.settle(0.01)
    assert not put.done()
    table.go_on.set()
    await group.settle(5.0)
    assert await put == "wrote 1"


async def test_a_writing_that_is_held_up_does_not_hold_up_the_rest_where_there_is_another_writer() -> None:
    table = Table()

    async def write(items: Sequence[int]) -> Sequence[str]:
        return await table.write(items) if 0 in items else [f"wrote {item}" for item in items]

    group = GroupCommit(write, writers=2)
    held_up = asyncio.create_task(group.put(0))
    await asyncio.sleep(0)
    assert await asyncio.gather(*(group.put(number) for number in (1, 2))) == ["wrote 1", "wrote 2"]
    assert await group.put(3) == "wrote 3"
    assert not held_up.done()
    table.go_on.set()
    assert await held_up == "wrote 0"


async def test_an_item_put_the_moment_a_writing_ends_is_written() -> None:
    table = Table()
    table.go_on.set()
    group = GroupCommit(table.write)
    first = asyncio.create_task(group.put(0))
    for number in range(1, 20):  # at each turn of the loop one more, whatever the writer is at
        await asyncio.sleep(0)
        async with asyncio.timeout(1.0):
            assert await group.put(number) == f"wrote {number}"
    assert await first == "wrote 0"
