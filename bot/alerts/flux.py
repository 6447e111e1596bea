"""Flux: the author line names the object (`kustomization/apps.flux-system`), the colour tells info from error.

https://github.com/fluxcd/notification-controller/blob/main/internal/notifier/slack.go
"""

import re

from bot.alerts.colour import Colour
from bot.alerts.draft import make_alert
from bot.alerts.markup import plain
from bot.alerts.message import SlackMessage
from core.alert import Alert, AlertStatus

VENDOR = "flux"
_OBJECT = re.compile(
    r"(?:kustomization|helmrelease|helmrepository|helmchart|gitrepository|ocirepository|bucket|imagerepository|imagepolicy|"
    r"imageupdateautomation|terraform|receiver|alert|provider|resourceset|fluxinstance)/[\w.-]{1,250}",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of Flux; None for any other post."""
    card = next((card for card in message.cards if _OBJECT.fullmatch(card.author.strip())), None)
    if card is None or card.colour is None or not card.colour.is_trouble:
        return None
    name = card.author.strip()
    clusters = [pair.value for pair in card.fields if pair.name == "cluster"]
    title = plain(card.text.strip().split("\n", 1)[0]) or name
    severity = [pair.value for pair in card.fields if pair.name == "severity"]
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.FIRING if card.colour in {Colour.RED, Colour.YELLOW} else AlertStatus.UNKNOWN,
        title=title,
        service=name,
        severity=severity[0].casefold() if severity else None,
        pairs=card.fields,
        key=(name, *clusters[:1]),
    )
