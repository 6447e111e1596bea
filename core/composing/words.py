"""How figures, times and lists are written in a report."""

import re
from collections.abc import Iterable
from datetime import datetime

from core.evidence.metrics import MetricSeries
from core.findings.names import plain_name
from core.window import iso


def clock(moment: datetime) -> str:
    """The time of day: `10:05 UTC`."""
    return moment.strftime("%H:%M UTC")


def stamp(moment: datetime) -> str:
    """The full time in UTC, to the second: `2026-02-14T10:05:00Z`."""
    return iso(moment.replace(microsecond=0))


def span(start: datetime, end: datetime) -> str:
    """A span of time to the minute, the day named once: `2026-02-14 10:05–10:21 UTC`."""
    day = f"{start:%Y-%m-%d} "
    if f"{start:%Y-%m-%d %H:%M}" == f"{end:%Y-%m-%d %H:%M}":
        return f"{day}{start:%H:%M UTC}"
    until = f"{end:%H:%M UTC}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M UTC}"
    return f"{day}{start:%H:%M}–{until}"


def listed(items: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    parts = list(items)
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def counted(number_of: int, noun: str, more: str = "") -> str:
    """A number with its noun: `1 ticket`, `2 tickets`, `200 or more tickets`."""
    return f"{number_of}{more} {noun}{'' if number_of == 1 and not more else 's'}"


def series_name(series: MetricSeries) -> str:
    """The metric in plain words, then as it is kept, with the labels that tell it from its siblings: `error rate (error_percent{host=a})`."""
    labels = ", ".join(f"{name}={value}" for name, value in sorted(series.labels.items()) if name != "service")
    kept = f"{series.metric}{{{labels}}}" if labels else series.metric
    words = plain_name(series.metric).words
    return kept if words == kept else f"{words} ({kept})"


def measured(value: float, metric: str) -> str:
    """A sample with its unit, as exactly as `number` writes it: `7.571 %`, `1906 ms`, `42/s`."""
    name = plain_name(metric)
    figure = number(value * name.factor)
    return f"{figure}{'' if name.unit.startswith('/') else ' '}{name.unit}" if name.unit else figure


def number(value: float) -> str:
    """The figure with at most four significant digits, as the sources write theirs."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"  # noqa: PLR2004 - %g goes to exponents there


def gist(markdown: str, limit: int) -> str:
    """The words of a piece of Markdown on one line: no heading marks, no table rules, cells set off by commas."""
    parts: list[str] = []
    for line in markdown.splitlines():
        text = line.strip()
        if not text or re.fullmatch(r"[|\s:-]+", text):
            continue
        if text.startswith("#"):
            parts.append(f"{text.strip('# ')}:")
        elif text.startswith("|"):
            parts.append(f"{re.sub(r'\s*\|\s*', ', ', text.strip('| '))};")
        else:
            parts.append(text)
    return shortened(" ".join(parts).rstrip(";:"), limit)


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut at a word before `limit` characters, with an ellipsis where it was cut."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    return flat[: limit - 1].rsplit(" ", 1)[0] + "…"
