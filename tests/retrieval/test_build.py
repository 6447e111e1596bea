import gzip
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.errors import ToolBrokenError
from retrieval.__main__ import app
from retrieval.build import build_issue_index
from retrieval.jira_issues import jira_record
from tests.retrieval.conftest import ISSUES, adf, issue, write_pack


def test_equal_records_give_equal_bytes_in_any_order(tmp_path: Path) -> None:
    build_issue_index(tmp_path / "one", ISSUES)
    build_issue_index(tmp_path / "two", reversed(ISSUES))

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_bad_records_are_counted_and_named(tmp_path: Path) -> None:
    bad: list[Any] = [None, 7, {"key": "X-1"}, issue("X-2", "no time", created="yesterday"), issue("SHIP-1", "again")]

    report = build_issue_index(tmp_path / "index", [*ISSUES, *bad], problems=["found before"])

    assert (report.records, report.bad_count) == (3, 6)
    assert report.bad[0] == "found before"
    assert "X-2 has no readable created" in report.bad[4]
    assert "SHIP-1 was there before" in report.bad[5]


def test_a_build_leaves_no_other_file(tmp_path: Path) -> None:
    build_issue_index(tmp_path / "index", ISSUES)

    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ToolBrokenError, match="cannot be written"):
        build_issue_index(tmp_path / "file" / "index", ISSUES)


def test_builds_at_the_same_time_leave_one_whole_index(tmp_path: Path) -> None:
    path = tmp_path / "index"
    threads = [threading.Thread(target=build_issue_index, args=(path, ISSUES)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    build_issue_index(tmp_path / "other", ISSUES)

    assert path.read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"labels": [], "customfield_10042": {"value": "SEV-1"}}, "SEV1"),
        ({"labels": [], "customfield_10042": "P3"}, "P3"),
        ({"labels": [], "customfield_10042": "Talk to P3 about it"}, None),
        ({"labels": ["web", "sev-3"]}, "SEV3"),
        ({"labels": [], "priority": {"name": "P0"}}, "P0"),
        ({"labels": [], "priority": None}, None),
    ],
)
def test_the_severity_is_read_wherever_a_tracker_keeps_it(fields: dict[str, Any], severity: str | None) -> None:
    assert jira_record(issue("A-1", "words", **fields)).severity == severity


def test_comments_are_part_of_the_text() -> None:
    record = jira_record(issue("A-1", "Summary", "Body", comment={"comments": [{"body": adf("A comment")}, 3]}))

    assert record.chunks[0].text == "Summary\nBody\nA comment"


def test_sparse_issues_are_taken() -> None:
    record = jira_record({"key": "A-1", "fields": {"summary": "words", "created": "2025-01-01T00:00:00Z"}})

    assert (record.collection, record.incident_state, record.chunks[0].url) == ("issues", None, "/browse/A-1")


def test_the_command_builds_from_a_gzipped_ticket_file(tmp_path: Path) -> None:
    root = write_pack(tmp_path / "company")
    plain = root / "mock_systems/data/jira_tickets.json"
    plain.with_name("jira_tickets.json.gz").write_bytes(gzip.compress(json.dumps({"issues": [*ISSUES, 3]}).encode()))
    plain.unlink()

    result = CliRunner().invoke(app, ["build", "--company", str(root), "--index", str(tmp_path / "index.sqlite")])

    assert result.exit_code == 0
    assert "4 records" in result.stdout
    assert "1 left out" in result.stdout


def test_the_command_names_a_folder_that_is_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["build", "--company", str(tmp_path / "none")])

    assert result.exit_code == 2
    assert "there is no folder" in result.stderr
