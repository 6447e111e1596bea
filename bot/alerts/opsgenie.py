"""Opsgenie alerts: the title says what happened to alert #n, the quoted text is the alert's message.

https://support.atlassian.com/opsgenie/docs/integrate-opsgenie-with-slack-app/
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain
from bot.alerts.message import Card, SlackMessage
from core.alert import Alert, AlertStatus

VENDOR = "opsgenie"
_LINK = re.compile(r"://(?:opsg\.in|[\w.-]*opsgenie\.com)/\S*?([0-9a-f]{8}-[0-9a-f-]{4,40})?", re.IGNORECASE)
_ALERT_LINK = re.compile(
    r"(?:opsg\.in/a/i/[\w.-]+/|opsgenie\.com/alert/detail/|opsgenie\.com/alert#/show/)([\w-]{4,80})"
)
_HEAD = re.compile(
    r"(?:\W{0,5}(new|created|opened|acknowledged|unacknowledged|closed|resolved|escalated|reopened)\s)?alert"
    r"(?:\s(?:is\s|was\s|has been\s)?(created|acknowledged|unacknowledged|closed|resolved|escalated|reopened))?"
    r"[^:#\n]{0,60}[:#]\s?(.*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“](.{1,400}?)[\"”]\s{0,3}(?:$|\n|#?\d{1,12}|\[)", re.DOTALL)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Opsgenie; None for any other post."""
    if not message.has_link(_LINK) and "opsgenie" not in message.username.casefold():
        return None
    card = message.cards[0] if message.cards else Card(text=message.text)
    for line in (card.title, card.fallback, message.text, card.pretext, *message.headlines[:4]):
        match = _HEAD.match(plain(line))
        if match is None or not (match.group(1) or match.group(2)):
            continue
        title = _title(message, card) or match.group(3) or plain(line)
        number = re.search(r"#(\d{1,12})", plain(line))
        link = next((found.group(1) for found in map(_ALERT_LINK.search, message.links) if found), "")
        own_id = link or card.callback_id or (number.group(1) if number else "")
        return make_alert(
            message,
            vendor=VENDOR,
            status=_status((match.group(2) or match.group(1)).casefold()),
            title=title,
            key=(own_id or title,),
        )
    return None


def _title(message: SlackMessage, card: Card) -> str:
    for text in (card.text, card.fallback, message.text):
        match = _QUOTED.search(plain(text))
        if match:
            return match.group(1)
    return plain(card.text.split("\n", 1)[0]).strip('"“” ')


def _status(word: str) -> AlertStatus:
    if word in {"closed", "resolved"}:
        return AlertStatus.RESOLVED
    return AlertStatus.ACKNOWLEDGED if word == "acknowledged" else AlertStatus.FIRING
