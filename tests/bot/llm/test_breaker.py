"""The model behind a breaker and with few places: a real server that hangs, refuses and comes back."""

import asyncio
from collections.abc import AsyncGenerator
from importlib import import_module
from time import perf_counter
from typing import Any

import pytest

from bot.clients.breaker import Breaker, BreakerLimits
from bot.health import model_probe
from bot.llm.client import ModelAccess, ModelClient, is_silence
from bot.llm.reranking import ModelReranker
from bot.settings import Settings
from bot.sources import build_reranker
from tests.bot.llm.conftest import FakeModel, answers, fails, sleeps
from tests.bot.llm.test_reranking import HITS
from tools.deps import Reranking

TIMEOUT_S = 0.8
REST_S = 0.5
LIMITS = BreakerLimits(calls=2, failures=3, over_s=0.0, rest_s=REST_S, longest_rest_s=REST_S, queue_share=0.25)
ORDER = answers('{"order": [2, 1, 3]}')


@pytest.fixture
async def reranker(model: FakeModel) -> AsyncGenerator[ModelReranker]:
    async with Opened(model.url) as made:
        model.script = [ORDER]
        for _ in range(10):  # the first question waits for the library
            if (await ask(made)).by == "small":
                break
        model.asked.clear()
        yield made


class Opened:
    def __init__(self, url: str) -> None:
        access = ModelAccess(api_key="k-1", base_url=url, model="small", max_retries=0, backoff_s=0.01)
        breaker = Breaker("the model small", timeout_s=TIMEOUT_S, limits=LIMITS, counts=is_silence)
        self._made = ModelReranker("llm", ModelClient(access, breaker=breaker), timeout_s=TIMEOUT_S)

    async def __aenter__(self) -> ModelReranker:
        return self._made

    async def __aexit__(self, *_: object) -> None:
        await self._made.close()


async def ask(reranker: ModelReranker) -> Reranking:
    return await reranker.rerank("why?", HITS)


async def test_a_model_that_hangs_is_soon_not_waited_for_and_the_result_says_so(
    model: FakeModel, reranker: ModelReranker
) -> None:
    model.script = [sleeps(2.0)]
    for _ in range(LIMITS.failures):
        assert (await ask(reranker)).fallback_reason == "small did not answer within 0.8 s"
    asked, began = len(model.asked), perf_counter()
    found = await ask(reranker)
    assert perf_counter() - began < TIMEOUT_S
    assert len(model.asked) == asked
    assert (found.order, found.by) == ((0, 1, 2), None)
    assert found.fallback_reason is not None
    assert found.fallback_reason.startswith("the model was not asked: the model small has not answered 3 times since ")
    assert ", asked again at " in found.fallback_reason


async def test_health_tells_of_a_model_that_rests_and_of_one_that_is_back(
    model: FakeModel, reranker: ModelReranker
) -> None:
    probe = model_probe(reranker)
    assert (await probe()).model_dump() == {"status": "ok", "detail": f"small at {model.url}"}
    model.script = [fails(503)]
    for _ in range(LIMITS.failures):
        await ask(reranker)
    part = await probe()
    assert part.status == "failed"
    assert "the last time: small answered 503" in part.detail
    model.script = [ORDER]
    await asyncio.sleep(REST_S)
    assert (await ask(reranker)).by == "small"
    assert (await probe()).status == "ok"


async def test_one_question_finds_out_whether_the_model_is_back(model: FakeModel, reranker: ModelReranker) -> None:
    model.script = [fails(503)]
    for _ in range(LIMITS.failures):
        await ask(reranker)
    await asyncio.sleep(REST_S)
    model.asked.clear()
    found = await asyncio.gather(*(ask(reranker) for _ in range(10)))
    assert len(model.asked) == 1
    assert sum("was not asked" in (one.fallback_reason or "") for one in found) == 9


@pytest.mark.parametrize("reply", [fails(401), fails(400), answers("no JSON"), answers('{"order": [1]}')])
async def test_an_answer_that_is_of_no_use_is_no_silence(model: FakeModel, reranker: ModelReranker, reply: Any) -> None:
    model.script = [reply]
    for _ in range(LIMITS.failures + 2):
        found = await ask(reranker)
        assert "was not asked" not in (found.fallback_reason or "")
    assert len(model.asked) == LIMITS.failures + 2


async def test_a_server_that_is_not_there_counts(unused_url: str) -> None:
    await asyncio.to_thread(import_module, "openai")  # which takes longer than a question may
    async with Opened(unused_url) as reranker:
        for _ in range(LIMITS.failures):
            assert "cannot be asked" in ((await ask(reranker)).fallback_reason or "")
        assert "was not asked" in ((await ask(reranker)).fallback_reason or "")


@pytest.fixture
async def unused_url() -> str:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return f"http://127.0.0.1:{port}/v1"


async def test_no_more_questions_than_allowed_are_out_at_once_and_who_finds_no_place_does_not_wait_long(
    model: FakeModel, reranker: ModelReranker
) -> None:
    model.script = [sleeps(0.6)]
    found = await asyncio.gather(*(ask(reranker) for _ in range(6)))
    assert len(model.asked) == LIMITS.calls
    refused = [one for one in found if "no place came free" in (one.fallback_reason or "")]
    assert len(refused) == 6 - LIMITS.calls
    assert all(one.order == (0, 1, 2) for one in found)


async def test_the_whole_stays_within_its_time_though_it_waited_for_a_place(
    model: FakeModel, reranker: ModelReranker
) -> None:
    model.script = [sleeps(0.1), sleeps(0.1), sleeps(2.0)]
    began = perf_counter()
    await asyncio.gather(*(ask(reranker) for _ in range(4)))
    assert perf_counter() - began < 1.9  # the last one is called off


def test_the_program_s_own_model_has_one_and_without_a_key_says_why_not() -> None:
    without = build_reranker(Settings())
    assert without.client is None
    assert without.closed_because == "OPENAI_API_KEY is not set"
    reranker = build_reranker(Settings.model_validate({"OPENAI_API_KEY": "k-1"}))
    assert reranker.client is not None
    breaker = reranker.client.breaker
    assert breaker is not None
    assert (breaker.system, breaker.timeout_s) == ("the model gpt-4o-mini", 8.0)


async def test_health_says_why_no_model_is_asked() -> None:
    part = await model_probe(ModelReranker("deterministic", None, timeout_s=1.0))()
    assert part.status == "closed"
    assert "ORCHESTRATOR_RAG_RERANK_MODE" in part.detail
