"""Zabbix: `Problem: name`, `Resolved in 4m 2s: name`, `Updated problem in …: name`; fields Host, Event time, Severity, Event tags.

https://git.zabbix.com/projects/ZBX/repos/zabbix/browse/templates/media/slack. Its times carry no zone.
"""

import re

from bot.alerts.draft import event_time, make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import Pair, find_value
from core.alert import Alert, AlertStatus

VENDOR = "zabbix"
_LINK = re.compile(r"tr_events\.php|zabbix", re.IGNORECASE)
_EVENT = re.compile(r"[?&]eventid=(\d{1,20})")
_TRIGGER = re.compile(r"[?&]triggerid=(\d{1,20})")
_HEAD = re.compile(
    r"\W{0,5}(Problem|Resolved|Updated problem|Acknowledged|OK)(?:\s(?:in|after)\s[\w .]{1,30})?\s?:\s{0,3}(.+)",
    re.IGNORECASE,
)
_TAG = re.compile(r"([\w .-]{1,60}):\s?([^\n,]{1,200})")


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Zabbix; None for any other post."""
    pairs = message.pairs
    is_zabbix = message.has_link(_LINK) or "zabbix" in message.username.casefold()
    if not is_zabbix and find_value(pairs, "opdata", "triggerdescription") is None:
        return None
    head = next((match for line in message.headlines if (match := _HEAD.match(without_emoji(plain(line))))), None)
    if head is None:
        return None
    status = _status(head.group(1).casefold(), message)
    tag_text = "\n".join(pair.value for pair in pairs if pair.name in {"eventtags", "tags"})
    tags = tuple(Pair(key=key.strip(), value=value.strip()) for key, value in _TAG.findall(tag_text[:4_000]))
    event = next((match.group(1) for match in map(_EVENT.search, message.links) if match), None)
    trigger = next((match.group(1) for match in map(_TRIGGER.search, message.links) if match), None)
    host = find_value(pairs, "host") or ""
    return make_alert(
        message,
        vendor=VENDOR,
        status=status,
        title=head.group(2),
        # on recovery the field holds the time of the recovery
        starts_at=event_time(pairs) if status is AlertStatus.FIRING else None,
        pairs=(*pairs, *tags),
        key=(event or trigger or f"{host} {head.group(2)}",),
    )


def _status(word: str, message: SlackMessage) -> AlertStatus:
    if word in {"resolved", "ok"}:
        return AlertStatus.RESOLVED
    action = find_value(message.pairs, "action", "acknowledged", "updateaction", "status") or ""
    text = f"{action} {message.body[:2_000] if word == 'updated problem' else ''}".casefold()
    return (
        AlertStatus.ACKNOWLEDGED
        if word == "acknowledged" or re.search(r"(?<!un)\backnowledged\b", text)
        else AlertStatus.FIRING
    )
