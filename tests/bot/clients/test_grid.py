import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients.grid import MAX_POINTS, MAX_VALUES, Grid

MINUTE = 60_000
START = 1_771_063_200_000  # 2026-02-14T10:00:00Z


def series(*minutes: float, offset_ms: float = 0) -> dict[int, float]:
    return {round(START + minute * MINUTE + offset_ms): minute for minute in minutes}


def place(samples: dict[int, float], minutes: float = 5) -> tuple[float | None, ...]:
    end = round(START + minutes * MINUTE)
    return Grid.over(START, end, [samples]).place(samples)


def test_samples_of_each_minute_stand_at_their_minutes() -> None:
    assert place(series(0, 1, 2, 3, 4, 5)) == (0, 1, 2, 3, 4, 5)


def test_a_gap_stays_a_gap() -> None:
    assert place(series(1, 2, 5)) == (None, 1, 2, None, None, 5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_a_gap(value: float) -> None:
    assert place({**series(0, 1, 2, 4, 5), START + 3 * MINUTE: value}) == (0, 1, 2, None, 4, 5)


@pytest.mark.parametrize("offset_ms", [-29_000, -17_123, -1, 1, 17_123, 29_000])
def test_the_offset_of_a_scraper_makes_no_gaps(offset_ms: int) -> None:
    assert place(series(0, 1, 2, 3, 4, 5, offset_ms=offset_ms)) == (0, 1, 2, 3, 4, 5)


@given(st.integers(-29_000, 29_000), st.lists(st.integers(-900, 900), min_size=31, max_size=31))
def test_jitter_around_any_offset_makes_no_gaps(offset_ms: int, jitter_ms: list[int]) -> None:
    samples = {START + minute * MINUTE + offset_ms + more: float(minute) for minute, more in enumerate(jitter_ms)}
    assert place(samples, 30) == tuple(float(minute) for minute in range(31))


@given(st.sets(st.integers(0, 30)))
def test_exactly_the_minutes_that_have_samples_have_values(minutes: set[int]) -> None:
    present = dict(sorted(series(*minutes).items()))
    grid = Grid.over(START, START + 30 * MINUTE, [present, series(*range(31))])
    assert [at for at, value in enumerate(grid.place(present)) if value is not None] == sorted(minutes)


@given(
    st.lists(st.dictionaries(st.integers(START - MINUTE, START + 700 * MINUTE), st.floats()), max_size=4),
    st.integers(1, 44_640),
    st.integers(0, 59_999),
)
def test_any_samples_fit_a_grid_inside_the_window(raw: list[dict[int, float]], minutes: int, shift_ms: int) -> None:
    start, end = START + shift_ms, START + shift_ms + minutes * MINUTE
    samples = [dict(sorted(one.items())) for one in raw]
    grid = Grid.over(start, end, samples)
    assert start <= grid.start_ms <= grid.start_ms + (grid.points - 1) * grid.step_ms <= end
    assert 1 <= grid.points <= MAX_POINTS
    assert grid.step_ms % 1000 == 0
    for one in samples:
        values = grid.place(one)
        assert len(values) == grid.points
        assert {value for value in values if value is not None} <= {
            value for value in one.values() if math.isfinite(value)
        }


def test_the_step_is_the_interval_that_most_series_have() -> None:
    fast = {START + 15_000 * n: float(n) for n in range(21)}
    slow, also_slow = series(0, 1, 2, 3, 4, 5), series(0, 1, 2, 3, 4, 5, offset_ms=3_000)
    grid = Grid.over(START, START + 5 * MINUTE, [fast, slow, also_slow])
    assert (grid.step_ms, grid.points) == (MINUTE, 6)
    assert grid.place(fast) == (0, 4, 8, 12, 16, 20)
    assert Grid.over(START, START + 5 * MINUTE, [fast]).place(fast) == tuple(map(float, range(21)))


def test_a_series_slower_than_the_grid_has_gaps_between() -> None:
    slow = series(0, 3, 6)
    grid = Grid.over(START, START + 6 * MINUTE, [slow, series(*range(7)), series(*range(7))])
    assert grid.place(slow) == (0, None, None, 3, None, None, 6)


def test_a_window_amid_minutes_has_its_points_on_whole_minutes() -> None:
    samples = series(0, 1, 2, 3)
    grid = Grid.over(START + 30_000, START + 150_000, [samples])
    assert (grid.start_ms, grid.points) == (START + MINUTE, 2)
    assert grid.place(samples) == (1, 2)


def test_a_window_within_a_minute_has_one_point_at_its_start() -> None:
    grid = Grid.over(START + 10_000, START + 50_000, [])
    assert (grid.start_ms, grid.points) == (START + 10_000, 1)


def test_a_long_window_is_thinned_to_true_samples() -> None:
    minutes = 31 * 24 * 60
    samples = {START + minute * MINUTE: float(minute) for minute in range(minutes + 1)}
    grid = Grid.over(START, START + minutes * MINUTE, [samples])
    assert (grid.step_ms, grid.points) == (5 * MINUTE, 8_929)
    assert grid.place(samples) == tuple(float(minute) for minute in range(0, minutes + 1, 5))


def test_without_samples_the_step_is_a_minute() -> None:
    assert Grid.over(START, START + 30 * MINUTE, []) == Grid(START, MINUTE, 31)


def test_many_series_share_a_bound_on_their_values() -> None:
    many = [{START + 1000 * second: 1.0 for second in range(601)} for _ in range(1000)]
    grid = Grid.over(START, START + 10 * MINUTE, many)
    assert grid.points * len(many) <= MAX_VALUES * 1.1
    assert grid.step_ms == 3000
