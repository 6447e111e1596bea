"""The reading half of the Prometheus HTTP API: https://prometheus.io/docs/prometheus/latest/querying/api/."""

import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from company_details.company_sim.mock_systems.answers import Json
from company_details.company_sim.mock_systems.files import Once, parse_time_ns
from company_details.company_sim.mock_systems.literals import parse_duration_ms
from company_details.company_sim.mock_systems.metrics.data import Samples, Series, load_samples
from company_details.company_sim.mock_systems.metrics.promql import Selector, parse_selector
from company_details.company_sim.mock_systems.parameters import Parameters, first, parse_number, read_parameters
from company_details.company_sim.mock_systems.selectors import SelectorError

MAX_POINTS = 11_000
"""Steps of a range query, at most: https://github.com/prometheus/prometheus/blob/v2.42.0/web/api/v1/api.go (queryRange)."""

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MAX_MS = 2**62
_PLAIN_FROM, _PLAIN_BELOW = 1e-6, 1e21


class _BadDataError(Exception):
    """A request refused with `errorType` `bad_data`."""


def create_app(data_dir: Path, *, now_s: Callable[[], float] = time.time) -> Starlette:
    """The server over `metrics.csv` in `data_dir`, which is read once, on first use.

    `now_s` tells the time of an instant query that names none.
    """
    api = _Api(Once(lambda: load_samples(data_dir)), now_s)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        api.samples.start()
        yield

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/api/v1/query", api.query, methods=both),
            Route("/api/v1/query_range", api.query_range, methods=both),
            Route("/api/v1/series", api.series, methods=both),
            Route("/api/v1/labels", api.labels, methods=both),
            Route("/api/v1/label/{name}/values", api.label_values, methods=["GET"]),
            Route("/-/ready", _ready, methods=["GET"]),
            Route("/-/healthy", _healthy, methods=["GET"]),
            Route("/health", api.health, methods=["GET"]),
        ],
        exception_handlers={_BadDataError: _refuse, HTTPException: _plain_error},
        lifespan=lifespan,
    )


@dataclass(frozen=True)
class _Api:
    samples: Once[Samples]
    now_s: Callable[[], float]

    async def query(self, request: Request) -> Response:
        parameters = await read_parameters(request)
        at_ms = _read_optional_time(parameters, "time")
        if at_ms is None:
            at_ms = int(self.now_s() * 1000)
        selector = _parse(first(parameters, "query"), "query")
        found = (await self.samples.get()).select(selector.matchers)
        if selector.range_ms is not None:
            spans = ((series, series.samples_between(at_ms - selector.range_ms, at_ms)) for series in found)
            return _success({"resultType": "matrix", "result": [_matrix(*span) for span in spans if span[1]]})
        result = [
            {"metric": series.labels, "value": [format_time(at_ms), format_value(sample[1])]}
            for series in found
            if (sample := series.value_at(at_ms)) is not None
        ]
        return _success({"resultType": "vector", "result": result})

    async def query_range(self, request: Request) -> Response:
        parameters = await read_parameters(request)
        start_ms, end_ms = _read_time(parameters, "start"), _read_time(parameters, "end")
        if end_ms < start_ms:
            raise _BadDataError('invalid parameter "end": end timestamp must not be before start time')
        step_ms = _read_step(first(parameters, "step"))
        if (end_ms - start_ms) // step_ms > MAX_POINTS:
            raise _BadDataError(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        selector = _parse(first(parameters, "query"))
        if selector.range_ms is not None:
            raise _BadDataError(
                'invalid expression type "range vector" for range query, must be Scalar or instant Vector'
            )
        result = [
            _matrix(series, points)
            for series in (await self.samples.get()).select(selector.matchers)
            if (points := series.values_at_steps(start_ms, end_ms, step_ms))
        ]
        return _success({"resultType": "matrix", "result": result})

    async def series(self, request: Request) -> Response:
        parameters = await read_parameters(request)
        if not parameters.get("match[]"):
            raise _BadDataError("no match[] parameter provided")
        return _success([one.labels for one in _match(await self.samples.get(), parameters, "match[]")])

    async def labels(self, request: Request) -> Response:
        found = _match(await self.samples.get(), await read_parameters(request))
        return _success(sorted({name for series in found for name in series.labels}))

    async def label_values(self, request: Request) -> Response:
        name = request.path_params["name"]
        if not _LABEL_NAME.fullmatch(name):
            raise _BadDataError(f'invalid label name: "{name}"')
        found = _match(await self.samples.get(), await read_parameters(request))
        return _success(sorted({series.labels[name] for series in found if name in series.labels}))

    async def health(self, _: Request) -> Response:
        loaded = await self.samples.get()
        return Json(
            {"status": "ok", "system": "metrics", "series": len(loaded.series), "files": [loaded.report.as_json()]}
        )


def format_value(value: float) -> str:
    """The shortest text that gives the same number, as Prometheus writes it: `0.42`, `12`, `+Inf`, `1e+21`.

    https://github.com/prometheus/prometheus/blob/v2.42.0/util/jsonutil/marshal.go
    """
    text = repr(value)
    if "e" not in text and "n" not in text:  # neither an exponent nor nan or inf: as most samples are
        return text.removesuffix(".0")
    if text == "nan":
        return "NaN"
    if text in {"inf", "-inf"}:
        return "+Inf" if value > 0 else "-Inf"
    return format(Decimal(text), "f") if _PLAIN_FROM <= abs(value) < _PLAIN_BELOW else text


def format_time(time_ms: int) -> float:
    """Seconds, with the milliseconds as a fraction where there are any."""
    return time_ms / 1000 if time_ms % 1000 else time_ms // 1000


def _matrix(series: Series, points: list[tuple[int, float]]) -> dict[str, Any]:
    return {
        "metric": series.labels,
        "values": [[format_time(at_ms), format_value(value)] for at_ms, value in points],
    }


def _parse(query: str, parameter: str | None = None) -> Selector:
    """The selector; a refusal names the parameter only where Prometheus 2.42 does: in `query` and in `series`."""
    try:
        return parse_selector(query)
    except SelectorError as error:
        prefix = f'invalid parameter "{parameter}": ' if parameter else ""
        raise _BadDataError(prefix + error.message) from None


def _match(samples: Samples, parameters: Parameters, parameter: str | None = None) -> list[Series]:
    """The series of any `match[]` (all, when there is none) with a sample between `start` and `end`."""
    start_ms, end_ms = _read_optional_time(parameters, "start"), _read_optional_time(parameters, "end")
    chosen = samples.series
    if matches := parameters.get("match[]"):
        selectors = [_parse(match, parameter) for match in matches]
        if any(selector.range_ms is not None for selector in selectors):
            prefix = f'invalid parameter "{parameter}": ' if parameter else ""
            raise _BadDataError(f'{prefix}1:1: parse error: unexpected "[" (a range is for samples)')
        wanted = {id(series) for selector in selectors for series in samples.select(selector.matchers)}
        chosen = [series for series in samples.series if id(series) in wanted]
    return [series for series in chosen if series.has_samples(start_ms, end_ms)]


def _read_optional_time(parameters: Parameters, name: str) -> int | None:
    return _read_time(parameters, name, f"Invalid time value for '{name}': ") if first(parameters, name) else None


def _read_time(parameters: Parameters, name: str, lead: str = "") -> int:
    text = first(parameters, name)
    number = parse_number(text)
    if number is not None and abs(number * 1000) < _MAX_MS:
        # Prometheus rounds the fraction to milliseconds before it cuts off what is smaller.
        return int(number // 1) * 1000 + round((number % 1) * 1000)
    if _RFC3339.fullmatch(text):
        try:
            return parse_time_ns(text) // 1_000_000
        except ValueError:
            pass
    raise _BadDataError(f'invalid parameter "{name}": {lead}cannot parse "{text}" to a valid timestamp')


def _read_step(text: str) -> int:
    number = parse_number(text)
    try:
        step_ms = int(number * 1000) if number is not None else parse_duration_ms(text)
    except ValueError:
        raise _BadDataError(f'invalid parameter "step": cannot parse "{text}" to a valid duration') from None
    if step_ms > _MAX_MS:
        raise _BadDataError(f'invalid parameter "step": cannot parse "{text}" to a valid duration. It overflows int64')
    if step_ms <= 0:
        raise _BadDataError(
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
            "Try a positive integer"
        )
    return step_ms


def _success(data: Any) -> Response:
    return Json({"status": "success", "data": data})


def _refuse(_: Request, error: Exception) -> Response:
    return Json({"status": "error", "errorType": "bad_data", "error": str(error)}, status_code=400)


def _plain_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = "404 page not found" if error.status_code == 404 else error.detail  # noqa: PLR2004 - the status by its number
    return PlainTextResponse(text, status_code=error.status_code)


async def _ready(_: Request) -> Response:
    return PlainTextResponse("Prometheus Server is Ready.\n")


async def _healthy(_: Request) -> Response:
    return PlainTextResponse("Prometheus Server is Healthy.\n")
