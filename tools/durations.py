"""Spans of time in running text, compound ones included: `30 minutes`, `1 hour and 30 minutes`, `1h30m`."""

import re
from itertools import pairwise

from core.reading.quantities import Quantity, durations

_COMPACT = re.compile(r"(?<![\w.])(?=\d{1,4}[dhm]\d)(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?(?:(\d{1,4})s)?(?!\w)")
_COMPACT_MINUTES = (1440.0, 60.0, 1.0, 1 / 60)
_BETWEEN_PARTS = re.compile(r"\s(?:and\s)?")
_UNIT = re.compile(r"[a-z]+$", re.IGNORECASE)
_SIZES = "smhdw"


def find_durations(text: str) -> list[Quantity]:
    """Every span of time in minutes, in order, the parts of a compound one added up."""
    found = [_compact(match) for match in _COMPACT.finditer(text)]
    found += [item for item in durations(text) if not _is_count(item)]
    found.sort(key=lambda item: (item.start, -item.end))
    whole: list[Quantity] = []
    for item in found:
        if whole and item.start < whole[-1].end:
            continue
        if whole and _continues(whole[-1], item, text):
            first = whole.pop()
            item = Quantity(  # noqa: PLW2901 - the part becomes the whole it belongs to
                value=first.value + item.value, text=text[first.start : item.end], start=first.start, end=item.end
            )
        whole.append(item)
    return whole


def _compact(match: re.Match[str]) -> Quantity:
    minutes = sum(float(part) * size for part, size in zip(match.groups(), _COMPACT_MINUTES, strict=True) if part)
    return Quantity(value=minutes, text=match[0], start=match.start(), end=match.end())


def _is_count(item: Quantity) -> bool:
    """Whether `5M` rather stands for five million."""
    unit = _UNIT.search(item.text)
    return unit is not None and len(unit[0]) == 1 and unit[0].isupper()


def _continues(first: Quantity, second: Quantity, text: str) -> bool:
    """Whether the second is a smaller unit right behind the first."""
    if not _BETWEEN_PARTS.fullmatch(text, first.end, second.start):
        return False
    sizes = [_SIZES.find(unit[0][0].lower()) for item in (first, second) if (unit := _UNIT.search(item.text))]
    return all(smaller < larger for larger, smaller in pairwise(sizes))
