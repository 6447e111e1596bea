import csv
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients import prometheus as prometheus_module
from bot.clients.prometheus import PrometheusMetrics
from company_details.company_sim.mock_systems.metrics.app import create_app
from company_details.company_sim.mock_systems.metrics.promql import parse_selector
from company_details.company_sim.mock_systems.selectors import Matcher
from core.errors import ToolBrokenError, ToolRefusedError
from core.evidence import MetricsWindow
from core.window import Window, iso
from tests.bot.clients.systems import Recorder, at, client_of, client_to, window

T0 = at(0).timestamp()


def matrix(*series: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(series)}}


def serve(folder: Path, rows: list[tuple[str, str, str, str, float]]) -> PrometheusMetrics:
    with (folder / "metrics.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("timestamp", "metric", "service", "pod", "value"), *rows])
    return PrometheusMetrics(client_of(create_app, folder))


async def ask(answer: dict[str, Any], asked: Window | None = None) -> MetricsWindow:
    return await PrometheusMetrics(client_to(Recorder(answer))).query_range("api", asked or window(0, 3))


async def test_every_series_of_the_service_comes_with_its_labels_and_its_gaps(tmp_path: Path) -> None:
    rows = [
        (iso(at(minute)), metric, service, pod, float(minute))
        for metric, service, pod in (
            ("rps", "api", "a"),
            ("rps", "api", "b"),
            ("errors", "api", ""),
            ("rps", "apix", ""),
        )
        for minute in range(31)
        if not (metric == "errors" and 7 <= minute <= 11)
    ]
    found = await serve(tmp_path, rows).query_range("api", window())
    assert [(one.metric, one.labels) for one in found.series] == [
        ("errors", {"service": "api"}),
        ("rps", {"service": "api", "pod": "a"}),
        ("rps", {"service": "api", "pod": "b"}),
    ]
    assert [minute for minute, value in enumerate(found.series[0].values) if value is None] == [7, 8, 9, 10, 11]
    assert found.series[1].values == tuple(map(float, range(31)))
    assert (found.start_time, found.end_time, found.step_s) == (at(0), at(30), 60)


async def test_a_service_that_nobody_measures_has_no_series(tmp_path: Path) -> None:
    found = await serve(tmp_path, [(iso(at(1)), "rps", "api", "", 1.0)]).query_range("nobody", window())
    assert found.series == ()


async def test_a_series_without_samples_in_the_window_is_left_out(tmp_path: Path) -> None:
    client = serve(tmp_path, [(iso(at(40)), "rps", "api", "", 1.0), (iso(at(1)), "cpu", "api", "", float("nan"))])
    assert (await client.query_range("api", window())).series == ()


async def test_raw_samples_are_asked_for_so_that_no_gap_is_filled() -> None:
    recorder = Recorder(matrix())
    await PrometheusMetrics(client_to(recorder)).query_range("api", window(0, 30))
    assert recorder.asked == [{"query": '{service="api"}[1860001ms]', "time": f"{T0 + 1830:.3f}"}]


async def test_a_long_window_is_asked_in_days_that_touch_and_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_module, "CHUNK_MS", 120_000)
    labels = {"__name__": "rps", "service": "api"}
    recorder = Recorder(
        matrix({"metric": labels, "values": [[T0, "1"], [T0 + 60, "2"]]}),
        matrix({"metric": labels, "values": [[T0 + 60, "2"], [T0 + 120, "3"], [T0 + 180, "4"]]}),
    )
    found = await PrometheusMetrics(client_to(recorder)).query_range("api", window(0, 3))
    assert found.series[0].values == (1, 2, 3, 4)
    assert [one["time"] for one in recorder.asked] == [f"{T0 + 90:.3f}", f"{T0 + 210:.3f}"]
    assert {one["query"] for one in recorder.asked} == {'{service="api"}[120001ms]'}


async def test_too_many_samples_are_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_module, "MAX_SAMPLES", 2)
    values = [[T0 + minute * 60, "1"] for minute in range(3)]
    with pytest.raises(ToolRefusedError, match="more than 2 samples of 'api' up to 2026-02-14T10:03:30Z: narrow"):
        await ask(matrix({"metric": {"__name__": "rps"}, "values": values}))


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "success", "data": {"resultType": "vector", "result": []}},
        matrix({"metric": {"__name__": "rps"}, "values": [["soon", "1"]]}),
        matrix({"metric": {"__name__": "rps"}, "values": [[T0, "much"]]}),
        {"status": "success"},
        {},
    ],
)
async def test_an_answer_that_is_no_matrix_is_broken(answer: dict[str, Any]) -> None:
    with pytest.raises(
        ToolBrokenError, match=r"Prometheus at http://system\.mock answered something that cannot be read"
    ):
        await ask(answer)


async def test_native_histograms_and_warnings_do_not_hide_the_series_beside_them() -> None:
    answer = matrix(
        {"metric": {"__name__": "h", "service": "api"}, "histograms": [[T0, {"count": "1"}]]},
        {"metric": {"__name__": "rps", "service": "api"}, "values": [[T0, "1"], [T0 + 60, "+Inf"]]},
    )
    found = await ask({**answer, "warnings": ["partial"]})
    assert [(one.metric, one.values) for one in found.series] == [("rps", (1, None, None, None))]


async def test_no_service_is_refused() -> None:
    with pytest.raises(ToolRefusedError, match="the service is empty"):
        await PrometheusMetrics(client_to(Recorder(matrix()))).query_range("", window())


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
async def test_any_service_name_asks_for_that_service_alone(service: str) -> None:
    recorder = Recorder(matrix())
    await PrometheusMetrics(client_to(recorder)).query_range(service, window())
    assert parse_selector(recorder.asked[0]["query"]).matchers == (Matcher("service", "=", service),)


async def test_a_refusal_of_prometheus_carries_its_words() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            422, json={"status": "error", "errorType": "execution", "error": "query processing limit"}
        )

    with pytest.raises(ToolRefusedError, match="answered 422 Unprocessable Entity: query processing limit;"):
        await PrometheusMetrics(client_to(refuse)).query_range("api", window())


async def test_many_samples_are_placed_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = matrix(
        {"metric": {"__name__": "up", "service": "shop"}, "values": [[at(n).timestamp(), str(n)] for n in range(31)]}
    )
    in_the_loop = await ask(answer)
    monkeypatch.setattr("bot.clients.prometheus._MANY_SAMPLES", 1)
    assert await ask(answer) == in_the_loop
