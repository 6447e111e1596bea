"""Prometheus Alertmanager: the default templates, and those that teams write for themselves.

Default: https://github.com/prometheus/alertmanager/blob/main/template/default.tmpl (`slack.default.*`): no text at all, one
attachment whose title is the subject and whose fallback is `subject | link`. An own template often keeps that fallback.
"""

import re

from bot.alerts.colour import Colour
from bot.alerts.draft import STATUS_KEYS, find_severity, make_alert
from bot.alerts.markup import plain
from bot.alerts.message import Card, SlackMessage
from bot.alerts.pairs import find_value
from bot.alerts.titles import Subject, read_subject
from bot.alerts.words import bare_title, headline_severity, headline_state, state_of
from core.alert import Alert, AlertStatus

VENDOR = "alertmanager"
_LINK = re.compile(r"/#/(?:alerts|silences)\b|alertmanager[\w.-]{0,80}[:/]", re.IGNORECASE)
_NAME = re.compile(r"alert-?manager|prometheus", re.IGNORECASE)
_COUNT = re.compile(r"(?:firing|resolved)\s?[:x]?\s?(\d{1,6})\b", re.IGNORECASE)
_CONSTANT = re.compile(
    r"(?:prometheus|alert ?manager|monitoring|new|k8s|kubernetes)?\s?(?:alerts?|notifications?|alert ?manager)?",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of the first attachment, or of the text where a template writes only that."""
    card = message.cards[0] if message.cards else Card(text=message.text)
    title = plain(card.title) or (plain(message.text.split("\n", 1)[0]) if message.text else "")
    subject = _subject(message, card)
    is_known = _NAME.search(message.username) or message.has_link(_LINK) or _NAME.search(card.footer)
    if subject is None and not is_known:
        return None
    status = _status(message, card, title, subject)
    if status is None:
        return None
    pairs = message.pairs
    name = find_value(pairs, "alertname") or (subject.name if subject else None)
    shown = bare_title(title, keep_sentence=subject is not None)
    if subject is not None and not card.title.strip():
        shown = subject.rest
    is_default = read_subject(card.title or message.text) is not None and subject is not None
    if name and (is_default or _CONSTANT.fullmatch(shown) or name in shown.split()):
        shown = name
    elif _CONSTANT.fullmatch(shown):
        shown = find_value(pairs, "alert", "rule", "alertrule", "name", "summary") or title or shown
    found = _COUNT.search(title)
    return make_alert(
        message,
        vendor=VENDOR,
        status=status,
        title=shown,
        severity=find_severity(pairs) or (subject.severity if subject else headline_severity(title)),
        values=subject.values if subject else (),
        count=subject.count if subject and subject.count else int(found.group(1)) if found else None,
        key=_key(card, subject, name, shown),
    )


def _subject(message: SlackMessage, card: Card) -> Subject | None:
    lines = (card.title, card.fallback, message.text, card.pretext)
    return next((subject for subject in map(read_subject, lines) if subject is not None), None)


def _status(message: SlackMessage, card: Card, title: str, subject: Subject | None) -> AlertStatus | None:
    if subject is not None:
        return subject.status
    value = find_value((pair for part in message.cards for pair in part.fields), *STATUS_KEYS)
    stated = state_of(value) if value else None
    for line in (title, card.fallback, card.pretext, card.text.split("\n", 1)[0]):
        stated = stated or headline_state(plain(line))
    if stated is not None:
        return stated
    if card.colour is None:
        return None
    if card.colour is Colour.GREEN:
        return AlertStatus.RESOLVED
    return AlertStatus.FIRING if card.colour.is_trouble else None


def _key(card: Card, subject: Subject | None, name: str | None, shown: str) -> tuple[str, ...]:
    """The group's own values and where it is shown: the receiver's page, the same for every post of the group."""
    page = card.title_link.split("://", 1)[-1]
    if subject is not None:
        return (page, subject.group or f"({subject.common})" if not name else subject.group or name)
    return (page, name or shown)
