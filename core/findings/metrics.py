"""Changes in metrics: the window held against its baseline."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from core.evidence.metrics import MetricSeries, MetricsWindow

SUSTAINED_STEPS = 3
"""A change counts when it holds for this many samples in a row; fewer are a blip."""
FLAPPING_EPISODES = 3
"""So many separate departures in one window are flapping: the calm between two of them is no recovery."""
DEVIATIONS = 6.0
"""How many robust standard deviations off the baseline's median a sample must lie to count as changed."""
FLOOR = 0.05
"""The least spread a baseline is given, as a share of its median (of what is missing to 100 % for hits), so that a flat line does not make noise a change."""

_MAD_TO_SIGMA = 1.4826  # the median absolute deviation of a normal distribution times this is its standard deviation
_ERROR = re.compile(r"error|fail|5xx|exception|drop|reject", re.IGNORECASE)
_LATENCY = re.compile(r"latency|duration|response_?time|p5\d|p9\d|lag|wait", re.IGNORECASE)
_TRAFFIC = re.compile(
    r"request_?rate|requests?_?(?:per|total|sum|count)|^requests?$|rps|qps|throughput|traffic|workload|network|net_(?:in|out)|packets",
    re.IGNORECASE,
)
_OF_THE_HOST = re.compile(r"^node", re.IGNORECASE)
_VIEW_OF_OTHERS = re.compile(r"client_?latency|client_?duration|upstream_?(?:latency|duration)|outgoing", re.IGNORECASE)
_SHARE = re.compile(r"percent|pct|ratio|rate", re.IGNORECASE)
_GOOD_WHEN_HIGH = re.compile(r"hit|availab|success|uptime|healthy", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A sustained departure of one series from its baseline.

    `start` and `end` are the first and last sample of the departure; `recovered` when the samples after `end`, at least
    `SUSTAINED_STEPS` of them, lie in the baseline's band again. `deviation` counts robust standard deviations at the peak.
    `episodes` counts the separate departures in the window; `start` and `end` are those of the longest.
    """

    window: MetricsWindow
    series: MetricSeries
    baseline: float
    peak: float
    peak_at: datetime
    start: datetime
    end: datetime
    recovered: bool
    deviation: float
    episodes: int = 1

    @property
    def is_flapping(self) -> bool:
        """Whether the series left its band again and again."""
        return self.episodes >= FLAPPING_EPISODES

    @property
    def is_symptom(self) -> bool:
        """Whether users feel it: errors, slowness, less of what should be high; the rest are resources and load."""
        return is_symptom(self.series.metric)

    @property
    def minutes(self) -> float:
        return (self.end - self.start).total_seconds() / 60 + self.window.step_s / 60


@dataclass(frozen=True, kw_only=True)
class Band:
    """The usual values of a series: the median of those before, and how far from it the least sample that counts as changed."""

    centre: float
    spread: float

    @property
    def low(self) -> float:
        return self.centre - DEVIATIONS * self.spread

    @property
    def high(self) -> float:
        return self.centre + DEVIATIONS * self.spread


@dataclass(frozen=True, kw_only=True)
class Run:
    """The longest unbroken stretch of samples beyond a threshold; a gap in the samples breaks it."""

    start: datetime
    end: datetime
    minutes: float
    peak: float


def is_error(metric: str) -> bool:
    """Whether the metric counts failures, by the words of its name."""
    return bool(_ERROR.search(metric))


def is_latency(metric: str) -> bool:
    """Whether the metric measures how long something takes, by the words of its name."""
    return bool(_LATENCY.search(metric))


def is_traffic(metric: str) -> bool:
    """Whether the metric measures load, by the words of its name."""
    return bool(_TRAFFIC.search(metric))


def is_of_the_host(metric: str) -> bool:
    """Whether the metric is of the machine that several services share, by the words of its name."""
    return bool(_OF_THE_HOST.search(metric))


def is_view_of_others(metric: str) -> bool:
    """Whether the metric measures what a service waits for in its calls to others, by the words of its name."""
    return bool(_VIEW_OF_OTHERS.search(metric))


def goes_down_when_bad(metric: str) -> bool:
    """Whether less of it is worse, by the words of its name: hits, availability, success."""
    return bool(_GOOD_WHEN_HIGH.search(metric))


def is_symptom(metric: str) -> bool:
    """Whether a change of the metric is felt by users: errors, slowness, availability, hits."""
    return is_error(metric) or is_latency(metric) or bool(_GOOD_WHEN_HIGH.search(metric))


def find_changes(window: MetricsWindow, baseline: MetricsWindow) -> tuple[Change, ...]:
    """The sustained changes of the window against the baseline, symptoms first, largest first."""
    # A window that begins at the first bad sample has that sample at the baseline's end too, where it is not usual.
    steps = max(0, int((window.start_time - baseline.start_time).total_seconds() // baseline.step_s))
    before = {
        series.selector: series
        if len(series.values) <= steps
        else series.model_copy(update={"values": series.values[:steps]})
        for series in baseline.series
    }
    found = (
        change
        for series in window.series
        if (reference := before.get(series.selector)) and (change := _change(window, series, reference))
    )
    return tuple(sorted(found, key=lambda change: (not change.is_symptom, -change.deviation)))


def longest_run(
    window: MetricsWindow, series: MetricSeries, threshold: float, *, above: bool = True, inclusive: bool = False
) -> Run | None:
    """The longest stretch without a break beyond the threshold; None when no sample is beyond it."""
    best: list[tuple[datetime, float]] = []
    current: list[tuple[datetime, float]] = []
    for index, value in enumerate(series.values):
        at = window.start_time + timedelta(seconds=index * window.step_s)
        if value is not None and (
            (value > threshold if above else value < threshold) or (inclusive and value == threshold)
        ):
            current.append((at, value))
            if len(current) > len(best):
                best = list(current)
        else:
            current = []
    if not best:
        return None
    values = [value for _, value in best]
    return Run(
        start=best[0][0],
        end=best[-1][0],
        minutes=len(best) * window.step_s / 60,
        peak=max(values) if above else min(values),
    )


def gaps(series: MetricSeries) -> int:
    """How many samples are missing between the first and the last that exist."""
    present = [index for index, value in enumerate(series.values) if value is not None]
    return 0 if not present else present[-1] - present[0] + 1 - len(present)


def split_at(window: MetricsWindow, moment: datetime) -> tuple[MetricsWindow, MetricsWindow]:
    """The window before the moment, and from it on."""
    steps = max(0, int((moment - window.start_time).total_seconds() // window.step_s))
    cut = window.start_time + timedelta(seconds=steps * window.step_s)

    def part(values: slice, start: datetime, end: datetime) -> MetricsWindow:
        series = tuple(item.model_copy(update={"values": item.values[values]}) for item in window.series)
        return window.model_copy(update={"start_time": start, "end_time": end, "series": series})

    return part(slice(0, steps), window.start_time, cut), part(slice(steps, None), cut, window.end_time)


def usual_band(reference: MetricSeries) -> Band | None:
    """The band of the samples before the window; None of fewer than `SUSTAINED_STEPS`."""
    usual = [value for value in reference.values if value is not None]
    if len(usual) < SUSTAINED_STEPS:
        return None
    centre = median(usual)
    # A share that is usually near 100 has its room to move below that: what counts is how much is missing.
    missing = _GOOD_WHEN_HIGH.search(reference.metric) and _SHARE.search(reference.metric) and centre <= 100  # noqa: PLR2004 -- per cent
    scale = 100 - centre if missing else centre
    return Band(centre=centre, spread=_spread(usual, centre, abs(scale) * FLOOR))


def _change(window: MetricsWindow, series: MetricSeries, reference: MetricSeries) -> Change | None:
    band = usual_band(reference)
    if band is None:
        return None
    centre, spread = band.centre, band.spread
    downwards_is_bad = bool(_GOOD_WHEN_HIGH.search(series.metric))
    far = DEVIATIONS * spread
    one_sided = is_symptom(series.metric)
    changed = [
        abs(value - centre) > far and (not one_sided or (value < centre if downwards_is_bad else value > centre))
        for value in series.values
        if value is not None
    ]
    if sum(changed) < SUSTAINED_STEPS - 1:  # one calm sample may lie within a stretch
        return None
    samples = [(at, value, abs(value - centre) / spread) for at, value in window.samples(series)]
    stretches = _whole(_stretches(changed))
    stretch = max(stretches, key=len, default=range(0))
    if len(stretch) < SUSTAINED_STEPS:
        return None
    peak_at, peak, deviation = max((samples[index] for index in stretch), key=lambda sample: sample[2])
    episodes = sum(len(item) > 1 for item in stretches)
    pauses = [other.start - one.stop for one, other in pairwise(stretches)] if episodes >= FLAPPING_EPISODES else []
    calm = max([SUSTAINED_STEPS, *(pause + 1 for pause in pauses)])
    after = changed[stretches[-1].stop if pauses else stretch.stop :]
    return Change(
        window=window,
        series=series,
        baseline=centre,
        peak=peak,
        peak_at=peak_at,
        start=samples[stretch.start][0],
        end=samples[stretch.stop - 1][0],
        recovered=len(after) >= calm and not any(after[-calm:]),
        deviation=round(deviation, 1),
        episodes=episodes,
    )


def _spread(values: Iterable[float], centre: float, floor: float) -> float:
    distances = [abs(value - centre) for value in values]
    by_median = _MAD_TO_SIGMA * median(distances)
    # The usual extremes of a spiky series are its normal behaviour: they may lie at most half-way to a change.
    by_range = max(distances) * 1.5 / DEVIATIONS
    return max(by_median, by_range, floor, 1e-9)


def _whole(stretches: Iterable[range]) -> list[range]:
    """Each stretch once, at its full length."""
    longest: dict[int, range] = {}
    for item in stretches:
        longest[item.start] = max(longest.get(item.start, item), item, key=len)
    return list(longest.values())


def _stretches(flags: list[bool]) -> Iterator[range]:
    """Ranges of changed samples; a single calm sample between two changed ones does not end a stretch."""
    start: int | None = None
    last = 0
    for index, flag in enumerate(flags):
        if flag:
            start = index if start is None or index - last > 2 else start  # noqa: PLR2004 - one calm sample between
            last = index
        if start is not None and (index - last == 1 or index == len(flags) - 1):
            yield range(start, last + 1)
