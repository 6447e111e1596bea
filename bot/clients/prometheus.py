"""Metrics of a service from a Prometheus server: https://prometheus.io/docs/prometheus/latest/querying/api/."""

from datetime import UTC, datetime
from typing import Literal

import httpx
from pydantic import BaseModel, Field

from bot.clients.breaker import Breaker
from bot.clients.edge import Edge
from bot.clients.grid import DEFAULT_STEP_MS, Grid
from bot.clients.quoting import clean_text, quote_go
from core.errors import ToolRefusedError
from core.evidence import MetricSeries, MetricsWindow
from core.window import Window, iso

CHUNK_MS = 24 * 3_600_000
"""How much time one request asks for; longer windows are asked a day at a time, so that answers stay small."""

MAX_SAMPLES = 5_000_000
"""Samples read for one question, at most; our own bound, against memory."""

_EDGE_MS = DEFAULT_STEP_MS // 2
"""Samples this far outside the window may be nearest to its first or last point."""

type _Key = tuple[tuple[str, str], ...]


class _Series(BaseModel):
    metric: dict[str, str]
    values: list[tuple[float, float]] = []  # native histograms come under another name


class _Matrix(BaseModel):
    kind: Literal["matrix"] = Field(alias="resultType")
    result: list[_Series]


class _Answer(BaseModel):
    data: _Matrix


class PrometheusMetrics:
    """MetricsSource over the series that carry the label `service`.

    The samples are asked for as they are (an instant query with a range selector): a range query would fill every gap of
    up to five minutes with the value before it. https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
    """

    def __init__(self, client: httpx.AsyncClient, *, breaker: Breaker | None = None) -> None:
        self._edge = Edge(client, system="Prometheus", setting="COMPANY_METRICS_BASE_URL", breaker=breaker)

    async def query_range(self, service: str, window: Window) -> MetricsWindow:
        """Every series of the service, on a grid inside the window; a service that nobody measures has no series.

        A series' labels are all it has but its name. Raises as `core.errors` says of tools.
        """
        if not service:
            raise ToolRefusedError("the service is empty: name the service whose metrics are wanted")
        start_ms, end_ms = _milliseconds(window.start), _milliseconds(window.end)
        found = await self._read_samples(service, start_ms - _EDGE_MS, end_ms + _EDGE_MS)
        grid = Grid.over(start_ms, end_ms, list(found.values()))
        placed = ((dict(key), grid.place(found[key])) for key in sorted(found))
        return MetricsWindow(
            service=service,
            start_time=datetime.fromtimestamp(grid.start_ms / 1000, UTC),
            end_time=window.end,
            step_s=grid.step_ms // 1000,
            series=tuple(
                MetricSeries(metric=labels.pop("__name__", ""), labels=labels, values=values)
                for labels, values in placed
                if any(value is not None for value in values)
            ),
        )

    async def _read_samples(self, service: str, start_ms: int, end_ms: int) -> dict[_Key, dict[int, float]]:
        found: dict[_Key, dict[int, float]] = {}
        count = 0
        while start_ms < end_ms:
            until_ms = min(start_ms + CHUNK_MS, end_ms)
            # One more millisecond: from version 3 on, a range leaves out its left end.
            selector = f"{{service={quote_go(service)}}}[{until_ms - start_ms + 1}ms]"
            parameters = {"query": selector, "time": f"{until_ms / 1000:.3f}"}
            answer = await self._edge.get("/api/v1/query", parameters, _Answer)
            for series in answer.data.result:
                key = tuple(sorted((name, clean_text(value)) for name, value in series.metric.items()))
                found.setdefault(key, {}).update((round(time_s * 1000), value) for time_s, value in series.values)
                count += len(series.values)
            if count > MAX_SAMPLES:
                raise ToolRefusedError(
                    f"{self._edge.where} holds more than {MAX_SAMPLES:,} samples of {service!r} up to "
                    f"{iso(datetime.fromtimestamp(until_ms / 1000, UTC))}: narrow the window"
                )
            start_ms = until_ms
        return found


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
