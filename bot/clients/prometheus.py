"""Metrics of a service from a Prometheus server: https://prometheus.io/docs/prometheus/latest/querying/api/."""

import asyncio
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

_MANY_SAMPLES = 20_000
"""So many, and more, are put in order in a thread, so that the event loop goes on meanwhile."""

type _Key = tuple[tuple[str, str], ...]
type _Found = dict[_Key, dict[int, float]]


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
        self._placing = asyncio.Semaphore(1)

    async def query_range(self, service: str, window: Window) -> MetricsWindow:
        """Every series of the service, on a grid inside the window; a service that nobody measures has no series.

        A series' labels are all it has but its name. Raises as `core.errors` says of tools.
        """
        if not service:
            raise ToolRefusedError("the service is empty: name the service whose metrics are wanted")
        start_ms, end_ms = _milliseconds(window.start), _milliseconds(window.end)
        found, count = await self._read_samples(service, start_ms - _EDGE_MS, end_ms + _EDGE_MS)
        if count < _MANY_SAMPLES:
            return _placed(service, window, start_ms, end_ms, found)
        async with self._placing:
            return await asyncio.to_thread(_placed, service, window, start_ms, end_ms, found)

    async def _read_samples(self, service: str, start_ms: int, end_ms: int) -> tuple[_Found, int]:
        """The samples of each series, and how many they are."""
        found: _Found = {}
        count = 0
        while start_ms < end_ms:
            until_ms = min(start_ms + CHUNK_MS, end_ms)
            # One more millisecond: from version 3 on, a range leaves out its left end.
            selector = f"{{service={quote_go(service)}}}[{until_ms - start_ms + 1}ms]"
            parameters = {"query": selector, "time": f"{until_ms / 1000:.3f}"}
            answer = await self._edge.get("/api/v1/query", parameters, _Answer)
            brought = sum(len(series.values) for series in answer.data.result)
            if brought < _MANY_SAMPLES:
                _gather(answer, found)
            else:
                async with self._placing:
                    await asyncio.to_thread(_gather, answer, found)
            count += brought
            if count > MAX_SAMPLES:
                raise ToolRefusedError(
                    f"{self._edge.where} holds more than {MAX_SAMPLES:,} samples of {service!r} up to "
                    f"{iso(datetime.fromtimestamp(until_ms / 1000, UTC))}: narrow the window"
                )
            start_ms = until_ms
        return found, count


def _gather(answer: _Answer, found: _Found) -> None:
    """Adds the samples of an answer to those found before."""
    for series in answer.data.result:
        key = tuple(sorted((name, clean_text(value)) for name, value in series.metric.items()))
        found.setdefault(key, {}).update((round(time_s * 1000), value) for time_s, value in series.values)


def _placed(service: str, window: Window, start_ms: int, end_ms: int, found: _Found) -> MetricsWindow:
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


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
