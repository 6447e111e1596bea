"""PagerDuty incidents; the app edits its first post on acknowledge and on resolve.

Shape after https://support.pagerduty.com/main/docs/slack-integration-guide (`Triggered #123: title`, Service, Urgency).
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.words import bare_title, headline_state
from core.alert import Alert, AlertStatus

VENDOR = "pagerduty"
_INCIDENT = re.compile(r"://[\w.-]*pagerduty\.com/incidents/(\w{1,40})")
_HEAD = re.compile(
    r"\W{0,5}(?:incident\s)?(triggered|re-?triggered|acknowledged|unacknowledged|resolved|escalated|reassigned|opened|reopened)?"
    r"(?:\s(?:high|low)[- ]urgency)?(?:\sincident)?\s?\W{0,3}\[?#(\d{1,12})\]?\s?[:\-–—]?\s{0,3}(.*)",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of PagerDuty; None for any other post."""
    incident = next((match.group(1) for match in map(_INCIDENT.search, message.links) if match), None)
    if incident is None and "pagerduty" not in message.username.casefold():
        return None
    for headline in (message.text.split("\n", 1)[0], *message.headlines[:6]):
        line = without_emoji(plain(headline))
        match = _HEAD.match(line)
        word = (match.group(1) or "") if match else ""
        status = _status(word) or headline_state(line)
        if status is None:
            continue
        title = (match.group(3) if match else "") or _label(message) or bare_title(line)
        number = match.group(2) if match else ""
        return make_alert(message, vendor=VENDOR, status=status, title=title, key=(incident or number or title,))
    return None


def _status(word: str) -> AlertStatus | None:
    if not word:
        return None
    if word.casefold() in {"acknowledged", "resolved"}:
        return AlertStatus(word.casefold())
    return AlertStatus.FIRING


def _label(message: SlackMessage) -> str:
    labels = (label for url, label in message.labelled_links if _INCIDENT.search(url))
    return next((re.sub(r"^\[?#\d{1,12}\]?:?\s?", "", label) for label in labels), "")
