"""Possible causes, ranked. Order in time, a dependency and a check that tells them apart make a cause; nothing less does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.composing import timeline
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.measurements import describe
from core.composing.words import clock, listed, series_name, shortened, stamp
from core.evidence import LogLine
from core.findings.logs import MASKED, ChangeEvent, change_events
from core.findings.metrics import Change, is_traffic, split_at
from core.findings.names import plain_name
from core.findings.propagation import Measured, rank_suspects
from core.findings.signatures import NamedFailure, named_failures
from core.reading.quantities import minutes_text
from core.report import Citation

LEAD = timedelta(minutes=30)
"""A change counts as a possible cause when it came at most this long before the first symptom."""
SLACK = timedelta(minutes=1)
"""A sample stands for its minute: an event within the minute of the first symptom may have come first."""
CONFIRMING = 0.9
BEHIND = 0.15
"""How much less likely a dependency is whose movement one behind it explains."""
EXPLAINS = 0.1
"""How much more likely one is whose movement explains that of a dependency which calls it."""
MAX_DEPENDENCY_LINES = 2
MAX_NAMED_FAILURES = 2
MAX_LOOKED_AT = 50
"""Of lines alike but for one word so many are read for the name of a dependency."""
NAMED_LEAD = timedelta(minutes=5)
"""Lines that first name a failure this close to the first symptom began with it."""


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """When users first felt it, and when (if) they no longer did."""

    service: str
    start: datetime
    end: datetime
    recovered: bool
    citation: Citation
    last: Citation


def compose(material: Material, draft: Draft) -> None:
    """Adds the hypotheses for each service with a symptom, and says in the answer how far the best one is shown."""
    for service in material.brief.services:
        changes = material.changes(service)
        if changes is None:
            continue
        symptom = _first_symptom(service, changes)
        if symptom is None:
            continue
        confirmed = _deployments(material, symptom, draft)
        timeline.compose(material, service, draft)
        _dependencies(material, symptom, draft)
        _named_failures(material, symptom, draft, confirmed=confirmed)
        _resources(changes, symptom, draft, confirmed=confirmed)
        if not draft.has_hypotheses:
            draft.gap(
                f"the cause of the change in {service}",
                "no change, dependency or resource that was asked moved before the first symptom",
                "widen the window, or look at changes outside the service's own log",
            )


def _first_symptom(service: str, changes: tuple[Change, ...]) -> Symptom | None:
    symptoms = [change for change in changes if change.is_symptom]
    if not symptoms:
        return None
    first = min(symptoms, key=lambda change: change.start)
    last = max(symptoms, key=lambda change: change.end)
    return Symptom(
        service=service,
        start=first.start,
        end=last.end,
        recovered=all(change.recovered for change in symptoms),
        citation=first.window.cite(first.series, first.start, first.end),
        last=last.window.cite(last.series, last.start, last.end),
    )


def _deployments(material: Material, symptom: Symptom, draft: Draft) -> bool:
    """Adds the changes that came shortly before; True when undoing one ended the symptom."""
    logs = material.change_lines(symptom.service)
    if logs is None:
        return False
    events = change_events(logs.lines)
    causes = [
        event
        for event in events
        if event.kind != "rollback" and symptom.start - LEAD <= event.line.timestamp <= symptom.start + SLACK
    ]
    if not causes:
        return False
    first = _nearest(causes, symptom)
    undone = _undone_by(events, symptom)
    supported = [logs.cite(first.line), symptom.citation]
    what = "a deployment" if first.kind == "deployment" else "a change"
    cause = f"{what} shortly before the first symptom: “{shortened(first.line.message, 160)}” at {stamp(first.line.timestamp)}"
    order = (
        f"{symptom.service} changed {_after(first.line.timestamp, symptom.start)} "
        f"“{shortened(first.line.message, 120)}” ({clock(first.line.timestamp)})"
    )
    if undone is None:
        draft.inference(f"{order}. Order in time alone: not confirmed as the cause.", *supported, headline=True)
        draft.hypothesis(
            cause, service=symptom.service, confidence=0.6 if first.kind == "deployment" else 0.45, supported_by=supported,
            next_check="roll it back (or compare an instance without it) and see whether the symptom ends",
            in_short=f"{what} at {clock(first.line.timestamp)}: “{shortened(first.line.message, 80)}”",
        )  # fmt: skip
        return False
    supported += [logs.cite(undone.line), symptom.last]
    draft.inference(
        f"{order} and recovered {_after(undone.line.timestamp, symptom.end)} "
        f"“{shortened(undone.line.message, 120)}” ({clock(undone.line.timestamp)}): order in time and its undoing point to "
        "that change.",
        *supported,
        headline=True,
    )
    draft.hypothesis(
        cause, service=symptom.service, confidence=CONFIRMING, supported_by=supported,
        next_check="read the difference of that change before it is shipped again",
        in_short=f"{what} at {clock(first.line.timestamp)}: “{shortened(first.line.message, 80)}”, undone at {clock(undone.line.timestamp)}",
    )  # fmt: skip
    return True


def _nearest(events: Sequence[ChangeEvent], symptom: Symptom) -> ChangeEvent:
    """The last one before the symptom, a deployment before any other change."""
    return max(
        events,
        key=lambda event: (event.line.timestamp <= symptom.start, event.kind == "deployment", event.line.timestamp),
    )


def _after(event: datetime, symptom: datetime) -> str:
    minutes = int((symptom - event).total_seconds() // 60)
    return f"{minutes_text(minutes)} after" if minutes >= 1 else "within a minute of"


def _undone_by(events: tuple[ChangeEvent, ...], symptom: Symptom) -> ChangeEvent | None:
    """The rollback after which the symptom ended."""
    if not symptom.recovered:
        return None
    candidates = [
        event
        for event in events
        if event.kind == "rollback" and symptom.start < event.line.timestamp <= symptom.end + SLACK
    ]
    return next((event for event in candidates if symptom.end - event.line.timestamp <= LEAD), None)


def _dependencies(material: Material, symptom: Symptom, draft: Draft) -> None:
    """Holds each dependency's own metrics against the time of the first symptom."""
    moved: list[str] = []
    explained = _explained(material, symptom)
    for name in material.brief.dependencies:
        changes, around = material.changes(name), material.around(name)
        if changes is None or around is None:
            continue
        during = around[0]
        lines = tuple(_lines_naming(material, symptom.service, name))
        # More requests on a dependency follow from the service's own load: they are no cause of it.
        own = [change for change in changes if not is_traffic(change.series.metric)]
        symptoms = [change for change in own if change.is_symptom]
        earlier = [change for change in symptoms or own if change.start <= symptom.start]
        if earlier:
            first = min(earlier, key=lambda change: change.start)
            moved.append(name)
            behind = _behind(material, name, first.start, explained)
            supported = [first.window.cite(first.series, first.start, first.end), *lines, symptom.citation]
            draft.fact(describe(name, first), supported[0], headline=behind is None)
            draft.hypothesis(
                f"{name}, {_relation(material, symptom.service, name)}, changed at {clock(first.start)}, {_order(first, symptom)}"
                + ("" if behind is None else f"; {behind} moved no later, and {name} calls it"),
                service=name, confidence=(0.75 if lines else 0.55)
                - (BEHIND if behind is not None else 0.0)
                + (EXPLAINS if name in explained.values() else 0.0),
                supported_by=supported,
                next_check=f"investigate {name} over the same window; if it recovers first, it is the cause",
                in_short=f"{name}, {_relation(material, 'it', name)} and which changed at {clock(first.start)}",
            )  # fmt: skip
        elif lines:
            healthy = tuple(during.cite(series) for series in during.series[:2])
            draft.fact(
                f"{symptom.service}'s errors name {name}, whose own metrics stayed within their usual band."
                if not changes
                else f"{symptom.service}'s errors name {name}, whose own metrics changed only later.",
                *lines, *healthy,
            )  # fmt: skip
            draft.hypothesis(
                f"{name}, which the errors of {symptom.service} name", service=name, confidence=0.25, supported_by=lines,
                contradicted_by=healthy,
                next_check=f"check the path from {symptom.service} to {name} (client time-outs, pool, network) rather than {name}",
                in_short=f"{name}, which its errors name",
            )  # fmt: skip
    if moved:
        draft.action(f"Ask the owners of {listed(moved)} to look at the same window")


def _explained(material: Material, symptom: Symptom) -> dict[str, str]:
    """Which dependency's symptoms the movement of one that it calls explains; nothing where at most one moved."""
    moved = [name for name in material.brief.dependencies if material.changes(name)]
    if len(moved) < 2:  # noqa: PLR2004 -- it takes one that is explained and one that explains
        return {}
    measured = {
        name: Measured(during=split_at(around[0], symptom.start)[1], before=around[1])
        for name in moved
        if (around := material.around(name))
    }
    calls: dict[str, list[str]] = {}
    for caller, callee in material.brief.calls:
        calls.setdefault(caller, []).append(callee)
    return {item.service: item.explained_by for item in rank_suspects(measured, calls) if item.explained_by}


def _behind(material: Material, name: str, start: datetime, explained: Mapping[str, str]) -> str | None:
    """The service behind a dependency that explains its movement and moved no later."""
    behind = explained.get(name)
    first = [change.start for change in (material.changes(behind) or ()) if change.is_symptom] if behind else []
    return behind if first and min(first) <= start else None


def _relation(material: Material, service: str, name: str) -> str:
    """How a service needs another: itself, or through one that it calls."""
    direct = {callee for caller, callee in material.brief.calls if caller in material.brief.services}
    if not material.brief.calls or name in direct:
        return f"on which {service} depends"
    through = [
        caller for caller, callee in material.brief.calls if callee == name and caller in material.brief.dependencies
    ]
    return (
        f"which {listed(through)} needs, on which {service} depends"
        if len(through) == 1
        else f"which {service} needs through others"
    )


def _order(first: Change, symptom: Symptom) -> str:
    same = symptom.start - first.start < timedelta(seconds=first.window.step_s)
    return f"in the same minute as {symptom.service}" if same else f"no later than {symptom.service}"


def _lines_naming(material: Material, service: str, named: str) -> list[Citation]:
    """The first error lines of the service that name another one; the first line of a shape speaks for its group."""
    logs = material.log_lines(service)
    if logs is None:
        return []
    name = named.lower()
    naming: list[LogLine] = []
    for group in material.log_groups(service):
        is_named = group.is_error and name in group.first.message.lower()
        if is_named or (group.is_error and MASKED in group.shape):
            looked_at = group.lines if is_named else group.lines[:MAX_LOOKED_AT]
            naming += (line for line in looked_at if name in line.message.lower())
    first = sorted(naming, key=lambda line: line.timestamp)[:MAX_DEPENDENCY_LINES]
    return [logs.cite(line) for line in first]


def _named_failures(material: Material, symptom: Symptom, draft: Draft, *, confirmed: bool) -> None:
    """Adds what the service's own error lines say went wrong, where they begin with the symptom."""
    logs = material.log_lines(symptom.service)
    if logs is None:
        return
    for named in named_failures(material.log_groups(symptom.service))[:MAX_NAMED_FAILURES]:
        first = named.lines[0]
        if first.timestamp > symptom.end:
            continue
        with_symptom = abs(first.timestamp - symptom.start) <= NAMED_LEAD
        confidence = 0.2 if confirmed else 0.6 if with_symptom else 0.35
        draft.hypothesis(
            f"{named.failure}, which {_lines(named)} of {symptom.service} name since {clock(first.timestamp)}: "
            f"“{shortened(first.message, 160)}”",
            service=symptom.service, confidence=confidence, supported_by=[logs.cite(first), symptom.citation],
            next_check=named.next_check,
            in_short=f"{named.failure}, named by {_lines(named)} since {clock(first.timestamp)}",
        )  # fmt: skip


def _lines(named: NamedFailure) -> str:
    return "a log line" if len(named.lines) == 1 else f"{len(named.lines)} log lines"


def _resources(changes: tuple[Change, ...], symptom: Symptom, draft: Draft, *, confirmed: bool) -> None:
    """Adds load and resources that changed no later than the symptom; weaker when a change was already undone."""
    for change in changes:
        if change.is_symptom or change.start > symptom.start:
            continue
        citation = change.window.cite(change.series, change.start, change.end)
        surge = is_traffic(change.series.metric)
        what = "load" if surge else "a resource"
        confidence = 0.2 if confirmed else 0.5
        draft.hypothesis(
            f"{what} of {symptom.service} itself: {series_name(change.series)} changed at {clock(change.start)}, "
            "no later than the first symptom",
            service=symptom.service, confidence=confidence, supported_by=[citation, symptom.citation],
            next_check="compare with the same hour of the days before; see whether it leads or follows the symptom",
            in_short=f"its own {'load' if surge else 'resources'}: {plain_name(change.series.metric).words} changed at {clock(change.start)}",
        )  # fmt: skip
