"""What to do about a delivery: fire → repeat → resolve, followed over posts and edits, late and doubled ones included.

    nothing known   firing / acknowledged → open        resolved → ignore, but remember when
    open            firing / acknowledged → update      resolved → resolve        the same words edited → ignore
    resolved        firing soon after → reopen          firing later → open       resolved → ignore
    any             seen before → ignore                older than what is known → ignore_stale

Order is the order of Slack's timestamps, not that of arrival: retries and edits overtake each other.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from core.alert import Alert, AlertStatus
from core.base import Model

# Alertmanager tells news of a group every five minutes by default (`group_interval`,
# https://prometheus.io/docs/alerting/latest/configuration/#route): what returns sooner never really went away.
REOPEN_WITHIN = timedelta(minutes=5)
MAX_REMEMBERED = 100


class DeliveryKind(StrEnum):
    POST = "post"
    EDIT = "edit"
    DELETE = "delete"


class Delivery(Model):
    """One event of the chat. `message_ts` names the message, `at` is when this version of it was made (Slack's `ts`).

    `alert` is None where the message is none; `reason` then says why.
    """

    event_id: str
    channel: str
    message_ts: str
    at: Decimal
    kind: DeliveryKind
    alert: Alert | None = None
    reason: str | None = None


class AlertState(Model):
    """What is known of one alert in one channel. `thread_ts` is None as long as no thread was opened for it.

    `at` and `fingerprint` are those of the newest version applied; `episodes` counts openings and reopenings.
    """

    channel: str
    group_key: str
    status: AlertStatus
    thread_ts: str | None = None
    at: Decimal
    resolved_at: Decimal | None = None
    fingerprint: str
    episodes: int = 0
    event_ids: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()


class Action(StrEnum):
    OPEN = "open"
    UPDATE = "update"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    IGNORE = "ignore"
    IGNORE_STALE = "ignore_stale"


class Decision(Model):
    """The action, why, and the state to store: None where there is nothing to remember."""

    action: Action
    reason: str
    state: AlertState | None = None


def find_state(states: Iterable[AlertState], delivery: Delivery) -> AlertState | None:
    """The known state a delivery is about: of the same alert in its channel, or for an edit of the same message."""
    here = [state for state in states if state.channel == delivery.channel]
    alert = delivery.alert
    if alert is not None:
        for state in here:
            if state.group_key == alert.group_key:
                return state
    if delivery.kind is not DeliveryKind.POST:
        for state in here:
            if delivery.message_ts in (*state.posts, *state.edited):
                return state
    return None


def decide(states: Iterable[AlertState], delivery: Delivery) -> Decision:
    """What to do about a delivery, given what is known so far (`states`: at least those `find_state` could choose)."""
    state = find_state(states, delivery)
    if state is not None and delivery.event_id in state.event_ids:
        return Decision(action=Action.IGNORE, reason="duplicate_event", state=state)
    if delivery.kind is DeliveryKind.DELETE:
        return Decision(action=Action.IGNORE, reason="deleted_not_resolved", state=state)
    alert = delivery.alert
    if alert is None:
        return Decision(action=Action.IGNORE, reason=delivery.reason or "no_alert", state=state)
    if state is None:
        return _first_sight(delivery, alert)
    if delivery.kind is DeliveryKind.POST and delivery.message_ts in state.posts:
        return Decision(action=Action.IGNORE, reason="duplicate_post", state=_seen(state, delivery))
    if delivery.at < state.at:
        return Decision(action=Action.IGNORE_STALE, reason="older_than_known", state=_seen(state, delivery))
    if delivery.kind is DeliveryKind.EDIT and alert.fingerprint == state.fingerprint:
        return Decision(action=Action.IGNORE, reason="unchanged", state=_seen(state, delivery))
    if state.status is AlertStatus.RESOLVED:
        return _after_resolve(state, delivery, alert)
    action = Action.RESOLVE if alert.status is AlertStatus.RESOLVED else Action.UPDATE
    reason = "resolved" if action is Action.RESOLVE else _why_update(state, alert)
    return Decision(action=action, reason=reason, state=_applied(state, delivery, alert))


def _first_sight(delivery: Delivery, alert: Alert) -> Decision:
    state = AlertState(
        channel=delivery.channel,
        group_key=alert.group_key,
        status=alert.status,
        at=delivery.at,
        fingerprint=alert.fingerprint,
    )
    if alert.status is AlertStatus.RESOLVED:
        return Decision(action=Action.IGNORE, reason="nothing_open", state=_applied(state, delivery, alert))
    return Decision(action=Action.OPEN, reason="new", state=_opened(state, delivery, alert))


def _after_resolve(state: AlertState, delivery: Delivery, alert: Alert) -> Decision:
    if alert.status is AlertStatus.RESOLVED:
        return Decision(action=Action.IGNORE, reason="already_resolved", state=_applied(state, delivery, alert))
    if alert.status is not AlertStatus.FIRING:
        return Decision(action=Action.IGNORE, reason=f"{alert.status}_after_resolve", state=_seen(state, delivery))
    since_s = delivery.at - (state.resolved_at or state.at)
    if state.thread_ts is not None and since_s <= Decimal(REOPEN_WITHIN.total_seconds()):
        again = _applied(state, delivery, alert).model_copy(update={"episodes": state.episodes + 1})
        return Decision(action=Action.REOPEN, reason="fires_again", state=again)
    return Decision(action=Action.OPEN, reason="fires_anew", state=_opened(state, delivery, alert))


def _why_update(state: AlertState, alert: Alert) -> str:
    if alert.status is not state.status:
        return alert.status.value
    return "repeat" if alert.fingerprint == state.fingerprint else "changed"


def _opened(state: AlertState, delivery: Delivery, alert: Alert) -> AlertState:
    update = {"thread_ts": delivery.message_ts, "episodes": state.episodes + 1}
    return _applied(state, delivery, alert).model_copy(update=update)


def _applied(state: AlertState, delivery: Delivery, alert: Alert) -> AlertState:
    resolved = alert.status is AlertStatus.RESOLVED
    # a state that the post does not tell stays what it was; a repeated resolve does not move the time of the first
    known = state.status if alert.status is AlertStatus.UNKNOWN and state.episodes else alert.status
    resolved_at = (state.resolved_at or delivery.at) if resolved else None
    update = {"status": known, "at": delivery.at, "resolved_at": resolved_at, "fingerprint": alert.fingerprint}
    return _seen(state, delivery).model_copy(update=update)


def _seen(state: AlertState, delivery: Delivery) -> AlertState:
    events = (*state.event_ids, delivery.event_id)[-MAX_REMEMBERED:]
    posts = state.posts
    if delivery.kind is DeliveryKind.POST and delivery.message_ts not in posts:
        posts = (*posts, delivery.message_ts)[-MAX_REMEMBERED:]
    edited = state.edited
    if delivery.kind is DeliveryKind.EDIT and delivery.message_ts not in edited:
        edited = (*edited, delivery.message_ts)[-MAX_REMEMBERED:]
    return state.model_copy(update={"event_ids": events, "posts": posts, "edited": edited})
