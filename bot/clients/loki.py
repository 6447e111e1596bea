"""Log lines of a service from a Loki server: https://grafana.com/docs/loki/latest/reference/loki-http-api/."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx
from pydantic import BaseModel, Field

from bot.clients.breaker import Breaker
from bot.clients.edge import Edge
from bot.clients.log_line import Entry, read_line
from bot.clients.quoting import quote_go
from core.errors import ToolRefusedError
from core.evidence import LogLines
from core.window import Window

MAX_LINES = 2_000
"""Lines brought in for one question, at most, unless the constructor says otherwise; our own bound."""

PAGE_LINES = 1_000
"""Lines asked for at a time."""

MAX_PAGE_LINES = 5_000
"""Loki's `max_entries_limit_per_query`, unless its operator set another: https://grafana.com/docs/loki/latest/configure/#limits_config."""

CHUNK_NS = 30 * 86_400 * 1_000_000_000
"""Loki refuses longer spans (`max_query_length`, 30 days and an hour): https://grafana.com/docs/loki/latest/configure/#limits_config."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Stream(BaseModel):
    labels: dict[str, str] = Field(alias="stream")
    # With the time and the line may come an object, the structured metadata of the line.
    values: list[tuple[str, str] | tuple[str, str, dict[str, object]]]


class _Streams(BaseModel):
    kind: Literal["streams"] = Field(alias="resultType")
    result: list[_Stream]


class _Answer(BaseModel):
    data: _Streams


class LokiLogs:
    """LogsSource over the streams that carry the label `service`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        max_lines: int = MAX_LINES,
        page_lines: int = PAGE_LINES,
        breaker: Breaker | None = None,
    ) -> None:
        self._edge = Edge(client, system="Loki", setting="COMPANY_LOGS_BASE_URL", breaker=breaker)
        self._max_lines = max_lines
        self._page_lines = page_lines

    async def query_range(self, service: str, window: Window, pattern: str | None) -> LogLines:
        """The lines of the service in the window, both ends included, oldest first; `pattern` is an RE2 expression.

        `truncated` when Loki held more than the limit; what is left out is the newest. Raises as `core.errors` says of tools;
        a pattern that Loki cannot compile is a ToolRefusedError.
        """
        if not service:
            raise ToolRefusedError("the service is empty: name the service whose logs are wanted")
        query = f"{{service={quote_go(service)}}}" + (f" |~ {quote_go(pattern)}" if pattern else "")
        entries, truncated = await self._read(query, _nanoseconds(window.start), _nanoseconds(window.end) + 1)
        return LogLines(
            service=service,
            start_time=window.start,
            end_time=window.end,
            pattern=pattern,
            lines=tuple(read_line(entry, service) for entry in entries),
            truncated=truncated,
        )

    async def _read(self, query: str, start_ns: int, end_ns: int) -> tuple[list[Entry], bool]:
        """The entries from `start_ns` up to, not including, `end_ns`, in order of time, and whether some are missing."""
        entries: list[Entry] = []
        incomplete, page_lines = False, self._page_lines
        while start_ns < end_ns and len(entries) <= self._max_lines:
            until_ns = min(start_ns + CHUNK_NS, end_ns)
            page = await self._read_page(query, start_ns, until_ns, page_lines)
            if len(page) < page_lines:
                entries += page
                start_ns = until_ns
                continue
            # A full page may end amid lines of one nanosecond: that nanosecond is read again, whole.
            last_ns = page[-1].time_ns
            if last_ns > page[0].time_ns:
                entries += [entry for entry in page if entry.time_ns < last_ns]
                start_ns, page_lines = last_ns, self._page_lines
            elif page_lines < MAX_PAGE_LINES:
                page_lines = MAX_PAGE_LINES
            else:
                entries += page
                incomplete, start_ns, page_lines = True, last_ns + 1, self._page_lines
        return entries[: self._max_lines], incomplete or len(entries) > self._max_lines

    async def _read_page(self, query: str, start_ns: int, end_ns: int, limit: int) -> list[Entry]:
        answer = await self._edge.get(
            "/loki/api/v1/query_range",
            {
                "query": query,
                "start": str(start_ns),
                "end": str(end_ns),
                "limit": str(limit),
                "direction": "forward",
            },
            _Answer,
        )
        streams = sorted(answer.data.result, key=lambda stream: sorted(stream.labels.items()))
        try:
            entries = [Entry(int(value[0]), value[1], stream.labels) for stream in streams for value in stream.values]
        except ValueError:
            raise self._edge.unreadable("a line's time is not a number of nanoseconds") from None
        return sorted(entries, key=_time_ns)


def _time_ns(entry: Entry) -> int:
    return entry.time_ns


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000
