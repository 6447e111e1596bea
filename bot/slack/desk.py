"""Decides about one message of a channel: an alert becomes a task, its end a reply, all else a named reason."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from bot.alerts import read_delivery
from bot.slack.channels import AlertChannels
from bot.slack.outbox import Outbox, Outgoing, Urgency
from bot.slack.render.alert import render_reply, render_task, tell_fires_again, tell_resolved
from bot.slack.render.alert_group import render_alert_group, tell_all_resolved
from bot.slack.render.escaping import clean
from core.alert import Alert
from core.alert_grouping import (
    AlertGroup,
    add_alert,
    choose_group,
    deserves_investigation,
    end_alert,
    open_group,
    revive_alert,
)
from core.alert_lifecycle import Action, AlertState, Delivery, decide
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


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What an alert is decided with. Deciding again, after a process died over it, does nothing twice.

    `related` tells whether one of two services calls the other.
    """

    inbox: SlackInbox
    states: AlertStateStore
    channels: AlertChannels
    outbox: Outbox
    service: TaskService
    related: Callable[[str, str], bool]
    clock: Clock

    async def decide(self, item: InboxItem) -> UUID | None:
        """The task to run now, if the message is one to look into.

        Raises SlackCallError, StorageError; TaskConflictError when another process has claimed the item since.
        """
        delivery = read_delivery(item.payload)
        if not await self.channels.watches(item.channel, item.team):
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
        match decision.action:
            case Action.OPEN:
                known, task_id = await self._open(item, delivery, alert, known, transaction)
            case Action.UPDATE:
                known = replace(known, repeats=known.repeats + 1)
            case Action.RESOLVE | Action.REOPEN:
                await self._tell(item, delivery, decision.action, alert, known, transaction)
            case Action.IGNORE | Action.IGNORE_STALE:
                pass
        await transaction.put(known)
        await log_alert(transaction, decision.action, known.state, delivery, alert, task_id=known.task_id)
        if decision.action in {Action.IGNORE, Action.IGNORE_STALE}:
            await self._refuse(item, decision.reason, delivery, transaction)
            return None
        await self.inbox.finish(item, decision.reason, task_id=known.task_id, within=transaction)
        _log.info(
            "alert.followed",
            action=decision.action.value,
            reason=decision.reason,
            channel=delivery.channel,
            message_ts=delivery.message_ts,
            thread_ts=known.state.thread_ts,
            task_id=str(known.task_id),
        )
        return task_id

    async def _open(
        self, item: InboxItem, delivery: Delivery, alert: Alert, known: KnownAlert, transaction: AlertTransaction
    ) -> tuple[KnownAlert, UUID | None]:
        """The alert in its thread, that of a group where it belongs to one, and its own task where it gets one."""
        groups = await transaction.groups_near(delivery.channel, delivery.at)
        join = choose_group(groups, alert, delivery.at, related=self.related)
        thread_ts = join.group.thread_ts if join else delivery.message_ts
        known = replace(known, state=known.state.model_copy(update={"thread_ts": thread_ts}), task_id=None, repeats=0)
        task_id: UUID | None = None
        if join is None or deserves_investigation(join, alert):
            request = _read_request(item, delivery, alert, known.state, self.clock())
            task_id = (await self.service.submit(request)).task.task_id
        own = None if task_id is None else str(task_id)
        if join is None:
            group = open_group(alert, delivery.channel, thread_ts, delivery.at, task_id=own)
        else:
            group = add_alert(join.group, alert, delivery.at, task_id=own)
            _log.info("alert.joined", reason=join.reason.value, thread_ts=thread_ts, alerts=group.alerts)
        await self._show_group(item, group, transaction)
        looked_into = own or next(iter(group.tasks), None)
        return replace(known, task_id=None if looked_into is None else UUID(looked_into)), task_id

    async def _tell(
        self,
        item: InboxItem,
        delivery: Delivery,
        action: Action,
        alert: Alert,
        known: KnownAlert,
        transaction: AlertTransaction,
    ) -> None:
        """Say in the thread that the alert ended or came back; of alerts that share one, only when the last ended."""
        thread_ts = known.state.thread_ts
        if thread_ts is None:
            return
        group = await transaction.find_group(delivery.channel, thread_ts)
        if group is not None:
            change = end_alert if action is Action.RESOLVE else revive_alert
            group = change(group, alert, delivery.at)
            await self._show_group(item, group, transaction)
        if group is None or group.alerts == 1:
            text = tell_resolved(thread_ts, delivery.at) if action is Action.RESOLVE else tell_fires_again(delivery.at)
        elif group.firing == 0:
            text = tell_all_resolved(group, delivery.at)
        else:
            return
        await self.outbox.put(
            Outgoing(
                key=f"alert:{item.key}",
                team=item.team,
                channel=delivery.channel,
                thread=thread_ts,
                message=render_reply(text),
                role="resolved" if action is Action.RESOLVE else "fires_again",
                task_id=known.task_id,
            ),
            within=transaction.connection,
        )

    async def _show_group(self, item: InboxItem, group: AlertGroup, transaction: AlertTransaction) -> None:
        """Keep the group; where several alerts share the thread, one message there counts and lists them."""
        await transaction.put_group(group)
        if group.alerts > 1:
            await self.outbox.put(
                Outgoing(
                    key=f"alerts:{group.channel}:{group.thread_ts}",
                    team=item.team,
                    channel=group.channel,
                    thread=group.thread_ts,
                    message=render_alert_group(group),
                    role="alerts",
                    urgency=Urgency.NEWS,
                ),
                within=transaction.connection,
            )

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
            team=item.team,
            channel=delivery.channel,
            thread_ts=state.thread_ts,
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
