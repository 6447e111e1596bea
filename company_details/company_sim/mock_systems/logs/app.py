"""The reading half of the Loki HTTP API: https://grafana.com/docs/loki/latest/reference/loki-http-api/."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from company_details.company_sim.mock_systems.answers import Json
from company_details.company_sim.mock_systems.files import Once, parse_time_ns
from company_details.company_sim.mock_systems.logs.data import Logs, Stream, load_logs
from company_details.company_sim.mock_systems.logs.logql import parse_query
from company_details.company_sim.mock_systems.parameters import Parameters, first, parse_number, read_parameters
from company_details.company_sim.mock_systems.selectors import SelectorError

DEFAULT_LIMIT = 100
MAX_LIMIT = 5_000
"""`max_entries_limit_per_query`: https://grafana.com/docs/loki/latest/configure/#limits_config."""

_DEFAULT_RANGE_NS = 3_600_000_000_000
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DIGITS_OF_SECONDS = 10
_MAX_NS = 2**62


class _RefusedError(Exception):
    """A request refused with status 400 and a line of plain text."""


def create_app(data_dir: Path, *, now_s: Callable[[], float] = time.time) -> Starlette:
    """The server over `logs.ndjson` in `data_dir`, which is read once, on first use.

    `now_s` tells the end of a query that names none.
    """
    api = _Api(Once(lambda: load_logs(data_dir)), now_s)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        api.logs.start()
        yield

    both = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/loki/api/v1/query_range", api.query_range, methods=both),
            Route("/loki/api/v1/labels", api.labels, methods=both),
            Route("/loki/api/v1/label/{name}/values", api.label_values, methods=both),
            Route("/ready", _ready, methods=["GET"]),
            Route("/health", api.health, methods=["GET"]),
        ],
        exception_handlers={_RefusedError: _refuse, SelectorError: _refuse, HTTPException: _plain_error},
        lifespan=lifespan,
    )


@dataclass(frozen=True)
class _Api:
    logs: Once[Logs]
    now_s: Callable[[], float]

    async def query_range(self, request: Request) -> Response:
        parameters = await read_parameters(request)
        start_ns, end_ns = self._read_range(parameters)
        if end_ns <= start_ns:
            raise _RefusedError("end timestamp must not be before or equal to start time")
        limit, backward = _read_limit(first(parameters, "limit")), _read_backward(first(parameters, "direction"))
        query = parse_query(first(parameters, "query"))
        logs = await self.logs.get()
        # A filter may have to look at every line there is: that is done beside the event loop.
        found = await asyncio.to_thread(logs.search, query, start_ns, end_ns, limit, backward=backward)
        result = [
            {"stream": stream.labels, "values": [[str(time_ns), line] for time_ns, line in entries]}
            for stream, entries in found
        ]
        return _success({"resultType": "streams", "result": result, "stats": {}})

    async def labels(self, request: Request) -> Response:
        found = await self._streams(await read_parameters(request))
        return _success(sorted({name for stream in found for name in stream.labels}))

    async def label_values(self, request: Request) -> Response:
        name = request.path_params["name"]
        found = await self._streams(await read_parameters(request))
        return _success(sorted({stream.labels[name] for stream in found if name in stream.labels}))

    async def health(self, _: Request) -> Response:
        logs = await self.logs.get()
        return Json({"status": "ok", "system": "logs", "streams": len(logs.streams), "files": [logs.report.as_json()]})

    async def _streams(self, parameters: Parameters) -> list[Stream]:
        """The streams that the request asks about.

        Times are read, and refused when they are no times, but do not narrow the answer: a server without an index by
        day answers for all it has, which Loki's own is near to (it answers by whole index periods).
        """
        self._read_range(parameters)
        query = first(parameters, "query")
        logs = await self.logs.get()
        return logs.select(parse_query(query).matchers) if query else logs.streams

    def _read_range(self, parameters: Parameters) -> tuple[int, int]:
        end_text, start_text = first(parameters, "end"), first(parameters, "start")
        end_ns = _read_time(end_text) if end_text else int(self.now_s() * 1_000_000_000)
        return _read_time(start_text) if start_text else end_ns - _DEFAULT_RANGE_NS, end_ns


def _read_time(text: str) -> int:
    """Nanoseconds since 1970 of nanoseconds, of seconds (with a point, or ten digits at most) or of an RFC 3339 time."""
    if _WHOLE_NUMBER.fullmatch(text):
        number = int(text)
        return number * 1_000_000_000 if len(text) <= _DIGITS_OF_SECONDS else number
    seconds = parse_number(text)
    if (seconds is not None and abs(seconds) * 1_000_000_000 < _MAX_NS) or _RFC3339.fullmatch(text):
        try:
            return parse_time_ns(text)
        except ValueError:
            pass
    raise _RefusedError(f'cannot parse "{text}" to a valid timestamp')


def _read_limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not _WHOLE_NUMBER.fullmatch(text):
        raise _RefusedError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    limit = int(text)
    if limit <= 0:
        raise _RefusedError("limit must be a positive value")
    if limit > MAX_LIMIT:
        raise _RefusedError(
            f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {MAX_LIMIT})"
        )
    return limit


def _read_backward(text: str) -> bool:
    if text.lower() not in {"", "backward", "forward"}:
        raise _RefusedError(f"invalid direction '{text}'")
    return text.lower() != "forward"


def _success(data: Any) -> Response:
    return Json({"status": "success", "data": data})


def _refuse(_: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error).encode("utf-8", errors="replace"), status_code=400)


def _plain_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = "404 page not found" if error.status_code == 404 else error.detail  # noqa: PLR2004 - the status by its number
    return PlainTextResponse(text, status_code=error.status_code)


async def _ready(_: Request) -> Response:
    return PlainTextResponse("ready\n")
