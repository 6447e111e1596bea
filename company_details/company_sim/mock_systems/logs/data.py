"""The lines of `logs.ndjson` as streams, each in order of time."""

import heapq
import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, cast

from company_details.company_sim.mock_systems.files import FileReport, parse_time_ns, read_text
from company_details.company_sim.mock_systems.logs.logql import LineFilter, LogQuery
from company_details.company_sim.mock_systems.selectors import Matcher

FILE_NAME = "logs.ndjson"
STREAM_LABELS = ("service", "level")
"""The fields that tell one stream from another; the rest stay in the line, so that streams are few, as Loki advises.

https://grafana.com/docs/loki/latest/get-started/labels/bp-labels/
"""

type Entry = tuple[int, int, str]
"""Nanoseconds since 1970, the number of the stream, the line."""


@dataclass
class Stream:
    """The lines of one set of labels, in order of time (in the order of the file where times are equal)."""

    labels: dict[str, str]
    times_ns: array[int] = field(default_factory=lambda: array("q"))
    lines: list[str] = field(default_factory=list[str])

    def put_in_order(self) -> None:
        """Sort by time."""
        if all(earlier <= later for earlier, later in pairwise(self.times_ns)):
            return
        order = sorted(range(len(self.times_ns)), key=self.times_ns.__getitem__)
        self.times_ns = array("q", (self.times_ns[index] for index in order))
        self.lines = [self.lines[index] for index in order]

    def entries(
        self, number: int, start_ns: int, end_ns: int, filters: tuple[LineFilter, ...], *, backward: bool
    ) -> Iterator[Entry]:
        """The lines from `start_ns` to before `end_ns` that pass the filters, oldest first or newest first."""
        indexes = range(bisect_left(self.times_ns, start_ns), bisect_left(self.times_ns, end_ns))
        for index in reversed(indexes) if backward else indexes:
            line = self.lines[index]
            if all(one.keeps(line) for one in filters):
                yield self.times_ns[index], number, line


@dataclass
class Logs:
    """All streams, in the order of their labels, and what became of the file."""

    report: FileReport
    streams: list[Stream] = field(default_factory=list[Stream])

    def select(self, matchers: tuple[Matcher, ...]) -> list[Stream]:
        """The streams that meet every matcher."""
        return [one for one in self.streams if all(matcher.matches_labels(one.labels) for matcher in matchers)]

    def search(
        self, query: LogQuery, start_ns: int, end_ns: int, limit: int, *, backward: bool
    ) -> list[tuple[Stream, list[tuple[int, str]]]]:
        """The first `limit` lines in the direction asked for, over all streams together, then set out by stream."""
        streams = self.select(query.matchers)
        merged = heapq.merge(
            *(
                stream.entries(number, start_ns, end_ns, query.filters, backward=backward)
                for number, stream in enumerate(streams)
            ),
            key=_time_of,
            reverse=backward,
        )
        found: dict[int, list[tuple[int, str]]] = {}
        for time_ns, number, line in islice(merged, limit):
            found.setdefault(number, []).append((time_ns, line))
        return [(streams[number], entries) for number, entries in sorted(found.items())]


def load_logs(data_dir: Path) -> Logs:
    """The lines of `logs.ndjson` (or `.ndjson.gz`); lines that cannot be read are counted in the report, never fatal.

    A line is served as it stands in the file, so that none of its fields is lost.
    """
    report = FileReport(FILE_NAME)
    text = read_text(data_dir, FILE_NAME, report)
    streams: dict[tuple[str, ...], Stream] = {}
    for number, raw in enumerate((text or "").split("\n"), start=1):
        line = raw.strip()
        if not line:
            continue
        try:
            record = json.loads(line)
            time_ns = _read_time(record)
        except (ValueError, RecursionError) as error:
            report.refuse_row(f"line {number}", str(error)[:200])
            continue
        key = tuple([_label(record.get(name)) for name in STREAM_LABELS])
        stream = streams.get(key)
        if stream is None:
            labels = {name: value for name, value in zip(STREAM_LABELS, key, strict=True) if value}
            stream = streams[key] = Stream(labels or {"service": "unknown_service"})
        stream.times_ns.append(time_ns)
        stream.lines.append(line)
        report.rows += 1
    ordered = sorted(streams.values(), key=lambda stream: sorted(stream.labels.items()))
    for stream in ordered:
        stream.put_in_order()
    return Logs(report, ordered)


def _time_of(entry: Entry) -> int:
    return entry[0]


def _read_time(record: Any) -> int:
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a bad line is a bad value, whatever its type
    stamp = cast("dict[str, Any]", record).get("timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, str | int | float):
        raise ValueError(f"no timestamp: {stamp!r}")  # noqa: TRY004 - likewise
    return parse_time_ns(stamp if isinstance(stamp, str) else repr(stamp))


def _label(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else json.dumps(value)
