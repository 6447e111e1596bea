"""Datadog monitors: `[P2] Triggered: name on scope`, `[Recovered on {scope}] name`.

Titles and tags: https://docs.datadoghq.com/monitors/notify/ and https://docs.datadoghq.com/integrations/slack/.
"""

import re
from urllib.parse import parse_qs, urlsplit

from bot.alerts.draft import find_severity, make_alert, without
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value, normal
from core.alert import Alert, AlertStatus

VENDOR = "datadog"
_LINK = re.compile(r"://[\w.-]*(?:datadoghq\.(?:com|eu)|ddog-gov\.com)/")
_MONITOR = re.compile(r"/monitors?[/#](?:status/)?(\d{1,20})")
_STATES = "re-triggered|triggered|re-warn|warn(?:ing)?|no data|re-no data|alert|recovered|renotify|acknowledged"
_TITLE = re.compile(
    rf"(?:\[(P[1-5])\]\s?)?(?:(?:\[({_STATES})(?:\son\s\{{([^}}]*)\}})?\]\s?(.+))|(?:({_STATES})(?:\son\s\{{([^}}]*)\}})?:\s?(.+)))",
    re.IGNORECASE | re.DOTALL,
)
_SCOPE = re.compile(r"(.+?) on ([\w.-]+:\S+(?:,\s?[\w.-]+:\S+)*)$", re.DOTALL)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Datadog; None for any other post."""
    if not message.has_link(_LINK) and "datadog" not in message.username.casefold():
        return None
    for headline in message.headlines[:4]:
        match = _TITLE.match(without_emoji(plain(headline)).removeprefix("[Monitor Alert] "))
        if match:
            return _alert(message, match)
    return None


def _alert(message: SlackMessage, match: re.Match[str]) -> Alert:
    priority = match[1]
    state = (match[2] or match[5]).casefold()
    scope = match[3] or match[6] or ""
    title = (match[4] or match[7]).strip()
    scoped = _SCOPE.match(title)
    if scoped:
        title, scope = scoped.group(1), scope or scoped.group(2)
    tags = _tags(f"{scope},{find_value(message.pairs, 'tags') or ''}")
    severity = priority.casefold() if priority else "warn" if "warn" in state else find_severity(message.pairs)
    return make_alert(
        message,
        vendor=VENDOR,
        status=_status(state),
        title=title,
        service=next((tags[key] for key in tags if normal(key) == "service"), None),
        severity=severity,
        labels=tags,
        pairs=without(message.pairs, "tags"),
        key=_key(message, title, scope),
    )


def _status(state: str) -> AlertStatus:
    if state == "recovered":
        return AlertStatus.RESOLVED
    return AlertStatus.ACKNOWLEDGED if state == "acknowledged" else AlertStatus.FIRING


def _tags(text: str) -> dict[str, str]:
    parts = (part.strip().partition(":") for part in text.split(",")[:100])
    return {key.strip(): value.strip() for key, colon, value in parts if colon and key.strip() and value.strip()}


def _key(message: SlackMessage, title: str, scope: str) -> tuple[str, ...]:
    for url in message.links:
        match = _MONITOR.search(url)
        if match and _LINK.search(url):
            group = parse_qs(urlsplit(url).query).get("group", [scope])
            return (match.group(1), *group)
    return (title, scope)
