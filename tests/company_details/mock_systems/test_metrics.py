import gzip
import math
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from company_details.company_sim.mock_systems.metrics.app import create_app, format_value
from company_details.company_sim.mock_systems.metrics.data import load_samples
from company_details.company_sim.mock_systems.metrics.promql import parse_selector
from company_details.company_sim.mock_systems.selectors import SelectorError
from tests.company_details.mock_systems.conftest import Serve

START_S = 1_771_063_200
CHECKOUT = {"__name__": "latency_seconds", "service": "checkout", "region": "eu"}
BILLING = {"__name__": "latency_seconds", "service": "billing"}
REQUESTS = {"__name__": "requests_total", "service": "checkout", "region": "eu"}


async def ask(metrics: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await metrics.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "success"
    return answer.json()["data"]


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("latency_seconds", [CHECKOUT, BILLING]),
        ('latency_seconds{service="checkout"}', [CHECKOUT]),
        ("latency_seconds{service='checkout',}", [CHECKOUT]),
        ("latency_seconds{service=`checkout`} # a comment", [CHECKOUT]),
        ('{__name__="latency_seconds"}', [CHECKOUT, BILLING]),
        ('{__name__=~"lat.*",service!="checkout"}', [BILLING]),
        ('{service=~"check.*|bill.*"}', [CHECKOUT, BILLING, REQUESTS]),
        ('{service=~"check"}', []),
        ('latency_seconds{region=""}', [BILLING]),
        ('latency_seconds{region!=""}', [CHECKOUT]),
        ('latency_seconds{region!~"e."}', [BILLING]),
        ('latency_seconds{service="\\x63heckout"}', [CHECKOUT]),
        ("nothing", []),
    ],
)
async def test_selectors_find_series(metrics: httpx.AsyncClient, query: str, labels: list[dict[str, str]]) -> None:
    data = await ask(metrics, "query", query=query, time=START_S + 60)
    assert data["resultType"] == "vector"
    assert sorted(map(str, (one["metric"] for one in data["result"]))) == sorted(map(str, labels))


@pytest.mark.parametrize(
    ("time", "value"),
    [
        ("2026-02-14T09:59:59Z", None),
        ("2026-02-14T10:00:00Z", [START_S, "0.42"]),
        ("2026-02-14T11:00:30+01:00", [START_S + 30, "0.42"]),
        (f"{START_S + 60}.5", [START_S + 60.5, "12"]),
        (f"{START_S + 360}", [START_S + 360, "12"]),
        (f"{START_S + 360.001}", None),
    ],
)
async def test_a_sample_answers_for_five_minutes(
    metrics: httpx.AsyncClient, time: str, value: list[Any] | None
) -> None:
    data = await ask(metrics, "query", query='latency_seconds{service="checkout"}', time=time)
    assert [one["value"] for one in data["result"]] == ([value] if value else [])


@pytest.mark.parametrize("step", ["30", "30s", "0.5m", "30.0"])
async def test_a_range_has_a_value_at_each_step(metrics: httpx.AsyncClient, step: str) -> None:
    params = {"query": "latency_seconds{region='eu'}", "start": START_S - 30, "end": START_S + 61, "step": step}
    if step == "0.5m":
        answer = await metrics.get("/api/v1/query_range", params=params)
        assert answer.json()["error"] == 'invalid parameter "step": cannot parse "0.5m" to a valid duration'
        return
    data = await ask(metrics, "query_range", **params)
    assert data == {
        "resultType": "matrix",
        "result": [
            {"metric": CHECKOUT, "values": [[START_S, "0.42"], [START_S + 30, "0.42"], [START_S + 60, "12"]]},
        ],
    }


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 2_000), unique=True, min_size=1, max_size=20),
    st.integers(-400, 2_400),
    st.integers(0, 2_000),
    st.integers(1, 400),
)
def test_a_range_is_an_instant_query_at_each_step(times_s: list[int], start_s: int, length_s: int, step_s: int) -> None:
    series = load_from([f"{time_s},m,s,{time_s}" for time_s in times_s]).series[0]
    start_ms, end_ms, step_ms = start_s * 1000, (start_s + length_s) * 1000, step_s * 1000
    expected = [
        (moment, sample[1])
        for moment in range(start_ms, end_ms + 1, step_ms)
        if (sample := series.value_at(moment)) is not None
    ]
    assert series.values_at_steps(start_ms, end_ms, step_ms) == expected


@pytest.mark.parametrize(
    ("path", "params", "error"),
    [
        ("query", {}, 'invalid parameter "query": 1:1: parse error: no expression found in input'),
        ("query", {"query": "a{"}, 'invalid parameter "query": 1:3: parse error: unexpected end of input'),
        ("query", {"query": "rate(a[5m])"}, 'invalid parameter "query": 1:5: parse error: unexpected'),
        ("query", {"query": "1 + 1"}, 'invalid parameter "query": 1:1: parse error: unexpected'),
        ("query", {"query": 'a{b=~"("}'}, 'invalid parameter "query": 1:3: parse error: error parsing regexp: '),
        ("query", {"query": 'a{b=~"(?=x)"}'}, 'invalid parameter "query": 1:3: parse error: error parsing regexp: '),
        ("query", {"query": r'a{b="\q"}'}, 'invalid parameter "query": 1:5: parse error: unknown escape sequence'),
        (
            "query",
            {"query": '{a=""}'},
            'invalid parameter "query": 1:1: parse error: vector selector must contain at least one non-empty matcher',
        ),
        (
            "query",
            {"query": 'a{__name__="b"}'},
            'invalid parameter "query": 1:1: parse error: metric name must not be set twice: "a" or "b"',
        ),
        (
            "query",
            {"query": "a", "time": "soon"},
            "invalid parameter \"time\": Invalid time value for 'time': cannot parse",
        ),
        (
            "query",
            {"query": "a", "time": "inf"},
            "invalid parameter \"time\": Invalid time value for 'time': cannot parse",
        ),
        ("query_range", {"query": "a"}, 'invalid parameter "start": cannot parse "" to a valid timestamp'),
        (
            "query_range",
            {"query": "a", "start": 2, "end": 1, "step": 1},
            'invalid parameter "end": end timestamp must not be before start time',
        ),
        (
            "query_range",
            {"query": "a", "start": 1, "end": 2, "step": 0},
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. ',
        ),
        (
            "query_range",
            {"query": "a", "start": 0, "end": 11_001, "step": 1},
            "exceeded maximum resolution of 11,000 points per timeseries. ",
        ),
        ("series", {}, "no match[] parameter provided"),
        ("label/a-b/values", {}, 'invalid label name: "a-b"'),
    ],
)
async def test_what_prometheus_refuses_is_refused_in_its_words(
    metrics: httpx.AsyncClient, path: str, params: dict[str, Any], error: str
) -> None:
    answer = await metrics.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 400
    content = answer.json()
    assert (content["status"], content["errorType"]) == ("error", "bad_data")
    assert content["error"].startswith(error)


async def test_eleven_thousand_steps_are_allowed(metrics: httpx.AsyncClient) -> None:
    await ask(metrics, "query_range", query="latency_seconds", start=START_S, end=START_S + 11_000, step=1)


async def test_a_range_selector_gives_the_samples_as_they_are(metrics: httpx.AsyncClient) -> None:
    data = await ask(metrics, "query", query='latency_seconds{region="eu"}[1m]', time=START_S + 60)
    assert data == {
        "resultType": "matrix",
        "result": [{"metric": CHECKOUT, "values": [[START_S, "0.42"], [START_S + 60, "12"]]}],
    }
    for path, params in (
        ("query", {"query": "latency_seconds[0s]"}),
        ("query", {"query": "latency_seconds[soon]"}),
        ("query_range", {"query": "latency_seconds[1m]", "start": 1, "end": 2, "step": 1}),
        ("series", {"match[]": "latency_seconds[1m]"}),
    ):
        answer = await metrics.get(f"/api/v1/{path}", params=params)
        assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")


async def test_forms_are_read(metrics: httpx.AsyncClient) -> None:
    answer = await metrics.post("/api/v1/query", data={"query": 'latency_seconds{region="eu"}', "time": str(START_S)})
    assert answer.json()["data"]["result"] == [{"metric": CHECKOUT, "value": [START_S, "0.42"]}]


async def test_series_labels_and_values(metrics: httpx.AsyncClient) -> None:
    assert await ask(metrics, "series", **{"match[]": ["requests_total", '{service="billing"}']}) == [BILLING, REQUESTS]
    assert await ask(metrics, "series", **{"match[]": "latency_seconds", "start": START_S + 1}) == [CHECKOUT]
    assert await ask(metrics, "labels") == ["__name__", "region", "service"]
    assert await ask(metrics, "labels", **{"match[]": '{service="billing"}'}) == ["__name__", "service"]
    assert await ask(metrics, "label/service/values") == ["billing", "checkout"]
    assert await ask(metrics, "label/service/values", **{"match[]": "requests_total"}) == ["checkout"]
    assert await ask(metrics, "label/other/values") == []


async def test_probes(metrics: httpx.AsyncClient) -> None:
    assert (await metrics.get("/-/ready")).text == "Prometheus Server is Ready.\n"
    assert (await metrics.get("/-/healthy")).status_code == 200
    assert (await metrics.get("/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.42, "0.42"),
        (12.0, "12"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (0.00001, "0.00001"),
        (1e-7, "1e-07"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (123456789.125, "123456789.125"),
    ],
)
def test_numbers_are_written_as_prometheus_writes_them(value: float, text: str) -> None:
    assert format_value(value) == text


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_is_the_same_number(value: float) -> None:
    text = format_value(value)
    assert float(text) == value
    assert Decimal(text) == Decimal(repr(value))


def load_from(rows: list[str], header: str = "timestamp,metric,service,value") -> Any:
    import tempfile  # noqa: PLC0415 - hypothesis gives many rows to one test, whose tmp_path is one

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "metrics.csv").write_text("\n".join([header, *rows]) + "\n")
        return load_samples(Path(folder))


@pytest.mark.parametrize(
    ("row", "bad"),
    [
        ("2026-02-14T10:00:00Z,m,s,1", 0),
        ("2026-02-14 10:00:00+02:00,m,s,1", 0),
        ("2026-02-14T10:00:00,m,s,1", 0),
        ("1771063200,m,s,1", 0),
        ("1771063200.25,m,s, 1 ", 0),
        ("1.7710632e9,m,,1", 0),
        ('"1771063200","m","s","1"', 0),
        ("1771063200,m,s,NaN", 0),
        ("", 0),
        ("yesterday,m,s,1", 1),
        ("1771063200000,m,s,1", 1),
        ("1771063200,m,s,one", 1),
        ("1771063200,m,s", 1),
        ("1771063200,m,s,x,1", 1),
        ("1771063200,,s,1", 1),
        ("1771063200,9 lives,s,1", 1),
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_bad_row_is_counted_and_the_rest_is_read(row: str, bad: int, *, quoted: bool) -> None:
    rows = ["60,first,s,1", row, "120,first,s,2", *(['180,"first",s,3'] if quoted else [])]
    report = load_from(rows).report
    assert report.bad_rows == bad
    assert report.rows == 2 + quoted + (bad == 0 and row != "")
    assert len(report.examples) == bad


def test_other_columns_are_labels_in_any_order() -> None:
    samples = load_from(['"a ""b""",1,60,m,9lives'], "status-code,value,timestamp,metric,service")
    assert samples.series[0].labels == {"__name__": "m", "service": "9lives", "status_code": 'a "b"'}


def test_samples_are_put_in_order_and_the_first_of_two_at_one_moment_stays() -> None:
    samples = load_from(["120,m,s,2", "60,m,s,1", "60,m,s,7", "120,m,s,2", "60,m, s,1"])
    (series,) = samples.series
    assert (list(series.times_ms), list(series.values)) == ([60_000, 120_000], [1.0, 2.0])
    assert (samples.report.rows, samples.report.bad_rows) == (2, 1)


async def test_gzipped_files_are_read(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "metrics.csv.gz").write_bytes(gzip.compress(b"timestamp,metric,service,value\r\n60,m,s,1\r\n"))
    health = (await serve(create_app(tmp_path)).get("/health")).json()
    assert (health["status"], health["series"], health["files"][0]["rows"]) == ("ok", 1, 1)


@pytest.mark.parametrize(
    "content", [None, b"", b"a,b\n1,2\n", b"\x1f\x8b broken", gzip.compress(b"x", mtime=0)[:15] + b"\xff" * 9]
)
async def test_without_a_file_the_server_is_healthy_and_empty(
    tmp_path: Path, serve: Serve, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / ("metrics.csv.gz" if content[:1] == b"\x1f" else "metrics.csv")).write_bytes(content)
    client = serve(create_app(tmp_path))
    health = await client.get("/health")
    assert (health.status_code, health.json()["series"]) == (200, 0)
    assert health.json()["files"][0]["problem"]
    assert await ask(client, "query", query="m") == {"resultType": "vector", "result": []}


names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


def go_quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@settings(deadline=None)
@given(
    names.filter(lambda name: name != "__name__"),
    st.lists(st.tuples(names.filter(lambda name: name != "__name__"), st.sampled_from(["=", "!="]), texts), max_size=4),
)
def test_a_selector_survives_being_written_and_read(metric: str, matchers: list[tuple[str, str, str]]) -> None:
    written = ",".join(f"{name}{op}{go_quote(value)}" for name, op, value in matchers)
    parsed = parse_selector(f"{metric}{{{written}}}").matchers
    assert [(one.name, one.op, one.value) for one in parsed] == [("__name__", "=", metric), *matchers]


@settings(deadline=None)
@given(st.text() | st.text("ab{}=!~\"'`\\,[]()5m #\n", max_size=40))
def test_any_text_is_a_selector_or_refused(query: str) -> None:
    try:
        parse_selector(query)
    except SelectorError as error:
        assert "parse error" in error.message  # noqa: PT017 - most texts are refused, and some are not


def test_the_moments_of_these_tests_are_what_they_say() -> None:
    assert datetime.fromtimestamp(START_S, UTC).isoformat() == "2026-02-14T10:00:00+00:00"
