"""Measured conditions in words: a metric, a comparison, a value, a duration."""

import re

from core.brief import Threshold
from core.reading.quantities import durations

_METRIC = r"(?P<metric>(?:5xx\s|http\s)?(?:error|failure|success|cache[\s-]hit)[\s_-](?:rate|ratio|percentage|budget)|p(?:50|90|95|99)(?:\slatency)?|latency|response\stime|cpu(?:\susage)?|memory(?:\susage)?|saturation|availability|request\srate|queue\s(?:depth|length))"
_COMPARISON = r"(?P<comparison>stay(?:s|ed)?\sabove|remain(?:s|ed)?\sabove|exceed(?:s|ed|ing)?|above|over|greater\sthan|more\sthan|higher\sthan|at\sleast|below|under|less\sthan|lower\sthan|drops?\sbelow|fell\sbelow|>=|<=|>|<|≥|≤)"
_VALUE = r"(?P<value>\d{1,7}(?:\.\d{1,6})?)\s?(?P<unit>%|percent\b|per\s?cent\b|ms\b|milliseconds?\b|seconds?\b|s\b|rps\b|MB\b|GB\b)?"
_THRESHOLD = re.compile(rf"{_METRIC}\b[^.;\d]{{0,80}}?\s?{_COMPARISON}\s+(?:of\s+)?{_VALUE}", re.IGNORECASE)
_FOR = re.compile(r"\b(?:for|during|over|lasting)\b[^.;]{0,40}", re.IGNORECASE)
_BELOW = ("below", "under", "less", "lower", "<", "≤")
_INCLUSIVE = ("at least", ">=", "<=", "≥", "≤")


def read_thresholds(text: str) -> tuple[Threshold, ...]:
    """The conditions of a text, in order: `error rate exceeded 2.5% for 6 minutes` → > 2.5 % for 6 minutes."""
    return tuple(_threshold(text, match) for match in _THRESHOLD.finditer(text))


def _threshold(text: str, match: re.Match[str]) -> Threshold:
    tail = text[match.end() : match.end() + 80].split(".  ", maxsplit=1)[0]
    lasting = _FOR.match(tail.lstrip(" ,"))
    span = next(durations(lasting[0]), None) if lasting else None
    end = match.end()
    if lasting and span:
        end += len(tail) - len(tail.lstrip(" ,")) + span.end
    return Threshold(
        metric=re.sub(r"[\s_-]+", " ", match["metric"].lower()),
        comparison=_symbol(match["comparison"].lower()),
        value=float(match["value"]),
        unit=_unit(match["unit"]),
        minutes=span.value if span else None,
        quote=text[match.start() : end],
    )


def _symbol(words: str) -> str:
    symbol = "<" if any(word in words for word in _BELOW) else ">"
    return f"{symbol}=" if any(word in words for word in _INCLUSIVE) else symbol


def _unit(text: str | None) -> str | None:
    if text is None:
        return None
    lowered = text.lower()
    if lowered in {"%", "percent", "per cent"}:
        return "%"
    return {"milliseconds": "ms", "millisecond": "ms", "seconds": "s", "second": "s"}.get(lowered, text)
