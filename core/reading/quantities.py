"""Durations, percentages and severities in running text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "twenty-five": 25, "thirty": 30, "forty": 40,
    "forty-five": 45, "sixty": 60, "ninety": 90, "a": 1, "an": 1, "half an": 0.5, "half a": 0.5,
}  # fmt: skip
_MINUTES = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0, "w": 10080.0}
_NUMBER_WORDS = "|".join(sorted((re.escape(word) for word in _WORDS), key=len, reverse=True))
_DURATION = re.compile(
    rf"(?<![\w.])(?P<number>\d{{1,6}}(?:\.\d{{1,4}})?|{_NUMBER_WORDS})"
    r"(?:[\s-]{0,2}(?:consecutive|straight|full|business|working|calendar))?"
    r"[\s-]{0,2}(?P<unit>seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw])(?![\w%])",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"(?<![\w.])(?P<number>\d{1,6}(?:\.\d{1,6})?)\s?(?:%|percent\b|per\s?cent\b|pct\b)", re.IGNORECASE
)
_SEVERITY = re.compile(r"\b(?P<scale>P|SEV(?:ERITY)?[\s-]?|S)(?P<level>[0-5])\b", re.IGNORECASE)
_SEVERITY_RANGE = re.compile(
    r"\b(?:P|SEV[\s-]?)([0-5])\s?(?:-|–|to|through)\s?(?:P|SEV[\s-]?)?([0-5])\b", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number with its unit as it stands in a text: durations in minutes, percentages in per cent."""

    value: float
    text: str
    start: int
    end: int


def durations(text: str) -> Iterator[Quantity]:
    """Every duration of the text in minutes: `5 minutes`, `an hour`, `90s`, `+25 min`."""
    for match in _DURATION.finditer(text):
        number, unit = match["number"].lower(), match["unit"].lower()
        if number in _WORDS and len(unit) == 1:
            continue  # "a s…", "an h…" are no durations
        if number == "a" and unit in {"second", "sec"}:
            continue  # an ordinal: "a second opinion"
        value = _WORDS[number] if number in _WORDS else float(number)
        yield Quantity(value=value * _MINUTES[unit[0]], text=match[0], start=match.start(), end=match.end())


def percentages(text: str) -> Iterator[Quantity]:
    """Every percentage of the text."""
    for match in _PERCENT.finditer(text):
        yield Quantity(value=float(match["number"]), text=match[0], start=match.start(), end=match.end())


def severity_level(severity: str | None) -> int | None:
    """The digit of a severity name: 1 for `P1`, `SEV-1`, `sev1`; None where there is none."""
    found = re.search(r"[0-5]", severity or "")
    return int(found[0]) if found else None


def severities(text: str) -> tuple[str, ...]:
    """The severities the text names, as it writes them but in capitals, once each, in order."""
    found = (f"{match['scale'].strip(' -').upper()}{match['level']}" for match in _SEVERITY.finditer(text))
    return tuple(dict.fromkeys(name.replace("SEVERITY", "SEV") for name in found))


def severity_levels(text: str) -> frozenset[int]:
    """The levels the text speaks of, ranges such as `P1–P3` filled in."""
    levels = {int(match["level"]) for match in _SEVERITY.finditer(text)}
    for match in _SEVERITY_RANGE.finditer(text):
        levels.update(range(int(match[1]), int(match[2]) + 1))
    return frozenset(levels)


def minutes_text(minutes: float) -> str:
    """Minutes as a person writes them: `5 minutes`, `1 minute`, `2 hours`."""
    if minutes >= 120 and minutes % 60 == 0:  # noqa: PLR2004 - below two hours people count minutes
        return f"{minutes / 60:g} hours"
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"
