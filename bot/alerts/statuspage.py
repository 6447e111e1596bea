"""Status pages of others (Statuspage, and what follows its words): `*Investigating* - …`, Impact, Affected components.

https://support.atlassian.com/statuspage/docs/enable-slack-notifications/ and the states of
https://developer.statuspage.io/#operation/getPagesPageIdIncidents
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from bot.alerts.words import bare_title
from core.alert import Alert, AlertStatus

VENDOR = "statuspage"
_STATE = re.compile(
    r"\W{0,5}(investigating|identified|monitoring|update|resolved|postmortem)\W{0,3}\s?[-–—:]", re.IGNORECASE
)
_PAGE_NAME = re.compile(r"(.{1,80}?)\s(?:Status|Status Page|Statuspage)", re.IGNORECASE)
_PAGE_LINK = re.compile(
    r"://(?:status\.[\w.-]+|[\w.-]*statuspage\.io|stspg\.io|[\w.-]*status[\w.-]*)/(?:incidents/)?[\w-]{2,}"
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of status page; None for any other post."""
    page = _PAGE_NAME.fullmatch(message.username.strip())
    link = next((url for url in message.links if _PAGE_LINK.search(url)), None)
    if page is None and link is None:
        return None
    card = message.cards[0] if message.cards else None
    texts = [plain(text) for text in ((card.text, card.fallback, card.title) if card else ()) if text]
    texts += [plain(message.text), *(plain(piece.text) for piece in message.all_pieces[:10])]
    state = next((match.group(1).casefold() for text in texts if (match := _STATE.match(without_emoji(text)))), None)
    state = state or (find_value(message.pairs, "status", "incidentstatus", "currentstatus") or "").casefold()
    if state not in {"investigating", "identified", "monitoring", "update", "resolved"}:
        return None
    headline = (card.title if card and card.title else "") or next(iter(message.headlines), "")
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.RESOLVED if state == "resolved" else AlertStatus.FIRING,
        title=bare_title(plain(headline)),
        service=page.group(1) if page else None,
        key=(link or bare_title(plain(headline)),),
    )
