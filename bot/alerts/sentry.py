"""Sentry: issue alerts (blocks, `[project] Title` as text), metric alerts (`*Critical: name*` and an attachment), old posts.

https://github.com/getsentry/sentry/tree/master/src/sentry/integrations/slack/message_builder
"""

import re
from urllib.parse import parse_qs, urlsplit

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from core.alert import Alert, AlertStatus

VENDOR = "sentry"
_HOST = re.compile(r"://[\w.-]*sentry[\w.-]*/|[?&]referrer=(?:slack|metric_alert_slack|\w*_slack)\b")
_ISSUE = re.compile(r"/issues/(\d{1,20})/?(?:\?|$|events/)")
_METRIC = re.compile(
    r"/alerts/(?:rules/details|\w[\w-]*/alerts)/(\d{1,20})|/alerts/rules/details/(\d{1,20})|/monitors/(\d{1,20})"
)
_METRIC_HEAD = re.compile(
    r"\W{0,5}(critical|warning|resolved|triggered|open|high|medium|low):\s{0,2}(.+)", re.IGNORECASE
)
_PROJECT = re.compile(r"\[([\w./ -]{1,80})\]\s{1,2}(.+)", re.DOTALL)
_PROJECT_KEY = re.compile(r"Project:\s{0,3}([\w./-]{1,80})")
_SHORT_ID = re.compile(r"\b(?:Short ID:\s{0,3})?([A-Z0-9][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[A-Z0-9]{1,8})\b")
# https://github.com/getsentry/sentry/blob/master/src/sentry/integrations/slack/message_builder/__init__.py: LEVEL_TO_EMOJI
_LEVELS = (
    (":red_circle:", "error"),
    ("\U0001f534", "error"),
    (":large_yellow_circle:", "warning"),
    ("\U0001f7e1", "warning"),
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Sentry; None for any other post."""
    if not message.has_link(_HOST):
        return None
    metric = next((url for url in message.links if _METRIC.search(url)), None)
    issue = next((url for url in message.links if _ISSUE.search(url)), None)
    head = _METRIC_HEAD.match(plain(message.text.split("\n", 1)[0])) or _metric_label(message)
    if metric and head:
        return _metric_alert(message, metric, head.group(1).casefold(), head.group(2))
    return _issue_alert(message, issue) if issue else None


def _metric_label(message: SlackMessage) -> re.Match[str] | None:
    labels = (label for url, label in message.labelled_links if _METRIC.search(url))
    titles = (plain(card.title) for card in message.cards)
    return next((match for match in map(_METRIC_HEAD.match, (*labels, *titles)) if match), None)


def _metric_alert(message: SlackMessage, url: str, word: str, title: str) -> Alert:
    rule = _METRIC.search(url)
    incident = parse_qs(urlsplit(url).query).get("alert", [])
    is_resolved = word == "resolved"
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.RESOLVED if is_resolved else AlertStatus.FIRING,
        title=title,
        severity=None if is_resolved or word in {"triggered", "open"} else word,
        key=("metric", *(part for part in (rule.groups() if rule else ()) if part), *incident[:1]),
    )


def _issue_alert(message: SlackMessage, url: str) -> Alert | None:
    card = message.cards[0] if message.cards else None
    prefixed = _PROJECT.match(plain(message.text.split("\n", 1)[0]))
    labels = (label for link, label in message.labelled_links if link == url)
    label = next((without_emoji(label) for label in labels), "")
    title = label or (plain(card.title) if card else "") or (prefixed.group(2) if prefixed else "")
    if not title:
        return None
    if re.match(
        r"\W{0,5}(?:\S+ )?(?:resolved|archived|ignored|assigned|unassigned|marked)\b.{0,80}\bissue\b",
        plain(message.text),
        re.IGNORECASE,
    ):
        return None  # what somebody did to an issue, not an alert of it
    keyed = _PROJECT_KEY.search(message.body)
    project = find_value(message.pairs, "project") or (prefixed or keyed or [None, None])[1]
    source = f"{message.body} {card.footer if card else ''}"
    short = re.search(r"Short ID:\s{0,3}([\w-]{2,60})", source) or (_SHORT_ID.match(card.footer) if card else None)
    found = _ISSUE.search(url)
    state = (find_value(message.pairs, "state", "status") or "").casefold()
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.RESOLVED if state.startswith("resolved") else AlertStatus.FIRING,
        title=title,
        service=project,
        severity=find_value(message.pairs, "level") or _level(message),
        key=(short.group(1) if short else found.group(1) if found else title,),
    )


def _level(message: SlackMessage) -> str | None:
    first = message.pieces[0].text if message.pieces else message.text
    return next((level for emoji, level in _LEVELS if emoji in first[:60]), None)
