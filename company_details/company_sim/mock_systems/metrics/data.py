"""The samples of `metrics.csv` as series, each two arrays in order of time."""

import csv
import io
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from company_details.company_sim.mock_systems.files import FileReport, parse_time_ns, read_text
from company_details.company_sim.mock_systems.selectors import Matcher

FILE_NAME = "metrics.csv"
LOOKBACK_MS = 300_000
"""How long a sample answers for the moments after it: `--query.lookback-delta`, five minutes unless set.

https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
"""

_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NO_LABEL_CHARACTER = re.compile(r"[^a-zA-Z0-9_]")
_REQUIRED = ("timestamp", "metric", "value")


@dataclass
class Series:
    """The samples of one set of labels: milliseconds since 1970, rising, and the value at each."""

    labels: dict[str, str]
    times_ms: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def value_at(self, time_ms: int) -> tuple[int, float] | None:
        """The latest sample at or before a moment, unless it is older than the look-back; a sample just as old counts.

        So it is up to Prometheus 2.x; version 3 leaves out a sample that is exactly as old as the look-back
        (https://prometheus.io/docs/prometheus/latest/migration/#range-selectors-and-lookback-exclude-samples-coinciding-with-the-left-boundary).
        """
        index = bisect_right(self.times_ms, time_ms) - 1
        if index < 0 or self.times_ms[index] < time_ms - LOOKBACK_MS:
            return None
        return self.times_ms[index], self.values[index]

    def values_at_steps(self, start_ms: int, end_ms: int, step_ms: int) -> list[tuple[int, float]]:
        """The value at each step of a range, both ends included, leaving out the steps that have none."""
        times, values = self.times_ms, self.values
        index = bisect_right(times, start_ms) - 1
        last = len(times) - 1
        found: list[tuple[int, float]] = []
        for moment in range(start_ms, end_ms + 1, step_ms):
            if index < last and times[index + 1] <= moment:
                index = bisect_right(times, moment, index + 1) - 1
            if index >= 0 and times[index] >= moment - LOOKBACK_MS:
                found.append((moment, values[index]))
        return found

    def samples_between(self, start_ms: int, end_ms: int) -> list[tuple[int, float]]:
        """The samples as they are between the two moments, both included, as up to Prometheus 2.x (see `value_at`)."""
        low, high = bisect_left(self.times_ms, start_ms), bisect_right(self.times_ms, end_ms)
        return list(zip(self.times_ms[low:high], self.values[low:high], strict=True))

    def has_samples(self, start_ms: int | None, end_ms: int | None) -> bool:
        """Whether there is a sample between the two moments, both included; None is an open end."""
        low = 0 if start_ms is None else bisect_left(self.times_ms, start_ms)
        high = len(self.times_ms) if end_ms is None else bisect_right(self.times_ms, end_ms)
        return low < high


@dataclass
class Samples:
    """All series, in the order of their labels, and what became of the file."""

    report: FileReport
    series: list[Series] = field(default_factory=list[Series])
    _by_name: dict[str, list[Series]] = field(default_factory=dict[str, list[Series]])

    def __post_init__(self) -> None:
        self.series.sort(key=lambda series: sorted(series.labels.items()))
        for series in self.series:
            self._by_name.setdefault(series.labels["__name__"], []).append(series)

    def select(self, matchers: Sequence[Matcher]) -> list[Series]:
        """The series that meet every matcher."""
        named = next((matcher.value for matcher in matchers if matcher.name == "__name__" and matcher.op == "="), None)
        candidates = self.series if named is None else self._by_name.get(named, [])
        return [series for series in candidates if all(matcher.matches_labels(series.labels) for matcher in matchers)]


class _Times(dict[str, int]):
    """Timestamps as written, each parsed once: in a scrape many rows share one."""

    def __missing__(self, text: str) -> int:
        self[text] = time_ms = parse_time_ns(text) // 1_000_000
        return time_ms


def load_samples(data_dir: Path) -> Samples:
    """The samples of `metrics.csv` (or `.csv.gz`); rows that cannot be read are counted in the report, never fatal."""
    report = FileReport(FILE_NAME)
    text = read_text(data_dir, FILE_NAME, report)
    if text is None:
        return Samples(report)
    lines = io.StringIO(text, newline="")
    header = _split_cells(lines.readline())
    columns = _name_columns(header)
    if missing := [name for name in _REQUIRED if name not in columns]:
        report.problem = f"{report.path}: the header has no column {', '.join(missing)}: serving no data"
        return Samples(report)
    first, last = columns.index("timestamp") == 0, columns.index("value") == len(columns) - 1
    if first and last and '"' not in text:
        rows = _split_lines(lines)
    else:
        rows = _split_rows(lines, columns)
        columns = ["timestamp", *(name for name in columns if name not in {"timestamp", "value"}), "value"]
    groups = _group_rows(rows, columns[1:-1], report)
    series = list(_merge_same_labels(groups).values())
    for one in series:
        _put_in_order(one, report)
    return Samples(report, series)


def _name_columns(header: list[str]) -> list[str]:
    names: list[str] = []
    for cell in header:
        name = cell.strip()
        if name.lower() in {*_REQUIRED, "service"}:
            name = name.lower()
        else:
            name = _NO_LABEL_CHARACTER.sub("_", name) or "_"
            name = f"_{name}" if name[0].isdigit() else name
        names.append(name)
    return names


def _split_lines(lines: io.StringIO) -> Iterator[tuple[str, str, str]]:
    # Two cuts a line are twice as fast as the csv module, and enough where no cell is quoted.
    for line in lines:
        timestamp, _, rest = line.partition(",")
        labels, _, value = rest.rpartition(",")
        yield timestamp, labels, value


def _split_rows(lines: io.StringIO, columns: list[str]) -> Iterator[tuple[str, str, str]]:
    time_index, value_index = columns.index("timestamp"), columns.index("value")
    label_indexes = [index for index in range(len(columns)) if index not in {time_index, value_index}]
    for row in csv.reader(lines):
        if len(row) != len(columns):
            yield ",".join(row), "", ""
            continue
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="").writerow([row[index] for index in label_indexes])
        yield row[time_index], buffer.getvalue(), row[value_index]


def _group_rows(rows: Iterator[tuple[str, str, str]], names: list[str], report: FileReport) -> list[Series]:
    times = _Times()
    groups: dict[str, Series | None] = {}
    number = 1
    for timestamp, cells, value in rows:
        number += 1
        try:
            series = groups[cells]
        except KeyError:
            series = groups[cells] = _open_series(cells, names)
        if series is None:
            if timestamp.strip() or cells or value:
                report.refuse_row(f"row {number}", f"not {len(names) + 2} columns with a metric name: {cells[:80]!r}")
            continue
        try:
            time_ms, number_at = times[timestamp], float(value)
        except ValueError:
            report.refuse_row(f"row {number}", f"no timestamp and number: {timestamp[:40]!r}, {value.strip()[:40]!r}")
            continue
        series.times_ms.append(time_ms)
        series.values.append(number_at)
    opened = [series for series in groups.values() if series]
    report.rows = sum(len(series.values) for series in opened)
    return [series for series in opened if series.values]


def _split_cells(line: str) -> list[str]:
    return next(csv.reader([line]), list[str]())


def _open_series(cells: str, names: list[str]) -> Series | None:
    row = _split_cells(cells)
    if len(row) != len(names):
        return None
    labels = {name: cell.strip() for name, cell in zip(names, row, strict=True) if cell.strip()}
    metric = labels.pop("metric", "")
    if not _METRIC_NAME.fullmatch(metric):
        return None
    return Series({"__name__": metric, **labels})


def _merge_same_labels(groups: list[Series]) -> dict[tuple[tuple[str, str], ...], Series]:
    # The same labels may be written in different ways (with spaces, say): they are one series.
    merged: dict[tuple[tuple[str, str], ...], Series] = {}
    for series in groups:
        key = tuple(sorted(series.labels.items()))
        if (known := merged.setdefault(key, series)) is not series:
            known.times_ms.extend(series.times_ms)
            known.values.extend(series.values)
    return merged


def _put_in_order(series: Series, report: FileReport) -> None:
    """Sort by time; of two samples at one moment the first stays, as in a real database, and the other is a bad row."""
    if all(earlier < later for earlier, later in pairwise(series.times_ms)):
        return
    samples: dict[int, float] = {}
    for time_ms, value in zip(series.times_ms, series.values, strict=True):
        if samples.setdefault(time_ms, value) != value:
            report.refuse_row(str(series.labels), f"a second value at {time_ms / 1000} s")
    report.rows -= len(series.times_ms) - len(samples)
    ordered = sorted(samples)
    series.times_ms = array("q", ordered)
    series.values = array("d", (samples[time_ms] for time_ms in ordered))
