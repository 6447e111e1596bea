"""Samples of a service's metrics over a window."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from pydantic import AwareDatetime

from core.base import Model
from core.report import Citation
from core.window import iso


class MetricSeries(Model):
    """One series on a regular grid from the window's start; None where there is no sample: a gap is not a zero."""

    metric: str
    labels: dict[str, str]
    values: tuple[float | None, ...]

    @property
    def selector(self) -> str:
        """The series in PromQL, labels in alphabetical order."""
        inner = ",".join(f'{name}="{value}"' for name, value in sorted(self.labels.items()))
        return f"{self.metric}{{{inner}}}"


class MetricsWindow(Model):
    """Every series of a service between two times, one value a step; `step_s` in seconds."""

    service: str
    start_time: AwareDatetime
    end_time: AwareDatetime
    step_s: int
    series: tuple[MetricSeries, ...]

    def samples(self, series: MetricSeries) -> Iterator[tuple[datetime, float]]:
        """The samples of a series that exist, with their times."""
        return self._samples(series, 0, len(series.values))

    def samples_between(self, series: MetricSeries, start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
        """The samples of a series from `start` to `end`, both included, with their times."""
        return self._samples(series, *self._range(start, end))

    def _samples(self, series: MetricSeries, first: int, stop: int) -> Iterator[tuple[datetime, float]]:
        step = timedelta(seconds=self.step_s)
        at = self.start_time + first * step
        for value in series.values[first:stop]:
            if value is not None:
                yield at, value
            at += step

    def _range(self, start: datetime, end: datetime) -> tuple[int, int]:
        """The places of the first sample at or after `start`, and of the one after the last at or before `end`."""
        step = timedelta(seconds=self.step_s)
        return max(0, -((self.start_time - start) // step)), max(0, (end - self.start_time) // step + 1)

    def _quoted(self, series: MetricSeries, first: int, stop: int) -> Iterator[str]:
        times = _stamps(self.start_time, self.step_s, len(series.values))
        for at, value in zip(times[first:stop], series.values[first:stop], strict=True):
            if value is not None:
                yield f"{at}={value:g}"

    def cite(self, series: MetricSeries, start: datetime | None = None, end: datetime | None = None) -> Citation:
        """The samples of a series from `start` to `end` (both included; the whole window by default) as a citation."""
        start, end = start or self.start_time, end or self.end_time
        selector, span = series.selector, f"{iso(start)}..{iso(end)}"
        return Citation(
            citation_id=f"metrics:{selector}@{span}",
            citation_source="metrics",
            locator=f"{selector} {span} step {self.step_s}s",
            quote=", ".join(self._quoted(series, *self._range(start, end))),
        )

    def supports(self, citation: Citation) -> bool:
        """Whether the citation's samples are those of this window: same series, same times, same values."""
        if citation.citation_source != "metrics" or not citation.quote:
            return False
        for series in self.series:
            if citation.locator.startswith(f"{series.selector} "):
                samples = set(self._quoted(series, 0, len(series.values)))
                return all(part in samples for part in citation.quote.split(", "))
        return False


@lru_cache(maxsize=32)  # every series of a window has the same times, and each is cited several times
def _stamps(start: datetime, step_s: int, count: int) -> tuple[str, ...]:
    """The times of so many samples as citations write them."""
    return tuple(iso(start + timedelta(seconds=index * step_s)) for index in range(count))
