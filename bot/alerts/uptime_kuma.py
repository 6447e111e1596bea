"""Uptime Kuma: `[name] [🔴 Down] reason`.

https://github.com/louislam/uptime-kuma/blob/master/server/notification-providers/slack.js
"""

import re

from bot.alerts.draft import event_time, make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from core.alert import Alert, AlertStatus

VENDOR = "uptime_kuma"
_HEARTBEAT = re.compile(r"\[(.{1,200})\]\s{0,3}\[\s{0,3}(Up|Down|Pending|Maintenance)\s?\]\s?(.*)", re.IGNORECASE)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Uptime Kuma; None for any other post."""
    lines = [*message.text.split("\n")[:5], *(pair.value for pair in message.pairs[:20]), *message.headlines]
    match = next((found for line in lines if (found := _HEARTBEAT.search(without_emoji(plain(line[:1_000]))))), None)
    if match is None or match.group(2).casefold() == "maintenance":
        return None
    status = AlertStatus.RESOLVED if match.group(2).casefold() == "up" else AlertStatus.FIRING
    name = match.group(1).strip()
    return make_alert(
        message,
        vendor=VENDOR,
        status=status,
        title=name,
        starts_at=event_time(message.pairs) if status is AlertStatus.FIRING else None,
        key=(name,),
    )
