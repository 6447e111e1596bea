"""Issues of Jira Cloud (REST v3) in a file, as tickets.

Shape: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-get
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from core.base import Json, JsonObject
from core.errors import ToolBrokenError
from core.evidence import Ticket
from retrieval.adf import adf_text
from retrieval.metadata import moment, severity_in
from retrieval.records import IssueRecord, ticket_record

MAX_FILE_BYTES = 200_000_000


def read_issues(path: Path) -> list[Json]:
    """The issues of a JSON file (`path`, or `path` + `.gz`): a list, or an object with a list `issues`.

    No such file is no issues. Raises ToolBrokenError when it is there and cannot be read.
    """
    found = issue_file(path)
    if found is None:
        return []
    try:
        with gzip.open(found) if found.suffix == ".gz" else found.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise ToolBrokenError(f"{found} holds more than {MAX_FILE_BYTES:,} bytes: divide the file")
        parsed = cast("Json", json.loads(content.decode("utf-8-sig")))
    except (OSError, EOFError) as error:
        raise ToolBrokenError(f"{found} cannot be read ({error}): write the file anew") from None
    except (ValueError, RecursionError) as error:
        raise ToolBrokenError(f"{found} is not JSON ({error}): write it as a list of issues") from None
    issues = parsed.get("issues") if isinstance(parsed, dict) else parsed
    if not isinstance(issues, list):
        raise ToolBrokenError(f"{found} holds no list of issues: write a list, or an object with a list `issues`")
    return issues


def issue_file(path: Path) -> Path | None:
    """The file itself or its gzipped twin, whichever is there; None without either."""
    return next((name for name in (path, path.with_name(f"{path.name}.gz")) if name.is_file()), None)


def jira_record(issue: Json) -> IssueRecord:
    """An issue as a record. Raises ValueError where it lacks a key, a summary or a creation time."""
    fields = issue.get("fields") if isinstance(issue, dict) else None
    if not isinstance(issue, dict) or not isinstance(fields, dict):
        raise ValueError("no object with `fields`")  # noqa: TRY004 - one error for every bad issue
    key, summary = _text(issue.get("key")), _text(fields.get("summary"))
    created = moment(_text(fields.get("created")))
    if key is None or summary is None or created is None:
        missing = [name for name, value in (("key", key), ("summary", summary), ("created", created)) if value is None]
        raise ValueError(f"{key or 'an issue'} has no readable {' and no '.join(missing)}")
    status = fields.get("status")
    category = _name(status.get("statusCategory"), "key", "name") if isinstance(status, dict) else None
    resolved = moment(_text(fields.get("resolutiondate")))
    labels = tuple(label for label in _list(fields.get("labels")) if isinstance(label, str))
    priority = _name(fields.get("priority"), "name")
    ticket = Ticket(
        key=key,
        url=_url(issue, key),
        summary=" ".join(summary.split()),
        description=adf_text(fields.get("description")),
        issue_type=_name(fields.get("issuetype"), "name") or "Issue",
        status=_name(status, "name") or "unknown",
        is_open=resolved is None and (category or "").lower() != "done",
        severity=_severity(fields, labels, priority),
        priority=priority,
        assignee=_name(fields.get("assignee"), "displayName", "name"),
        components=tuple(name for item in _list(fields.get("components")) if (name := _name(item, "name"))),
        labels=labels,
        created=created,
        updated=moment(_text(fields.get("updated"))) or created,
        resolved=resolved,
    )
    return ticket_record(ticket, comments=tuple(_comments(fields.get("comment"))))


def _severity(fields: JsonObject, labels: tuple[str, ...], priority: str | None) -> str | None:
    """A severity in a custom field whose whole value is one (`SEV-2`), else in a label, else in the priority."""
    for name, value in fields.items():
        shown = _text(value) or _name(value, "value", "name") if name.startswith("customfield_") else None
        if shown and len(shown) <= len("SEV - 1") and (severity := severity_in(shown)):
            return severity
    for shown in (*labels, priority or ""):
        if severity := severity_in(shown):
            return severity
    return None


def _comments(value: Json) -> Iterator[str]:
    comments = _list(value.get("comments")) if isinstance(value, dict) else []
    for comment in comments:
        if isinstance(comment, dict):
            yield adf_text(comment.get("body"))


def _url(issue: JsonObject, key: str) -> str:
    """The page of an issue, at the host of its own API address."""
    own = urlsplit(_text(issue.get("self")) or "")
    return f"{own.scheme}://{own.netloc}/browse/{key}" if own.scheme and own.netloc else f"/browse/{key}"


def _text(value: Json) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def _name(value: Json, *keys: str) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((found for key in keys if (found := _text(value.get(key)))), None)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
