"""Spans of time: `two and a half hours`, `1 year 1 month 21 days`, `a couple of days`, `half an hour`, `3h`, `1h30m`."""

import re

from tools.dates.values import Found, Length
from tools.dates.words import CARDINAL, SHORT_UNIT, UNIT, number_of, piece

_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_AMOUNT = (
    r"(?P<digits>\d{1,6}(?:[.,]\d{1,4})?)(?P<fraction>[½¼¾])?|(?P<only>[½¼¾])(?:\s?an?(?=\s))?"
    r"|(?P<half>half(?:\s?-?an?)?|(?:an?|one)\shalf(?:\sof\san?)?|half\sof\san?)(?=[\s-])"
    r"|(?P<quarters>(?:an?\s|one\s|three\s)?quarters?\s(?:of\s)?an?)(?=\s)"
    r"|(?P<couple>(?:an?\s)?(?:couple|pair)(?:\sof)?)(?=\s)|(?P<few>(?:an?\s)?few|several|some)(?=\s)"
    rf"|(?P<words>{CARDINAL})|(?P<one>another|an?|(?:the\s)?(?:all|full|whole|entire))(?=[\s-])"
)
_PART = piece(
    rf"(?:{_AMOUNT})(?P<more>\sand\s(?:an?\s)?half)?(?:\s?-?(?:consecutive|straight|full|calendar|more)\s|\s?-?\s?)"
    rf"(?P<unit>{UNIT}|{SHORT_UNIT})(?P<after>\sand\s(?:an?\s)?(?P<what>half|quarter)(?!\s(?:an?\s)?\w{{0,10}}(?:second|minute|hour|day|week|month|year))(?!\w))?"
)
_COMPACT = piece(
    r"(?=\d{1,4}[dhm]\s?\d)(?:(\d{1,4})d\s?)?(?:(\d{1,4})h\s?)?(?:(\d{1,4})m(?:in)?\s?)?(?:(\d{1,4})s)?(?<=\w)(?!\w)"
)
_DECADE = re.compile(r"(?:1[5-9]|20)\d0$")
_JOIN = piece(r",?\s(?:and\s)?|,\s?")
_SIZES = ("second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade")
_MOST_PARTS = 6


def read_length(text: str, at: int) -> Found[Length] | None:
    """The span of time that begins there, compound ones added up."""
    if (compact := _COMPACT.match(text, at)) and compact[0].strip() and any(compact.groups()):
        days, hours, minutes, seconds = (int(part or 0) for part in compact.groups())
        return Found(compact.end(), Length(days=days, seconds=hours * 3600 + minutes * 60 + seconds))
    first = _part(text, at)
    if first is None:
        return None
    end, total, size = first
    for _ in range(_MOST_PARTS):
        link = _JOIN.match(text, end)
        following = _part(text, link.end()) if link else None
        if following is None or following[2] >= size or size < 0:
            break
        end, more, size = following
        total = Length(
            months=total.months + more.months, days=total.days + more.days, seconds=total.seconds + more.seconds
        )
    return Found(end, total)


def unit_length(unit: str, amount: float) -> tuple[Length, int]:
    """So many of a unit, and how large the unit is beside the others."""
    word = unit.lower()
    if len(word) == 1:
        word = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "y": "year"}[word]
    if word.startswith(("business", "work", "weekday")):
        return Length(working_days=int(amount)), -1
    if word.startswith("weekend"):
        return Length(days=2 * amount), -1
    for name, short, length in (
        ("second", "sec", Length(seconds=amount)),
        ("minute", "min", Length(seconds=60 * amount)),
        ("hour", "hr", Length(seconds=3600 * amount)),
        ("day", "night", Length(days=amount) if amount == int(amount) else Length(seconds=86_400 * amount)),
        ("week", "fortnight", Length(days=(14 if word.startswith("fort") else 7) * amount)),
        ("month", "mos", Length(months=amount)),
        ("quarter", "quarter", Length(months=3 * amount)),
        ("year", "yr", Length(months=12 * amount)),
    ):
        if word.startswith((name, short)):
            return length, _SIZES.index(name)
    return Length(months=(1200 if word.startswith("cent") else 120) * amount), _SIZES.index("decade")


def _part(text: str, at: int) -> tuple[int, Length, int] | None:
    match = _PART.match(text, at)
    if match is None or not _is_amount(match):
        return None
    length, size = unit_length(match["unit"], _amount(match))
    return match.end(), length, size


def _is_amount(match: re.Match[str]) -> bool:
    unit, one = match["unit"].lower(), (match["one"] or "").lower()
    if len(unit) == 1 and (not match["digits"] or (_DECADE.match(match["digits"]) and unit == "s")):
        return False  # "a s", "1990s"
    whole = one.split()[-1:] if one else []
    if whole and whole[0] in {"all", "full", "whole", "entire"}:
        return unit.rstrip("s") in {"day", "week", "month", "year", "night"} and not unit.endswith("s")
    if one in {"a", "an"} and unit in {"second", "sec", "seconds", "secs"}:
        return False  # an ordinal: "a second opinion"
    return not (match["few"] and match["few"].lower() == "some" and not unit.endswith("s"))  # "some day" is none


def _amount(match: re.Match[str]) -> float:
    more = 0.5 if match["more"] else {"half": 0.5, "quarter": 0.25}.get((match["what"] or "").lower(), 0.0)
    if match["digits"]:
        amount = float(match["digits"].replace(",", ".")) + _FRACTIONS.get(match["fraction"] or "", 0)
    elif match["only"]:
        amount = _FRACTIONS[match["only"]]
    elif match["half"]:
        amount = 0.5
    elif match["quarters"]:
        amount = 0.75 if match["quarters"].lower().startswith("three") else 0.25
    elif match["couple"]:
        amount = 2
    elif match["few"]:
        amount = 3
    else:
        amount = float(number_of(match["words"])) if match["words"] else 1
    return amount + more
