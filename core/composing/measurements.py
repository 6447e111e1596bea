"""What the metrics of the window show, against the hour before."""

from core.brief import Intent, Threshold
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import clock, listed, measured, number, series_name, span
from core.evidence.metrics import MetricSeries, MetricsWindow
from core.findings.metrics import Change, Run, gaps, is_error, is_latency, is_symptom, longest_run
from core.findings.names import percentile_of
from core.findings.thresholds import limit_in_units_of
from core.report import Citation, Health

MAX_CHANGES = 5


def compose(material: Material, draft: Draft) -> None:
    """States each service's changes, or that it is healthy; answers the conditions that the task names."""
    for service in material.brief.services:
        found = material.measured(service)
        if found is None:
            continue
        window, _ = found
        changes = material.changes(service) or ()
        alone = len(material.brief.services) == 1
        _state(service, window, changes, draft, material.brief.intents, alone=alone)
        _answer_thresholds(material, window, draft)
        for series in window.series:
            if missing := gaps(series):
                draft.gap(
                    f"{series_name(series)} of {service}",
                    f"{missing} of {len(series.values)} samples are missing; they count as unknown, not as zero",
                    "look at the scrape of this metric",
                )


def health_of(changes: tuple[Change, ...]) -> Health:
    """Degraded while a symptom lasts to the window's end, recovered when all of them ended, healthy without any."""
    symptoms = [change for change in changes if change.is_symptom]
    if not symptoms:
        return Health.HEALTHY
    return Health.RECOVERED if all(change.recovered for change in symptoms) else Health.DEGRADED


def _state(
    service: str,
    window: MetricsWindow,
    changes: tuple[Change, ...],
    draft: Draft,
    intents: tuple[Intent, ...],
    *,
    alone: bool,
) -> None:
    health = health_of(changes)
    if draft.health in {None, Health.HEALTHY, Health.UNKNOWN} or health is Health.DEGRADED:
        draft.health = health
    if health is Health.HEALTHY:
        symptoms = [series for series in window.series if is_symptom(series.metric)]
        names = listed(series_name(series) for series in symptoms or window.series)
        draft.fact(
            f"{service} looks healthy, {span(window.start_time, window.end_time)}: {names} stayed within the usual band of the hour "
            "before.",
            *(window.cite(series) for series in symptoms or window.series),
            headline=True,
            lead=alone and Intent.ROLLBACK not in intents,
        )
    for change in changes[:MAX_CHANGES]:
        draft.fact(describe(service, change), _cite(change), headline=change.is_symptom)


def describe(service: str, change: Change) -> str:
    """One change in a sentence: from what to what, when, and whether it ended."""
    rose, metric = change.peak > change.baseline, change.series.metric
    moved = (
        f"rose from its usual {measured(change.baseline, metric)} to a peak"
        if rose
        else f"fell from its usual {measured(change.baseline, metric)} to a low"
    )
    ending = "recovered since" if change.recovered else "not back by the window's end"
    if change.is_flapping:
        ending = (
            f"flapping: it left the band again and again, {'calm since' if change.recovered else 'not calm by the end'}"
        )
    return (
        f"{service} {series_name(change.series)} {moved} of {measured(change.peak, metric)} at {clock(change.peak_at)}; outside its usual "
        f"band {span(change.start, change.end)}, {ending}."
    )


def _cite(change: Change) -> Citation:
    return change.window.cite(change.series, change.start, change.end)


def _answer_thresholds(material: Material, window: MetricsWindow, draft: Draft) -> None:
    for condition in material.brief.thresholds:
        found = run_beyond(window, condition)
        if found is None:
            draft.gap(
                f"“{condition.quote}”",
                f"no metric of {window.service} is named like {condition.metric}",
                f"name one of {listed(sorted({item.metric for item in window.series}))}",
                *(window.cite(item) for item in window.series),
                essential=True,
            )
            continue
        series, run = found
        limit = limit_text(condition)
        relation = "below" if condition.comparison.startswith("<") else "above"
        if run is None:
            draft.fact(
                f"{window.service} {series_name(series)} was never {relation} {limit} in the window.",
                window.cite(series),
                headline=True,
            )
        else:
            extreme = "peak" if relation == "above" else "low"
            minutes = f"{number(run.minutes)} consecutive minute{'' if run.minutes == 1 else 's'}"
            draft.fact(
                f"{window.service} {series_name(series)} was {relation} {limit} for {minutes} ({span(run.start, run.end)}), "
                f"{extreme} {measured(run.peak, series.metric)}.",
                window.cite(series, run.start, run.end),
                headline=True,
            )


def limit_text(condition: Threshold) -> str:
    """The limit of a condition as it is written: `2.5%`, `900 ms`."""
    unit = condition.unit or ""
    if unit == "ms" and number(condition.value) not in condition.quote:
        return f"{number(condition.value / 1000)} s"  # as it was said
    return f"{number(condition.value)}{unit if unit in {'', '%'} else f' {unit}'}"


def run_beyond(window: MetricsWindow, condition: Threshold) -> tuple[MetricSeries, Run | None] | None:
    """The series that fits the condition best with its longest stretch beyond the limit; of several instances the worst one.

    None where no series has a name like it; without a stretch, the limit was never passed.
    """
    found: tuple[MetricSeries, Run | None] | None = None
    for series in matching_series(window, condition.metric):
        run = longest_run(
            window, series, limit_in_units_of(condition, series.metric), above=not condition.comparison.startswith("<"),
            inclusive=condition.comparison in {">=", "<="},
        )  # fmt: skip
        if found is None or (run is not None and (found[1] is None or run.minutes > found[1].minutes)):
            found = series, run
    return found


def matching_series(window: MetricsWindow, words: str) -> tuple[MetricSeries, ...]:
    """The series whose names fit the words of a person best: `error rate` → `http_error_rate_percent` of each instance."""
    if "error" in words or "failure" in words:
        candidates = [series for series in window.series if is_error(series.metric)]
    elif "latency" in words or words.startswith("p"):
        candidates = [series for series in window.series if is_latency(series.metric)]
    else:
        candidates = list(window.series)
    wanted = set(words.split())
    if percentile := percentile_of(words):  # the p95 says nothing of a limit on the p99
        candidates = [series for series in candidates if percentile_of(series.metric) in {None, percentile}]

    def fit(series: MetricSeries) -> int:
        return len(wanted.intersection(series.metric.lower().split("_")))

    best = max(candidates, key=fit, default=None)
    specific = "error" in words or "failure" in words or "latency" in words
    if best is None or (fit(best) == 0 and not specific):
        return ()
    return tuple(series for series in candidates if series.metric == best.metric)
