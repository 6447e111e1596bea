"""Labelled faults as the product's own evidence: windows of samples before and since, who calls whom, and where it began.

Four layouts are known by their files: fault lists beside metrics in Parquet (`faults.json`), issues beside normal days
(`issues.json`), and folders of incidents with `alert.json` and `metrics.csv` (`ground_truth.json`).
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import Any

from core.evidence.metrics import MetricSeries, MetricsWindow
from core.findings.propagation import Measured

BEFORE_S = 3600.0
_POD = re.compile(r"-[0-9a-f]{6,10}-[a-z0-9]{4,6}$")

type Columns = Mapping[str, list[float | None]]
type View = tuple[MetricSeries, MetricSeries]


@dataclass(frozen=True, kw_only=True)
class FaultCase:
    """One fault: what was measured by service, the service it began in, its kind, and whose symptom raised the alert."""

    name: str
    kind: str
    truth: str
    measured: dict[str, Measured]
    calls: dict[str, tuple[str, ...]]
    subject: str | None = None
    seen_by_callers: dict[str, list[View]] = field(default_factory=dict[str, list[View]])


def read_cases(folder: Path) -> Iterator[FaultCase]:
    """The cases of a folder of any of the layouts; ValueError for a folder of another."""
    if (folder / "faults.json").exists():
        yield from _of_faults(folder)
    elif (folder / "issues.json").exists():
        yield from _of_issues(folder)
    elif (folder / "ground_truth.json").exists():
        yield from _of_scenarios(folder)
    else:
        raise ValueError(f"{folder} has none of faults.json, issues.json and ground_truth.json: name a folder that has")


def _of_faults(folder: Path) -> Iterator[FaultCase]:
    stored = _json(folder / "faults.json")
    listed: dict[str, Any] = stored if "faults" in stored else {"faults": stored, "edges": {"none": []}}
    faults, edges = listed["faults"], next(iter(listed["edges"].values()))
    tables = [_table(path) for path in sorted(folder.glob("metrics_*.parquet"))]
    for fault in faults:
        at, until = float(fault["ts"]), float(fault["ts"]) + float(fault["duration_s"]) + 60
        times, columns = next(item for item in tables if item[0][0] <= at <= item[0][-1])
        before = [index for index, time in enumerate(times) if at - BEFORE_S <= time < at]
        during = [index for index, time in enumerate(times) if at < time <= until]
        services, views = _parted(columns, before, during, at)
        yield FaultCase(
            name=str(fault["id"]), kind=str(fault["fault"]), truth=str(fault["service"]), measured=services,
            calls=_calls(edges), seen_by_callers=views,
        )  # fmt: skip


def _of_issues(folder: Path) -> Iterator[FaultCase]:
    stored = _json(folder / "issues.json")
    normal = {path.stem.removeprefix("normal_"): _table(path) for path in folder.glob("normal_*.parquet")}
    found: dict[str, dict[str, list[tuple[float, float | None]]]] = {}
    for row in _rows(folder / "issues.parquet"):
        found.setdefault(row["issue"], {}).setdefault(row["series"], []).append((row["ts"], _number(row["value"])))
    for issue in stored["issues"]:
        if not issue["has_normal"]:
            continue
        _, columns = normal[issue["scenario"]]
        samples = {name: [value for _, value in sorted(rows)] for name, rows in found[issue["id"]].items()}
        series = {name: (columns[name], samples[name]) for name in samples if name in columns}
        yield FaultCase(
            name=issue["id"], kind=issue["target"]["metric"], truth=issue["root_cause_node"],
            measured=_by_service(series, float(issue["target"]["timestamp"]), 300),
            calls=_calls(stored["graph"][issue["scenario"]]), subject=issue["target"]["node"],
        )  # fmt: skip


def _of_scenarios(folder: Path) -> Iterator[FaultCase]:
    for name, truth in _json(folder / "ground_truth.json").items():
        place = folder / "scenarios" / name
        alert = _json(place / "alert.json")
        fired = datetime.fromisoformat(alert["fired_at"]).timestamp()
        series: dict[str, tuple[list[float | None], list[float | None]]] = {}
        with (place / "metrics.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                at = datetime.fromisoformat(row["timestamp"]).timestamp()
                before, during = series.setdefault(f"{row['service']}|{row['metric']}", ([], []))
                if at < fired - BEFORE_S / 2:
                    before.append(float(row["value"]))
                elif at >= fired:
                    during.append(float(row["value"]))
        spans = {span["span_id"]: span for span in _json(place / "traces.json")}
        edges = [
            (spans[span["parent_id"]]["service"], span["service"])
            for span in spans.values()
            if span["parent_id"] in spans
        ]
        yield FaultCase(
            name=name, kind="incident", truth=truth["first_failing_service"], measured=_by_service(series, fired, 60),
            calls=_calls(edges),
        )  # fmt: skip


def _parted(
    columns: Columns, before: list[int], during: list[int], at: float
) -> tuple[dict[str, Measured], dict[str, list[View]]]:
    """The services, and what callers saw of the calls to each (columns `edge:source|caller_callee`)."""
    series: dict[str, tuple[list[float | None], list[float | None]]] = {}
    views: dict[str, list[View]] = {}
    for name, values in columns.items():
        parts = [values[index] for index in before], [values[index] for index in during]
        owner, _, metric = name.partition("|")
        if owner == "edge:source":
            one, other = (MetricSeries(metric="latency", labels={}, values=tuple(part)) for part in parts)
            views.setdefault(metric.partition("_")[2], []).append((one, other))
        elif not owner.startswith(("edge:", "node-")) and not owner.endswith("_slo"):
            series[f"{_POD.sub('', owner)}|{metric}|{owner}"] = parts
    return _by_service(series, at, 60), views


def _by_service(
    series: Mapping[str, tuple[list[float | None], list[float | None]]], at: float, step_s: int
) -> dict[str, Measured]:
    grouped: dict[str, list[tuple[str, str, tuple[list[float | None], list[float | None]]]]] = {}
    for name, parts in series.items():
        service, metric, *rest = name.split("|")
        grouped.setdefault(service, []).append((metric, "|".join(rest), parts))
    moment = datetime.fromtimestamp(at, UTC)
    return {
        service: Measured(
            before=_window(service, moment, step_s, [(metric, label, parts[0]) for metric, label, parts in rows]),
            during=_window(service, moment, step_s, [(metric, label, parts[1]) for metric, label, parts in rows]),
        )
        for service, rows in grouped.items()
    }


def _window(service: str, at: datetime, step_s: int, rows: list[tuple[str, str, list[float | None]]]) -> MetricsWindow:
    series = tuple(
        MetricSeries(metric=metric, labels={"instance": label} if label else {}, values=tuple(values))
        for metric, label, values in rows
    )
    return MetricsWindow(service=service, start_time=at, end_time=at, step_s=step_s, series=series)


def _calls(edges: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for caller, callee in edges:
        if caller != callee and callee not in found.setdefault(caller, []):
            found[caller].append(callee)
    return {caller: tuple(callees) for caller, callees in found.items()}


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _rows(path: Path) -> list[dict[str, Any]]:
    return _parquet(path).to_pylist()


def _table(path: Path) -> tuple[list[float], Columns]:
    columns: dict[str, list[Any]] = _parquet(path).to_pydict()
    times = [float(time) for time in columns.pop("ts")]
    return times, {name: [_number(value) for value in values] for name, values in columns.items()}


def _parquet(path: Path) -> Any:
    try:
        from pyarrow import parquet  # pyright: ignore[reportMissingImports, reportUnknownVariableType]  # noqa: PLC0415 -- for this bench alone
    except ImportError:
        raise SystemExit("bench.causes reads Parquet: uv run --with pyarrow python -m bench.causes FOLDER") from None
    return parquet.read_table(path)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- likewise


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isnan(value) else None
