"""An alert out of what a reader found and what every post may show: service, severity, labels, start, links."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from bot.alerts.markup import without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import Pair, find_value, normal, shared_labels
from bot.alerts.times import parse_time
from core.alert import MAX_TITLE_CHARS, Alert, AlertStatus, fingerprint, group_key

SERVICE_KEYS = ("service", "servicename", "affectedservice", "impactedservice", "app", "application", "applicationname")
SEVERITY_KEYS = ("severity", "priority", "urgency", "level", "alertseverity", "sev", "impact")
START_KEYS = (
    "started", "startedat", "starttime", "startsat", "start", "since", "began", "beganat", "activesince", "firingsince",
    "downsince", "triggeredat", "triggertime", "openedat", "incidentstarted", "incidentstart",
)  # fmt: skip
EVENT_TIME_KEYS = ("eventtime", "alerttime", "time", "timestamp", "statechangetime", "occurredat")
STATUS_KEYS = (
    "status",
    "state",
    "alertstatus",
    "currentstate",
    "alarmstate",
    "newstate",
    "issuestate",
    "currentstatus",
)
MAX_LABELS = 60
MAX_SEVERITY_CHARS = 30
_SINCE = re.compile(
    r"(?:\b(\w{1,20})\s)?\b(?:since|started at|starting at|began at)\s(\d{4}-\d{2}-\d{2}[^\n]{5,40})", re.IGNORECASE
)
_WELL = frozenset({"up", "ok", "healthy", "normal", "recovered", "online"})


def make_alert(
    message: SlackMessage,
    *,
    vendor: str,
    status: AlertStatus,
    title: str,
    key: Iterable[str] = (),
    service: str | None = None,
    severity: str | None = None,
    starts_at: datetime | None = None,
    count: int | None = None,
    labels: Mapping[str, str] | None = None,
    pairs: Iterable[Pair] | None = None,
    values: Iterable[str] = (),
) -> Alert:
    """The alert; what is not given is read from the pairs of the message. `key` are the parts of the group key."""
    found = tuple(message.pairs if pairs is None else pairs)
    title = " ".join(title.split())[:MAX_TITLE_CHARS] or "alert"
    whole_key = group_key(vendor, key or (title,))
    all_labels = {**shared_labels(found), **(labels or {})}
    return Alert(
        vendor=vendor,
        status=status,
        title=title,
        service=(service or find_service(found) or "")[:200] or None,
        severity=severity or find_severity(found),
        labels=dict(list(all_labels.items())[:MAX_LABELS]),
        links=message.links,
        starts_at=starts_at or find_start(message, found),
        count=count,
        values=tuple(dict.fromkeys(values))[:MAX_LABELS],
        group_key=whole_key,
        fingerprint=fingerprint(whole_key, status, message.body),
    )


def find_service(pairs: Iterable[Pair]) -> str | None:
    """The service a key names, as the post writes it."""
    value = find_value(pairs, *SERVICE_KEYS)
    return without_emoji(value) or None if value and not value.startswith(("{", "[")) else None


def find_severity(pairs: Iterable[Pair]) -> str | None:
    """The severity a key names, lower case; None where the value is a sentence."""
    value = find_value(pairs, *SEVERITY_KEYS)
    word = without_emoji(value or "").strip(" .*`'\"").casefold()
    return word if 0 < len(word) <= MAX_SEVERITY_CHARS and "\n" not in word else None


def find_start(message: SlackMessage, pairs: Iterable[Pair]) -> datetime | None:
    """The start the post states by a key, or as `since <time>` of something that is not well since."""
    moment = _keyed_time(pairs, START_KEYS)
    if moment is not None:
        return moment
    for match in _SINCE.finditer(message.body[:20_000]):
        if (match.group(1) or "").casefold() not in _WELL:
            return parse_time(match.group(2))
    return None


def event_time(pairs: Iterable[Pair]) -> datetime | None:
    """The time of the event the post tells; of a firing alert that is its start."""
    return _keyed_time(pairs, EVENT_TIME_KEYS)


def _keyed_time(pairs: Iterable[Pair], keys: Iterable[str]) -> datetime | None:
    """The time under the first of these keys; a key may name the zone: `Time (UTC)`."""
    found = tuple(pairs)
    for key in keys:
        for suffix in ("", "utc", "gmt"):
            value = find_value(found, f"{key}{suffix}")
            moment = parse_time(value) if value else None
            if moment is not None:
                return moment.replace(tzinfo=UTC) if suffix and moment.tzinfo is None else moment
    return None


def without(pairs: Iterable[Pair], *keys: str) -> tuple[Pair, ...]:
    """The pairs but those of some keys."""
    dropped = {normal(key) for key in keys}
    return tuple(pair for pair in pairs if pair.name not in dropped)
