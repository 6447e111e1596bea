"""GitLab: alerts of a project, and pipelines and jobs that failed.

https://gitlab.com/gitlab-org/gitlab/-/tree/master/app/models/integrations/chat_message (alert_message, pipeline_message). The text of
an alert says "firing" whatever its status; the field tells.
"""

import re

from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from bot.alerts.words import state_of
from core.alert import Alert, AlertStatus

VENDOR = "gitlab"
_ALERT_LINK = re.compile(r"/-/alert_management/\d+|/-/incidents/\d+|/-/issues/incident/\d+")
_PIPELINE_LINK = re.compile(r"://[\w.:-]+/(.{1,300}?)/(?:-/)?(?:pipelines|jobs|builds)/\d+")
_ALERT_TEXT = re.compile(r"Alert firing in (.{1,250})", re.IGNORECASE)
_PIPELINE = re.compile(
    r"(?:(?P<project>[^:\n]{1,200}): )?(?P<what>(?:Pipeline|Build|Job) #?\S{1,80}(?: of (?:branch|tag) (?P<ref>\S{1,200}))?.{0,200}?)\s"
    r"(?:has )?(?P<result>failed|passed(?: with warnings)?|canceled|succeeded|success)\b",
    re.IGNORECASE,
)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of GitLab; None for any other post."""
    return _alert(message) or _pipeline(message)


def _alert(message: SlackMessage) -> Alert | None:
    link = next((url for url in message.links if _ALERT_LINK.search(url)), None)
    told = _ALERT_TEXT.match(plain(message.text.split("\n", 1)[0]))
    if link is None or not message.cards or not (told or find_value(message.pairs, "status")):
        return None
    card = message.cards[0]
    value = find_value(message.pairs, "status") or "triggered"
    status = AlertStatus.RESOLVED if value.casefold() == "ignored" else state_of(value) or AlertStatus.FIRING
    return make_alert(
        message,
        vendor=VENDOR,
        status=status,
        title=plain(card.title) or plain(card.fallback),
        service=told.group(1).strip() if told else None,
        key=(link.split("?", 1)[0].removesuffix("/details"),),
    )


def _pipeline(message: SlackMessage) -> Alert | None:
    link = next((match for match in map(_PIPELINE_LINK.search, message.links) if match), None)
    if link is None:
        return None
    found = [match for line in message.headlines if (match := _PIPELINE.search(without_emoji(plain(line))))]
    match = next((one for one in found if one["project"]), next(iter(found), None))
    if match is None or match["result"].casefold() != "failed":
        return None
    branch = match["ref"] or find_value(message.pairs, "branch", "tag") or ""
    title = f"{found[0]['what']} has failed"
    return make_alert(
        message,
        vendor=VENDOR,
        status=AlertStatus.FIRING,
        title=title,
        service=match["project"] or link.group(1),
        key=(link.group(1), "pipeline", branch),
    )
