"""Measured conditions in words: a metric, a comparison, a value, a duration."""

import re

from core.brief import Threshold
from core.reading.quantities import Quantity, durations

_METRIC = (
    r"(?P<metric>(?:share|percentage|proportion|fraction|rate)\sof\s(?:all\s|the\s)?(?:failed|failing|erroneous|unsuccessful)\s\w+|(?:5xx\s|http\s|server\s)?(?:error|failure|failed|failing|success|cache[\s-]hit|hit)[\s_-](?:rate|ratio|share|percentage|percent|budget)"
    r"|p(?:50|75|90|95|99)(?:[\s_]latency)?|(?:95|99)th\spercentile(?:\slatency)?|latency|response\stime|errors|5xx(?:\srate)?|cpu(?:\susage)?"
    r"|memory(?:\susage)?|saturation|availability|request\srate|queue\s(?:depth|length))"
)
_COMPARISON = (
    r"(?P<comparison>exceed(?:s|ed|ing)?|surpass(?:es|ed)?|above|over|beyond|past|in\sexcess\sof|greater\sthan|more\sthan|higher\sthan"
    r"|at\sleast|below|under|less\sthan|lower\sthan|>=|<=|>|<|≥|≤"
    r"|was|were|is|are|of|at|hit|hits|reach(?:es|ed)|stood\sat|around)"
)
_NO_VALUE = r"(?!\s?(?:minutes?|mins?|hours?|hrs?|days?|weeks?)\b|[\d:/-]|\.\d)"  # a time, a date or a duration
_VALUE = rf"(?P<value>\d{{1,7}}+(?:\.\d{{1,6}}+)?+){_NO_VALUE}\s?(?P<unit>%|percent\b|per\s?cent\b|ms\b|milliseconds?\b|seconds?\b|s\b|rps\b|MB\b|GB\b)?"
_THRESHOLD = re.compile(
    rf"\b{_METRIC}\b[^.;\d]{{0,80}}?\s?(?:{_COMPARISON}\s*(?:of\s+)?|(?<=share\s)|(?<=rate\s)|(?<=ratio\s)){_VALUE}",
    re.IGNORECASE,
)
# "more than 8 % of requests fail": the value before what is measured
_SHARE_FAILS = re.compile(
    r"(?<![\w.])(?:(?P<comparison>more\sthan|over|above|at\sleast|exceed(?:s|ing)?|less\sthan|under)\s)?(?P<value>\d{1,3}(?:\.\d{1,4})?)\s?(?P<unit>%|per\s?cent)(?P<inclusive>\sor\s(?:more|above|higher|over))?"
    r"\sof\s(?:all\s|the\s|its\s)?\w+\s(?P<metric>(?:are\s|is\s)?fail(?:s|ed|ing)?|(?:end|ends|ended)\sin\s(?:an?\s)?errors?)\b",
    re.IGNORECASE,
)
# "900 ms p95", "a 2.5 % error rate": the value, its unit, then the metric
_VALUE_FIRST = re.compile(
    rf"(?<![\w.])(?:(?P<comparison>more\sthan|over|above|at\sleast|exceed(?:s|ed|ing)?|less\sthan|below|under|>=|<=|>|<|≥|≤)\s?(?:an?\s)?)?(?P<value>\d{{1,7}}+(?:\.\d{{1,6}}+)?+)\s?"
    rf"(?P<unit>%|percent\b|per\s?cent\b|ms\b|milliseconds?\b|seconds?\b|s\b)(?P<inclusive>\sor\s(?:more|above|higher|over))?\s(?:of\s|in\s|at\s)?(?:the\s)?{_METRIC}\b",
    re.IGNORECASE,
)
_FOR = re.compile(r"\b(?:for|during|over|lasting|longer\sthan)\b[^.;]{0,40}", re.IGNORECASE)
_LONGER = re.compile(r"\b(?:more|longer)\sthan\s*$|\bover\s*$", re.IGNORECASE)
_BELOW = ("below", "under", "less", "lower", "<", "≤")
_INCLUSIVE = ("at least", ">=", "<=", "≥", "≤")
_EQUAL = frozenset({"was", "were", "is", "are", "of", "at", "hit", "hits", "reaches", "reached", "stood at", "around"})
_TAIL_CHARS = 80
_HEAD_CHARS = 60


def read_thresholds(text: str, *, tabular: bool = False) -> tuple[Threshold, ...]:
    """The conditions of a text, in order: `error rate exceeded 2.5% for 6 minutes` → > 2.5 % for 6 minutes.

    Seconds of a latency become milliseconds. A text that is `tabular` (the cells of a row) may give the duration without a
    word before it.
    """
    found = [(match.start(), _threshold(text, match, tabular=tabular)) for match in _THRESHOLD.finditer(text)]
    found += [(match.start(), _threshold(text, match, tabular=tabular)) for match in _SHARE_FAILS.finditer(text)]
    taken = [(match.start(), match.end()) for match in _THRESHOLD.finditer(text)]
    found += [
        (match.start(), _threshold(text, match, tabular=tabular))
        for match in _VALUE_FIRST.finditer(text)
        if not any(start < match.end() and match.start() < end for start, end in taken)
    ]
    ordered = (item for _, item in sorted(found, key=lambda item: item[0]))
    return tuple(item for item in ordered if item.unit is not None or item.comparison != "=")


def _threshold(text: str, match: re.Match[str], *, tabular: bool) -> Threshold:
    span, exclusive, end = _lasting(text, match, tabular=tabular)
    unit, value = _unit(match["unit"]), float(match["value"])
    if unit == "s":
        unit, value = "ms", value * 1000
    return Threshold(
        metric=_metric(match["metric"]),
        comparison=_comparison(match),
        value=value,
        unit=unit,
        minutes=span.value if span else None,
        longer=exclusive,
        quote=text[match.start() : end],
    )


def _comparison(match: re.Match[str]) -> str:
    words = match.groupdict()
    if words.get("inclusive"):
        return ">="
    return _symbol(" ".join((words["comparison"] or "at").lower().split()))


def _lasting(text: str, match: re.Match[str], *, tabular: bool) -> tuple[Quantity | None, bool, int]:
    """How long the condition lasts, whether only what lasts longer counts, and where the words of the condition end."""
    tail = text[match.end() : match.end() + _TAIL_CHARS].split(". ", maxsplit=1)[0]
    lasting = _FOR.search(tail)
    where = lasting[0] if lasting else tail if tabular else ""
    span = next(durations(where), None)
    if span is not None:
        begins = lasting.start() if lasting else 0
        before = where[: span.start]
        return span, bool(_LONGER.search(before)), match.end() + begins + span.end
    head = re.split(r"[.;]\s", text[max(0, match.start() - _HEAD_CHARS) : match.start()])[-1]
    if before := re.search(r"\bfor\b[^.;]{0,40}$", head, re.IGNORECASE):
        span = next(durations(before[0]), None)
        return span, bool(span and _LONGER.search(before[0][: span.start])), match.end()
    return None, False, match.end()


def _metric(words: str) -> str:
    metric = re.sub(r"[\s_-]+", " ", words.lower())
    if re.match(
        r"(?:share|percentage|proportion|fraction|rate) of|(?:are |is )?fail(?:s|ed|ing)?$|end|(?:error|failed|failing|failure) (?:rate|ratio|share|percentage|percent)$",
        metric,
    ):
        return "error rate"
    if percentile := re.match(r"(\d\d)th percentile", metric):
        return f"p{percentile[1]} latency"
    return {"errors": "error rate", "5xx": "error rate", "5xx rate": "error rate", "response time": "latency"}.get(
        metric, metric
    )


def _symbol(words: str) -> str:
    if words in _EQUAL:
        return "="
    symbol = "<" if any(word in words for word in _BELOW) else ">"
    return f"{symbol}=" if any(word in words for word in _INCLUSIVE) else symbol


def _unit(text: str | None) -> str | None:
    if text is None:
        return None
    lowered = text.lower()
    if lowered in {"%", "percent"} or lowered.startswith("per"):
        return "%"
    return {"milliseconds": "ms", "millisecond": "ms", "seconds": "s", "second": "s"}.get(lowered, text)
