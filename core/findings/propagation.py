"""Which services moved, in which order, and which of them the others' movement explains: along who calls whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import log1p
from statistics import median

from core.evidence.metrics import MetricSeries, MetricsWindow
from core.findings.metrics import (
    Change,
    goes_down_when_bad,
    is_of_the_host,
    is_symptom,
    is_traffic,
    is_view_of_others,
)

FEW_SAMPLES = 6
"""Of fewer samples the farthest counts; of more their median, which one spike does not move."""
OWN_FLOOR = 0.1
"""The least spread of a series as a share of its own usual value."""
SIBLINGS_FLOOR = 0.05
"""The least spread as a share of the largest usual value that the metric has in any service: an idle one's first byte is no news."""
EXPLAINED = 0.5
"""A caller's symptom is explained by one of a callee at least this strong beside it …"""
LEFT_WHEN_EXPLAINED = 0.3
"""… and keeps this share of its own weight."""
MOVED = log1p(2.0)
"""What a service must have moved by at least, in spreads, for the search to go on to what it calls."""
_MAD_TO_SIGMA = 1.4826

type Calls = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A service's samples since something began to go wrong, and those before it."""

    during: MetricsWindow
    before: MetricsWindow

    @cached_property
    def usual(self) -> dict[str, list[float]]:
        """The usual samples of each series by its selector."""
        return {item.selector: [value for value in item.values if value is not None] for item in self.before.series}


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A service by how far it moved on its own: `score` grows with the logarithm of the distance in spreads.

    `explained_by` is the callee whose movement explains this one's symptoms.
    """

    service: str
    score: float
    explained_by: str | None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The first change of a service."""

    service: str
    change: Change


def first_changes(changes: Mapping[str, Sequence[Change]]) -> tuple[Moved, ...]:
    """The first change of each service that moved, in order of time; a symptom before a resource of the same minute."""
    found: list[Moved] = []
    for service, every in changes.items():
        own = [change for change in every if not is_traffic(change.series.metric)]
        if own:
            first = min(own, key=lambda change: (change.start, not change.is_symptom, -change.deviation))
            found.append(Moved(service=service, change=first))
    return tuple(sorted(found, key=lambda item: item.change.start))


def in_steps(moved: Sequence[Moved]) -> tuple[tuple[Moved, ...], ...]:
    """The movements in steps; what lies within one step of the samples cannot be told apart in time and is one step."""
    steps: list[list[Moved]] = []
    for item in moved:
        same = steps and item.change.start - steps[-1][0].change.start < timedelta(seconds=item.change.window.step_s)
        if same:
            steps[-1].append(item)
        else:
            steps.append([item])
    return tuple(map(tuple, steps))


def rank_suspects(
    measured: Mapping[str, Measured],
    calls: Calls,
    *,
    subject: str | None = None,
    seen_by_callers: Mapping[str, Sequence[tuple[MetricSeries, MetricSeries]]] | None = None,
) -> tuple[Suspect, ...]:
    """The services by how likely the trouble began with them, most likely first.

    A service's weight is the distance of its worst series from the usual, in spreads with floors. A symptom of a caller that
    a callee's symptom explains counts little; a resource's movement is its own. With a `subject`, only what it reaches by
    calls through services that moved counts. `seen_by_callers` has, for a callee, what its callers measured of the calls to
    it, before and since: a slow network shows there alone.
    """
    scales = _scales(measured.values())
    symptoms = {service: _worst(item, scales, felt=True) for service, item in measured.items()}
    resources = {service: _worst(item, scales, felt=False) for service, item in measured.items()}
    for callee, views in (seen_by_callers or {}).items():
        seen = max((_distance(_values(before), _values(during), 1, 0.0) for before, during in views), default=0.0)
        symptoms[callee] = max(symptoms.get(callee, 0.0), log1p(seen))
    reached = _reached(subject, calls, {name: max(symptoms[name], resources.get(name, 0.0)) for name in symptoms})
    suspects = [
        _suspect(service, symptoms, resources.get(service, 0.0), calls)
        for service in symptoms
        if reached is None or service in reached
    ]
    return tuple(sorted(suspects, key=lambda item: -item.score))


def _suspect(service: str, symptoms: Mapping[str, float], resource: float, calls: Calls) -> Suspect:
    own = symptoms[service]
    callees = [(symptoms[name], name) for name in calls.get(service, ()) if name != service and name in symptoms]
    strongest, callee = max(callees, default=(0.0, None))
    explained = callee is not None and own > 0 and strongest >= EXPLAINED * own
    score = max(own * LEFT_WHEN_EXPLAINED if explained else own, resource)
    return Suspect(service=service, score=score, explained_by=callee if explained else None)


def _reached(subject: str | None, calls: Calls, moved: Mapping[str, float]) -> set[str] | None:
    """What a service reaches through services that moved or were not measured; None without a subject or any calls of it."""
    if subject is None or not calls.get(subject):
        return None
    reached, ahead = {subject}, [subject]
    while ahead:
        for callee in calls.get(ahead.pop(0), ()):
            if callee not in reached and moved.get(callee, MOVED) >= MOVED:
                reached.add(callee)
                ahead.append(callee)
    return reached


def _scales(measured: Iterable[Measured]) -> dict[str, float]:
    """The largest usual value that each metric has in any service."""
    scales: dict[str, float] = {}
    for item in measured:
        for series in item.before.series:
            usual = item.usual[series.selector]
            if usual:
                scales[series.metric] = max(scales.get(series.metric, 0.0), abs(median(usual)))
    return scales


def _worst(item: Measured, scales: Mapping[str, float], *, felt: bool) -> float:
    """How far the service's worst series moved, as the logarithm of its distance: symptoms one way, resources either way."""
    worst = 0.0
    for series in item.during.series:
        if is_symptom(series.metric) != felt or is_of_the_host(series.metric) or is_view_of_others(series.metric):
            continue
        if not felt and is_traffic(series.metric):
            continue
        direction = 0 if not felt else -1 if goes_down_when_bad(series.metric) else 1
        scale = scales.get(series.metric, 0.0) * SIBLINGS_FLOOR
        worst = max(worst, _distance(item.usual.get(series.selector, []), _values(series), direction, scale))
    return log1p(worst)


def _distance(usual: Sequence[float], since: Sequence[float], direction: int, floor: float) -> float:
    """Spreads between the usual value and what has been measured since; 0 in the direction that is no trouble."""
    if len(usual) < 3 or not since:  # noqa: PLR2004 -- fewer samples have no usual value
        return 0.0
    centre = median(usual)
    by_median = _MAD_TO_SIGMA * median(abs(value - centre) for value in usual)
    spread = max(by_median, OWN_FLOOR * abs(centre), floor, 1e-12)
    value = max(since, key=lambda item: (item - centre) * direction if direction else abs(item - centre))
    if len(since) >= FEW_SAMPLES:
        value = median(since)
    distance = (value - centre) / spread
    return max(0.0, distance * direction) if direction else abs(distance)


def _values(series: MetricSeries) -> list[float]:
    return [value for value in series.values if value is not None]
