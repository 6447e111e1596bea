import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.clients.breaker import Breaker, BreakerLimits
from core.errors import ToolRefusedError, ToolRestingError, ToolUnavailableError

START = datetime(2026, 2, 14, 10, 2, tzinfo=UTC)
TIMEOUT_S = 10.0
LIMITS = BreakerLimits(calls=2, failures=3, over_s=1.0, rest_s=10.0, longest_rest_s=40.0)


class Time:
    """Both clocks of a breaker, moved by the test."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def timer(self) -> float:
        return self.passed_s

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.passed_s)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def breaker(time: Time) -> Breaker:
    return Breaker("Jira", timeout_s=TIMEOUT_S, limits=LIMITS, clock=time.clock, timer=time.timer)


async def ask(breaker: Breaker, error: Exception | None = None) -> None:
    async with breaker.call():
        if error is not None:
            raise error


async def fail(breaker: Breaker, time: Time, times: int = 1, *, each_s: float = 1.0) -> None:
    for _ in range(times):
        time.passed_s += each_s
        with pytest.raises(ToolUnavailableError, match="down"):
            await ask(breaker, ToolUnavailableError("down"))


async def test_after_enough_failures_in_a_row_the_system_is_left_in_peace_and_the_reason_says_until_when(
    breaker: Breaker, time: Time
) -> None:
    await fail(breaker, time, 3)
    asked = False
    with pytest.raises(ToolRestingError) as caught:
        async with breaker.call():
            asked = True
    assert not asked
    assert str(caught.value) == (
        "Jira has not answered 3 times since 10:02Z, asked again at 10:02:13Z; the last time: down"
    )
    assert breaker.state.resting == str(caught.value)


@pytest.mark.parametrize("answer", [None, ToolRefusedError("no such field")], ids=["a-success", "a-refusal"])
async def test_an_answer_of_any_kind_ends_a_row_of_failures(
    answer: Exception | None, breaker: Breaker, time: Time
) -> None:
    await fail(breaker, time, 2)
    if answer is None:
        await ask(breaker)
    else:
        with pytest.raises(type(answer)):
            await ask(breaker, answer)
    await fail(breaker, time, 2)
    assert breaker.state.resting is None


async def test_a_burst_of_failures_in_one_moment_is_no_reason_yet(breaker: Breaker, time: Time) -> None:
    await fail(breaker, time, 10, each_s=0.01)
    assert breaker.state.resting is None


async def test_one_call_finds_out_whether_the_system_is_back(breaker: Breaker, time: Time) -> None:
    await fail(breaker, time, 3)
    time.passed_s += 10.0
    async with breaker.call():
        with pytest.raises(ToolRestingError, match="is being asked again now"):
            await ask(breaker)
    await ask(breaker)
    assert breaker.state.resting is None


async def test_of_many_calls_at_once_one_asks_a_system_that_has_rested(breaker: Breaker, time: Time) -> None:
    await fail(breaker, time, 3)
    time.passed_s += 10.0
    asked = 0

    async def probe() -> None:
        nonlocal asked
        async with breaker.call():
            asked += 1
            await asyncio.sleep(0.01)
            raise ToolUnavailableError("down")

    assert breaker.state.phase == "half_open"
    ended = await asyncio.gather(*(probe() for _ in range(50)), return_exceptions=True)
    assert asked == 1
    assert [type(error) for error in ended].count(ToolRestingError) == 49
    assert breaker.state.phase == "open"


async def test_calls_from_before_the_rest_that_end_after_it_prolong_nothing(breaker: Breaker, time: Time) -> None:
    late: list[Callable[[], None]] = []
    hung = asyncio.create_task(fail_when_told(breaker, late))
    await asyncio.sleep(0)
    await fail(breaker, time, 3)
    time.passed_s += 10.0
    late[0]()
    await asyncio.gather(hung, return_exceptions=True)
    await ask(breaker)
    assert breaker.state.phase == "closed"
    assert breaker.state.opened == 1


async def test_an_outage_of_days_is_told_with_the_day_it_began(breaker: Breaker, time: Time) -> None:
    await fail(breaker, time, 3)
    time.passed_s += 86_400.0
    await fail(breaker, time, each_s=0.0)
    assert breaker.state.resting is not None
    assert "since 2026-02-14 10:02Z, asked again at 10:02:23Z" in breaker.state.resting


async def test_what_is_told_of_the_last_failure_is_short(breaker: Breaker, time: Time) -> None:
    for _ in range(3):
        time.passed_s += 1.0
        with pytest.raises(ToolUnavailableError):
            await ask(breaker, ToolUnavailableError("x" * 5_000))
    assert breaker.state.resting is not None
    assert len(breaker.state.resting) < 400


async def test_each_failed_probe_doubles_the_rest_up_to_a_limit_and_an_answer_ends_that(
    breaker: Breaker, time: Time
) -> None:
    await fail(breaker, time, 3)
    for rest_s in (10.0, 20.0, 40.0, 40.0):
        time.passed_s += rest_s - 0.1
        with pytest.raises(ToolRestingError):
            await ask(breaker)
        time.passed_s += 0.1
        await fail(breaker, time, each_s=0.0)
    time.passed_s += 40.0
    await ask(breaker)
    await fail(breaker, time, 3)
    time.passed_s += 10.0
    await ask(breaker)


@pytest.mark.parametrize(("after_s", "rests"), [(TIMEOUT_S, True), (0.5, False)], ids=["its-time-was-up", "at-once"])
async def test_a_call_ended_from_outside_counts_when_its_time_was_up(
    breaker: Breaker, time: Time, *, after_s: float, rests: bool
) -> None:
    for _ in range(3):
        hung = asyncio.create_task(hang(breaker))
        await asyncio.sleep(0)
        time.passed_s += after_s
        hung.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hung
    assert (breaker.state.resting is not None) is rests


async def test_a_probe_that_is_called_off_leaves_the_question_to_the_next_call(breaker: Breaker, time: Time) -> None:
    await fail(breaker, time, 3)
    time.passed_s += 10.0
    probe = asyncio.create_task(hang(breaker))
    await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    await ask(breaker)
    assert breaker.state.resting is None


async def test_no_more_calls_than_allowed_are_at_work_and_the_others_take_their_turn(breaker: Breaker) -> None:
    at_work = most = 0

    async def work() -> None:
        nonlocal at_work, most
        async with breaker.call():
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0.001)
            at_work -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == LIMITS.calls
    assert (breaker.state.at_work, breaker.state.waiting) == (0, 0)


async def test_who_waits_for_a_place_too_long_is_told_that_the_system_was_not_asked() -> None:
    breaker = Breaker("Jira", timeout_s=0.05, limits=LIMITS)
    hung = [asyncio.create_task(hang(breaker)) for _ in range(LIMITS.calls)]
    await asyncio.sleep(0)
    with pytest.raises(ToolUnavailableError, match="Jira was not asked: 2 calls to it are at work"):
        await ask(breaker)
    for one in hung:
        one.cancel()
    await asyncio.gather(*hung, return_exceptions=True)
    await ask(breaker)


async def test_who_waited_for_a_place_while_the_system_went_down_is_not_sent_after_the_others(
    breaker: Breaker, time: Time
) -> None:
    errors: list[Callable[[], None]] = []
    holders = [asyncio.create_task(fail_when_told(breaker, errors)) for _ in range(LIMITS.calls)]
    await asyncio.sleep(0)
    late = [asyncio.create_task(ask(breaker, ToolUnavailableError("asked after all"))) for _ in range(3)]
    await asyncio.sleep(0)
    time.passed_s += TIMEOUT_S
    for tell in errors:
        tell()
    await asyncio.gather(*holders, return_exceptions=True)
    ended = await asyncio.gather(*late, return_exceptions=True)
    told = [type(error).__name__ for error in ended]
    assert told.count("ToolRestingError") == 2


async def hang(breaker: Breaker) -> None:
    async with breaker.call():
        await asyncio.Event().wait()


async def fail_when_told(breaker: Breaker, tell: list[Callable[[], None]]) -> None:
    told = asyncio.Event()
    tell.append(told.set)
    async with breaker.call():
        await told.wait()
        raise ToolUnavailableError("down")
