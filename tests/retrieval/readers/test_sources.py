import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ToolBrokenError
from retrieval.gathering import gather
from retrieval.readers.html_text import html_text
from retrieval.readers.moments import written_moment
from retrieval.records import IssueRecord
from retrieval.sources import FORMATS, source_records
from tests.retrieval.conftest import issue

XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="0.92"><channel>
<item>
  <title>[OPS-7] Disk full</title><link>https://jira.example/browse/OPS-7</link>
  <key id="1">OPS-7</key><summary>Disk full on the build host</summary>
  <description>&lt;p&gt;No space &lt;b&gt;left&lt;/b&gt;.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;df&lt;/li&gt;&lt;/ul&gt;</description>
  <type id="1">Incident</type><priority id="2">High</priority><status id="5">Resolved</status>
  <resolution id="1">Fixed</resolution><created>Tue, 4 Nov 2025 09:30:00 +0100</created>
  <component>builder</component>
  <comments><comment>&lt;p&gt;Logs were rotated.&lt;/p&gt;</comment></comments>
</item>
<item><key>OPS-8</key></item>
</channel></rss>
"""
JIRA_CSV = """\
Summary,Issue key,Issue Type,Status,Priority,Created,Description,Comment,Comment,Labels
Disk full,OPS-7,Incident,Done,High,04/Nov/25 9:30 AM,"No space
left",04/Nov/25 9:40 AM;ida;Logs rotated,,infra
,OPS-8,Task,Open,Low,,,,,
"""
EVENTS_CSV = """\
number,incident_state,sys_mod_count,opened_at,sys_updated_at,category,u_symptom,cmdb_ci,priority
INC1,New,0,29/2/2016 01:16,29/2/2016 01:23,Category 55,Symptom 72,?,3 - Moderate
INC2,Active,1,1/3/2016 02:00,1/3/2016 02:10,Category 9,?,router-4,1 - Critical
INC1,Closed,4,29/2/2016 01:16,5/3/2016 12:00,Category 55,Symptom 72,?,3 - Moderate
,Closed,4,29/2/2016 01:16,5/3/2016 12:00,,,,
"""
GITHUB: list[Any] = [
    {
        "number": 12,
        "title": "Crash on start",
        "html_url": "https://github.com/acme/parcel/issues/12",
        "body": "Segfault",
        "state": "closed",
        "labels": [{"name": "bug"}],
        "created_at": "2025-11-04T08:30:00Z",
    },
    {"number": 13},
]


def read(path: Path) -> tuple[list[IssueRecord], list[str]]:
    found = [record for _, record in source_records(path)]
    return (
        [record for record in found if isinstance(record, IssueRecord)],
        [str(record) for record in found if isinstance(record, ValueError)],
    )


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_xml_of_a_server_gives_incidents_with_comments(tmp_path: Path) -> None:
    (record,), bad = read(write(tmp_path / "export.xml", XML))

    assert (record.record_id, record.collection, record.incident_state) == ("OPS-7", "incidents", "resolved")
    assert record.chunks[0].text == "Disk full on the build host\nNo space left.\ndf\nLogs were rotated."
    assert record.chunks[0].url == "https://jira.example/browse/OPS-7"
    assert record.created is not None
    assert record.created.isoformat() == "2025-11-04T08:30:00+00:00"
    assert bad == ["OPS-8 has no summary"]


def test_the_csv_of_a_tracker_gives_issues_with_repeated_columns(tmp_path: Path) -> None:
    (record,), bad = read(write(tmp_path / "export.csv", JIRA_CSV))

    assert record.chunks[0].text == "Disk full\nNo space\nleft\nLogs rotated"
    assert (record.priority, record.project, record.incident_state) == ("High", "OPS", "resolved")
    assert bad == ["OPS-8 has no summary"]


def test_a_log_of_events_gives_the_latest_state_of_each_incident(tmp_path: Path) -> None:
    records, bad = read(write(tmp_path / "log.csv", EVENTS_CSV))

    states = {record.record_id: (record.status, record.incident_state) for record in records}
    assert states == {"INC1": ("Closed", "resolved"), "INC2": ("Active", "open")}
    assert records[0].opened is not None
    assert records[0].opened.isoformat() == "2016-02-29T01:16:00+00:00"
    assert "router-4" in records[1].chunks[0].title
    assert bad == ["it has no number"]


def test_issues_of_github_are_named_by_their_repository(tmp_path: Path) -> None:
    (record,), bad = read(write(tmp_path / "issues.json", json.dumps(GITHUB)))

    assert (record.record_id, record.source, record.project) == ("acme/parcel#12", "github", "acme/parcel")
    assert len(bad) == 1


def test_lines_of_any_shape_are_read_one_by_one(tmp_path: Path) -> None:
    lines = [json.dumps(issue("A-1", "One")), '{"_id": "d2", "title": "Two", "text": "words"}', "{broken", "[]"]
    path = tmp_path / "mixed.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))

    records, bad = read(path)

    assert [record.record_id for record in records] == ["A-1", "d2"]
    assert len(bad) == 2


def test_a_tree_of_pages_gives_each_with_its_lines(tmp_path: Path) -> None:
    write(tmp_path / "runbooks/db/PoolExhausted.md", "# Pool\n\nIntro.\n\n## Steps\n\n1. Restart.\n")
    write(tmp_path / "runbooks/.git/notes.md", "# hidden")
    write(tmp_path / "runbooks/empty.md", "")
    write(tmp_path / "runbooks/old.csv", JIRA_CSV)

    records, bad = read(tmp_path / "runbooks")

    assert [record.record_id for record in records] == ["db/PoolExhausted.md", "OPS-7"]
    steps = records[0].chunks[1]
    assert (steps.locator(steps.first_line, 7), steps.text) == ("db/PoolExhausted.md:5-7", "## Steps\n\n1. Restart.")
    assert bad == ["it is empty", "OPS-8 has no summary"]


def test_what_cannot_be_read_is_told_and_does_not_stop_the_others(tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", JIRA_CSV)
    sources = [tmp_path / "none.json", write(tmp_path / "a.xml", "<rss>"), write(tmp_path / "b.doc", ""), good]

    gathered = gather(sources, lambda _name: None)

    assert [record.record_id for record in gathered.records] == ["OPS-7"]
    assert len(gathered.problems) == 4


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("04/Nov/25 9:30 AM", "2025-11-04T09:30:00+00:00"),
        ("29/2/2016 01:16", "2016-02-29T01:16:00+00:00"),
        ("2025-11-04 09:30:00", "2025-11-04T09:30:00+00:00"),
        ("Tue, 4 Nov 2025 09:30:00 +0100", "2025-11-04T08:30:00+00:00"),
        ("?", None),
        ("", None),
        (None, None),
    ],
)
def test_times_of_exports_are_read(text: str | None, iso: str | None) -> None:
    found = written_moment(text)

    assert (found.isoformat() if found else None) == iso


def test_html_is_read_as_lines() -> None:
    assert html_text("<p>a &amp; b<br/>c</p><script>x</script>") == "a & b\nc\nx"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(content=st.binary(max_size=200), suffix=st.sampled_from(sorted(FORMATS)))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content)

    with suppress(ToolBrokenError):
        read(path)
