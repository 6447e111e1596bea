"""Names of metrics as a person says them: `http_request_duration_p95_ms` → request duration p95, in ms."""

import re
from dataclasses import dataclass
from functools import lru_cache

_PERCENTILE = re.compile(r"(?<![a-z\d])p(\d{2,3})(?![a-z\d])|(?<!\d)(\d{2})th\b", re.IGNORECASE)
_PART = re.compile(r"[^\W_]+")
_UNITS = {
    "percent": "%", "pct": "%", "percentage": "%", "ms": "ms", "millis": "ms", "msec": "ms", "milliseconds": "ms", "millisecond": "ms",
    "s": "s", "sec": "s", "secs": "s", "seconds": "s", "second": "s", "us": "µs", "microseconds": "µs", "minutes": "min", "min": "min",
    "kb": "kB", "mb": "MB", "mib": "MiB", "megabytes": "MB", "gb": "GB", "gib": "GiB", "celsius": "°C", "rps": "/s", "qps": "/s", "tps": "/s",
    "rpm": "/min", "bps": "bit/s",
}  # fmt: skip
_SHARES = frozenset({"ratio", "fraction"})
_BYTES = frozenset({"bytes", "byte"})
_PER = {"second": "/s", "sec": "/s", "s": "/s", "minute": "/min", "min": "/min", "hour": "/h"}
_FILLER = frozenset({"total", "count", "gauge", "avg", "mean", "value", "http", "current"})
_WRITTEN = {
    "cpu": "CPU", "db": "database", "gc": "GC", "io": "I/O", "jvm": "JVM", "tcp": "TCP", "dns": "DNS", "api": "API", "mem": "memory",
    "req": "request", "reqs": "requests", "err": "error", "errs": "errors", "lat": "latency", "resp": "response", "conn": "connections",
    "conns": "connections", "failed": "failure", "util": "use", "utilization": "use", "utilisation": "use",
}  # fmt: skip
_RATED = frozenset({"error", "errors", "failure", "failures", "success", "hit", "hits", "miss", "misses", "5xx", "4xx", "timeout", "timeouts"})  # fmt: skip


@dataclass(frozen=True)
class MetricName:
    """`words` for a person, `unit` as it is written after a figure (empty for a plain number), `factor` from sample to that unit."""

    words: str
    unit: str
    factor: float

    def written(self, value: float) -> str:
        """A sample with its unit, to three significant digits: `6.13 %`, `1910 ms`, `42/s`."""
        figure = to_three_digits(value * self.factor)
        return f"{figure}{'' if self.unit.startswith('/') else ' '}{self.unit}" if self.unit else figure


def percentile_of(metric: str) -> str | None:
    """The percentile that the name or the words of a metric tell, as digits: `99` of `p99 latency`; None where none is told."""
    found = _PERCENTILE.search(metric)
    return found[1] or found[2] if found else None


def to_three_digits(value: float) -> str:
    """The figure with three significant digits and no exponent; a whole number keeps its digits before the point."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:.0f}" if abs(rounded) >= 100 else f"{rounded:g}"  # noqa: PLR2004 -- three digits before the point


@lru_cache(maxsize=512)
def plain_name(metric: str) -> MetricName:
    """The name of a metric in words, its unit and what to multiply its samples by; a share of one becomes per cent."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", metric)
    parts = [part.lower() for part in _PART.findall(spaced)]
    unit, factor = "", 1.0
    kept: list[str] = []
    for at, part in enumerate(parts):
        last = parts[at - 1] if at else ""
        if last == "per" and part in _PER:
            unit = _PER[part]
            kept.pop()
        elif part in _UNITS and at:
            unit = _UNITS[part]
        elif part in _SHARES and at:
            unit, factor = "%", 100.0
        elif part in _BYTES and at:
            unit, factor = "MB", 1e-6
        else:
            kept.append(part)
    words = [_WRITTEN.get(part, part) for part in kept if part not in _FILLER] or kept or [metric]
    if unit == "%" and words[-1] in _RATED:
        words = [
            *words[:-1],
            words[-1].removesuffix("s") if words[-1] in {"errors", "hits", "failures", "timeouts"} else words[-1],
            "rate",
        ]
    return MetricName(" ".join(words), unit, factor)
