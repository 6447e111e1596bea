"""Netdata: `host needs attention, chart (family), alarm = value`; the link's query says it all for machines.

https://github.com/netdata/netdata/blob/master/src/health/notifications/alarm-notify.sh.in (`send_slack`)
"""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from bot.alerts.draft import make_alert
from bot.alerts.message import SlackMessage
from bot.alerts.times import parse_time
from core.alert import Alert, AlertStatus

VENDOR = "netdata"
_LINK = re.compile(r"[?&#]alarm_status=|netdata\.cloud/alarms/redirect|[?&]alarm_unique_id=")
_STATES = {
    "warning": AlertStatus.FIRING,
    "critical": AlertStatus.FIRING,
    "clear": AlertStatus.RESOLVED,
}
_WORDS = (
    (re.compile(r"\brecovered\b|\bback to normal\b", re.IGNORECASE), "clear"),
    (re.compile(r"\bis critical\b|\bescalated to critical\b", re.IGNORECASE), "critical"),
    (re.compile(r"\bneeds attention\b|\bdemoted to warning\b|\bis warning\b", re.IGNORECASE), "warning"),
)
_LABELS = ("host", "chart", "family", "alarm_value")
_VALUE = re.compile(r"\s(?:=\s.*|\((?:was|alarm was|alarm)\b.*\))$")


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Netdata; None for any other post."""
    url = next((url for url in message.links if _LINK.search(url)), None)
    if url is None and not message.username.casefold().startswith("netdata"):
        return None
    parts = urlsplit((url or "").replace("#", "&"))
    query = {key: values[0][:300] for key, values in parse_qs(f"{parts.query}").items()}
    word = query.get("alarm_status", "").casefold()
    if word not in _STATES:
        word = next((state for pattern, state in _WORDS if pattern.search(message.text)), "")
    if word not in _STATES or not message.cards:
        return None
    card = message.cards[0]
    status = _STATES[word]
    alarm = query.get("alarm", "").replace("_", " ")
    title = alarm or _VALUE.sub("", card.title)
    host = query.get("host") or message.text.split(" ", 1)[0]
    return make_alert(
        message,
        vendor=VENDOR,
        status=status,
        title=title,
        severity=None if status is AlertStatus.RESOLVED else word,
        # the attachment's time is that of the change: the start of what fires, the end of what is over
        starts_at=_moment(query.get("alarm_when") or card.sent_at_s) if status is AlertStatus.FIRING else None,
        labels={key: query[key] for key in _LABELS if key in query} or {"host": host},
        key=(host, query.get("alarm_id") or f"{query.get('chart', '')} {title}"),
    )


def _moment(text: str) -> datetime | None:
    moment = parse_time(text)
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo else moment
