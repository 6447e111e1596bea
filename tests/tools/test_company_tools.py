from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

import pytest

from core.base import JsonObject
from core.evidence import IssueHits, LogLine, MetricsWindow, TicketList
from core.plan import ToolCall
from core.report import Citation
from core.result import CallStatus, ToolResult
from tests.tools.fakes import (
    AT,
    FakeIssues,
    FakeKnowledge,
    FakeLogs,
    FakeMetrics,
    FakeReferences,
    FakeTickets,
    hit,
    sources,
    ticket,
)
from tools.catalog import TOOLS
from tools.citing import MAX_CITATIONS, MAX_LINE_CITATIONS, MAX_QUOTED_SAMPLES
from tools.deps import Sources
from tools.log_patterns import check_pattern
from tools.registry import CallLimits, Registry


@runtime_checkable
class Backed(Protocol):
    def supports(self, citation: Citation) -> bool: ...


WINDOW: JsonObject = {
    "service": "ledger",
    "start_time": "2026-02-14T10:00:00Z",
    "end_time": "2026-02-14T10:30:00Z",
}


def minutes(count: int, value: float = 1.0) -> dict[datetime, float]:
    return {AT + timedelta(minutes=minute): value for minute in range(count)}


def lines(count: int, message: str = "timeout calling bank") -> list[LogLine]:
    return [
        LogLine(timestamp=AT + timedelta(seconds=second), level="error", message=f"{message} {second}", fields={})
        for second in range(count)
    ]


FULL = sources(
    metrics=FakeMetrics({"ledger": {"error_rate": minutes(10), "latency_ms": {AT: 5.0}}}),
    logs=FakeLogs({"ledger": lines(30)}),
    tickets=FakeTickets([ticket("PAY-1", "Bank timeout", severity="P1"), ticket("OPS-2", "Disk full")]),
    references=FakeReferences({"policy_v9": "Escalate a P1 within 5 minutes.\n\nRoll back at 3 %.", "gone": None}),
    knowledge=FakeKnowledge([hit("runbook", "restart the bank connector", service="ledger")]),
    issues=FakeIssues([hit("PAY-1", "bank timeout", project="PAY"), hit("PAY-2", "bank closed", project="PAY")]),
)


async def ask(tool: str, arguments: JsonObject, world: Sources = FULL) -> ToolResult:
    limits = CallLimits(company_timeout_s=5, max_retries=0, backoff_s=0.001)
    return await Registry(TOOLS, world, limits).call(ToolCall(tool=tool, arguments=arguments))


def refusal(result: ToolResult) -> str:
    assert result.status is CallStatus.REFUSED
    assert result.error is not None
    assert result.error.kind == "refused"
    return result.error.message


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("fetch_company_reference", {"source": "policy_v9"}),
        ("jira_search_tickets", {}),
        ("metrics_query", WINDOW),
        ("logs_search", WINDOW),
        ("search_incident_knowledge", {"query": "bank"}),
        ("search_previous_issues", {"query": "bank"}),
    ],
)
async def test_every_citation_of_a_company_tool_is_backed_by_its_output(tool: str, arguments: JsonObject) -> None:
    result = await ask(tool, arguments)
    assert result.status is CallStatus.OK
    assert result.citations
    assert isinstance(result.output, Backed)
    for citation in result.citations:
        assert result.output.supports(citation)
    assert len({citation.citation_id for citation in result.citations}) == len(result.citations)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("fetch_company_reference", {"source": "policy_v9", "query": "unicorn"}),
        ("jira_search_tickets", {"text": "unicorn"}),
        ("metrics_query", WINDOW | {"service": "unicorn"}),
        ("logs_search", WINDOW | {"pattern": "unicorn"}),
        ("search_incident_knowledge", {"query": "unicorn"}),
        ("search_previous_issues", {"query": "unicorn"}),
    ],
)
async def test_finding_nothing_is_empty_and_cites_nothing(tool: str, arguments: JsonObject) -> None:
    result = await ask(tool, arguments)
    assert result.status is CallStatus.EMPTY
    assert result.citations == ()
    assert result.error is None


async def test_an_unknown_source_is_refused_with_the_sources_that_exist() -> None:
    result = await ask("fetch_company_reference", {"source": "policy_v3"})
    assert "'policy_v3'; the sources are policy_v9, gone" in refusal(result)


async def test_a_source_whose_file_is_missing_is_broken_not_refused() -> None:
    result = await ask("fetch_company_reference", {"source": "gone"})
    assert result.status is CallStatus.FAILED
    assert result.error is not None
    assert result.error.kind == "broken"


@pytest.mark.parametrize("max_chars", [199, 40_001, 0, -1])
async def test_the_length_of_an_excerpt_is_bounded(max_chars: int) -> None:
    result = await ask("fetch_company_reference", {"source": "policy_v9", "max_chars": max_chars})
    assert "argument max_chars must be" in refusal(result)


async def test_filters_reach_the_tracker() -> None:
    result = await ask(
        "jira_search_tickets", {"project_key": "PAY", "status": "open", "severity": "P1", "text": "bank"}
    )
    assert isinstance(result.output, TicketList)
    assert [item.key for item in result.output.tickets] == ["PAY-1"]
    assert result.citations[0].locator == "https://jira.example/browse/PAY-1"


async def test_more_tickets_than_the_tracker_gives_is_partial() -> None:
    world = sources(tickets=FakeTickets([ticket(f"OPS-{number}", "x") for number in range(60)]))
    result = await ask("jira_search_tickets", {}, world)
    assert result.status is CallStatus.PARTIAL
    assert len(result.citations) == MAX_CITATIONS


async def test_more_lines_than_the_limit_is_partial_and_a_few_are_cited() -> None:
    result = await ask("logs_search", WINDOW, sources(logs=FakeLogs({"ledger": lines(30)}, limit=25)))
    assert result.status is CallStatus.PARTIAL
    assert len(result.citations) == MAX_LINE_CITATIONS


async def test_lines_of_the_same_second_keep_citations_of_their_own() -> None:
    twins = [LogLine(timestamp=AT, level="info", message=f"line {number}", fields={}) for number in range(3)]
    silent = LogLine(timestamp=AT, level="info", message="", fields={"code": 1})
    result = await ask("logs_search", WINDOW, sources(logs=FakeLogs({"ledger": [silent, *twins]})))
    assert [citation.quote for citation in result.citations] == ["line 0", "line 1", "line 2"]
    assert len({citation.citation_id for citation in result.citations}) == 3


async def test_series_with_gaps_are_ok_and_a_long_one_is_cited_to_a_bounded_sample() -> None:
    sparse = {AT + timedelta(minutes=minute): float(minute) for minute in range(0, 180, 3)}
    long_window: JsonObject = WINDOW | {"end_time": "2026-02-14T13:00:00Z"}
    result = await ask("metrics_query", long_window, sources(metrics=FakeMetrics({"ledger": {"errors": sparse}})))
    assert result.status is CallStatus.OK
    (citation,) = result.citations
    assert citation.quote.count("=") == MAX_QUOTED_SAMPLES
    assert "2026-02-14T10:00:00Z..2026-02-14T10:27:00Z" in citation.locator
    assert isinstance(result.output, MetricsWindow)
    assert result.output.supports(citation)


@pytest.mark.parametrize("tool", ["metrics_query", "logs_search"])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"end_time": "2026-02-14T09:00:00Z"}, "not after its start 2026-02-14T10:00:00Z: swap them"),
        ({"end_time": "2026-02-14T10:00:00Z"}, "not after its start"),
        ({"end_time": "2026-03-20T10:00:00Z"}, "at most 31 days can be asked: narrow it"),
        ({"start_time": "2026-02-14T10:00:00"}, "argument start_time has no time zone: send ISO 8601 with a zone"),
        ({"start_time": "2026-02-14"}, "argument start_time is not a time: send ISO 8601"),
        ({"start_time": "1771063200"}, "argument start_time is not a time: send ISO 8601"),
        ({"start_time": 1771063200}, "argument start_time is not a time: send ISO 8601"),
        ({"start_time": "yesterday"}, "argument start_time is not a time: send ISO 8601 with a zone, such as"),
        ({"start_time": "2026-02-30T10:00:00Z"}, "argument start_time is not a time"),
        ({"start_time": None}, "argument start_time is not a time"),
        ({"service": ""}, "argument service is empty"),
        ({"service": "x" * 201}, "argument service has 201 characters; at most 200 are taken"),
        ({"step": 60}, "unknown argument step"),
    ],
)
async def test_a_window_that_cannot_be_asked_is_refused_with_what_to_send(
    tool: str, change: JsonObject, says: str
) -> None:
    result = await ask(tool, WINDOW | change)
    assert says in refusal(result)
    assert result.attempts == 0


async def test_missing_arguments_are_all_named() -> None:
    message = refusal(await ask("metrics_query", {"service": "ledger", "foo": 1}))
    assert message == (
        "metrics_query: argument start_time is missing; argument end_time is missing; unknown argument foo. "
        "It takes service, start_time, end_time"
    )


async def test_offsets_are_taken_as_the_moments_they_are() -> None:
    shifted: JsonObject = WINDOW | {"start_time": "2026-02-14T11:00:00+01:00", "end_time": "2026-02-14 11:30+0100"}
    result = await ask("metrics_query", shifted)
    assert isinstance(result.output, MetricsWindow)
    assert result.output.start_time == AT
    assert result.output.end_time == datetime(2026, 2, 14, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tool", "start", "end"),
    [
        ("search_incident_knowledge", "time_start", "time_end"),
        ("search_previous_issues", "created_from", "created_to"),
        ("search_previous_issues", "opened_from", "opened_to"),
    ],
)
async def test_a_search_refuses_times_in_the_wrong_order(tool: str, start: str, end: str) -> None:
    result = await ask(tool, {"query": "bank", start: "2026-02-02T00:00:00Z", end: "2026-02-01T00:00:00Z"})
    assert f"{end} 2026-02-01T00:00:00Z lies before {start} 2026-02-02T00:00:00Z" in refusal(result)
    years = await ask(tool, {"query": "bank", start: "2020-02-02T00:00:00Z", end: "2026-02-01T00:00:00Z"})
    assert years.status is CallStatus.OK


async def test_asking_for_a_model_without_one_still_answers() -> None:
    result = await ask("search_previous_issues", {"query": "bank", "use_llm_rerank": True})
    assert isinstance(result.output, IssueHits)
    assert result.output.reranked_by is None
    assert len(result.output.hits) == 2


async def test_relaxed_filters_are_told() -> None:
    result = await ask("search_previous_issues", {"query": "bank", "project": "NOPE", "top_k": 1})
    assert isinstance(result.output, IssueHits)
    assert result.output.relaxed_filters == ("project",)
    assert len(result.output.hits) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"query": ""}, "argument query is empty"),
        ({"query": "a", "top_k": 0}, "argument top_k must be greater than or equal to 1"),
        ({"query": "a", "top_k": 51}, "argument top_k must be less than or equal to 50"),
        ({"query": "a", "max_snippet_chars": 1}, "argument max_snippet_chars"),
        ({"query": "a", "created_from": "2026-02-01"}, "argument created_from is not a time"),
        ({"query": "a", "index_path": "a\x00b"}, "argument index_path"),
        ({"query": "a", "use_llm_rerank": "yes"}, "argument use_llm_rerank must be a valid boolean"),
    ],
)
async def test_a_search_refuses_what_it_cannot_take(arguments: JsonObject, says: str) -> None:
    assert says in refusal(await ask("search_previous_issues", arguments))


@pytest.mark.parametrize(
    "pattern",
    [
        "timeout",
        "(?i)TIMEOUT.*bank",
        r"\btimeout\b|refused",
        "(?P<code>5[0-9]{2})",
        "(?:a|b)+?c{2,5}",
        r"[[:alpha:]]+ \d+",
        r"[*+]+\++",
        "[(?=]",
        r"\(\?=",
        "}+",
        "[[]&&",
    ],
)
def test_patterns_of_re2_are_taken(pattern: str) -> None:
    assert check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "argument pattern is empty"),
        ("a" * 501, "argument pattern has 501 characters; at most 500 are taken"),
        ("(open", "is not a regular expression in RE2 syntax (missing ), unterminated subpattern)"),
        ("*a", "nothing to repeat"),
        ("[z-a]", "bad character range"),
        ("(?=a)b", "a look-ahead (?=…), which RE2 does not know"),
        ("(?!a)b", "a look-ahead (?!…)"),
        ("(?<=a)b", "a look-behind (?<=…)"),
        ("(?<!a)b", "a look-behind (?<!…)"),
        (r"(a)\1", r"has \1, which RE2 does not know"),
        ("(?P<x>a)(?P=x)", "a back-reference (?P=…)"),
        ("(?>a)b", "an atomic group"),
        ("(a)?(?(1)b|c)", "a condition"),
        ("a++b", "the possessive ++, which RE2 does not know: use +"),
        ("a{2}+b", "the possessive {2}+"),
        ("a{1001}", "repeats 1001 times; RE2 takes at most 1,000"),
        ("a{1,5000}", "repeats 5000 times"),
        (r"end\Z", "use $"),
        ("(" * 250 + ")" * 250, None),
        ("a{99999999999999999999}", "repeats"),
    ],
)
async def test_patterns_that_re2_does_not_know_are_refused_with_the_reason(pattern: str, says: str | None) -> None:
    result = await ask("logs_search", WINDOW | {"pattern": pattern})
    if says is None:
        assert result.error is None or result.error.kind == "refused"
    else:
        assert says in refusal(result)
