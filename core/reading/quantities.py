"""Durations and percentages in running text, in digits or in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "a": 1, "an": 1,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_QUARTERS = {"": 1, "a": 1, "one": 1, "three": 3}
_MINUTES = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0, "w": 10080.0}
_UNIT_WORDS = "|".join(sorted(_UNITS, key=len, reverse=True))
_NUMBER = rf"\d{{1,6}}(?:\.\d{{1,4}})?|(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(list(_UNITS)[:9])}))?|{_UNIT_WORDS}"
_UNIT = r"seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw]"
_DURATION = re.compile(
    rf"(?<![\w.])(?:(?P<hours>\d{{1,3}})\s?(?:h|hrs?|hours?)\s?(?:and\s)?(?P<rest>\d{{1,2}})\s?(?:m|mins?|minutes?)(?![\w%])|(?P<since>(?:T0?|zero(?:\shour)?)\s?\+\s?|minute\s)(?P<bare>\d{{1,4}})(?!\w|[.:]\d|\s?(?:{_UNIT})\b)"
    rf"|(?:(?P<quarters>(?:(?:an?|one|three)[\s-])?quarters?)(?:\s(?:of\s)?an?)?|(?P<halved>half)(?:[\s-]an?)?"
    rf"|(?P<number>{_NUMBER})(?:\s?\((?:{_NUMBER})\))?(?P<half>\sand\sa\shalf)?|(?P<next>next)|(?P<each>every|each)(?=\s(?:minute|hour|day|week)\b))"
    rf"(?:[\s-]{{0,2}}(?P<kind>consecutive|straight|full|business|working|office|calendar))?"
    rf"[\s-]{{0,2}}(?P<unit>{_UNIT})(?P<more>\sand\sa\shalf\b)?(?![\w%])"
    rf"|(?P<rate>hourly|daily|weekly)\b)",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"(?<![\w.])(?P<number>\d{1,6}(?:\.\d{1,6})?)\s?(?:%|percent\b|per\s?cent\b|pct\b)", re.IGNORECASE
)
_WORKING = re.compile(r"\b(?:business|working|office)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number with its unit as it stands in a text: durations in minutes, percentages in per cent.

    A day counts 24 hours, a business day or hour too: `text` says which it was.
    """

    value: float
    text: str
    start: int
    end: int

    @property
    def in_words(self) -> str:
        """A duration as a person writes it, business hours and days as the text has them: `5 minutes`, `2 business hours`."""
        if _WORKING.search(self.text):
            return " ".join(self.text.split())
        return minutes_text(self.value)


def durations(text: str) -> Iterator[Quantity]:
    """Every duration of the text in minutes: `5 minutes`, `a quarter of an hour`, `90s`, `T+15`, `next business day`."""
    for match in _DURATION.finditer(text):
        value = _minutes(match)
        if value is not None:
            yield Quantity(value=value, text=match[0], start=match.start(), end=match.end())


def percentages(text: str) -> Iterator[Quantity]:
    """Every percentage of the text."""
    for match in _PERCENT.finditer(text):
        yield Quantity(value=float(match["number"]), text=match[0], start=match.start(), end=match.end())


def minutes_text(minutes: float) -> str:
    """Minutes as a person writes them: `5 minutes`, `1 minute`, `2 hours`."""
    if minutes >= 120 and minutes % 60 == 0:  # noqa: PLR2004 - below two hours people count minutes
        return f"{minutes / 60:g} hours"
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"


def _minutes(match: re.Match[str]) -> float | None:
    if match["hours"]:
        return float(match["hours"]) * 60 + float(match["rest"])
    if match["bare"]:
        return float(match["bare"])
    if match["rate"]:
        return {"h": 60.0, "d": 1440.0, "w": 10080.0}[match["rate"][0].lower()]
    unit = match["unit"].lower()
    number = (match["number"] or "").lower()
    if len(unit) == 1 and not number[:1].isdigit():
        return None  # "a s…", "an h…" are no durations
    if number == "a" and unit in {"second", "sec"}:
        return None  # an ordinal: "a second opinion"
    if match["next"] and not match["kind"]:
        return None  # "the next minutes" says nothing of how long
    more = 0.5 if match["half"] or match["more"] else 0.0
    return (_count(match) + more) * _MINUTES[unit[0]]


def _count(match: re.Match[str]) -> float:
    if match["quarters"]:
        return _QUARTERS["three" if match["quarters"].lower().startswith("three") else ""] / 4
    if match["halved"]:
        return 0.5
    if match["next"] or match["each"]:
        return 1
    number = match["number"].lower()
    if number[0].isdigit():
        return float(number)
    tens, _, unit = number.replace("-", " ").partition(" ")
    return (_TENS[tens] + _UNITS.get(unit, 0)) if tens in _TENS else _UNITS[number]
