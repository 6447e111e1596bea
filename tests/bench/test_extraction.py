"""The measurement of extraction, over a few labelled rows of its own."""

import json
from collections.abc import Mapping
from pathlib import Path

from typer import Typer
from typer.testing import CliRunner

from bench.extraction import main
from bench.status_incidents import read_incidents
from bench.time_cases import our_spans, read_cases, score

CASE = {
    "_id": "Part-1",
    "text": "Call me tomorrow or in 5 minutes",
    "ref": "2026-11-23T10:00:00",
    "results": [
        {
            "Text": "tomorrow",
            "Start": 8,
            "End": 15,
            "TypeName": "datetimeV2.date",
            "Resolution": {"values": [{"timex": "2026-11-24", "type": "date", "value": "2026-11-24"}]},
        },
        {
            "Text": "in 5 minutes or so",
            "Start": 20,
            "End": 37,
            "TypeName": "datetimeV2.datetime",
            "Resolution": {"values": [{"timex": "", "type": "datetime", "value": "2026-11-23 10:05:00"}]},
        },
    ],
}
INCIDENT = {
    "title": "Incident with Search",
    "impact": "minor",
    "components": ["Search"],
    "components_source": "status_page",
    "updates": [
        {"status": "Investigating", "message": "We are investigating degraded performance of Search."},
        {"status": "Resolved", "message": "It was a complete outage of all services."},
    ],
}


def write(path: Path, row: Mapping[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return path


def test_spans_count_exactly_and_by_overlap_and_values_by_exact_spans_alone(tmp_path: Path) -> None:
    cases = read_cases(write(tmp_path / "cases.jsonl", CASE))
    result = score(cases, [our_spans(case) for case in cases])
    assert (result.labels, result.found, result.exact) == (2, 2, 1)
    assert (result.touched_labels, result.some_value, result.all_values) == (2, 1, 1)


def test_an_incident_is_read_without_its_closing_update(tmp_path: Path) -> None:
    (incident,) = read_incidents(write(tmp_path / "incidents.jsonl", INCIDENT))
    assert incident.text == "Incident with Search\nWe are investigating degraded performance of Search."
    assert incident.components == {"Search"}


def test_a_folder_is_searched_for_files_of_the_known_formats(tmp_path: Path) -> None:
    write(tmp_path / "times" / "cases.jsonl", CASE)
    write(tmp_path / "status" / "incidents.jsonl", INCIDENT)
    write(tmp_path / "else" / "other.jsonl", {"_id": "1", "text": "of another format"})
    app = Typer()
    app.command()(main)
    done = CliRunner().invoke(app, [str(tmp_path), "--no-yardsticks"])
    assert done.exit_code == 0
    assert "times: 1 sentences, 2 expressions of time" in done.output
    assert "impact of 1 incidents" in done.output
