"""How figures, times and lists are written in a report."""

import re
from collections.abc import Iterable
from datetime import datetime

from core.evidence.metrics import MetricSeries
from core.window import iso


def clock(moment: datetime) -> str:
    """The time of day in UTC: `10:05Z`."""
    return moment.strftime("%H:%MZ")


def stamp(moment: datetime) -> str:
    """The full time in UTC, to the second: `2026-02-14T10:05:00Z`."""
    return iso(moment.replace(microsecond=0))


def span(start: datetime, end: datetime) -> str:
    """A span of time in UTC to the minute, the day named once: `2026-02-14 10:05–10:21Z`."""
    day = f"{start:%Y-%m-%d} "
    if f"{start:%Y-%m-%d %H:%M}" == f"{end:%Y-%m-%d %H:%M}":
        return f"{day}{start:%H:%MZ}"
    until = f"{end:%H:%MZ}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%MZ}"
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
    """The metric, with the labels that tell it from its siblings in braces."""
    labels = ", ".join(f"{name}={value}" for name, value in sorted(series.labels.items()) if name != "service")
    return f"{series.metric}{{{labels}}}" if labels else series.metric


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
