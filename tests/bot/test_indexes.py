"""Indexes are prepared ahead of the first task, and what then lives long is told to the garbage collector."""

import asyncio
import gc

from bot.heap import settle_heap
from bot.indexes import Indexes
from core.errors import ToolUnavailableError


async def test_it_is_told_once_when_all_are_prepared_however_often_one_had_to_be_tried() -> None:
    told: list[None] = []
    tried = 0
    all_told = asyncio.Event()

    async def at_once() -> None:
        """Nothing to do."""

    async def at_last() -> None:
        nonlocal tried
        tried += 1
        if tried < 3:
            assert not told
            raise ToolUnavailableError("Jira is away")

    def tell() -> None:
        told.append(None)
        all_told.set()

    async with Indexes({"knowledge": at_once, "issues": at_last}, prepared=tell, again_s=0.01) as indexes:
        async with asyncio.timeout(5.0):
            await all_told.wait()
        assert (await indexes.probe()).status == "ok"
        await asyncio.sleep(0.03)
    assert len(told) == 1


def test_what_lives_long_is_not_looked_through_any_more() -> None:
    lasting = [[number] for number in range(1000)]
    before = gc.get_freeze_count()
    try:
        settle_heap()
        assert gc.get_freeze_count() - before > len(lasting)
        assert not any(item is lasting for item in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(item is lasting for item in gc.get_objects())
