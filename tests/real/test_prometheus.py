"""The metrics client and the metrics mock against a real Prometheus that holds the same samples."""

import csv
import gzip
import io
import math
from collections.abc import AsyncGenerator, Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from bot.clients.prometheus import PrometheusMetrics
from company_details.company_sim.mock_systems.metrics.app import create_app
from core.evidence import MetricsWindow
from core.plan import ToolCall
from core.result import CallStatus
from tests.real.prometheus_server import Sample, run_prometheus
from tools.deps import Sources
from tools.metrics_query import TOOL
from tools.registry import CallLimits, Registry

pytestmark = pytest.mark.real

PACK = Path(__file__).parents[2] / "company_details/company_sim/mock_systems/data/metrics.csv.gz"
SLICE_FROM, SLICE_TO = "2026-02-14T09:00:00Z", "2026-02-14T12:00:00Z"
NASTY = 'quo"ted \\ back\nline {service="x"} ünï\u200b'
T0 = int(datetime(2026, 2, 14, 10, tzinfo=UTC).timestamp())


def _series(name: str, service: str, points: Sequence[tuple[float, float]], **labels: str) -> list[Sample]:
    key = tuple(sorted({"__name__": name, "service": service, **labels}.items()))
    return [Sample(key, round((T0 + at_s) * 1000), value) for at_s, value in points]


def _tricky() -> list[Sample]:
    steady = [(60.0 * minute, minute / 8) for minute in range(31)]
    return [
        *_series("holes_total", "gappy", [point for point in steady if not 420 <= point[0] <= 660]),
        *_series("late_total", "gappy", [point for point in steady if point[0] >= 300]),
        *_series("offset_seconds", "gappy", [(at_s + 17.123, value) for at_s, value in steady]),
        *_series("jitter_seconds", "gappy", [(at_s + (-0.004, 0.003)[int(at_s) % 120 == 0], v) for at_s, v in steady]),
        *_series("odd_values", "gappy", [(0, math.nan), (60, math.inf), (120, -math.inf), (180, 1e21), (240, 1e-9)]),
        *_series("nothing_but_nan", "gappy", [(0, math.nan), (60, math.nan)]),
        *_series("requests:rate5m", NASTY, steady, path='/a"b\n\\c', method="GET"),
        *_series("requests:rate5m", NASTY, steady[:4], path="/x", method=""),
        *_series("only_once", "lonely", [(120, 7.0)]),
        *_series("fast_seconds", "fast", [(15.0 * index, float(index)) for index in range(121)]),
    ]


def _pack_slice() -> list[Sample]:
    with gzip.open(PACK, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if SLICE_FROM <= row["timestamp"] <= SLICE_TO]
    assert rows, f"{PACK} has no rows from {SLICE_FROM} to {SLICE_TO}"
    return [
        Sample(
            (
                ("__name__", row.pop("metric")),
                *((name, cell) for name, cell in sorted(row.items()) if name not in _OWN),
            ),
            round(datetime.fromisoformat(row["timestamp"]).timestamp() * 1000),
            float(row["value"]),
        )
        for row in rows
    ]


_OWN = {"timestamp", "value"}


def _write_csv(samples: Sequence[Sample], folder: Path) -> None:
    names = sorted({name for sample in samples for name, _ in sample.labels} - {"__name__"})
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["timestamp", "metric", *names, "value"])
    for sample in samples:
        labels = dict(sample.labels)
        cells = [labels.get(name, "") for name in names]
        writer.writerow([f"{sample.time_ms / 1000:.3f}", labels["__name__"], *cells, repr(sample.value)])
    (folder / "metrics.csv").write_text(buffer.getvalue(), encoding="utf-8", newline="")


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [*_pack_slice(), *_tricky()]


@pytest.fixture(scope="module")
def real_url(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with run_prometheus(samples, tmp_path_factory.mktemp("prometheus")) as url:
        yield url


@pytest.fixture(scope="module")
def mock_data(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mock")
    _write_csv(samples, folder)
    return folder


@pytest.fixture
async def real(real_url: str) -> AsyncGenerator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=real_url, timeout=30) as client:
        yield client


@pytest.fixture
async def mock(mock_data: Path) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(mock_data))
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics.mock") as client:
        yield client


async def _query_metrics(
    client: httpx.AsyncClient, service: str, start: str, end: str
) -> tuple[CallStatus, MetricsWindow]:
    nothing = cast("Any", None)  # metrics_query asks no other source
    sources = Sources(
        metrics=PrometheusMetrics(client),
        logs=nothing,
        tickets=nothing,
        references=nothing,
        knowledge=nothing,
        issues=nothing,
    )
    call = ToolCall(tool="metrics_query", arguments={"service": service, "start_time": start, "end_time": end})
    result = await Registry((TOOL,), sources, CallLimits(max_retries=0)).call(call)
    assert result.error is None, result.error
    assert isinstance(result.output, MetricsWindow)
    return result.status, result.output


WINDOWS = [
    ("2026-02-14T10:00:00Z", "2026-02-14T10:30:00Z"),
    ("2026-02-14T10:00:30Z", "2026-02-14T10:29:59.5Z"),
    ("2026-02-14T10:06:10Z", "2026-02-14T10:06:50Z"),
    ("2026-02-12T00:00:00Z", "2026-02-15T00:00:00Z"),
    ("2026-01-20T00:00:00Z", "2026-02-20T00:00:00Z"),
    ("2025-02-14T10:00:00Z", "2025-02-14T10:30:00Z"),
]


@pytest.mark.parametrize(("start", "end"), WINDOWS)
@pytest.mark.parametrize(
    "service", ["gappy", NASTY.strip(), "lonely", "fast", "saas-api", "nobody", ".*", 'x"} or up{a="']
)
async def test_the_tool_brings_the_same_from_prometheus_as_from_the_mock(
    real: httpx.AsyncClient, mock: httpx.AsyncClient, service: str, start: str, end: str
) -> None:
    assert await _query_metrics(real, service, start, end) == await _query_metrics(mock, service, start, end)


async def test_gaps_come_from_prometheus_as_gaps(real: httpx.AsyncClient) -> None:
    status, window = await _query_metrics(real, "gappy", *WINDOWS[0])
    series = {one.metric: one for one in window.series}
    assert status is CallStatus.OK
    assert [index for index, value in enumerate(series["holes_total"].values) if value is None] == [7, 8, 9, 10, 11]
    assert series["late_total"].values[:6] == (None, None, None, None, None, 0.625)
    assert series["odd_values"].values[:6] == (None, None, None, 1e21, 1e-9, None)
    assert all(value is not None for value in series["offset_seconds"].values)
    assert all(value is not None for value in series["jitter_seconds"].values)
    assert "nothing_but_nan" not in series
    assert (window.step_s, len(series["holes_total"].values)) == (60, 31)


async def test_the_pack_of_the_incident_comes_whole(real: httpx.AsyncClient) -> None:
    _, window = await _query_metrics(real, "saas-api", *WINDOWS[0])
    assert window.series
    assert all(len(one.values) == 31 and None not in one.values for one in window.series)


async def test_a_service_that_nobody_measures_is_empty(real: httpx.AsyncClient) -> None:
    status, window = await _query_metrics(real, "nobody", *WINDOWS[0])
    assert status is CallStatus.EMPTY
    assert window.series == ()


QUERIES: list[tuple[str, dict[str, Any]]] = [
    ("query", {"query": '{service="gappy"}[10m]', "time": T0 + 600}),
    ("query", {"query": '{service="gappy"}[600001ms]', "time": T0 + 600.25}),
    ("query", {"query": "holes_total[ 1h ]", "time": T0 + 3600}),
    ("query", {"query": "holes_total", "time": T0 + 600}),
    ("query", {"query": "nothing[5m]", "time": T0}),
    ("query_range", {"query": '{service="gappy"}', "start": T0, "end": T0 + 1800, "step": 60}),
    ("query_range", {"query": '{service=~"g.*|fast"}', "start": T0 + 0.5, "end": T0 + 1800, "step": "90s"}),
    ("series", {"match[]": '{__name__=~".+",service!="saas-api"}', "start": T0 - 3600, "end": T0 + 7200}),
    ("series", {"match[]": ["only_once", "fast_seconds"], "start": T0 - 3600, "end": T0 + 7200}),
    ("labels", {"start": T0 - 3600, "end": T0 + 7200}),
    ("labels", {"match[]": "only_once", "start": T0 - 3600, "end": T0 + 7200}),
    ("label/service/values", {"start": T0 - 3600, "end": T0 + 7200}),
    ("label/__name__/values", {"start": T0 - 3600, "end": T0 + 7200}),
    ("label/path/values", {"match[]": '{service!=""}', "start": T0 - 3600, "end": T0 + 7200}),
    ("label/absent/values", {"start": T0 - 3600, "end": T0 + 7200}),
]


@pytest.mark.parametrize(("path", "parameters"), QUERIES)
async def test_the_mock_answers_as_prometheus_does(
    real: httpx.AsyncClient, mock: httpx.AsyncClient, path: str, parameters: dict[str, Any]
) -> None:
    answers = [await client.get(f"/api/v1/{path}", params=parameters) for client in (real, mock)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert _in_order(answers[0].json()) == _in_order(answers[1].json())


def _in_order(body: dict[str, Any]) -> dict[str, Any]:
    """The answer with its series sorted: Prometheus gives them in an order of its own."""
    data = body["data"]
    if isinstance(data, dict):
        held = cast("dict[str, list[dict[str, Any]]]", data)
        return {
            **body,
            "data": {**held, "result": sorted(held["result"], key=lambda one: sorted(one["metric"].items()))},
        }
    return {**body, "data": sorted(data, key=str)}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("query", {"query": ""}),
    ("query", {"query": "up{"}),
    ("query", {"query": "{}"}),
    ("query", {"query": '{service=~".*"}'}),
    ("query", {"query": 'up{service=~"("}'}),
    ("query", {"query": 'up{service="\\q"}'}),
    ("query", {"query": "up[5]"}),
    ("query", {"query": "up[]"}),
    ("query", {"query": "up[0s]"}),
    ("query", {"query": "up[5s1m]"}),
    ("query", {"query": "up[5m][5m]"}),
    ("query", {"query": "up", "time": "yesterday"}),
    ("query_range", {"query": "up[5m]", "start": T0, "end": T0 + 60, "step": 60}),
    ("query_range", {"query": "up{", "start": T0, "end": T0 + 60, "step": 60}),
    ("query_range", {"query": "up", "start": T0, "end": T0 - 60, "step": 60}),
    ("query_range", {"query": "up", "start": T0 - 700_000, "end": T0, "step": 60}),
    ("query_range", {"query": "up", "start": T0, "end": T0 + 60, "step": 0}),
    ("query_range", {"query": "up", "start": T0, "end": T0 + 60, "step": "soon"}),
    ("query_range", {"query": "up", "start": "x", "end": T0 + 60, "step": 60}),
    ("query_range", {"query": "up"}),
    ("series", {}),
    ("series", {"match[]": "up["}),
    ("series", {"match[]": "up", "start": "x"}),
    ("labels", {"end": "x"}),
    ("series", {"match[]": "up[5m]"}),
    ("labels", {"match[]": "up{"}),
    ("label/a-b/values", {}),
    ("nothing", {}),
]


@pytest.mark.parametrize(("path", "parameters"), REFUSED)
async def test_the_mock_refuses_as_prometheus_does(
    real: httpx.AsyncClient, mock: httpx.AsyncClient, path: str, parameters: dict[str, Any]
) -> None:
    answers = [await client.get(f"/api/v1/{path}", params=parameters) for client in (real, mock)]
    assert _shape(answers[0]) == _shape(answers[1])


def _shape(answer: httpx.Response) -> tuple[int, str, dict[str, Any] | str]:
    """Status, content type, and the body but for the words after the parse error's place, which are a parser's own."""
    kind = answer.headers["content-type"].partition(";")[0]
    if kind != "application/json":
        return answer.status_code, kind, answer.text.strip()
    body = answer.json()
    return answer.status_code, kind, {**body, "error": _until_parse_error(body["error"])}


def _until_parse_error(text: str) -> str:
    before, found, _ = text.partition("parse error:")
    return before.rstrip("0123456789: ") if found else text
