"""CloudWatch alarms: cards of Amazon Q Developer (once AWS Chatbot), e-mail subjects, and notifiers behind SNS.

Cards: https://docs.aws.amazon.com/chatbot/latest/adminguide/cloudwatch.html. SNS: the Terraform module's fields,
https://github.com/terraform-aws-modules/terraform-aws-notify-slack (its fallback says "triggered" of every state).
"""

import re

from bot.alerts.colour import Colour
from bot.alerts.draft import event_time, make_alert
from bot.alerts.markup import plain, without_emoji
from bot.alerts.message import SlackMessage
from bot.alerts.pairs import find_value
from core.alert import Alert, AlertStatus

VENDOR = "aws_chatbot"
LAMBDA_VENDOR = "cloudwatch"
_CARD = re.compile(r"CloudWatch Alarm\s\|\s(.{1,255}?)\s\|\s([\w-]{1,30})\s\|\sAccount:\s?(\d{1,14})")
_CHANGED = re.compile(
    r"[\"'“]?([^\"'“”\n]{1,255}?)[\"'”]?\s(?:has\s)?changed state (?:from \w+ )?to \W{0,3}(ALARM|OK|INSUFFICIENT_DATA)\b"
)
_SUBJECT = re.compile(
    r"\W{0,5}(ALARM|OK|INSUFFICIENT_DATA):\s{0,3}[\"“]?([^\"”\n]{1,255}?)[\"”]?(?:\sin\s([^\n|]{2,40}))?$"
)
_STATES = {"alarm": AlertStatus.FIRING, "ok": AlertStatus.RESOLVED}
_STATE_KEYS = ("alarmstate", "currentstate", "newstate", "newstatevalue", "state", "statevalue", "status")
_REGION = re.compile(r"[?&]region=([a-z]{2}(?:-[a-z]+)+-\d)")
_ALARM_LINK = re.compile(r"console\.aws\.amazon\.com/cloudwatch/|\.amazonaws\.com|#alarmsV2:alarm|#alarm:alarmFilter")
_REPORTED = re.compile(r"Threshold Crossed|datapoints? \[|AWS\s?/\w+|CloudWatch", re.IGNORECASE)


def read(message: SlackMessage) -> Alert | None:
    """The alert of a post in the format of CloudWatch; None for any other post."""
    texts = [without_emoji(plain(line[:1_000])) for line in (*message.headlines, *message.body.split("\n")[:40])]
    for text in texts:
        card = _CARD.search(text)
        if card:
            return _card_alert(message, card)
    name = find_value(message.pairs, "alarmname", "alarm")
    state = find_value(message.pairs, *_STATE_KEYS)
    if name and state and _state(state) is not None:
        return _alert(message, LAMBDA_VENDOR, name, _state(state) or AlertStatus.UNKNOWN)
    if not message.has_link(_ALARM_LINK) and not _REPORTED.search(message.body):
        return None
    for text in texts:
        changed = _CHANGED.search(text)
        if changed:
            title = re.sub(r"^(?:alarm|cloudwatch alarm)\s", "", changed.group(1), flags=re.IGNORECASE)
            return _alert(message, VENDOR, title, _state(changed.group(2)) or AlertStatus.UNKNOWN)
        subject = _SUBJECT.match(text)
        if subject:
            return _alert(message, VENDOR, subject.group(2), _state(subject.group(1)) or AlertStatus.UNKNOWN)
    return None


def _card_alert(message: SlackMessage, card: re.Match[str]) -> Alert:
    name, region, account = card.groups()
    value = find_value(message.pairs, *_STATE_KEYS)
    changed = _CHANGED.search(plain(message.body[:5_000]))
    status = (
        (_state(changed.group(2)) if changed else None) or (_state(value) if value else None) or _by_colour(message)
    )
    return _alert(message, VENDOR, name, status, region=region, account=account)


def _alert(
    message: SlackMessage, vendor: str, name: str, status: AlertStatus, *, region: str = "", account: str = ""
) -> Alert:
    region = region or next((match.group(1) for match in map(_REGION.search, message.links) if match), "")
    shown = {"region": region, "Account": account}
    return make_alert(
        message,
        vendor=vendor,
        status=status,
        title=name.strip(" `"),
        starts_at=event_time(message.pairs) if status is AlertStatus.FIRING else None,
        labels={key: value for key, value in shown.items() if value},
        key=(account, region, name.strip(" `")),
    )


def _state(value: str) -> AlertStatus | None:
    word = without_emoji(value).strip(" `*.").casefold().replace(" ", "_")
    return AlertStatus.UNKNOWN if word == "insufficient_data" else _STATES.get(word)


def _by_colour(message: SlackMessage) -> AlertStatus:
    if Colour.GREEN in message.colours:
        return AlertStatus.RESOLVED
    return AlertStatus.FIRING if any(colour.is_trouble for colour in message.colours) else AlertStatus.UNKNOWN
