"""How storms of labelled alerts are shared out among threads: at most one thread a cause is what is wanted."""

from collections import defaultdict
from collections.abc import Iterable

from bot.alerts import read_delivery
from bot.alerts.json_values import as_items, as_object, as_text
from core.alert import AlertStatus
from core.alert_grouping import AlertGroup, add_alert, choose_group, open_group
from core.base import Model


class StormScore(Model):
    """`split_causes` are those whose alerts stand in more than one thread; `counted` alerts are counted in theirs."""

    name: str
    alerts: int
    counted: int
    causes: int
    threads: int
    split_causes: tuple[str, ...]


def evaluate_storms(sequences: Iterable[object]) -> list[StormScore]:
    """A score for every sequence whose firing deliveries name their `cause`."""
    scores: list[StormScore] = []
    for item in sequences:
        sequence = as_object(item)
        steps = [as_object(step) for step in as_items(sequence.get("deliveries"), limit=None)]
        if any(as_text(step.get("cause")) for step in steps):
            scores.append(_score(as_text(sequence.get("id")), steps))
    return scores


def _score(name: str, steps: list[dict[str, object]]) -> StormScore:
    groups: dict[str, AlertGroup] = {}
    threads: dict[str, set[str]] = defaultdict(set)
    alerts = 0
    for step in steps:
        delivery = read_delivery(step.get("envelope"))
        alert = delivery.alert
        if alert is None or alert.status is not AlertStatus.FIRING:
            continue
        join = choose_group(groups.values(), alert, delivery.at, related=lambda _one, _other: False)
        if join is None:
            group = open_group(alert, delivery.channel, delivery.message_ts, delivery.at)
        else:
            group = add_alert(join.group, alert, delivery.at)
        groups[group.thread_ts] = group
        alerts += 1
        threads[as_text(step.get("cause"))].add(group.thread_ts)
    return StormScore(
        name=name,
        alerts=alerts,
        counted=sum(count.alerts for group in groups.values() for count in group.rules),
        causes=len(threads),
        threads=len(groups),
        split_causes=tuple(cause for cause, where in sorted(threads.items()) if len(where) > 1),
    )
