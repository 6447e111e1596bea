"""Which alerts share a thread: those of one cause, as far as their names, values, services and times tell.

An alert joins the thread of a group that is still at it, for the first of these reasons that holds:

    same_service    it names a service that an alert of the group names
    dependency      its service calls one of the group's services, or is called by one
    same_rule       the same rule fired moments ago, or fires with a shared place
    shared_place    both name one host, pod, address, queue or the like
    burst           both came within a minute and share any value at all
    storm           alerts pour in: the channel gets one thread for what cannot be told apart

A group knows totals and samples, never every alert, so that a thousand of them cost what ten do.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from core.alert import Alert
from core.base import Model

TOGETHER_WITHIN = timedelta(minutes=15)
"""How long after a group's newest alert another one can belong to it; group_interval and repeat pauses are shorter."""
MOMENTS = timedelta(minutes=2)
BURST = timedelta(minutes=1)
STORM_ALERTS = 3
"""So many new alerts of a channel within `BURST` are a storm, the newcomer included."""
LONGEST = timedelta(hours=6)
MAX_RULES = 60
MAX_SAMPLES = 12
SAMPLE_CHARS = 80
VALUE_CHARS = 120
"""Longer values are sentences."""
MAX_VALUES = 400
MAX_SERVICES = 60
MAX_INVESTIGATIONS = 3

# Keys whose values say where in the fleet something is, not what is broken: whole halves of an estate share them.
_BROAD_KEYS = frozenset(
    "alertname alertrule rule severity priority level urgency env environment stage tier region zone datacenter dc site "
    "cluster namespace prometheus receiver job team owner squad source vendor status state monitor type category account "
    "project organization org tenant runbook dashboard description summary message value threshold".split()
)
_ADDRESS = re.compile(r"\d{1,3}(?:[.-]\d{1,3}){3}")
_REGION = re.compile(
    r"[a-z]{2}(?:-gov)?-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)[a-z]*-?\d[a-z]?"
)
_PORT = re.compile(r":\d{1,5}$")
_MANY_DIGITS = 2
_PLACE_CHARS = 6
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_MIN_WORD_CHARS = 3


class JoinReason(StrEnum):
    SAME_SERVICE = "same_service"
    DEPENDENCY = "dependency"
    SAME_RULE = "same_rule"
    SHARED_PLACE = "shared_place"
    BURST = "burst"
    STORM = "storm"

    @property
    def is_one_cause(self) -> bool:
        """Whether what is found out about the group can be taken to cover the newcomer."""
        return self not in {JoinReason.BURST, JoinReason.STORM}


class RuleCount(Model):
    """The alerts of one rule in a group: how many came, how many still fire, and a few of the things they name."""

    rule: str
    severity: str | None = None
    alerts: int = 0
    firing: int = 0
    samples: tuple[str, ...] = ()


class AlertGroup(Model):
    """A thread's alerts in totals. `newest_at` is when the last of them came (Slack's `ts`), `newest` when the last few did.

    `tasks` are the ids of those that look into it. `places` are values that name one thing, `values` all that were seen; both bounded, the oldest kept.
    """

    channel: str
    thread_ts: str
    opened_at: Decimal
    newest_at: Decimal
    newest: tuple[Decimal, ...] = ()
    alerts: int = 0
    firing: int = 0
    tasks: tuple[str, ...] = ()
    resolved_at: Decimal | None = None
    rules: tuple[RuleCount, ...] = ()
    services: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class Join(Model):
    """The group an alert belongs to, and why."""

    group: AlertGroup
    reason: JoinReason


def choose_group(
    groups: Iterable[AlertGroup],
    alert: Alert,
    at: Decimal,
    *,
    related: Callable[[str, str], bool],
) -> Join | None:
    """The group to join, None where the alert opens one of its own.

    `groups` are those of the alert's channel; `related` tells whether one of two services calls the other.
    """
    known = tuple(groups)
    near = sorted((group for group in known if _is_near(group, at)), key=lambda group: group.newest_at, reverse=True)
    traits = _Traits(alert)
    for reason, holds in _REASONS:
        for group in near:
            if holds(group, traits, at, related):
                return Join(group=group, reason=reason)
    moment = [group for group in near if _gap(group, at) <= BURST]
    newcomers = sum(1 for group in known for came in group.newest if abs(at - came) <= Decimal(BURST.total_seconds()))
    if moment and newcomers + 1 >= STORM_ALERTS:
        return Join(group=max(moment, key=lambda group: _likeness(group, traits)), reason=JoinReason.STORM)
    return None


def open_group(alert: Alert, channel: str, thread_ts: str, at: Decimal, *, task_id: str | None = None) -> AlertGroup:
    """A group of one alert."""
    group = AlertGroup(channel=channel, thread_ts=thread_ts, opened_at=at, newest_at=at)
    return add_alert(group, alert, at, task_id=task_id)


def add_alert(group: AlertGroup, alert: Alert, at: Decimal, *, task_id: str | None = None) -> AlertGroup:
    """The group with one more firing alert, and the task that looks into it where it has one of its own."""
    traits = _Traits(alert)
    return group.model_copy(
        update={
            "newest_at": max(group.newest_at, at),
            "newest": tuple(sorted((*group.newest, at)))[-STORM_ALERTS:],
            "alerts": group.alerts + 1,
            "firing": group.firing + 1,
            "tasks": _joined(group.tasks, () if task_id is None else (task_id,), MAX_INVESTIGATIONS + 1),
            "resolved_at": None,
            "rules": _counted(group, alert, came=1, fires=1),
            "services": _joined(group.services, traits.services, MAX_SERVICES),
            "places": _joined(group.places, traits.places, MAX_VALUES),
            "values": _joined(group.values, traits.values, MAX_VALUES),
        }
    )


def end_alert(group: AlertGroup, alert: Alert, at: Decimal) -> AlertGroup:
    """The group with one alert less that fires; `resolved_at` is set when none is left."""
    firing = max(group.firing - 1, 0)
    return group.model_copy(
        update={
            "firing": firing,
            "resolved_at": at if firing == 0 else None,
            "rules": _counted(group, alert, came=0, fires=-1),
        }
    )


def revive_alert(group: AlertGroup, alert: Alert, at: Decimal) -> AlertGroup:
    """The group with an alert that fires again."""
    return group.model_copy(
        update={
            "newest_at": max(group.newest_at, at),
            "firing": min(group.firing + 1, group.alerts),
            "resolved_at": None,
            "rules": _counted(group, alert, came=0, fires=1),
        }
    )


def deserves_investigation(join: Join, alert: Alert) -> bool:
    """Whether an alert that joins is looked into on its own: nothing ties it to what is looked into, and few are."""
    if join.reason.is_one_cause or len(join.group.tasks) >= MAX_INVESTIGATIONS:
        return False
    known = {count.rule for count in join.group.rules}
    return alert.title not in known


class _Traits:
    """What an alert can be told from others by, in lower case."""

    def __init__(self, alert: Alert) -> None:
        self.rule = alert.title
        self.services = (alert.service.casefold(),) if alert.service else ()
        keyed = [
            (key.casefold(), value.casefold()) for key, value in alert.labels.items() if 0 < len(value) <= VALUE_CHARS
        ]
        narrow = [value for key, value in keyed if _plain_key(key) not in _BROAD_KEYS]
        bare = [value.casefold() for value in alert.values]
        self.places = tuple(dict.fromkeys(place for value in (*narrow, *bare) if (place := _place(value))))
        ignored = {(alert.severity or "").casefold(), ""}
        told = (
            *self.services,
            *(value for key, value in keyed if not key.startswith(("severity", "alertname"))),
            *bare,
        )
        self.values = tuple(dict.fromkeys(value for value in told if value not in ignored))
        self.words = frozenset(_words(alert.title)) | {word for value in self.values for word in _words(value)}


type _Holds = Callable[[AlertGroup, _Traits, Decimal, Callable[[str, str], bool]], bool]


def _same_service(group: AlertGroup, traits: _Traits, _at: Decimal, _related: Callable[[str, str], bool]) -> bool:
    return bool(set(traits.services) & set(group.services))


def _depends(group: AlertGroup, traits: _Traits, _at: Decimal, related: Callable[[str, str], bool]) -> bool:
    return any(related(mine, theirs) for mine in traits.services for theirs in group.services)


def _same_rule(group: AlertGroup, traits: _Traits, at: Decimal, _related: Callable[[str, str], bool]) -> bool:
    return _gap(group, at) <= MOMENTS and any(count.rule == traits.rule for count in group.rules)


def _shared_place(group: AlertGroup, traits: _Traits, _at: Decimal, _related: Callable[[str, str], bool]) -> bool:
    return bool(set(traits.places) & set(group.places))


def _burst(group: AlertGroup, traits: _Traits, at: Decimal, _related: Callable[[str, str], bool]) -> bool:
    return _gap(group, at) <= BURST and bool(set(traits.values) & set(group.values))


_REASONS: tuple[tuple[JoinReason, _Holds], ...] = (
    (JoinReason.SAME_SERVICE, _same_service),
    (JoinReason.DEPENDENCY, _depends),
    (JoinReason.SAME_RULE, _same_rule),
    (JoinReason.SHARED_PLACE, _shared_place),
    (JoinReason.BURST, _burst),
)


def _is_near(group: AlertGroup, at: Decimal) -> bool:
    """Whether the group is still at it: not all over, not too old, its newest alert not long ago."""
    gap = _gap(group, at)
    if gap > TOGETHER_WITHIN or abs(at - group.opened_at) > Decimal(LONGEST.total_seconds()):
        return False
    return group.firing > 0 or gap <= BURST


def _gap(group: AlertGroup, at: Decimal) -> timedelta:
    """How long the newest alert of the group lies from `at`, on whichever side: deliveries overtake each other."""
    if group.opened_at <= at <= group.newest_at:
        return timedelta(0)
    return timedelta(seconds=float(min(abs(at - group.newest_at), abs(at - group.opened_at))))


def _likeness(group: AlertGroup, traits: _Traits) -> tuple[int, Decimal]:
    words = {word for count in group.rules for word in _words(count.rule)}
    words |= {word for value in group.values for word in _words(value)}
    return len(words & traits.words), group.newest_at


def _counted(group: AlertGroup, alert: Alert, *, came: int, fires: int) -> tuple[RuleCount, ...]:
    """The counts with this alert in them; past the most rules, the rest share one count without a name."""
    names = [count.rule for count in group.rules]
    name = alert.title if alert.title in names or len(names) < MAX_RULES else ""
    rules = group.rules if name in names else (*group.rules, RuleCount(rule=name, severity=alert.severity))
    named = name_thing(alert, group.values) if came else None
    return tuple(_more(count, named, came, fires) if count.rule == name else count for count in rules)


def _more(count: RuleCount, named: str | None, came: int, fires: int) -> RuleCount:
    samples = count.samples
    if named and named not in samples and len(samples) < MAX_SAMPLES:
        samples = (*samples, named)
    firing = max(count.firing + fires, 0)
    return count.model_copy(update={"alerts": count.alerts + came, "firing": firing, "samples": samples})


def name_thing(alert: Alert, known: Sequence[str] = ()) -> str | None:
    """What the alert is about in a word or two: its service, else the first value that is not `known` from others."""
    if alert.service:
        return alert.service
    narrow = [value for key, value in alert.labels.items() if _plain_key(key.casefold()) not in _BROAD_KEYS]
    bare = [value for value in alert.values if value.casefold() != (alert.severity or "").casefold()]
    told = (*narrow, *bare)
    found = next((value for value in told if value.casefold() not in known), next(iter(told), None))
    return " ".join(found.split())[:SAMPLE_CHARS] if found else None


def _joined(known: tuple[str, ...], more: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))[:most]


def _plain_key(key: str) -> str:
    return re.sub(r"[^a-z]", "", key.rsplit(".", 1)[-1])


def _place(value: str) -> str | None:
    """The value as the name of one thing: an address without its port, or a name with digits in it; None otherwise."""
    address = _ADDRESS.search(value)
    if address:
        return re.sub(r"\D", ".", address.group())
    value = _PORT.sub("", value)
    if _REGION.fullmatch(value) or " " in value or len(value) < _PLACE_CHARS:
        return None
    return value if sum(character.isdigit() for character in value) >= _MANY_DIGITS else None


def _words(text: str) -> list[str]:
    """The words of a name in CamelCase, snake_case or kebab-case, without the very short ones."""
    return [word.casefold() for word in _WORD.findall(text) if len(word) >= _MIN_WORD_CHARS]
