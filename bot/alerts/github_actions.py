"""Failures of GitHub Actions, as the common notifying actions post them.

https://github.com/rtCamp/action-slack-notify, https://github.com/8398a/action-slack, https://github.com/slackapi/slack-github-action
"""

import re

from bot.alerts.colour import Colour
from bot.alerts.draft import make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from core.alert import Alert, AlertStatus

VENDOR = "github_actions"
_RUN = re.compile(r"://[\w.-]+/([\w.-]+/[\w.-]+)/(?:actions/runs/\d+|commit/\w+/checks)")
_FAILED = re.compile(r"\b(?:fail(?:ed|ure|ing|s)?|timed[ _]out|startup_failure|broken|errored)\b|❌|:x:", re.IGNORECASE)
_FIXED = re.compile(r"\b(?:back to normal|fixed|recovered)\b", re.IGNORECASE)
_PLAIN_KEYS = frozenset({"ref", "event", "actionsurl", "commit", "author", "branch", "repo", "repository", "message", "took", "job", "sha", "pullrequest"})  # fmt: skip
_STATUS_KEYS = ("status", "result", "conclusion", "jobstatus", "workflowstatus")


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of GitHub Actions; None for any other post."""
    run = next((match for match in map(_RUN.search, message.links) if match), None)
    if run is None:
        return None
    lines = [without_emoji(plain(line)) for line in message.headlines[:6]]
    own = [pair for card in message.cards for pair in card.fields if pair.name not in _PLAIN_KEYS and pair.value]
    result = find_value(message.pairs, *_STATUS_KEYS)
    told = " ".join([result] if result else [*message.headlines[:6], *(pair.value for pair in own)])
    status = _status(message, told)
    if status is None:
        return None
    labels = (label for url, label in message.labelled_links if "/actions/runs/" in url and label)
    workflow = find_value(message.pairs, "workflow") or next(labels, "")
    named = [
        line
        for line in (*lines, *(without_emoji(pair.value) for pair in own))
        if _FAILED.search(line) or _FIXED.search(line)
    ]
    return make_alert(
        message,
        vendor=VENDOR,
        status=status,
        title=(named[0] if named else workflow or next(iter(lines), "")).rstrip(" .!"),
        service=find_value(message.pairs, "repository", "repo") or run.group(1),
        key=(run.group(1), workflow or (named[0] if named else "")),
    )


def _status(message: SlackMessage, told: str) -> AlertStatus | None:
    if _FIXED.search(told):
        return AlertStatus.RESOLVED
    if Colour.GREEN in message.colours:
        return None
    return AlertStatus.FIRING if _FAILED.search(told) else None
