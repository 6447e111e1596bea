"""Posts understood as alerts, without a model: one reader a format, tried in this order, the general one last.

reading = understand(envelope)      Alert, or a Refusal with its named reason
delivery = read_delivery(envelope)  the same with what `core.alert_lifecycle` needs to follow it
"""

from collections.abc import Callable
from decimal import Decimal

from bot.alerts import (
    alertmanager,
    argocd,
    cloudwatch,
    datadog,
    declaration,
    flux,
    general,
    github_actions,
    gitlab,
    grafana,
    healthchecks,
    incident_io,
    jenkins,
    netdata,
    newrelic,
    opsgenie,
    pagerduty,
    robusta,
    sentry,
    statuspage,
    uptime_kuma,
    zabbix,
)
from bot.alerts.message import SlackMessage, read_message
from bot.alerts.refusals import (
    Reason,
    Refusal,
    RefusalCount,
    refuse_alert,
    refuse_message,
    refuse_news,
    refuse_notice,
)
from core.alert import Alert
from core.alert_lifecycle import Delivery, DeliveryKind

type Reader = Callable[[SlackMessage], Alert | None]

# those that know their format by an address or a signature of its own first; Alertmanager's title is imitated by many
READERS: tuple[Reader, ...] = (
    robusta.read,
    grafana.read,
    pagerduty.read,
    opsgenie.read,
    datadog.read,
    sentry.read,
    incident_io.read,
    newrelic.read,
    netdata.read,
    zabbix.read,
    uptime_kuma.read,
    healthchecks.read,
    argocd.read,
    flux.read,
    gitlab.read,
    github_actions.read,
    jenkins.read,
    cloudwatch.read,
    statuspage.read,
    alertmanager.read,
)
LAST_READER: Reader = general.read
HUMAN_READER: Reader = declaration.read

__all__ = [
    "HUMAN_READER",
    "LAST_READER",
    "READERS",
    "Reader",
    "Reason",
    "Refusal",
    "RefusalCount",
    "read_delivery",
    "understand",
    "understand_message",
]


def understand(envelope: object) -> Alert | Refusal:
    """The alert that an Events API envelope (or a bare message event) brings, or why it brings none. Never raises."""
    message = read_message(envelope)
    return Refusal(reason=Reason.NOT_A_MESSAGE) if message is None else understand_message(message)


def understand_message(message: SlackMessage) -> Alert | Refusal:
    """The alert of a message, or why it is none."""
    reason = refuse_message(message)
    if reason is not None:
        return Refusal(reason=reason)
    if message.is_human:
        return HUMAN_READER(message) or Refusal(reason=Reason.HUMAN_TALK)
    reason = refuse_notice(message)
    if reason is not None:
        return Refusal(reason=reason)
    for read in READERS:
        alert = read(message)
        if alert is not None:
            return _kept(alert)
    reason = refuse_news(message)
    if reason is not None:
        return Refusal(reason=reason)
    alert = LAST_READER(message)
    return Refusal(reason=Reason.NO_ALERT_WORDS) if alert is None else _kept(alert)


def _kept(alert: Alert) -> Alert | Refusal:
    reason = refuse_alert(alert)
    return alert if reason is None else Refusal(reason=reason)


def read_delivery(envelope: object) -> Delivery:
    """The delivery as the lifecycle takes it, with its alert or the reason for having none."""
    message = read_message(envelope)
    if message is None:
        reason = Reason.NOT_A_MESSAGE.value
        return Delivery(event_id="", channel="", message_ts="", at=Decimal(0), kind=DeliveryKind.POST, reason=reason)
    reading = understand_message(message)
    return Delivery(
        event_id=message.event_id,
        channel=message.channel,
        message_ts=message.ts,
        at=message.at,
        kind=message.kind,
        alert=reading if isinstance(reading, Alert) else None,
        reason=reading.reason.value if isinstance(reading, Refusal) else None,
    )
