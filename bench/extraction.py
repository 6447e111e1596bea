"""`make bench-extraction FILES=…`: what orch reads from texts that others labelled, with the libraries of the field beside it.

Takes folders (or files) in the formats of Recognizers-Text's cases, of status-page incidents and of incident reports; which one a
file has is told from its first row. The libraries run in an environment of their own, which uv makes on first use.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bench.extraction_yardsticks import READERS
from bench.key_events import event_recall
from bench.status_incidents import (
    ClassScore,
    Incident,
    class_scores,
    component_score,
    keyword_impact,
    macro_f1,
    our_impact,
    read_incidents,
)  # fmt: skip
from bench.time_cases import Case, Score, Span, our_spans, read_cases, score

_SCRIPT = Path(__file__).with_name("extraction_yardsticks.py")
_MOST_SECONDS = 1800
_RANGE_KINDS = (
    "date",
    "time",
    "datetime",
    "daterange",
    "timerange",
    "datetimerange",
    "datetimealt",
    "duration",
    "set",
    "timezone",
)


def main(
    files: Annotated[list[Path], typer.Argument(help="Folders or files of labelled texts.")],
    *,
    yardsticks: Annotated[bool, typer.Option(help="Run the libraries beside orch.")] = True,
) -> None:
    """Print the tables of every file whose format is known."""
    console = Console(width=150)
    for path in _labelled_files(files):
        match _format_of(path):
            case "times":
                _print_times(console, path, yardsticks=yardsticks)
            case "incidents":
                _print_incidents(console, path, yardsticks=yardsticks)
            case "reports":
                right, total = event_recall(path)
                console.print(
                    f"[bold]{path.parent.name}[/bold]: {right} of {total} labelled moments of key events are read from the reports\n"
                )
            case _:
                pass


def _labelled_files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(item for item in path.rglob("*.json*") if item.suffix in {".json", ".jsonl"})
        else:
            yield path


def _format_of(path: Path) -> str | None:
    """What the first row of a file shows it to be."""
    text = path.read_text(encoding="utf-8")
    first: Any = json.loads(text)[0] if path.suffix == ".json" else json.loads(text.partition("\n")[0])
    if {"text", "ref", "results"} <= first.keys():
        return "times"
    if {"title", "updates", "impact"} <= first.keys():
        return "incidents"
    return "reports" if {"text", "key_events"} <= first.keys() else None


def _print_times(console: Console, path: Path, *, yardsticks: bool) -> None:
    cases = read_cases(path)
    began = perf_counter()
    ours = [our_spans(case) for case in cases]
    answers: dict[str, tuple[list[list[Span]], float] | None] = {"orch": (ours, perf_counter() - began)}
    for name in READERS if yardsticks else ():
        answers[name] = _library(name, cases)
    table = Table(
        title=f"{path.parent.name}: {len(cases)} sentences, {sum(len(case.labels) for case in cases)} expressions of time"
    )
    for title in (
        "reader",
        "exact P",
        "exact R",
        "exact F1",
        "overlap F1",
        "a labelled value",
        "exactly the values",
        "ms a sentence",
    ):
        table.add_column(title, justify="left" if title == "reader" else "right")
    scores: dict[str, Score] = {}
    for name, answer in answers.items():
        if answer is None:
            table.add_row(name, *["could not run"] + [""] * 6)
            continue
        scores[name] = result = score(cases, answer[0])
        shares = (result.precision, result.recall, result.f1, result.overlap_f1)
        table.add_row(
            name,
            *(f"{value:.3f}" for value in shares),
            f"{result.some_value / max(1, result.labels):.3f}",
            f"{result.all_values / max(1, result.labels):.3f}",
            f"{answer[1] / max(1, len(cases)) * 1000:.2f}",
        )
    console.print(table)
    console.print(
        "Values are shares of all labels: a span that was missed has none right. A library that does not tell a date from a time is given either."
    )
    best = max((name for name in scores if name != "orch"), key=lambda name: scores[name].f1, default=None)
    console.print(_by_kind(scores, best))
    console.print(_by_family(cases, answers, best))


def _by_kind(scores: dict[str, Score], best: str | None) -> Table:
    table = Table(
        title="by kind: labels, then of each reader the spans found exactly / those with a labelled value / with exactly the values"
    )
    table.add_column("kind")
    table.add_column("labels", justify="right")
    names = ["orch", *([best] if best else [])]
    for name in names:
        table.add_column(name, justify="right")
    for kind in _RANGE_KINDS:
        counts = scores["orch"].by_kind.get(kind)
        if counts is None:
            continue
        cells = [scores[name].by_kind[kind] for name in names]
        table.add_row(
            kind, str(counts["labels"]), *(f"{cell['exact']} / {cell['some']} / {cell['all']}" for cell in cells)
        )
    return table


def _by_family(cases: list[Case], answers: dict[str, tuple[list[list[Span]], float] | None], best: str | None) -> Table:
    table = Table(title="by part of the set: exact F1 / exactly the values")
    names = ["orch", *([best] if best else [])]
    for title in ("part", "sentences", *names):
        table.add_column(title, justify="left" if title == "part" else "right")
    parts = {
        family: [at for at, case in enumerate(cases) if case.family == family]
        for family in dict.fromkeys(case.family for case in cases)
    }
    parts["of all, those that the Python port is said to read"] = [at for at, case in enumerate(cases) if case.ported]
    for family, places in parts.items():
        cells: list[str] = []
        for name in names:
            answer = answers[name]
            assert answer is not None
            result = score([cases[at] for at in places], [answer[0][at] for at in places])
            cells.append(f"{result.f1:.3f} / {result.all_values / max(1, result.labels):.3f}")
        table.add_row(family, str(len(places)), *cells)
    return table


def _print_incidents(console: Console, path: Path, *, yardsticks: bool) -> None:
    incidents = read_incidents(path)
    labels = [incident.impact for incident in incidents]
    began = perf_counter()
    ours = [our_impact(incident) for incident in incidents]
    seconds = perf_counter() - began
    results: dict[str, list[ClassScore] | None] = {
        "orch": class_scores(labels, ours),
        "the scale's own words": class_scores(labels, [keyword_impact(incident) for incident in incidents]),
    }
    if yardsticks:
        results["TF-IDF + logistic regression, trained on this set (5 folds)"] = _trained(incidents, labels)
    table = Table(
        title=f"{path.parent.name}: impact of {len(incidents)} incidents from title and updates before the closing one"
    )
    names = [item.name for item in results["orch"] or ()]
    for title in ("reader", "macro-F1", *names):
        table.add_column(title, justify="left" if title == "reader" else "right")
    for name, result in results.items():
        if result is None:
            table.add_row(name, "could not run", *[""] * len(names))
        else:
            table.add_row(name, f"{macro_f1(result):.3f}", *(f"{item.f1:.3f} ({item.labels})" for item in result))
    console.print(table)
    components = component_score(incidents)
    console.print(
        f"orch: {seconds / max(1, len(incidents)) * 1000:.2f} ms an incident; components named, the list of them known:"
        f" precision {components.precision:.3f}, recall {components.recall:.3f}, F1 {components.f1:.3f} ({components.labels} labels)\n"
    )


def _trained(incidents: list[Incident], labels: list[str]) -> list[ClassScore] | None:
    rows = [{"text": incident.text, "label": incident.impact} for incident in incidents]
    answer = _run("tf-idf", rows)
    return None if answer is None else class_scores(labels, [str(label) for label in answer[0]])


def _library(name: str, cases: list[Case]) -> tuple[list[list[Span]], float] | None:
    answer = _run(name, [{"text": case.text, "now": case.now.isoformat()} for case in cases])
    if answer is None:
        return None
    spans = [
        [Span(start=start, end=end, kind=kind, values=frozenset(values)) for start, end, kind, values in found]
        for found in answer[0]
    ]
    return [[_as_labelled(span) for span in found] for found in spans], answer[1]


def _as_labelled(span: Span) -> Span:
    """Durations in seconds without a trailing `.0`, as the labels are compared."""
    if span.kind != "duration":
        return span
    values = frozenset(f"{float(value):g}" if value.replace(".", "", 1).isdigit() else value for value in span.values)
    return replace(span, values=values)


def _run(name: str, rows: list[dict[str, str]]) -> tuple[list[Any], float] | None:
    """What a library answered in its own environment, and its seconds; None where uv or the library cannot be had."""
    uv = os.environ.get("UV") or shutil.which("uv") or ".tools/bin/uv"
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            [uv, "run", "--quiet", "--script", str(_SCRIPT)],
            input=json.dumps({"name": name, "rows": rows}),
            capture_output=True,
            text=True,
            timeout=_MOST_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    answer = json.loads(done.stdout)
    return answer["answers"], float(answer["seconds"])


if __name__ == "__main__":
    typer.run(main)
