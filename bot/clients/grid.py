"""Raw samples, taken whenever the scraper came by, on one regular grid; what is not there stays not there."""

import cmath
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low, multimode

DEFAULT_STEP_MS = 60_000
MAX_POINTS = 11_000
"""Points a series, at most; beyond, the grid is coarser. The bound of Prometheus' own range queries:
https://github.com/prometheus/prometheus/blob/v2.42.0/web/api/v1/api.go (queryRange)."""

MAX_VALUES = 250_000
"""Values of all series together, at most; beyond, the grid is coarser, too. Our own bound: all of them are composed and stored."""

type Samples = Mapping[int, float]
"""Milliseconds since 1970 → value, in order of time."""


@dataclass(frozen=True)
class Grid:
    """`points` moments from `start_ms`, `step_ms` apart."""

    start_ms: int
    step_ms: int
    points: int

    @classmethod
    def over(cls, start_ms: int, end_ms: int, series: Sequence[Samples]) -> "Grid":
        """The grid of the scrape interval inside the window, its points on whole steps (at most whole minutes).

        The interval is the one that most series have; 60 s when no series has two samples.
        """
        spacings = [spacing for samples in series if (spacing := _spacing_ms(samples)) is not None]
        step_ms = min(multimode(spacings), default=DEFAULT_STEP_MS)
        points = (end_ms - start_ms) // step_ms + 1
        step_ms *= math.ceil(max(points / MAX_POINTS, points * len(series) / MAX_VALUES))
        unit_ms = min(step_ms, DEFAULT_STEP_MS)
        aligned_ms = -(-start_ms // unit_ms) * unit_ms
        first_ms = aligned_ms if aligned_ms <= end_ms else start_ms
        return cls(first_ms, step_ms, (end_ms - first_ms) // step_ms + 1)

    def place(self, samples: Samples) -> tuple[float | None, ...]:
        """The samples at their nearest points, None where there is none; of several at one point the earliest.

        Targets are scraped at offsets of their own, with some jitter: the offset that the samples share is taken off first,
        so that jitter around the middle between two points makes no false gaps.
        """
        values: list[float | None] = [None] * self.points
        unit_ms = min(_spacing_ms(samples) or self.step_ms, self.step_ms)
        offset_ms = _shared_offset_ms(samples, self.start_ms, unit_ms)
        for time_ms, value in samples.items():
            nearest_ms = round((time_ms - self.start_ms - offset_ms) / unit_ms) * unit_ms
            point = nearest_ms // self.step_ms
            if 0 <= point < self.points and values[point] is None and math.isfinite(value):
                values[point] = value
        return tuple(values)


def _spacing_ms(samples: Samples) -> int | None:
    gaps = [later - earlier for earlier, later in pairwise(samples)]
    return max(1, round(median_low(gaps) / 1000)) * 1000 if gaps else None


def _shared_offset_ms(samples: Samples, start_ms: int, unit_ms: int) -> float:
    # The mean on a circle: offsets of 59.9 s and 0.1 s share 0 s, not 30 s.
    turn = 2 * math.pi / unit_ms
    mean = sum((cmath.rect(1, turn * ((time_ms - start_ms) % unit_ms)) for time_ms in samples), 0j)
    return cmath.phase(mean) / turn
