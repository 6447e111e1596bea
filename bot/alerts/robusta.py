"""Robusta: `🔥 Prometheus Alert Firing 🔥 🟡 Low` above the linked title, labels as bullets.

https://github.com/robusta-dev/robusta/blob/master/src/robusta/integrations/slack/sender.py
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from bot.alerts.words import bare_title
from core.alert import Alert, AlertStatus

VENDOR = "robusta"
_LINK = re.compile(r"://[\w.-]*robusta\.dev/")
_HEAD = re.compile(
    r"(?:(?:Prometheus )?(?:Alert )?(?P<fires>Firing)|Prometheus (?P<resolved>resolved)|Alert (?P<over>Resolved)"
    r"|(?P<event>K8s event detected|Notification|K8s change detected))\W{0,40}(?P<severity>High|Medium|Low|Info|Debug)?\b",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Robusta; None for any other post."""
    if not message.has_link(_LINK) and "robusta" not in message.username.casefold():
        return None
    pieces = [piece for piece in message.all_pieces if piece.kind in {"section", "header"}]
    for piece in pieces[:6]:
        head = _HEAD.search(without_emoji(plain(piece.text)))
        if head is None:
            continue
        labels = [label for url, label in message.labelled_links if f"<{url}" in piece.raw.replace("&amp;", "&")]
        rest = [line for line in piece.text.split("\n")[1:] if line.strip()]
        title = next(iter(labels), "") or (plain(rest[0]) if rest else bare_title(message.text))
        resolved = bool(head["resolved"] or head["over"])
        severity = (head["severity"] or "").casefold() or None
        return make_alert(
            message,
            vendor=VENDOR,
            status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
            title=without_emoji(title),
            severity=severity,
            key=(title, find_value(message.pairs, "source", "cluster") or ""),
        )
    return None
