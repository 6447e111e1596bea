import re
from collections.abc import Iterator

from core.findings.names import plain_name
from core.plan import Plan
from core.result import Result
from core.rules.grounds.basis import is_clock_of, is_rounded
from core.rules.grounds.records import Line, Record, Samples, records_of
from core.rules.grounds.wording import own_words
from core.verdict import Check

NAME = "times_fit_their_figures"

_SPAN = re.compile(r"(?P<start>\d{1,2}:\d{2})Z?\s?[–-]\s?(?:\d{4}-\d{2}-\d{2} )?(?P<end>\d{1,2}:\d{2})(?!\d|:\d)")
_VALUE_AT = re.compile(
    r"(?<![\w.:-])(?P<value>\d+(?:\.\d+)?)\s?(?:%|/?[A-Za-zµ°]{1,5}(?:/s)?)?\s(?:at|since)\s(?P<clock>\d{2}:\d{2})(?!\d|:\d)"
)


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """A span of time is that of cited samples or log lines, its start first; a value `at` a time was measured then."""
    records = records_of(result)
    checked = 0
    for statement in records.statements:
        cited = records.of(statement.citation_ids)
        words = own_words(statement.text)
        if ":" not in words or not any(isinstance(record, Samples | Line) for record in cited):
            continue
        for match in _SPAN.finditer(words) if "–" in words or "-" in words else ():
            checked += 1
            if not _is_span(match["start"], match["end"], cited):
                reason = f"{match[0]} in {statement.shown} is not from when to when the cited samples or lines are"
                return Check(name=NAME, passed=False, reason=reason)
        for match in _VALUE_AT.finditer(words) if " at " in words or " since " in words else ():
            checked += 1
            if wrong := _mistimed(match, cited):
                return Check(name=NAME, passed=False, reason=f"{match[0]} in {statement.shown}: {wrong}")
    return Check(
        name=NAME, passed=True, reason=f"{checked} spans and times are those of the samples and lines they tell of"
    )


def _is_span(start: str, end: str, cited: tuple[Record, ...]) -> bool:
    if all(any(clock in text for text in _written(cited)) for clock in (start, end)):
        return True
    lines = [record.line.timestamp for record in cited if isinstance(record, Line)]
    samples = [record for record in cited if isinstance(record, Samples)]
    starts = [at for at in (*(item.start for item in samples), *lines) if is_clock_of(start, at)]
    ends = [at for at in (*(item.end for item in samples), *lines) if is_clock_of(end, at)]
    return any(one <= other for one in starts for other in ends)


def _written(cited: tuple[Record, ...]) -> Iterator[str]:
    """The words of people among what is cited, which may have spans of their own."""
    return (record.citation.quote for record in cited if not isinstance(record, Samples))


def _mistimed(match: re.Match[str], cited: tuple[Record, ...]) -> str | None:
    """The value that was measured at the time, where the value said was measured at another."""
    said, clock = float(match["value"]), match["clock"]
    values = [
        (at, value * factor)
        for record in cited
        if isinstance(record, Samples)
        for factor in {1.0, plain_name(record.series.metric).factor}
        for at, value in record.values
    ]
    if not any(is_rounded(said, value) for _, value in values):
        return None
    hour, minute = int(clock[:2]), int(clock[3:])
    then = [value for at, value in values if at.minute == minute and at.hour == hour]
    if any(is_rounded(said, value) for value in then) or match.string[: match.start()].endswith("→ "):
        return None  # of a change from one value to another the time is that of its first sample
    return f"at {clock} it was {then[0]:g}" if then else f"nothing was measured at {clock}"
