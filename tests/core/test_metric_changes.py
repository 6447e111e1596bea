from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evidence import MetricSeries, MetricsWindow
from core.findings.metrics import find_changes, gaps, longest_run, split_at

START = datetime(2026, 2, 14, 10, tzinfo=UTC)


def window(
    values: Sequence[float | None], metric: str = "error_rate_percent", start: datetime = START
) -> MetricsWindow:
    series = MetricSeries(metric=metric, labels={"service": "api"}, values=tuple(values))
    end = start + timedelta(minutes=len(values))
    return MetricsWindow(service="api", start_time=start, end_time=end, step_s=60, series=(series,))


CALM = window([0.2, 0.3, 0.25, 0.2, 0.3] * 12, start=START - timedelta(hours=1))


def test_a_rise_that_ends_is_a_recovered_change() -> None:
    (change,) = find_changes(window([0.2] * 5 + [4, 6, 8, 5] + [0.2] * 6), CALM)
    assert (change.start.minute, change.end.minute, change.peak, change.recovered) == (5, 8, 8, True)
    assert change.minutes == 4


def test_a_rise_that_lasts_is_not_recovered() -> None:
    (change,) = find_changes(window([0.2] * 5 + [4, 6, 8, 5]), CALM)
    assert not change.recovered


@pytest.mark.parametrize(
    "values",
    [
        [0.25] * 15,
        [0.2] * 6 + [8, 8] + [0.2] * 6,  # a blip of two samples
        [None] * 15,
        [0.0] * 15,  # fewer errors are no symptom
    ],
)
def test_calm_blips_and_silence_are_no_change(values: list[float | None]) -> None:
    assert find_changes(window(values), CALM) == ()


def test_a_series_that_is_always_spiky_does_not_change_by_another_spike() -> None:
    spiky = [0.5, 4.5, 0.5, 0.6, 5.0, 4.8, 0.5, 3.9] * 6
    assert find_changes(window(spiky[:24]), window(spiky, start=START - timedelta(hours=1))) == ()


def test_less_of_what_is_good_when_high_is_a_change() -> None:
    before = window([97.0, 96.5, 97.2] * 20, "cache_hit_percent", START - timedelta(hours=1))
    (change,) = find_changes(window([97.0] * 5 + [30.0] * 6, "cache_hit_percent"), before)
    assert change.peak == 30.0


def test_a_hit_rate_near_100_changes_by_what_is_missing() -> None:
    before = window([97.0, 97.4, 97.2] * 20, "cache_hit_percent", START - timedelta(hours=1))
    assert find_changes(window([97.1] * 5 + [78.0] * 6, "cache_hit_percent"), before)
    assert not find_changes(window([97.1] * 5 + [96.6] * 6, "cache_hit_percent"), before)


def test_a_gap_breaks_a_run_and_is_not_a_zero() -> None:
    measured = window([3, 3, 3, None, 3, 3])
    run = longest_run(measured, measured.series[0], 2.0)
    assert run is not None
    assert run.minutes == 3
    assert gaps(measured.series[0]) == 1


def test_no_sample_beyond_the_threshold_is_no_run() -> None:
    measured = window([1, 2, None])
    assert longest_run(measured, measured.series[0], 2.0) is None


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=60), st.floats(0, 100))
def test_the_longest_run_is_the_longest(values: list[float | None], threshold: float) -> None:
    measured = window(values)
    flags = "".join("x" if value is not None and value > threshold else "." for value in values)
    run = longest_run(measured, measured.series[0], threshold)
    assert (run.minutes if run else 0) == max((len(part) for part in flags.split(".")), default=0)


def test_a_window_splits_without_losing_a_sample() -> None:
    whole = window([1, 2, 3, 4, 5])
    before, during = split_at(whole, START + timedelta(minutes=2))
    assert before.series[0].values + during.series[0].values == whole.series[0].values
    assert before.end_time == during.start_time == START + timedelta(minutes=2)
