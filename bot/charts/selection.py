"""Evidence and report → which signals to draw, and everything a drawing of them needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.composing.measurements import limit_text, matching_series
from core.evidence import LogLines, MetricSeries, MetricsWindow, ReferenceExcerpt
from core.findings.logs import change_events
from core.findings.metrics import Band, Change, find_changes, is_symptom, is_traffic, split_at, usual_band
from core.findings.names import MetricName, plain_name
from core.findings.thresholds import limit_in_units_of
from core.plan import Plan
from core.policy.triggers import read_rollback_rules
from core.report import Report
from core.result import Result

MAX_SIGNALS = 4
PANELS_A_PICTURE = 2
MAX_EVENTS = 3
MAX_OF_A_SERVICE = 3

type Sample = tuple[datetime, float | None]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A threshold that was measured: its value in the unit of the panel, and whose it is."""

    value: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """Somebody's change, told of in a log line that the report cites: `kind` is `deployment`, `rollback` or `change`."""

    kind: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One signal. Samples are in the unit of its name, None where there is none; `low` to `high` is its usual range."""

    service: str
    labels: str
    name: MetricName
    samples: tuple[Sample, ...]
    low: float
    high: float
    usual: float
    start: datetime | None = None
    end: datetime | None = None
    peak: float | None = None
    peak_at: datetime | None = None
    recovered: bool = False
    limits: tuple[Limit, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.service}: {self.name.words}{self.labels}"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Panels over one span of time; `window_start` to `window_end` is what the task asked about."""

    panels: tuple[Panel, ...]
    events: tuple[Event, ...]
    window_start: datetime
    window_end: datetime
    series: tuple[str, ...]
    citation_ids: tuple[str, ...]

    @property
    def title(self) -> str:
        services = dict.fromkeys(panel.service for panel in self.panels)
        parts = (
            f"{name}: {' and '.join(f'{item.name.words}{item.labels}' for item in self.panels if item.service == name)}"
            for name in services
        )
        return f"{'; '.join(parts)}, {self.window_start:%Y-%m-%d}"

    @property
    def alt_text(self) -> str:
        """What the picture shows, for somebody who cannot see it."""
        events = "".join(f" {event.kind.capitalize()} at {event.at:%H:%M} UTC." for event in self.events)
        return f"{' '.join(map(_in_words, self.panels))}{events}"


@dataclass(frozen=True, kw_only=True)
class _Signal:
    window: MetricsWindow
    before: MetricsWindow
    series: MetricSeries
    reference: MetricSeries
    change: Change | None
    weight: float


def pictures_of(plan: Plan | None, result: Result | None) -> tuple[Picture, ...]:
    """What to draw of a finished run, the signals that most statements rest on first; nothing where it measured nothing."""
    if plan is None or result is None or plan.brief.window is None:
        return ()
    window = plan.brief.window
    signals = _chosen(sorted(_signals(plan, result), key=lambda item: -item.weight))
    events = tuple(_events(result))[:MAX_EVENTS]
    pictures: list[Picture] = []
    for at in range(0, len(signals), PANELS_A_PICTURE):
        some = signals[at : at + PANELS_A_PICTURE]
        selectors = tuple(item.series.selector for item in some)
        pictures.append(
            Picture(
                panels=tuple(_panel(item, plan, result) for item in some),
                events=events,
                window_start=window.start,
                window_end=window.end,
                series=selectors,
                citation_ids=tuple(
                    item.citation_id
                    for item in result.report.citations
                    if item.citation_source == "metrics" and _selector(item.locator) in selectors
                ),
            )
        )
    return tuple(pictures)


def _signals(plan: Plan, result: Result) -> Iterator[_Signal]:
    """Every series that a statement cites, with the samples before it and how much rests on it."""
    if plan.brief.window is None:
        return
    start = plan.brief.window.start
    weights, suspected = _weights(result.report)
    outputs = [item.output for item in result.tool_results if isinstance(item.output, MetricsWindow)]
    for output in outputs:
        if output.end_time <= start or not output.series:
            continue
        before, during = split_at(output, start)
        if not any(series.values for series in before.series):
            before = next((item for item in outputs if item.service == output.service and item.end_time <= start), None)
            before = split_at(before, start)[0] if before else None  # the sample at the start is the window's
        if before is None:
            continue
        references = {series.selector: series for series in before.series}
        changes = {change.series.selector: change for change in find_changes(during, before)}
        for series in during.series:
            weight, reference = weights.get(series.selector, 0.0), references.get(series.selector)
            felt = is_symptom(series.metric) or series.selector in suspected
            if weight and felt and reference is not None:
                change = changes.get(series.selector)
                own = 4.0 * (output.service in plan.brief.services) * is_symptom(series.metric) + 2.0 * bool(change)
                weight = weight + own - 2.0 * is_traffic(series.metric) - 3.0 * (not is_symptom(series.metric))
                yield _Signal(
                    window=during, before=before, series=series, reference=reference, change=change, weight=weight
                )


def _chosen(signals: Sequence[_Signal]) -> list[_Signal]:
    """The weightiest, one of several instances of a metric, a symptom of any service before calm ones."""
    chosen: list[_Signal] = []
    changed = any(item.change for item in signals)
    for item in signals:
        same = [other for other in chosen if other.window.service == item.window.service]
        if len(same) >= MAX_OF_A_SERVICE or any(other.series.metric == item.series.metric for other in same):
            continue
        if changed and not item.change:
            continue  # beside what moved, what did not only takes room
        chosen.append(item)
    # What is shown at all is shown by service, so that two panels of one picture belong together.
    order = {name: at for at, name in reversed(list(enumerate(item.window.service for item in chosen)))}
    limit = MAX_SIGNALS if changed else PANELS_A_PICTURE
    return sorted(chosen[:limit], key=lambda item: order[item.window.service])


def _weights(report: Report) -> tuple[dict[str, float], frozenset[str]]:
    """How much rests on each series (statements of the answer count more, causes by their confidence); those that support a cause."""
    selectors = {
        item.citation_id: _selector(item.locator) for item in report.citations if item.citation_source == "metrics"
    }
    said = set(report.answer.split("\n"))
    weights: dict[str, float] = {}
    for claim in report.claims:
        for name in {selectors[item] for item in claim.citation_ids if item in selectors}:
            weights[name] = weights.get(name, 0.0) + (2.0 if claim.text in said else 1.0)
    suspected: set[str] = set()
    for cause in report.hypotheses:
        for name in {selectors[item] for item in cause.supported_by if item in selectors}:
            weights[name] = weights.get(name, 0.0) + 2.0 * cause.confidence
            suspected.add(name)
    return weights, frozenset(suspected)


def _selector(locator: str) -> str:
    return locator.rpartition("}")[0] + "}"


def _events(result: Result) -> Iterator[Event]:
    """The changes whose log lines a statement or a cause cites, oldest first."""
    used = {name for claim in result.report.claims for name in claim.citation_ids}
    used |= {name for cause in result.report.hypotheses for name in cause.supported_by}
    found: dict[tuple[str, datetime], Event] = {}
    for item in result.tool_results:
        if isinstance(logs := item.output, LogLines):
            for event in change_events(logs.lines):
                if logs.cite(event.line).citation_id in used:
                    minute = event.line.timestamp.replace(second=0, microsecond=0)
                    found.setdefault((event.kind, minute), Event(kind=event.kind, at=event.line.timestamp))
    kinds: dict[str, Event] = {}
    for event in sorted(found.values(), key=lambda event: event.at):
        kinds.setdefault(event.kind, event)  # one release is told of by several lines
    yield from sorted(kinds.values(), key=lambda event: event.at)


def _panel(signal: _Signal, plan: Plan, result: Result) -> Panel:
    name = plain_name(signal.series.metric)
    band = usual_band(signal.reference) or Band(centre=0.0, spread=0.0)
    change = signal.change
    length = signal.window.end_time - signal.window.start_time
    since = signal.window.start_time - max(length, timedelta(minutes=15))
    samples = [*_samples(signal.before, signal.reference), *_samples(signal.window, signal.series)]
    labels = ", ".join(value for key, value in sorted(signal.series.labels.items()) if key != "service")
    values = [value for _, value in samples if value is not None]
    floor = 0.0 if min(values, default=0.0) >= 0 else band.low
    return Panel(
        service=signal.window.service,
        labels=f" ({labels})" if labels else "",
        name=name,
        samples=tuple((at, None if value is None else value * name.factor) for at, value in samples if at >= since),
        low=max(band.low, floor) * name.factor,
        high=band.high * name.factor,
        usual=band.centre * name.factor,
        start=change.start if change else None,
        end=change.end if change else None,
        peak=change.peak * name.factor if change else None,
        peak_at=change.peak_at if change else None,
        recovered=bool(change and change.recovered),
        limits=tuple(_limits(signal, name, plan, result)),
    )


def _samples(window: MetricsWindow, series: MetricSeries) -> Iterator[Sample]:
    """Every place of the grid, the empty ones too: a gap is drawn as one."""
    for index, value in enumerate(series.values):
        yield window.start_time + timedelta(seconds=index * window.step_s), value


def _limits(signal: _Signal, name: MetricName, plan: Plan, result: Result) -> Iterator[Limit]:
    """The limits of rules that a statement about this series cites, and of conditions of the task."""
    cited = [set(claim.citation_ids) for claim in result.report.claims]
    own = {item.citation_id for item in result.report.citations if _selector(item.locator) == signal.series.selector}
    conditions = [(condition, "the task") for condition in plan.brief.thresholds]
    for item in result.tool_results:
        if isinstance(excerpt := item.output, ReferenceExcerpt) and excerpt.source.startswith("policy"):
            conditions += [
                (rule.condition, excerpt.source)
                for rule in read_rollback_rules(excerpt)
                if any(rule.cite().citation_id in ids and ids & own for ids in cited)
            ]
    seen: set[float] = set()
    for condition, source in conditions:
        if signal.series in matching_series(signal.window, condition.metric):
            value = limit_in_units_of(condition, signal.series.metric) * name.factor
            if value not in seen:
                seen.add(value)
                yield Limit(value=value, label=f"limit {limit_text(condition)} ({source})")


def _figure(panel: Panel, value: float) -> str:
    return panel.name.written(value / panel.name.factor)


def _in_words(panel: Panel) -> str:
    times = f"{panel.samples[0][0]:%Y-%m-%d %H:%M} to {panel.samples[-1][0]:%H:%M} UTC" if panel.samples else "no time"
    text = f"Line chart of {panel.title}, {times}: usually {_figure(panel, panel.usual)}"
    if panel.start and panel.end and panel.peak is not None and panel.peak_at:
        extreme = "peak" if panel.peak > panel.usual else "low"
        text += f", outside its usual range from {panel.start:%H:%M} to {panel.end:%H:%M} UTC, {extreme} {_figure(panel, panel.peak)} at {panel.peak_at:%H:%M}"
        text += ", back to usual since" if panel.recovered else ", not back to usual by the end"
    else:
        text += ", within its usual range all the time"
    if missing := sum(value is None for _, value in panel.samples):
        text += f"; {missing} samples are missing and drawn as a gap"
    limits = "".join(f"; {limit.label} drawn as a line" for limit in panel.limits)
    return f"{text}{limits}."
