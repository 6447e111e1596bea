"""One issue of Jira's REST API v3 as a Ticket: https://developer.atlassian.com/cloud/jira/platform/rest/v3/."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

from bot.clients.adf import render_text
from bot.clients.quoting import clean
from core.base import Json, JsonObject
from core.evidence import Ticket

FIELDS = (
    "summary",
    "description",
    "issuetype",
    "status",
    "priority",
    "assignee",
    "components",
    "labels",
    "created",
    "updated",
    "resolutiondate",
)
"""The fields that a Ticket is made of, as `fields=` takes them; the severity field comes on top."""

_TEXT_NAMES = ("value", "name", "displayName", "emailAddress", "accountId")
_OWN_ADDRESS = re.compile(r"(https?://[^\s?#]+?)/rest/api/")
_SEVERITY_LABEL = re.compile(r"sev(?:erity)?[-_:.](\w+)|sev(\d+)|(p\d)", re.IGNORECASE)
_SEVERITY_PRIORITY = re.compile(r"(?:p|sev[- ]?)\d", re.IGNORECASE)


def read_issue(raw: Json, *, base_url: str, severity_field: str | None) -> Ticket | None:
    """The ticket; None for a record that lacks its key or any time. Other fields that are odd count as not there.

    `url` is where a person opens it: `/browse/` at the host that the issue names as its own, else at `base_url`. The severity
    is that of `severity_field`, else of a label such as `sev-p1`, else of a priority such as `P1`.
    """
    issue = _object(clean(raw))
    fields = _object(issue.get("fields"))
    key = issue.get("key")
    created, updated = _time(fields.get("created")), _time(fields.get("updated"))
    if not isinstance(key, str) or not key.strip() or (created or updated) is None:
        return None
    status = _object(fields.get("status"))
    category = _text(_object(status.get("statusCategory")).get("key"))
    resolved = _time(fields.get("resolutiondate"))
    labels = _texts(fields.get("labels"))
    priority = _text(fields.get("priority"))
    return Ticket(
        key=key.strip(),
        url=_browse_url(issue, key.strip(), base_url),
        summary=_text(fields.get("summary")) or "",
        description=render_text(fields.get("description")),
        issue_type=_text(fields.get("issuetype")) or "unknown",
        status=_text(fields.get("status")) or "unknown",
        is_open=resolved is None if category is None else category != "done",
        severity=_read_severity(fields, severity_field, labels, priority),
        priority=priority,
        assignee=_text(fields.get("assignee")),
        components=_texts(fields.get("components")),
        labels=labels,
        created=_known(created, updated),
        updated=_known(updated, created),
        resolved=resolved,
    )


def _read_severity(
    fields: JsonObject, severity_field: str | None, labels: tuple[str, ...], priority: str | None
) -> str | None:
    if severity_field is not None:
        return _text(fields.get(severity_field))
    for label in labels:
        if match := _SEVERITY_LABEL.fullmatch(label):
            found = str(match[1] or match[2] or match[3])
            return f"SEV{found}" if found.isdigit() else found.upper()
    return priority if priority and _SEVERITY_PRIORITY.fullmatch(priority) else None


def _browse_url(issue: JsonObject, key: str, base_url: str) -> str:
    own = issue.get("self")
    match = _OWN_ADDRESS.match(own) if isinstance(own, str) else None
    return f"{match[1] if match else base_url}/browse/{quote(key, safe='')}"


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str | None:
    """The text of a value as Jira wraps it: itself, an option's `value`, a thing's `name`, the first of several."""
    if isinstance(value, list):
        return next((text for item in value if (text := _text(item))), None)
    if isinstance(value, dict):
        return next((text for name in _TEXT_NAMES if (text := _text(value.get(name)))), None)
    if value is None or isinstance(value, bool):
        return None
    return str(value).strip() or None


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(text for item in value if (text := _text(item))) if isinstance(value, list) else ()


def _time(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def _known(first: datetime | None, second: datetime | None) -> datetime:
    moment = first or second
    assert moment is not None
    return moment
