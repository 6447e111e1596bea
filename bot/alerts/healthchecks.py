"""Healthchecks posts: `“name” is DOWN.` and `… is UP.`, with its fields.

https://github.com/healthchecks/healthchecks/tree/master/templates/integrations (slack_message.json)
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from core.alert import Alert, AlertStatus

VENDOR = "healthchecks"
_HEAD = re.compile(r"(?:The check\s)?[“\"](.{1,200}?)[”\"]\s(?:is|went)\s(?:now\s)?(DOWN|UP|LATE)\b", re.IGNORECASE)
_LINK = re.compile(r"/cloaked/([\w-]{4,60})|/checks/([\w-]{4,60})")


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Healthchecks; None for any other post."""
    signed = "healthchecks" in message.username.casefold() or message.has_link(_LINK)
    if not signed and find_value(message.pairs, "totalpings", "lastping") is None:
        return None
    head = next((match for line in message.headlines if (match := _HEAD.search(without_emoji(plain(line))))), None)
    if head is None:
        return None
    check = next((match.group(1) or match.group(2) for match in map(_LINK.search, message.links) if match), None)
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.RESOLVED if head.group(2).casefold() == "up" else AlertStatus.FIRING,
        title=head.group(1),
        key=(check or head.group(1),),
    )
