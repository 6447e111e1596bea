"""Grafana Alerting, and the notifier of Grafana up to 8.

Template: https://github.com/grafana/alerting/blob/main/templates/default_template.go; the attachment:
https://github.com/grafana/alerting/blob/main/receivers/slack/v1/slack.go (footer `Grafana v…`, every state a new post).
Old notifier: `[Alerting] name`, https://github.com/grafana/grafana/blob/v8.5.0/pkg/services/alerting/notifiers/slack.go.
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain
from bot.alerts.message import Card, SlackMessage
from bot.alerts.pairs import Pair, find_value
from bot.alerts.titles import Subject, read_subject
from bot.alerts.words import bare_title, headline_state
from core.alert import Alert

VENDOR = "grafana"
_LINK = re.compile(r"/alerting/(?:grafana|list|silence)\b", re.IGNORECASE)
_RULE = re.compile(r"/alerting/(?:grafana/)?([\w-]{1,60})/(?:view|edit)\b")
_LABELS = re.compile(r"^Labels:\s*$((?:\n\s{0,4}- [^\n]*)+)", re.MULTILINE)
_LABEL = re.compile(r"\s{0,4}- ([^=\n]{1,80}?) = ([^\n]*)")


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Grafana; None for any other post."""
    card = next((card for card in message.cards if card.title or card.fallback), None)
    if card is None or not _is_grafana(message, card):
        return None
    headline = plain(card.title or card.fallback)
    subject = read_subject(headline) or read_subject(card.fallback)
    status = subject.status if subject else headline_state(headline)
    if status is None:
        return None
    labels = tuple(Pair(key=key, value=value.strip()) for key, value in _labels(card.text))
    pairs = (*card.fields, *labels) if labels else message.pairs
    name = find_value(labels, "alertname")
    rule = next((match.group(1) for match in map(_RULE.search, message.links) if match), "")
    return make_alert(
        message,
        vendor=VENDOR,
        status=status,
        title=name or (_name(subject) if subject else bare_title(headline)),
        severity=None if find_value(pairs, "severity") or subject is None else subject.severity,
        values=subject.values if subject else (),
        count=subject.count if subject else None,
        pairs=pairs,
        key=_key(card, subject, name, rule, headline),
    )


def _is_grafana(message: SlackMessage, card: Card) -> bool:
    signed = card.footer.startswith("Grafana") or message.username.casefold().startswith("grafana")
    return signed or message.has_link(_LINK)


def _labels(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for block in list(_LABELS.finditer(text))[:50]:
        found.extend(match.groups() for match in _LABEL.finditer(block.group(1)))  # pyright: ignore[reportArgumentType] # two groups
    return found


def _name(subject: Subject) -> str:
    return subject.name or subject.rest or "alert"


def _key(card: Card, subject: Subject | None, name: str | None, rule: str, headline: str) -> tuple[str, ...]:
    # a group of several rules links to the list of alerts, a group of one to the rule: the host is what both share
    host = card.title_link.split("://", 1)[-1].split("/", 1)[0]
    if subject is None:
        return (host, rule, bare_title(headline))
    return (host, subject.group or name or subject.rest or rule)
