import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company_details.company_sim.mock_systems.logs.app import create_app
from company_details.company_sim.mock_systems.logs.logql import LineFilter, parse_query
from company_details.company_sim.mock_systems.selectors import SelectorError
from tests.company_details.mock_systems.conftest import LOGS, Serve

START_NS = 1_771_063_200_000_000_000
SECOND_NS = 1_000_000_000
WINDOW = {"start": "2026-02-14T10:00:00Z", "end": "2026-02-14T10:00:10Z"}


async def search(logs: httpx.AsyncClient, query: str, **params: Any) -> list[tuple[int, str]]:
    """Seconds since the start and message of each line, in the order of the streams."""
    answer = await logs.get("/loki/api/v1/query_range", params={"query": query} | WINDOW | params)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert data["resultType"] == "streams"
    return [
        ((int(time_ns) - START_NS) // SECOND_NS, json.loads(line)["message"])
        for stream in data["result"]
        for time_ns, line in stream["values"]
    ]


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ('{service="checkout"}', {"cart opened", "timeout after 30ms", "timeout after 99ms"}),
        ('{service=~"check.*", level!="info"}', {"timeout after 30ms", "timeout after 99ms"}),
        ('{level=~"info|error"} |= "after"', {"timeout after 30ms", "timeout after 99ms"}),
        ('{level="error"} != "after"', {'said "no" twice'}),
        ('{level="error"} |~ "after \\\\d+ms" !~ `9{2}`', {"timeout after 30ms"}),
        ('{level="error"} |~ `(?i)TIMEOUT` != "30"', {"timeout after 99ms"}),
        ('{level="error"} |= `\\"no\\"`', {'said "no" twice'}),
        ('{service="checkout"} |= "user"', {"cart opened"}),
        ('{service="nobody"}', set[str]()),
    ],
)
async def test_queries_find_lines(logs: httpx.AsyncClient, query: str, messages: set[str]) -> None:
    assert {message for _, message in await search(logs, query)} == messages


async def test_a_line_is_the_json_of_the_file_and_its_stream_is_service_and_level(logs: httpx.AsyncClient) -> None:
    answer = await logs.get("/loki/api/v1/query_range", params={"query": '{level="info"}'} | WINDOW)
    assert answer.json() == {
        "status": "success",
        "data": {
            "resultType": "streams",
            "result": [
                {"stream": {"service": "checkout", "level": "info"}, "values": [[str(START_NS), json.dumps(LOGS[0])]]}
            ],
            "stats": {},
        },
    }


async def test_the_limit_counts_over_all_streams_from_the_end_that_is_asked_for(logs: httpx.AsyncClient) -> None:
    every = '{service=~".+"}'
    assert sorted(await search(logs, every, limit=2)) == [(2, 'said "no" twice'), (3, "timeout after 99ms")]
    assert await search(logs, every, limit=1, direction="forward") == [(0, "cart opened")]
    error = '{service="checkout",level="error"}'
    assert [at for at, _ in await search(logs, error)] == [3, 1]
    assert [at for at, _ in await search(logs, error, direction="FORWARD")] == [1, 3]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (str(START_NS), str(START_NS + SECOND_NS), 1),
        (str(START_NS), str(START_NS + SECOND_NS + 1), 2),
        ("1771063200", "1771063203.5", 3),
        ("1771063200.0", "1771063203.51", 4),
        ("2026-02-14T11:00:01+01:00", "2026-02-14T10:00:03Z", 2),
    ],
)
async def test_times_may_be_nanoseconds_seconds_or_rfc3339_and_the_end_is_left_out(
    logs: httpx.AsyncClient, start: str, end: str, count: int
) -> None:
    assert len(await search(logs, '{service=~".+"}', start=start, end=end)) == count


async def test_without_times_it_is_the_last_hour(logs: httpx.AsyncClient) -> None:
    answer = await logs.get("/loki/api/v1/query_range", params={"query": '{service=~".+"}'})
    assert answer.json()["data"]["result"] == []


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"query": ""}, "parse error at line 1, col 1: syntax error: unexpected end of input"),
        ({"query": "{"}, "parse error at line 1, col 2: syntax error: unexpected end of input"),
        ({"query": '{service="a"} | json'}, "parse error at line 1, col 15: syntax error: unexpected"),
        ({"query": 'rate({service="a"}[5m])'}, "parse error at line 1, col 1: syntax error: unexpected"),
        ({"query": '{service="a"} |~ "("'}, "parse error at line 1, col 15: error parsing regexp: "),
        ({"query": "{service='a'}"}, "parse error at line 1, col 10: syntax error: unexpected"),
        ({"query": "{}"}, "parse error : queries require at least one regexp or equality matcher"),
        ({"query": '{a=~".*", b!="c"}'}, "parse error : queries require at least one regexp or equality matcher"),
        (
            {"query": '{a="b"}', "limit": 5001},
            "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)",
        ),
        ({"query": '{a="b"}', "limit": 0}, "limit must be a positive value"),
        ({"query": '{a="b"}', "limit": "many"}, 'strconv.ParseInt: parsing "many": invalid syntax'),
        ({"query": '{a="b"}', "direction": "up"}, "invalid direction 'up'"),
        ({"query": '{a="b"}', "start": "soon"}, 'cannot parse "soon" to a valid timestamp'),
        ({"query": '{a="b"}', "start": "2", "end": "1"}, "end timestamp must not be before or equal to start time"),
    ],
)
async def test_what_loki_refuses_is_refused_in_plain_text(
    logs: httpx.AsyncClient, params: dict[str, Any], error: str
) -> None:
    answer = await logs.get("/loki/api/v1/query_range", params=WINDOW | params)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(error)


async def test_forms_labels_values_and_readiness(logs: httpx.AsyncClient) -> None:
    posted = await logs.post("/loki/api/v1/query_range", data={"query": '{level="info"}'} | WINDOW)
    assert len(posted.json()["data"]["result"]) == 1
    labels = (await logs.get("/loki/api/v1/labels")).json()
    assert labels == {"status": "success", "data": ["level", "service"]}
    values = await logs.get("/loki/api/v1/label/service/values", params={"query": '{level="info"}'})
    assert values.json()["data"] == ["checkout"]
    assert (await logs.get("/ready")).text == "ready\n"
    assert (await logs.get("/nothing")).status_code == 404


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1]",
        "{}",
        '{"timestamp": "soon"}',
        '{"timestamp": true}',
        '{"timestamp": null, "message": "x"}',
        '{"timestamp": 1e300}',
        '{"timestamp": NaN}',
        "[" * 100_000,
    ],
)
async def test_a_bad_line_is_counted_and_the_rest_is_served(tmp_path: Path, serve: Serve, line: str) -> None:
    good = json.dumps({"timestamp": "2026-02-14T10:00:00.25Z", "service": "a", "level": "info", "message": "m"})
    (tmp_path / "logs.ndjson.gz").write_bytes(gzip.compress(f"{good}\n\n{line}\n{good}".encode()))
    client = serve(create_app(tmp_path))
    (report,) = (await client.get("/health")).json()["files"]
    assert (report["rows"], report["bad_rows"], len(report["bad_row_examples"])) == (2, 1, 1)
    assert await search(client, '{service="a"}') == [(0, "m"), (0, "m")]


async def test_odd_labels_are_no_obstacle(tmp_path: Path, serve: Serve) -> None:
    lines = [
        '{"timestamp": 60, "message": "bare"}',
        '{"timestamp": 61, "service": 7, "level": ["x"], "message": "odd"}',
        '{"timestamp": 62, "service": "\\ud800", "message": "half a pair"}',
    ]
    (tmp_path / "logs.ndjson").write_text("\n".join(lines))
    client = serve(create_app(tmp_path))
    assert len(await search(client, '{service=~".+"}', start="0", end="100")) == 3


async def test_without_a_file_the_server_is_healthy_and_empty(tmp_path: Path, serve: Serve) -> None:
    client = serve(create_app(tmp_path))
    health = await client.get("/health")
    assert (health.status_code, health.json()["status"], health.json()["streams"]) == (200, "ok", 0)
    assert "logs.ndjson" in health.json()["files"][0]["problem"]
    assert await search(client, '{service="a"}') == []


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["=", "!="]), texts.filter(bool)), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(["|=", "!="]), texts), max_size=3),
)
def test_a_query_survives_being_written_and_read(
    matchers: list[tuple[str, str]], filters: list[tuple[str, str]]
) -> None:
    def go_quote(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    pairs = [("=", "x"), *matchers]
    braces = ", ".join(f"label{op}{go_quote(text)}" for op, text in pairs)
    written = f"{{{braces}}}" + " ".join(f"{op} {go_quote(text)}" for op, text in filters)
    parsed = parse_query(written)
    assert [(one.op, one.value) for one in parsed.matchers] == pairs
    assert [(one.op, one.text) for one in parsed.filters] == filters


@settings(deadline=None)
@given(st.text() | st.text('ab{}=!~"`\\,|# \n', max_size=40))
def test_any_text_is_a_query_or_refused(query: str) -> None:
    try:
        parse_query(query)
    except SelectorError as error:
        assert error.message.startswith("parse error")  # noqa: PT017 - most texts are refused, and some are not


@settings(deadline=None, max_examples=500)
@given(
    st.lists(
        st.sampled_from([*"abAB|()[]^-.*?+{}2 ", r"\b", r"\w", r"\s", r"\W", r"\\", "[a-z]", "[!-a]", "(?:", "(?-i:"]),
        max_size=8,
    ).map("".join),
    st.lists(st.text("abAB-.é\u212a \n", max_size=6), min_size=1),
)
def test_a_case_blind_filter_keeps_what_its_expression_finds(expression: str, lines: list[str]) -> None:
    pattern = f"(?i){expression}"
    try:
        parse_query(f'{{a="b"}} |~ `{pattern}`')
    except SelectorError:
        return
    found = [re.search(pattern, line, re.ASCII) is not None for line in lines]
    assert [LineFilter("|~", pattern).keeps(line) for line in lines] == found
    assert [LineFilter("!~", pattern).keeps(line) for line in lines] == [not one for one in found]
