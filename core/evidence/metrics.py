"""Samples of a service's metrics over a window."""

from collections.abc import Iterator
from datetime import datetime, timedelta

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
        for index, value in enumerate(series.values):
            if value is not None:
                yield self.start_time + timedelta(seconds=index * self.step_s), value

    def cite(self, series: MetricSeries, start: datetime | None = None, end: datetime | None = None) -> Citation:
        """The samples of a series from `start` to `end` (both included; the whole window by default) as a citation."""
        start, end = start or self.start_time, end or self.end_time
        quote = ", ".join(f"{iso(at)}={value:g}" for at, value in self.samples(series) if start <= at <= end)
        span = f"{iso(start)}..{iso(end)}"
        return Citation(
            citation_id=f"metrics:{series.selector}@{span}",
            citation_source="metrics",
            locator=f"{series.selector} {span} step {self.step_s}s",
            quote=quote,
        )

    def supports(self, citation: Citation) -> bool:
        """Whether the citation's samples are those of this window: same series, same times, same values."""
        if citation.citation_source != "metrics" or not citation.quote:
            return False
        for series in self.series:
            if citation.locator.startswith(f"{series.selector} "):
                samples = {f"{iso(at)}={value:g}" for at, value in self.samples(series)}
                return all(part in samples for part in citation.quote.split(", "))
        return False
