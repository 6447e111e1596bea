"""Seven days of one-minute series for every service, as lines of `metrics.csv`."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from company_details.generator.incidents import EFFECTS
from company_details.generator.incidents.model import Effect
from company_details.generator.scenario import WEEK_MINUTES, WEEK_START, at, minute_of, stamp, stream
from company_details.generator.services import SERVICES, Service

HEADER = "timestamp,metric,service,value\n"

# Load by hour, UTC: most merchants sell in Europe, the second hump is North America.
HOURS = (
    *(0.42, 0.38, 0.34, 0.32, 0.33, 0.38, 0.50, 0.66, 0.82, 0.94, 1.00, 1.02),
    *(1.00, 1.00, 1.03, 1.05, 1.04, 1.02, 1.02, 1.00, 0.92, 0.80, 0.66, 0.52),
)
DAYS = (1.0, 1.0, 1.01, 1.04, 1.02, 0.78, 0.70)  # Monday first

# How far each metric follows the load (0: not at all), its minute noise, and how many decimals are kept.
FOLLOW = {
    "request_rate_rps": (1.0, 0.035, 0),
    "error_rate_percent": (0.0, 0.22, 2),
    "latency_p95_ms": (0.12, 0.035, 0),
    "cpu_percent": (0.72, 0.035, 0),
    "memory_mb": (0.10, 0.004, 0),
    "pool_in_use": (0.8, 0.08, 0),
    "connections_in_use": (0.5, 0.025, 0),
    "query_p95_ms": (0.2, 0.06, 0),
    "cache_hit_percent": (0.0, 0.004, 1),
}
CEILING = {
    "cpu_percent": 99.0,
    "error_rate_percent": 100.0,
    "cache_hit_percent": 99.6,
    "connections_in_use": 300.0,
}
POOL_SIZE = {"saas-api": 60.0, "checkout-worker": 40.0}


def load_at(minute: int) -> float:
    """The load of that minute of the week as a share of a weekday's noon."""
    moment = WEEK_START + timedelta(minutes=minute)
    hour, rest = moment.hour, moment.minute / 60
    return (HOURS[hour] * (1 - rest) + HOURS[(hour + 1) % 24] * rest) * DAYS[moment.weekday()]


LOAD = tuple(load_at(minute) for minute in range(WEEK_MINUTES))


def frame_values(effect: Effect) -> dict[int, float]:
    """The value of the effect at each minute it covers, straight lines between its frames."""
    points = [(minute_of(at(time)), value) for time, value in effect.frames]
    values: dict[int, float] = {}
    for (start, first), (end, last) in pairwise(points):
        for minute in range(start, end + 1):
            values[minute] = first + (last - first) * (minute - start) / (end - start)
    return values


def _quiet_series(service: Service, metric: str) -> list[float]:
    """The series as it would be in a week in which nothing happens."""
    base = service.normal[metric]
    follow, noise, _ = FOLLOW[metric]
    dice = stream("metrics", metric, service.name).random
    drift, series = 0.0, list[float]()
    for minute in range(WEEK_MINUTES):
        drift = 0.97 * drift + 0.25 * (dice() - 0.5)
        wobble = (dice() + dice() + dice() - 1.5) * 2
        level = base * (1 - follow + follow * LOAD[minute])
        series.append(level * (1 + noise * (wobble + drift)))
    return series


def _make_noisy(series: list[float], metric: str) -> None:
    """The habit of notification-service: spikes of one to four minutes all day long, within a band everybody knows."""
    dice = stream("metrics", "noisy", metric)
    ceiling = {"error_rate_percent": 3.6, "latency_p95_ms": 980.0}[metric]
    minute = 0
    while minute < len(series):
        minute += dice.randrange(6, 40)
        height = ceiling * (0.45 + 0.55 * dice.random())
        for step in range(dice.randrange(1, 5)):
            if minute + step < len(series):
                series[minute + step] = max(series[minute + step], height * (0.75 + 0.25 * dice.random()))


def series_of(service: Service, metric: str) -> list[float]:
    """One value a minute for the week, with everything that happened in it, unrounded."""
    series = _quiet_series(service, metric)
    if service.name == "notification-service" and metric in {"error_rate_percent", "latency_p95_ms"}:
        _make_noisy(series, metric)
    jitter = stream("metrics", "effects", metric, service.name)
    for effect in EFFECTS:
        if (effect.service, effect.metric) != (service.name, metric):
            continue
        for minute, value in frame_values(effect).items():
            if effect.mode == "times":
                series[minute] *= value
            else:
                series[minute] += value * (0.97 + 0.06 * jitter.random())
    top = POOL_SIZE.get(service.name, 1e9) if metric == "pool_in_use" else CEILING.get(metric, 1e9)
    return [min(max(value, 0.0), top) for value in series]


def metric_lines() -> Iterator[str]:
    """The lines of the file: series after series, each in time order."""
    stamps = [stamp(WEEK_START + timedelta(minutes=minute)) for minute in range(WEEK_MINUTES)]
    yield HEADER
    for service in SERVICES:
        for metric in service.normal:
            decimals = 1 if metric == "request_rate_rps" and service.normal[metric] < 50 else FOLLOW[metric][2]
            middle, series = f",{metric},{service.name},", series_of(service, metric)
            yield "".join(f"{time}{middle}{value:.{decimals}f}\n" for time, value in zip(stamps, series, strict=True))
