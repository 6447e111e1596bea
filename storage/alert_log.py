"""Every episode of every alert, from its first post to its end: `alert_states` knows only the one that is on."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from core.alert import Alert
from core.alert_lifecycle import Action, AlertState, Delivery
from storage.alert_states import AlertTransaction
from storage.mapping import storable


async def log_alert(
    transaction: AlertTransaction,
    action: Action,
    state: AlertState,
    delivery: Delivery,
    alert: Alert,
    *,
    task_id: UUID | None,
) -> None:
    """What was decided about an alert stands in the log with it, once the transaction that decided it commits.

    An episode begins when the alert opens or comes back; its times are those of the posts. An alert that was open before
    there was a log is not in it.
    """
    values = {
        "channel": state.channel,
        "group_key": state.group_key,
        "episode": state.episodes,
        "at": _moment(delivery.at),
        "severity": storable(alert.severity),
    }
    match action:
        case Action.OPEN | Action.REOPEN:
            await transaction.connection.execute(
                "insert into alert_log (channel, group_key, episode, message_ts, vendor, title, service, severity, fired_at, "
                "task_id) values (%(channel)s, %(group_key)s, %(episode)s, %(message_ts)s, %(vendor)s, %(title)s, "
                "%(service)s, %(severity)s, %(at)s, %(task_id)s) on conflict do nothing",
                {
                    **values,
                    "message_ts": delivery.message_ts,
                    "vendor": alert.vendor,
                    "title": storable(alert.title),
                    "service": storable(alert.service),
                    "task_id": task_id,
                },
            )
        case Action.UPDATE:
            await transaction.connection.execute(
                "update alert_log set repeats = repeats + 1, severity = coalesce(%(severity)s, severity) "
                "where channel = %(channel)s and group_key = %(group_key)s and episode = %(episode)s",
                values,
            )
        case Action.RESOLVE:
            await transaction.connection.execute(
                "update alert_log set resolved_at = greatest(fired_at, %(at)s) "
                "where channel = %(channel)s and group_key = %(group_key)s and episode = %(episode)s",
                values,
            )
        case Action.IGNORE | Action.IGNORE_STALE:
            pass


def _moment(ts: Decimal) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
