import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

import pytest
import structlog

from core.base import Json, JsonObject, Model
from core.errors import ToolBrokenError, ToolError, ToolRefusedError, ToolUnavailableError
from core.evidence import (
    KnowledgeHits,
    LogLine,
    LogLines,
    MetricSeries,
    MetricsWindow,
    Output,
    Priority,
    SearchHit,
    Summary,
)
from core.plan import ToolCall
from core.report import Citation
from core.result import CallStatus, ToolResult
from tests.tools.fakes import sources
from tools.deps import Sources
from tools.registry import CallLimits, Registry
from tools.spec import TimeLimit, ToolSpec

FAST = CallLimits(timeout_s=0.05, company_timeout_s=0.05, max_retries=2, backoff_s=0.001)


class Ask(Model):
    question: str
    times: int = 1


def spec(
    run: Callable[[Ask], Awaitable[Summary]], *, retries: bool = True, time_limit: TimeLimit = TimeLimit.COMPANY
) -> ToolSpec[Ask, Summary]:
    async def with_sources(args: Ask, _sources: Sources) -> Summary:
        return await run(args)

    def cite(output: Summary) -> tuple[Citation, ...]:
        return (Citation(citation_id="a", citation_source="a", locator="a:1", quote=output.summary),)

    return ToolSpec(
        name="ask",
        description="Answers a question.",
        input_type=Ask,
        output_type=Summary,
        run=with_sources,
        cite=cite,
        status=lambda output: CallStatus.OK if output.summary else CallStatus.EMPTY,
        retries=retries,
        time_limit=time_limit,
    )


async def call(tool: ToolSpec[Ask, Summary], arguments: JsonObject | None = None) -> ToolResult:
    given: JsonObject = {"question": "why?"} if arguments is None else arguments
    return await Registry([tool], sources(), FAST).call(ToolCall(tool="ask", arguments=given))


async def echo(args: Ask) -> Summary:
    return Summary(summary=args.question)


def failing(error: Exception, times: int) -> tuple[Callable[[Ask], Awaitable[Summary]], list[int]]:
    """A tool that raises the error so many times and then answers, and the list that grows with each run."""
    runs: list[int] = []

    async def run(args: Ask) -> Summary:
        runs.append(len(runs) + 1)
        if len(runs) <= times:
            raise error
        return Summary(summary=args.question)

    return run, runs


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


async def test_an_answer_comes_back_with_its_citations_and_one_attempt() -> None:
    result = await call(spec(echo))
    assert result.status is CallStatus.OK
    assert result.output == Summary(summary="why?")
    assert [citation.quote for citation in result.citations] == ["why?"]
    assert result.attempts == 1
    assert result.duration_ms > 0
    assert result.error is None
    assert result.arguments == {"question": "why?"}


async def test_an_empty_answer_is_not_a_failure() -> None:
    result = await call(spec(echo), {"question": ""})
    assert result.status is CallStatus.EMPTY
    assert result.error is None


async def test_an_unknown_tool_is_refused_with_the_tools_that_exist() -> None:
    result = await Registry([spec(echo)], sources(), FAST).call(ToolCall(tool="aks"))
    assert result.status is CallStatus.REFUSED
    assert result.attempts == 0
    assert result.error is not None
    assert result.error.kind == "refused"
    assert result.error.message == "there is no tool 'aks'; the tools are ask"


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        ({}, ["argument question is missing"]),
        ({"question": "a", "foo": 1}, ["unknown argument foo"]),
        ({"foo": 1, "bar": 2}, ["argument question is missing", "unknown argument foo", "unknown argument bar"]),
        ({"question": 5}, ["argument question must be a valid string (was 5)"]),
        ({"question": "a", "times": "2"}, ['argument times must be a valid integer (was "2")']),
        ({"question": None}, ["argument question must be a valid string (was null)"]),
        ({"question": "\ud800"}, ["a lone surrogate"]),
        ({"question": ["a" * 500]}, ["…"]),
    ],
)
async def test_arguments_that_do_not_fit_are_refused_by_name_before_the_tool_runs(
    arguments: JsonObject, faults: list[str]
) -> None:
    result = await call(spec(echo), arguments)
    assert result.status is CallStatus.REFUSED
    assert result.attempts == 0
    assert result.error is not None
    assert result.error.kind == "refused"
    assert result.error.message.startswith("ask: ")
    assert result.error.message.endswith(". It takes question, times (optional)")
    assert len(result.error.message) < 300
    for fault in faults:
        assert fault in result.error.message


async def test_an_unavailable_system_is_asked_again_and_the_attempts_are_counted() -> None:
    run, runs = failing(ToolUnavailableError("metrics answered 503"), times=1)
    result = await call(spec(run))
    assert result.status is CallStatus.OK
    assert result.attempts == 2
    assert runs == [1, 2]


async def test_a_system_that_stays_away_fails_with_its_own_words() -> None:
    run, runs = failing(ToolUnavailableError("metrics answered 503"), times=99)
    result = await call(spec(run))
    assert result.status is CallStatus.FAILED
    assert result.error is not None
    assert (result.error.kind, result.error.message) == ("unavailable", "metrics answered 503")
    assert result.attempts == len(runs) == 3


async def test_a_tool_that_does_not_retry_runs_once() -> None:
    run, _ = failing(ToolUnavailableError("away"), times=1)
    result = await call(spec(run, retries=False))
    assert result.status is CallStatus.FAILED
    assert result.attempts == 1


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (ToolBrokenError("no JSON"), CallStatus.FAILED, "broken"),
        (ToolError("odd"), CallStatus.FAILED, "broken"),
        (ToolRefusedError("too much"), CallStatus.REFUSED, "refused"),
    ],
)
async def test_what_trying_again_cannot_mend_is_not_tried_again(
    error: Exception, status: CallStatus, kind: str
) -> None:
    run, _ = failing(error, times=1)
    result = await call(spec(run))
    assert result.status is status
    assert result.error is not None
    assert (result.error.kind, result.error.message) == (kind, str(error))
    assert result.attempts == 1


@pytest.mark.parametrize("time_limit", TimeLimit)
async def test_every_attempt_has_its_own_time_out(time_limit: TimeLimit) -> None:
    async def sleep(_args: Ask) -> Summary:
        await asyncio.sleep(30)
        return Summary(summary="late")

    limits = CallLimits(
        timeout_s=0.01 if time_limit is TimeLimit.TEXT else 30,
        company_timeout_s=0.01 if time_limit is TimeLimit.COMPANY else 30,
        max_retries=2,
        backoff_s=0.001,
    )
    registry = Registry([spec(sleep, time_limit=time_limit)], sources(), limits)
    result = await registry.call(ToolCall(tool="ask", arguments={"question": "a"}))
    assert result.status is CallStatus.FAILED
    assert result.error is not None
    assert result.error.kind == "timeout"
    assert "within 0.01 s" in result.error.message
    assert result.attempts == 3
    assert 30 <= result.duration_ms < 5_000


async def test_a_time_out_followed_by_an_answer_is_an_answer() -> None:
    runs: list[int] = []

    async def slow_once(args: Ask) -> Summary:
        runs.append(1)
        if len(runs) == 1:
            await asyncio.sleep(30)
        return Summary(summary=args.question)

    result = await call(spec(slow_once))
    assert result.status is CallStatus.OK
    assert result.attempts == 2


async def test_an_output_of_the_wrong_type_is_broken() -> None:
    async def lie(_args: Ask) -> Summary:
        return Priority(priority="P1", reasons=())  # pyright: ignore[reportReturnType] - the defect under test

    result = await call(spec(lie))
    assert result.status is CallStatus.FAILED
    assert result.error is not None
    assert (result.error.kind, result.error.message) == ("broken", "ask brought Priority where Summary was promised")
    assert result.output is None


async def test_an_output_built_around_its_own_checks_is_broken() -> None:
    async def construct(_args: Ask) -> Summary:
        return Summary.model_construct(summary=5)

    result = await call(spec(construct))
    assert result.error is not None
    assert result.error.kind == "broken"
    assert "summary: Input should be a valid string" in result.error.message


async def test_an_output_that_cannot_be_stored_is_broken() -> None:
    async def half_a_pair(_args: Ask) -> Summary:
        return Summary(summary="\ud800")

    result = await call(spec(half_a_pair))
    assert result.error is not None
    assert (result.error.kind, result.attempts) == ("broken", 1)


NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def hits(score: float) -> KnowledgeHits:
    hit = SearchHit(
        source_id="a", snippet="s", score=score, metadata={}, citation_id="a", citation_source="a", locator="a:1"
    )
    return KnowledgeHits(query="q", hits=(hit,), confidence=0.5, recommend_fallback=False, fallback_reason=None)


def logs(fields: JsonObject) -> LogLines:
    line = LogLine(timestamp=NOON, level="info", message="null", fields=fields)
    return LogLines(service="api", start_time=NOON, end_time=NOON, pattern=None, lines=(line,), truncated=False)


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    return value


def metrics(*values: float | None) -> MetricsWindow:
    series = MetricSeries(metric="errors", labels={}, values=values)
    return MetricsWindow(service="api", start_time=NOON, end_time=NOON, step_s=60, series=(series,))


async def bring(output: Output) -> ToolResult:
    async def run(_args: Ask, _sources: Sources) -> Output:
        return output

    def cite(_output: Output) -> tuple[Citation, ...]:
        return ()

    tool = ToolSpec(
        name="ask",
        description="Brings a value.",
        input_type=Ask,
        output_type=type(output),
        run=run,
        cite=cite,
        status=lambda _: CallStatus.OK,
        retries=False,
        time_limit=TimeLimit.COMPANY,
    )
    return await Registry([tool], sources(), FAST).call(ToolCall(tool="ask", arguments={"question": "why?"}))


@pytest.mark.parametrize(
    ("output", "place"),
    [
        (hits(float("nan")), "hits.0.score: Input should be a valid number"),
        (hits(0.5).model_copy(update={"hits": ("no hit",)}), "hits.0: Input should be an object"),
        (hits(0.5).model_copy(update={"query": None}), "query: Input should be a valid string"),
        (metrics(float("inf")).model_copy(update={"step_s": None}), "step_s: Input should be a valid integer"),
        (
            hits(0.5).model_copy(update={"hits": (hits(0.5).hits[0].model_copy(update={"locator": None}),)}),
            "hits.0.locator: Input should be a valid string",
        ),
        (hits(0.5).model_copy(update={"confidence": 1.5}), "confidence: Input should be less than or equal to 1"),
        (logs({"deep": nested(230)}), "recursion limit exceeded"),
        (logs({"deep": "\ud800"}), "a value that JSON cannot hold"),
    ],
)
async def test_an_output_that_would_not_read_back_is_broken(output: Output, place: str) -> None:
    result = await bring(output)
    assert result.error is not None
    assert result.error.kind == "broken"
    assert place in result.error.message


@pytest.mark.parametrize(
    "output", [hits(0.5), metrics(1.0, None, 2.5), logs({"a": None, "b": [1, "null", {"c": 0.5}], "d": nested(100)})]
)
async def test_an_output_reads_back_from_storage_as_it_came(output: Output) -> None:
    result = await bring(output)
    assert result.output == output
    assert ToolResult.model_validate_json(result.model_dump_json()) == result


async def test_a_defect_in_a_tool_becomes_data_and_its_traceback_goes_to_the_log_alone() -> None:
    run, _ = failing(KeyError("hunter2"), times=99)
    with structlog.testing.capture_logs() as logs:
        result = await call(spec(run))
    assert result.status is CallStatus.FAILED
    assert result.error is not None
    assert result.error.kind == "internal"
    assert "hunter2" not in result.error.message
    assert "KeyError" in result.error.message
    assert result.attempts == 1
    assert [(entry["event"], entry["tool"], entry["exc_info"]) for entry in logs] == [("tool.crashed", "ask", True)]


async def test_a_cancellation_goes_through() -> None:
    started = asyncio.Event()

    async def hang(_args: Ask) -> Summary:
        started.set()
        await asyncio.sleep(30)
        return Summary(summary="")

    slow = CallLimits(company_timeout_s=30)
    registry = Registry([spec(hang)], sources(), slow)
    running = asyncio.create_task(registry.call(ToolCall(tool="ask", arguments={"question": "a"})))
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_calls_run_side_by_side_and_keep_their_own_counts() -> None:
    waiting = 0
    all_in = asyncio.Event()

    async def meet(args: Ask) -> Summary:
        nonlocal waiting
        if args.question.startswith("bad"):
            raise ToolUnavailableError(args.question)
        waiting += 1
        if waiting == 5:
            all_in.set()
        await all_in.wait()
        return Summary(summary=args.question)

    registry = Registry([spec(meet)], sources(), CallLimits(company_timeout_s=5, max_retries=1, backoff_s=0.001))
    questions = ["0", "1", "bad 2", "3", "4", "5"]
    results = await asyncio.gather(
        *(registry.call(ToolCall(tool="ask", arguments={"question": question})) for question in questions)
    )
    assert [result.arguments["question"] for result in results] == questions
    assert [result.attempts for result in results] == [1, 1, 2, 1, 1, 1]
    assert [result.status.answered for result in results] == [True, True, False, True, True, True]


def test_two_tools_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="listed twice: ask"):
        Registry([spec(echo), spec(echo)], sources(), FAST)


def test_a_description_carries_both_schemas() -> None:
    (description,) = Registry([spec(echo)], sources(), FAST).describe()
    assert description.name == "ask"
    assert description.input_schema["required"] == ["question"]
    assert description.input_schema["additionalProperties"] is False
    assert description.output_schema["properties"] == {"summary": {"title": "Summary", "type": "string"}}
