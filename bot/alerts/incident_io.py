"""Announcements of incidents and of alerts by incident.io.

https://docs.incident.io/incidents/slack
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from bot.alerts.words import bare_title, headline_state, state_of
from core.alert import Alert, AlertStatus

VENDOR = "incident_io"
_LINK = re.compile(r"://app\.incident\.io/[\w./-]*?(?:incidents|alerts)/([\w-]{1,60})")
_REFERENCE = re.compile(r"\s{0,3}[\[(]?(INC-\d{1,10})[\])]?\s?[:\-–—|]?\s{0,3}")
_OVER = re.compile(
    r"(?:closed|resolved|cancell?ed|declined|merged|paused|post-?incident|learning|reviewing|documenting)",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of incident.io; None for any other post."""
    link = next((match.group(1) for match in map(_LINK.search, message.links) if match), None)
    if link is None and "incident.io" not in message.username.casefold():
        return None
    header = next((piece.text for piece in message.all_pieces if piece.kind == "header"), "")
    line = without_emoji(plain(header or next(iter(message.headlines), "")))
    found = _REFERENCE.search(f"{message.text} {find_value(message.pairs, 'reference') or ''} {line}")
    title = bare_title(_REFERENCE.sub("", line, count=1))
    value = find_value(message.pairs, "status", "state", "incidentstatus")
    if not title or (value is None and found is None and headline_state(line) is None):
        return None
    return make_alert(
        message,
        vendor=VENDOR,
        status=_status(value, line),
        title=title,
        key=(found.group(1) if found else link or title,),
    )


def _status(value: str | None, line: str) -> AlertStatus:
    if value is None:
        return headline_state(line) or AlertStatus.FIRING
    if _OVER.match(without_emoji(value)):
        return AlertStatus.RESOLVED
    # Investigating, Fixing, Monitoring: it goes on
    return AlertStatus.ACKNOWLEDGED if state_of(value) is AlertStatus.ACKNOWLEDGED else AlertStatus.FIRING
