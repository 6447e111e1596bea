"""New Relic issues: `Critical priority issue is activated: title`.

https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/#slack
"""

import re

from bot.alerts.draft import find_service, make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from bot.alerts.words import bare_title, headline_state, state_of
from core.alert import Alert, AlertStatus

VENDOR = "newrelic"
_LINK = re.compile(r"://[\w.-]*(?:newrelic\.com|nr-?link)/")
_ISSUE = re.compile(r"/issues/([\w-]{2,80})")
_HEAD = re.compile(
    r"(?:(critical|high|medium|low|warning)\s(?:priority\s)?)?(?:issue|incident|violation)\s(?:is\s|was\s|has been\s)?(\w+)\s?[:\-–]\s?(.+)",
    re.IGNORECASE,
)
_OPEN = frozenset({"activated", "active", "created", "opened", "open", "triggered", "updated"})


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of New Relic; None for any other post."""
    if not message.has_link(_LINK) and "new relic" not in message.username.casefold():
        return None
    value = find_value(message.pairs, "issuestate", "state", "status", "incidentstate")
    for headline in message.headlines[:6]:
        line = without_emoji(plain(headline))
        head = _HEAD.search(line)
        word = (head.group(2) if head else value) or ""
        status = AlertStatus.FIRING if word.casefold() in _OPEN else state_of(word) or headline_state(line)
        if status is None:
            continue
        severity = head.group(1) if head else None
        title = head.group(3) if head else bare_title(line)
        issue = next((match.group(1) for match in map(_ISSUE.search, message.links) if match), None)
        entities = find_value(
            message.pairs, "impactedentities", "impactedentity", "entity", "entities", "target", "targetname"
        )
        return make_alert(
            message,
            vendor=VENDOR,
            status=status,
            title=title,
            service=find_service(message.pairs) or (entities.split(",")[0].strip() if entities else None),
            severity=severity.casefold() if severity else None,
            key=(issue or title,),
        )
    return None
