"""Argo CD notifications: the catalogue's templates say `Application x has degraded`, `… sync is 'Unknown'`, `… has failed`.

https://github.com/argoproj/argo-cd/tree/master/notifications_catalog/templates. Deployments and successes are no alerts.
"""

import re

from bot.alerts.draft import make_alert, without
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from core.alert import Alert, AlertStatus

VENDOR = "argocd"
_LINK = re.compile(r"/applications/(?:[\w.-]+/)?([\w.-]{1,250})")
_SENTENCE = re.compile(
    r"(?P<what>(?:The )?(?:sync operation of )?application (?P<app>[\w./-]{1,250}?)\s"
    r"(?P<state>has degraded|is degraded|has failed|sync (?:status )?is '?Unknown'?|is (?:missing|suspended|out of sync|unknown))|"
    r"(?:Failed to sync application) (?P<failed>[\w./-]{1,250}))",
    re.IGNORECASE,
)
_SICK = frozenset({"degraded", "missing", "unknown"})
_LABEL_KEYS = ("Health Status", "Sync Status", "Repository", "Repositories", "Revision")


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Argo CD; None for any other post."""
    link = next((match.group(1) for match in map(_LINK.search, message.links) if match), None)
    if link is None and "argo" not in message.username.casefold():
        return None
    text = without_emoji(plain(message.text)) or next(iter(message.headlines), "")
    sentence = _SENTENCE.search(text[:2_000])
    fields = tuple(pair for card in message.cards for pair in card.fields)
    health = (find_value(message.pairs, "healthstatus", "health") or "").casefold()
    if sentence is None and health not in _SICK:
        return None
    app = (sentence["app"] or sentence["failed"] if sentence else None) or link or ""
    app = app.rstrip(".")
    kind = "sync" if sentence and re.search(r"sync", sentence["what"], re.IGNORECASE) else "health"
    cleaned = {pair.key: without_emoji(pair.value) for pair in fields if pair.key and without_emoji(pair.value)}
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.FIRING,
        title=sentence["what"] if sentence else f"Application {app} is {health}",
        service=app or None,
        labels=cleaned,
        pairs=without(message.pairs, *_LABEL_KEYS, *cleaned),
        key=(app, kind),
    )
