import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clients import loki as loki_module
from bot.clients.loki import MAX_LINES, PAGE_LINES, LokiLogs
from company_details.company_sim.mock_systems.logs.app import create_app
from company_details.company_sim.mock_systems.logs.logql import parse_query
from company_details.company_sim.mock_systems.selectors import Matcher
from core.errors import ToolBrokenError, ToolRefusedError
from core.evidence import LogLines
from core.window import iso
from tests.bot.clients.systems import Recorder, at, client_of, client_to, window, write_lines

NS = 1_000_000_000
T0_NS = int(at(0).timestamp()) * NS


def streams(*found: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "streams", "result": list(found)}}


def row(second: int, message: str, level: str = "info", service: str = "api", **more: object) -> dict[str, object]:
    moment = iso(at(second // 60, second % 60))
    return {"timestamp": moment, "service": service, "level": level, "message": message, **more}


def serve(
    folder: Path, rows: list[dict[str, object]], *, max_lines: int = MAX_LINES, page_lines: int = PAGE_LINES
) -> LokiLogs:
    write_lines(folder / "logs.ndjson", rows)
    return LokiLogs(client_of(create_app, folder), max_lines=max_lines, page_lines=page_lines)


def messages(found: LogLines) -> list[str]:
    return [line.message for line in found.lines]


async def test_lines_of_all_levels_come_in_order_of_time_with_their_fields(tmp_path: Path) -> None:
    rows = [row(5, "b", "ERROR", code=500), row(1, "a"), row(9, "c"), row(3, "other", service="apix")]
    found = await serve(tmp_path, rows).query_range("api", window(), None)
    assert [(line.timestamp, line.level, line.message, line.fields) for line in found.lines] == [
        (at(0, 1), "info", "a", {}),
        (at(0, 5), "error", "b", {"code": 500}),
        (at(0, 9), "info", "c", {}),
    ]
    assert not found.truncated


async def test_both_ends_of_the_window_belong_to_it(tmp_path: Path) -> None:
    rows = [row(59, "before"), row(60, "start"), row(120, "end"), row(121, "after")]
    assert messages(await serve(tmp_path, rows).query_range("api", window(1, 2), None)) == ["start", "end"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (None, ["time out", 'he said "no"', "C:\\temp", "a+b"]),
        ("", ["time out", 'he said "no"', "C:\\temp", "a+b"]),
        ("(?i)TIME ?out", ["time out"]),
        (r"said .{1,2}no", ['he said "no"']),
        (r"C:\\{1,2}temp", ["C:\\temp"]),
        (r"a\+b", ["a+b"]),
        ("nothing", []),
    ],
)
async def test_the_pattern_is_a_regular_expression_on_the_line(
    tmp_path: Path, pattern: str | None, expected: list[str]
) -> None:
    rows = [row(n, text) for n, text in enumerate(["time out", 'he said "no"', "C:\\temp", "a+b"])]
    assert messages(await serve(tmp_path, rows).query_range("api", window(), pattern)) == expected


async def test_a_pattern_that_loki_cannot_compile_is_refused_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(ToolRefusedError, match=r"Loki at http://system\.mock answered 400 Bad Request: .*regexp"):
        await serve(tmp_path, [row(1, "a")]).query_range("api", window(), "(")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["info", "warn"])), max_size=40), st.integers(1, 7))
def test_no_line_is_lost_or_doubled_at_the_edges_of_pages(lines: list[tuple[int, str]], page_lines: int) -> None:
    rows = [row(second, f"line {number}", level) for number, (second, level) in enumerate(lines)]
    with tempfile.TemporaryDirectory() as folder:
        client = serve(Path(folder), rows, page_lines=page_lines)
        found = asyncio.run(client.query_range("api", window(), None))
    assert sorted(messages(found)) == sorted(str(one["message"]) for one in rows)
    assert [line.timestamp for line in found.lines] == sorted(line.timestamp for line in found.lines)
    assert not found.truncated


@pytest.mark.parametrize(("count", "truncated"), [(4, False), (5, False), (6, True), (30, True)])
async def test_the_limit_keeps_the_oldest_lines_and_says_so(tmp_path: Path, count: int, truncated: bool) -> None:  # noqa: FBT001 - a column of the table
    client = serve(tmp_path, [row(n, str(n)) for n in range(count)], max_lines=5, page_lines=3)
    found = await client.query_range("api", window(), None)
    assert messages(found) == [str(n) for n in range(min(count, 5))]
    assert found.truncated is truncated


async def test_more_lines_in_a_nanosecond_than_a_page_can_hold_are_cut_off_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loki_module, "MAX_PAGE_LINES", 4)
    rows = [*(row(1, f"same {n}") for n in range(9)), row(2, "later")]
    found = await serve(tmp_path, rows, page_lines=2).query_range("api", window(), None)
    assert messages(found) == ["same 0", "same 1", "same 2", "same 3", "later"]
    assert found.truncated


async def test_a_span_longer_than_loki_takes_is_asked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loki_module, "CHUNK_NS", 1_000 * NS)
    recorder = Recorder(streams())
    await LokiLogs(client_to(recorder)).query_range("api", window(0, 30), None)
    spans = [(int(one["start"]) - T0_NS, int(one["end"]) - T0_NS) for one in recorder.asked]
    assert spans == [(0, 1_000 * NS), (1_000 * NS, 1_800 * NS + 1)]
    assert {one["direction"] for one in recorder.asked} == {"forward"}


async def test_a_service_without_logs_is_empty(tmp_path: Path) -> None:
    found = await serve(tmp_path, [row(1, "a")]).query_range("nobody", window(), None)
    assert (found.lines, found.truncated) == ((), False)


async def test_lines_with_structured_metadata_are_read() -> None:
    entry = [str(T0_NS + 1_999), "plain words", {"trace_id": "7"}]
    recorder = Recorder(streams({"stream": {"service": "api", "detected_level": "WARN"}, "values": [entry]}))
    found = await LokiLogs(client_to(recorder)).query_range("api", window(), None)
    assert [(line.level, line.message, line.timestamp.microsecond) for line in found.lines] == [
        ("warn", "plain words", 1)
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "success", "data": {"resultType": "matrix", "result": []}},
        streams({"stream": {}, "values": [["soon", "line"]]}),
        streams({"stream": {}, "values": [["1"]]}),
        streams({"values": []}),
        {},
    ],
)
async def test_an_answer_that_is_no_streams_is_broken(answer: dict[str, Any]) -> None:
    with pytest.raises(ToolBrokenError, match=r"Loki at http://system\.mock answered something that cannot be read"):
        await LokiLogs(client_to(Recorder(answer))).query_range("api", window(), None)


async def test_no_service_is_refused() -> None:
    with pytest.raises(ToolRefusedError, match="the service is empty"):
        await LokiLogs(client_to(Recorder(streams()))).query_range("", window(), None)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(texts, texts)
async def test_any_service_and_pattern_stay_one_matcher_and_one_filter(service: str, pattern: str) -> None:
    recorder = Recorder(streams())
    client = LokiLogs(client_to(recorder))
    await client.query_range(service, window(), None)
    assert parse_query(recorder.asked[0]["query"]).matchers == (Matcher("service", "=", service),)
    await client.query_range("api", window(), pattern)
    before, _, literal = recorder.asked[1]["query"].partition(" |~ ")
    assert before == '{service="api"}'
    assert parse_query(f"{{service={literal}}}").matchers == (Matcher("service", "=", pattern),)
