"""The words of time, as pieces of regular expressions and as numbers. Every repetition is bounded."""

import re

ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ORDINAL_ONES = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
}  # fmt: skip
_ORDINAL_TEENS = {
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_CARDINAL = {**ONES, **_TEENS, **_TENS}
_ORDINALS = {**_ORDINAL_ONES, **_ORDINAL_TEENS}


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


CARDINAL = rf"(?:(?:{_any(_TENS)})(?:(?:\s?-\s?|\s|\sand\s)(?:{_any(ONES)}))?|{_any(_TEENS)}|{_any(ONES)})(?!\w)"
ORDINAL_WORDS = (
    rf"(?:(?:twenty|thirty)[\s-](?:{_any(_ORDINAL_ONES)})|{_any(_ORDINAL_TEENS)}|{_any(_ORDINAL_ONES)})(?!\w)"
)
ORDINAL = rf"(?:\d{{1,2}}\s?(?:st|nd|rd|th)(?!\w)|{ORDINAL_WORDS})"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)(?![a-z])"
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)\b\.?)(?!\w)"
YEAR = r"(?:1[5-9]|20)\d\d(?!\d)"
YEAR_WORDS = (
    rf"(?:two\sthousand(?:\s(?:and\s)?{CARDINAL})?|(?:seventeen|eighteen|nineteen|twenty)\s(?:hundred(?:\s(?:and\s)?{CARDINAL})?"
    rf"|(?:{_any(_TENS)})(?:[\s-](?:{_any(ONES)}))?(?!\w)|{_any(_TEENS)}|oh\s(?:{_any(ONES)})))(?!\w)"
)
UNIT = (
    r"(?:(?:business|working|work|week)[\s-]?days?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|nights?|weekends?|weeks?"
    r"|fortnights?|months?|mos|quarters?|years?|yrs?|decades?|centur(?:y|ies))(?!\w)"
)
SHORT_UNIT = r"(?:(?-i:[smhHdDwWyY]))(?!\w)"
LAST = r"(?:last|past|previous|prior|preceding)"
NEXT = r"(?:next|coming|upcoming|following)"
THIS = r"(?:this|current|the\scurrent|the\spresent)"
WHICH = rf"(?:this\s(?:past|coming|upcoming|next|last)|{LAST}|{NEXT}|{THIS}|that|the\ssame|same)"
TO = r"\s?(?:-{1,2}|–|—|~)\s?|,?\s(?:to|till?|until|through|thru|up\sto)\s(?:the\s)?"
LEAD = r"(?P<between>(?:in\s)?between\s(?:the\s(?=[a-z]+(?:st|nd|rd|th|first|second|third)\b))?)|(?P<from>from\s(?:the\s(?=\d|[a-z]+(?:st|nd|rd|th|first|second|third)\b))?)"
AND = rf"\sand\s(?:the\s(?=\w{{1,12}}(?:st|nd|rd|th)\b))?|{TO}"


def number_of(words: str) -> int:
    """The number of a cardinal or an ordinal, in digits or in words."""
    plain = words.lower().replace("-", " ").strip()
    if digits := re.match(r"\d{1,6}", plain):
        return int(digits[0])
    parts = [part for part in plain.split() if part != "and"]
    return sum(_CARDINAL.get(part) or _ORDINALS.get(part, 0) for part in parts)


def month_of(words: str) -> int:
    """1 for January."""
    return MONTHS.index(words[:3].lower()) + 1


def weekday_of(words: str) -> int:
    """0 for Monday."""
    return WEEKDAYS.index(words[:3].lower())


def year_of(words: str) -> int:
    """A year in digits (two of them: 1940 to 2039) or in words."""
    plain = words.lower().strip(" '’,.")
    if plain.isdigit():
        year = int(plain)
        return year if len(plain) > 2 else year + (2000 if year < 40 else 1900)  # noqa: PLR2004 - two digits
    parts = [part for part in plain.replace("-", " ").split() if part not in {"and", "oh"}]
    if parts[:2] == ["two", "thousand"]:
        return 2000 + number_of(" ".join(parts[2:]))
    rest = parts[2:] if parts[1] == "hundred" else parts[1:]
    return 100 * _CARDINAL[parts[0]] + number_of(" ".join(rest))


def piece(pattern: str) -> re.Pattern[str]:
    """A pattern that is tried at one place of a text."""
    return re.compile(pattern, re.IGNORECASE)
