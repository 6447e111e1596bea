"""Whatever Slack answers, and whoever dies: once, in order, in its last state, and no faster than Slack allows."""

import asyncio
import contextlib
import random
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from bot.slack.errors import SlackCallError
from storage.database import Database
from tests.bot.slack.conftest import until
from tests.bot.slack.fake_slack import FakeSlack, Refusal
from tests.bot.slack.outbox_senders import RATES, Process, keys, least_gap_s, message, open_process, ours

THREADS, REPLIES, CHANNELS = 6, 4, 2
METHODS = ("chat.postMessage", "chat.update", "conversations.replies", "conversations.history")


def draw_refusal(dice: random.Random) -> Refusal:
    """One of the ways in which a call fails that may be tried again."""
    is_done = dice.random() < 0.5
    kinds = [
        Refusal("ratelimited", 429, {"Retry-After": "0"}),
        Refusal("internal_error", 500, is_done=is_done),
        Refusal("fatal_error", is_done=is_done),
        Refusal("", closes=True, is_done=is_done),
        Refusal("service_unavailable", 503),
    ]
    return dice.choice(kinds)


@pytest.mark.parametrize("seed", range(4))
async def test_storms_of_failures_lose_nothing_and_double_nothing(
    database: Database, slack: FakeSlack, seed: int
) -> None:
    dice = random.Random(seed)
    slack.channels = {f"C{number}" for number in range(CHANNELS)}
    for method in METHODS:
        slack.refusals[method] = [draw_refusal(dice) for _ in range(15)]
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(open_process(database, slack)) for _ in range(3)]
        puts = [put_thread(dice, processes, f"{seed}-{number}", f"C{number % CHANNELS}") for number in range(THREADS)]
        killer = asyncio.create_task(kill_some(dice, database, slack, stack))
        await asyncio.gather(*puts)
        for process in processes:
            process.sender.wake()
        expected = THREADS * (REPLIES + 1)
        await until(lambda: sum(len(set(keys(slack, channel))) for channel in slack.channels) == expected, timeout_s=30)
        await killer
        await until(lambda: all(is_last(slack, channel) for channel in slack.channels), timeout_s=30)
    for channel in slack.channels:
        assert Counter(keys(slack, channel)).most_common(1)[0][1] == 1
        assert least_gap_s(slack, channel) >= RATES.channel_s
        for number in range(THREADS):
            mine = [key for key in keys(slack, channel) if key.startswith(f"{seed}-{number}:")]
            assert mine == sorted(mine)
    assert (await processes[0].store.counts()).given_up == {}


async def put_thread(dice: random.Random, processes: list[Process], name: str, channel: str) -> None:
    """A thread's messages, put in any order by any process, each several times."""
    roles = [f"{name}:{number}" for number in range(REPLIES + 1)]
    for state in ("first", "second", "last"):
        for key in dice.sample(roles, len(roles)):
            thread = None if key.endswith(":0") else f"{name}:0"
            seq = int(key.rpartition(":")[2])
            process = dice.choice(processes)
            await process.outbox.put(message(key, f"{key} {state}", thread=thread, channel=channel, seq=seq))
            await asyncio.sleep(dice.random() * 0.02)


async def kill_some(dice: random.Random, database: Database, slack: FakeSlack, stack: AsyncExitStack) -> None:
    """Processes that claim and are never heard of again: before they post, or after it."""
    for _ in range(4):
        process = await stack.enter_async_context(open_process(database, slack, sends=False))
        await asyncio.sleep(dice.random() * 0.3)
        claimed = await process.claims.take()
        if claimed is not None and dice.random() < 0.5:
            with contextlib.suppress(SlackCallError):
                await process.writer.write(claimed, send_by=asyncio.get_running_loop().time() + 1.0)


def is_last(slack: FakeSlack, channel: str) -> bool:
    return all(sent.body["text"].endswith("last") for sent in ours(slack, channel))
