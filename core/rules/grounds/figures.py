"""Text → its figures: every word with a digit in it, by kind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property, lru_cache

from core.reading.quantities import durations


class FigureKind(StrEnum):
    STAMP = "stamp"
    DATE = "date"
    CLOCK = "clock"
    NAME = "name"
    NUMBER = "number"


_FIGURE = re.compile(
    r"(?P<stamp>(?<![\w.-])\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}\b)?)"
    r"|(?P<date>(?<![\w.-])\d{4}-\d{2}-\d{2}(?![\w-]))"
    r"|(?P<clock>(?<![\w.:-])\d{1,2}:\d{2}(?::\d{2})?)Z?(?!\w|:\d)"
    r"|(?P<name>(?<![A-Za-z0-9_])(?:[A-Za-z_]\w*|\d\w*[A-Za-z_]\w*)(?:[.-]\w+)*)"
    r"|(?P<number>\d+(?:[.,]\d+)*)",
    re.ASCII,
)
_KINDS = {kind.value: kind for kind in FigureKind}
_DIGIT = re.compile(r"[0-9]")
_CHUNK = re.compile(r"(?<!\S)[^\s0-9]*+[0-9]\S*")
_MEASURE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?:ms|s|m|h|d|w|min|mins|hrs?|k|x|rps|qps|[KMGT]i?B|st|nd|rd|th|Z)")
_MAY_LAST = re.compile(r"[0-9.,]+[\s-]{0,4}[A-Za-z]")
_DURATION_CHARS = 48


@dataclass(frozen=True)
class Figure:
    """A word with a digit in it, and the text that begins with it."""

    kind: FigureKind
    text: str
    following: str

    @cached_property
    def value(self) -> float:
        """The number as it counts, without separators of thousands."""
        return read_number(self.text)

    @cached_property
    def minutes(self) -> float | None:
        """How many minutes the number stands for; None where it is not that of a duration."""
        if not _MAY_LAST.match(self.following):
            return None
        span = next(durations(self.following), None)
        return span.value if span is not None and span.start == 0 else None

    @property
    def is_cut(self) -> bool:
        """Whether an ellipsis cuts the figure short."""
        return self.following.startswith(f"{self.text}…")


@lru_cache(maxsize=1024)
def figures(text: str) -> tuple[Figure, ...]:
    """The figures of a text, in order. A word of letters alone is none; `5xx` and `v4.18.0` are names, `900ms` a number."""
    return tuple(_figures(text)) if _DIGIT.search(text) else ()


def _figures(text: str) -> Iterator[Figure]:
    for chunk in _CHUNK.finditer(text):
        for match in _FIGURE.finditer(text, chunk.start(), chunk.end()):
            name = str(match.lastgroup)
            kind, word = _KINDS[name], match[name]
            if kind is FigureKind.NAME:
                if not _DIGIT.search(word):
                    continue
                if measure := _MEASURE.fullmatch(word):
                    kind, word = FigureKind.NUMBER, measure["number"]
            yield Figure(kind, word, text[match.start() : match.start() + _DURATION_CHARS])


def read_number(text: str) -> float:
    """`1,250.5` → 1250.5; `4.18.0`, which is no number, → NaN."""
    plain = text.replace(",", "")
    return float(plain) if plain.count(".") <= 1 else float("nan")


def read_moment(text: str) -> datetime | None:
    """The moment in UTC of a date with a time, one without a zone taken as UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_date(text: str) -> date | None:
    """The day of an ISO date; None for what is no day of the calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
