"""CSV exports of Jira and of ServiceNow as records."""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

from core.errors import ToolBrokenError
from retrieval.readers.moments import written_moment
from retrieval.records import OPEN, RESOLVED, IssueRecord
from retrieval.text_records import TextRecord

MAX_FIELD_CHARS = 10_000_000
_UNKNOWN = frozenset({"", "?", "null", "none", "n/a"})
_ENDED = ("resolved", "closed", "done", "cancel")

type Row = dict[str, list[str]]


def csv_records(path: Path) -> Iterator[tuple[str, IssueRecord | ValueError]]:
    """The records of an export with their place; of a log of events, the latest state of each incident.

    Jira's columns: https://support.atlassian.com/jira-software-cloud/docs/export-issues/ ; ServiceNow's: those of its
    incident table (`number`, `incident_state` or `state`, `opened_at` …). Raises ToolBrokenError for an unreadable file.
    """
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        return
    columns = first[1].keys()
    if "issue key" in columns:
        for place, row in (first, *rows):
            yield place, _tried(row, "issue key")
    elif "number" in columns:
        yield from _latest(first, rows)
    else:
        raise ToolBrokenError(f"{path} has neither a column `Issue key` nor `number`: export it with one of them")


def _latest(first: tuple[str, Row], rows: Iterator[tuple[str, Row]]) -> Iterator[tuple[str, IssueRecord | ValueError]]:
    latest: dict[str, tuple[tuple[float, float], str, Row]] = {}
    for place, row in (first, *rows):
        number = _one(row, "number")
        if number is None:
            yield place, ValueError("it has no number")
            continue
        updated = written_moment(_one(row, "sys_updated_at") or _one(row, "sys_updated_on"))
        count = _one(row, "sys_mod_count") or ""
        order = (updated.timestamp() if updated else 0.0, float(count) if count.isdigit() else 0.0)
        if number not in latest or order >= latest[number][0]:
            latest[number] = (order, place, row)
    for _, place, row in latest.values():
        yield place, _tried(row, "number")


def _tried(row: Row, identity: str) -> IssueRecord | ValueError:
    try:
        return _incident(row) if identity == "number" else _jira_issue(row)
    except ValueError as error:
        return error


def _jira_issue(row: Row) -> IssueRecord:
    key, summary = _one(row, "issue key"), _one(row, "summary")
    if key is None or summary is None:
        raise ValueError(f"{key or 'an issue'} has no {'summary' if key else 'key'}")
    created = written_moment(_one(row, "created"))
    kind, status = _one(row, "issue type"), _one(row, "status")
    is_incident = "incident" in (kind or "").lower()
    ended = _one(row, "resolved") is not None or (status or "").lower().startswith(_ENDED)
    # A comment of an export reads `time;author;text`.
    comments = [comment.split(";", maxsplit=2)[-1] for comment in row.get("comment", ())]
    return TextRecord(
        record_id=key,
        source="jira",
        title=summary,
        text="\n".join((_one(row, "description") or "", *comments)),
        issue_type=kind,
        priority=_one(row, "priority"),
        project=_one(row, "project key") or key.rpartition("-")[0] or None,
        status=status,
        incident_state=(RESOLVED if ended else OPEN) if is_incident else None,
        services=(*row.get("component/s", ()), *row.get("components", ())),
        labels=tuple(row.get("labels", ())),
        created=created,
        opened=created if is_incident else None,
    ).record()


_TOLD = ("category", "subcategory", "u_symptom", "cmdb_ci", "assignment_group", "closed_code", "close_code", "location")


def _incident(row: Row) -> IssueRecord:
    number = _one(row, "number")
    if number is None:
        raise ValueError("it has no number")
    told = [f"{name.removeprefix('u_')}: {value}" for name in _TOLD if (value := _one(row, name))]
    title = _one(row, "short_description") or ", ".join(told[:3]) or number
    text = [_one(row, "description"), *told, _one(row, "work_notes"), _one(row, "close_notes")]
    state = _one(row, "incident_state") or _one(row, "state")
    opened = written_moment(_one(row, "opened_at"))
    ended = (state or "").lower().startswith(_ENDED) or (state is None and _one(row, "closed_at") is not None)
    return TextRecord(
        record_id=number,
        source="servicenow",
        title=title,
        text="\n".join(part for part in text if part),
        issue_type="Incident",
        priority=_one(row, "priority"),
        status=state,
        incident_state=RESOLVED if ended else OPEN,
        services=tuple(name for name in (_one(row, "cmdb_ci"), _one(row, "business_service")) if name),
        created=written_moment(_one(row, "sys_created_at") or _one(row, "sys_created_on")) or opened,
        opened=opened,
    ).record()


def _one(row: Row, name: str) -> str | None:
    return next((value for value in row.get(name, ()) if value.lower() not in _UNKNOWN), None)


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    """The rows of a file, each as column → values: Jira repeats the title of a column that holds several."""
    csv.field_size_limit(MAX_FIELD_CHARS)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as binary:
            stream = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace", newline="")
            reader = csv.reader(stream)
            titles = [title.strip().lower() for title in next(reader, list[str]())]
            for cells in reader:
                row: Row = {}
                for title, cell in zip(titles, cells, strict=False):
                    row.setdefault(title, [])
                    if cell.strip():
                        row[title].append(cell.strip())
                yield f"line {reader.line_num}", row
    except (OSError, EOFError, csv.Error) as error:
        raise ToolBrokenError(f"{path} cannot be read ({error}): export it anew as CSV in UTF-8") from None
