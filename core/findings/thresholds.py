"""The limit of a condition in the units that a metric is kept in."""

import re

from core.brief import Threshold

_SHARE = re.compile(r"ratio|fraction", re.IGNORECASE)
_SECONDS = re.compile(r"_s(?:ec(?:onds?)?)?$|_seconds(?:_|$)", re.IGNORECASE)


def limit_in_units_of(condition: Threshold, metric: str) -> float:
    """The limit as the metric counts: per cent become a share of one, milliseconds become seconds, where its name says so."""
    return condition.value / _factor(condition, metric)


def scaled(value: float, condition: Threshold, metric: str) -> float:
    """A value of the metric in the units of the condition."""
    return value * _factor(condition, metric)


def _factor(condition: Threshold, metric: str) -> float:
    if condition.unit == "%" and _SHARE.search(metric):
        return 100.0
    return 1000.0 if condition.unit == "ms" and _SECONDS.search(metric) else 1.0
