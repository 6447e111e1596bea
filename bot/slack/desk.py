"""Decides about one message of a channel: an alert becomes a task, its end a reply, all else a named reason."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from bot.alerts import read_delivery
from bot.slack.channels import AlertChannels
from bot.slack.outbox import Outbox, Outgoing
from bot.slack.render.alert import render_reply, render_task, tell_fires_again, tell_resolved
from bot.slack.render.escaping import clean
from core.alert import Alert
from core.alert_lifecycle import Action, AlertState, Decision, Delivery, decide
from core.ports import Clock
from core.service import TaskService
from core.task import Context, Origin, Request
from storage.alert_log import log_alert
from storage.alert_states import AlertStateStore, AlertTransaction, KnownAlert
from storage.slack_inbox import InboxItem, SlackInbox

_log = structlog.stdlib.get_logger(__name__)

BEFORE = timedelta(minutes=20)
AFTER = timedelta(minutes=10)
_OLDEST_START = timedelta(hours=6)
"""A start that lies further back is that of an alert which has fired for long: what is asked is what happens now."""
_SERVICE_CHARS = 200
_SEVERITY_CHARS = 40

_REPLIES: dict[Action, tuple[str, Callable[[str, Delivery], str]]] = {
    Action.RESOLVE: ("resolved", lambda thread_ts, delivery: tell_resolved(thread_ts, delivery.at)),
    Action.REOPEN: ("fires_again", lambda _, delivery: tell_fires_again(delivery.at)),
}
"""What is said in the thread, and under which role."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What an alert is decided with. Deciding again, after a process died over it, does nothing twice."""

    inbox: SlackInbox
    outbox: Outbox
    states: AlertStateStore
    channels: AlertChannels
    service: TaskService
    clock: Clock

    async def decide(self, item: InboxItem) -> UUID | None:
        """The task to run now, if the message is one to look into.

        Raises SlackCallError, StorageError; TaskConflictError when another process has claimed the item since.
        """
        delivery = read_delivery(item.payload)
        if not await self.channels.watches(item.channel):
            await self._refuse(item, "channel_not_watched", delivery)
            return None
        if delivery.alert is None:
            await self._refuse(item, delivery.reason or "no_alert", delivery)
            return None
        async with self.states.hold(delivery.channel) as transaction:
            return await self._follow(item, delivery, delivery.alert, transaction)

    async def _follow(
        self, item: InboxItem, delivery: Delivery, alert: Alert, transaction: AlertTransaction
    ) -> UUID | None:
        found = await transaction.find(delivery.channel, alert.group_key, delivery.message_ts)
        decision = decide([known.state for known in found], delivery)
        state = decision.state
        if state is None:
            await self._refuse(item, decision.reason, delivery, transaction)
            return None
        known = next((known for known in found if known.state.group_key == state.group_key), KnownAlert(state=state))
        known = replace(known, state=state)
        task_id: UUID | None = None
        if decision.action is Action.OPEN:
            submission = await self.service.submit(_read_request(item, delivery, alert, state, self.clock()))
            task_id = submission.task.task_id
            known = replace(known, task_id=task_id, repeats=0)
        elif decision.action is Action.UPDATE:
            known = replace(known, repeats=known.repeats + 1)
        await transaction.put(known)
        await log_alert(transaction, decision.action, state, delivery, alert, task_id=known.task_id)
        await self._settle(item, delivery, decision, known, transaction)
        return task_id

    async def _settle(
        self,
        item: InboxItem,
        delivery: Delivery,
        decision: Decision,
        known: KnownAlert,
        transaction: AlertTransaction,
    ) -> None:
        reply = _REPLIES.get(decision.action)
        thread_ts = known.state.thread_ts
        if decision.action in {Action.IGNORE, Action.IGNORE_STALE}:
            await self._refuse(item, decision.reason, delivery, transaction)
            return
        _log.info(
            "alert.followed",
            action=decision.action.value,
            reason=decision.reason,
            channel=delivery.channel,
            message_ts=delivery.message_ts,
            task_id=str(known.task_id),
        )
        if reply is not None and thread_ts is not None and known.task_id is not None:
            role, tell = reply
            said = Outgoing(
                key=f"alert:{item.key}",
                channel=delivery.channel,
                team=item.team,
                thread=thread_ts,
                message=render_reply(tell(thread_ts, delivery)),
                role=role,
                task_id=known.task_id,
            )
            await self.outbox.put(said, within=transaction.connection)
        await self.inbox.finish(item, decision.reason, task_id=known.task_id, within=transaction)

    async def _refuse(
        self, item: InboxItem, reason: str, delivery: Delivery, transaction: AlertTransaction | None = None
    ) -> None:
        await self.inbox.refuse(item, reason, within=transaction)
        _log.info("alert.refused", reason=reason, channel=item.channel, message_ts=delivery.message_ts)


def _read_request(item: InboxItem, delivery: Delivery, alert: Alert, state: AlertState, now: datetime) -> Request:
    """The task; its key tells the episodes of an alert apart, since a message that is edited can fire anew."""
    key = f"slack:alert:{delivery.channel}:{delivery.message_ts}"
    start, end = _window(alert, delivery, now)
    context = {
        "service": _named(alert.service, _SERVICE_CHARS),
        "severity": _named(alert.severity, _SEVERITY_CHARS),
        "start_time": start,
        "end_time": end,
        "alert_time": datetime.fromtimestamp(int(delivery.at), UTC),
    }
    return Request(
        text=render_task(alert),
        context=Context.model_validate({name: value for name, value in context.items() if value is not None}),
        origin=Origin(
            door="slack",
            team=item.payload.get("team_id"),
            channel=delivery.channel,
            thread_ts=delivery.message_ts,
        ),
        key=key if state.episodes <= 1 else f"{key}:{state.episodes}",
    )


def _window(alert: Alert, delivery: Delivery, now: datetime) -> tuple[datetime, datetime]:
    """From before the start that the post states, or before the post, to after the post, as far as that has come."""
    posted = datetime.fromtimestamp(int(delivery.at), UTC)
    began = alert.starts_at
    if began is None or began.tzinfo is None or not posted - _OLDEST_START <= began <= posted:
        began = posted
    start = began.astimezone(UTC) - BEFORE
    end = min(posted + AFTER, max(now.replace(microsecond=0), posted))
    return start, end


def _named(text: str | None, limit: int) -> str | None:
    """The text as a value of a context; None where nothing is left of it."""
    return (" ".join(clean(text).split())[:limit] or None) if text else None
