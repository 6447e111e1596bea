"""A company's own names for how bad something is: `Amber`, `Sev-A`, `Level Red`, ranked as its policy ranks them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.reading.severities import is_severity, leading_levels, severities, severity_level, severity_levels

KINDS = r"(?:level|code|class|sev(?:erity)?|tier|grade|category|cat|prio(?:rity)?|stage|state|condition|step|type)"
"""Words that say that what follows is the name of a severity."""

_BEFORE = re.compile(rf"{KINDS}[\s_-]?(?=\S)", re.IGNORECASE)
_NOUN = r"(?:severity|priority|incidents?|alerts?|alarms?|tickets?|outages?|issues?|pages?|cases?|events?|level|code|one|obligations?|duties|is\b|are\b|must\b|should\b)"
_SHORTEST_ALONE = 3


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Names of severities, the worst first. One without names reads the general ones alone: P1, SEV-2, critical.

    A level is the place of a name, counted from 1. What the scale does not know is read in general words.
    """

    names: tuple[str, ...] = ()

    def level(self, severity: str | None) -> int | None:
        """How bad a severity is by its name; None where that cannot be told."""
        if self.names and severity and (levels := _own_levels(self, severity, whole=True)):
            return min(levels)
        return severity_level(severity)

    def named(self, text: str) -> tuple[str, ...]:
        """The severities the text names, once each, in order; the company's own as its policy writes them."""
        if not self.names:
            return severities(text)
        own = [name for _, name in _found(self, text)]
        return tuple(dict.fromkeys(own)) or severities(text)

    def levels(self, text: str) -> frozenset[int]:
        """The levels the text speaks of, ranges such as `Amber and worse` filled in."""
        if not self.names:
            return severity_levels(text)
        return _own_levels(self, text, whole=False) or severity_levels(text)

    def leading(self, text: str, chars: int) -> frozenset[int]:
        """The levels of the severities that a text names within its first characters."""
        if self.names:
            own = frozenset(
                self.names.index(name) + 1 for start, name in _found(self, text) if start < chars - _SHORTEST_ALONE
            )
            if own:
                return own
        return leading_levels(text, chars)

    def is_name(self, text: str) -> bool:
        """Whether a short text, such as the heading of a column, is the name of a severity and nothing else."""
        if self.names and _pattern(self.names)[1].fullmatch(re.sub(r"\s*\(.*\)$", "", text.strip())):
            return True
        return is_severity(text)


GENERAL = Scale()
"""The names that everybody uses."""


def bare_name(name: str) -> str:
    """The part of a name that tells it from the others: `Level Red` → `Red`, `Sev-A` → `A`."""
    return _BEFORE.sub("", name, count=1) if _BEFORE.match(name) else name


@lru_cache(maxsize=4096)  # the lines of a policy are read by several sections of every report
def _own_levels(scale: Scale, text: str, *, whole: bool) -> frozenset[int]:
    _, alone, open_range, closed = _pattern(scale.names)
    if match := alone.fullmatch(text.strip()):
        return frozenset((_place(scale.names, match["name"]),))
    if whole:
        return frozenset(_place(scale.names, name) for _, name in _found(scale, text))
    levels = {_place(scale.names, name) for _, name in _found(scale, text)}
    for match in open_range.finditer(text):
        place = _place(scale.names, match["name"])
        up = match["way"].lower() in {"above", "higher", "worse", "up"}
        levels.update(range(1, place + 1) if up else range(place, len(scale.names) + 1))
    for match in closed.finditer(text):
        first, last = sorted((_place(scale.names, match["first"]), _place(scale.names, match["last"])))
        levels.update(range(first, last + 1))
    return frozenset(levels)


def _found(scale: Scale, text: str) -> list[tuple[int, str]]:
    """Where the text names which of the severities."""
    spoken, alone, *_ = _pattern(scale.names)
    if match := alone.fullmatch(text.strip()):
        return [(0, scale.names[_place(scale.names, match["name"]) - 1])]
    found: list[tuple[int, str]] = []
    for match in spoken.finditer(text):
        name = match["kind"] or match["as_written"] or match["beside"] or match["listed"]
        found.append((match.start(), scale.names[_place(scale.names, name) - 1]))
        if match["other"]:
            found.append((match.start("other"), scale.names[_place(scale.names, match["other"]) - 1]))
    return found


def _place(names: tuple[str, ...], found: str) -> int:
    wanted = bare_name(found).casefold()
    return next(place for place, name in enumerate(names, start=1) if bare_name(name).casefold() == wanted)


@lru_cache(maxsize=16)
def _pattern(names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The names in running text; one that stands alone; one with what is worse or milder; from one to another.

    A name is an everyday word, so it counts after a word such as `severity`, before one such as `incident`, between the marks
    of a list, or spelt with the capital that the policy gives it. One that is a mere letter or number needs the word before it.
    """
    bare = sorted((bare_name(name) for name in names), key=len, reverse=True)
    any_name = "|".join(map(re.escape, bare))
    words = [name for name in bare if len(name) >= _SHORTEST_ALONE]
    never = r"(?!x)x"
    any_word = "|".join(map(re.escape, words)) or never
    capitals = "|".join(re.escape(name) for name in words if name != name.lower()) or never
    kind = rf"{KINDS}(?:\sis|\sof|:)?[\s_:=-]{{0,3}}"
    spoken = re.compile(
        rf"(?<![\w#-]){kind}[\"'“`]?(?P<kind>{any_name})(?![\w-])(?:\s?(?:/|,|and|or|&)\s?(?P<other>{any_name})(?![\w-]))?"
        rf"|(?<![\w#-])(?-i:(?P<as_written>{capitals}))(?![\w-])(?!\s(?-i:[A-Z][a-z]))"
        rf"|(?<![\w#-])(?P<beside>{any_word})(?=(?:\s?(?:and|or|,|/|&)\s?(?:{any_word}))*[\s-]{_NOUN})"
        rf"|(?<=[\[(,:\"'/])\s?(?P<listed>{any_word})(?=\s?(?:[\])}},\"'/]|$))",
        re.IGNORECASE,
    )
    alone = re.compile(rf"\W*(?:{kind})?(?P<name>{any_name})\W*", re.IGNORECASE)
    open_range = re.compile(
        rf"(?<![\w-])(?:{kind})?(?P<name>{any_name})\s(?:and|or)\s(?P<way>above|higher|worse|up|below|lower|less|milder)\b",
        re.IGNORECASE,
    )
    closed = re.compile(
        rf"(?<![\w-])(?:{kind})?(?P<first>{any_name})\s?(?:–|to|through)\s?(?:{kind})?(?P<last>{any_name})(?![\w-])",
        re.IGNORECASE,
    )
    return spoken, alone, open_range, closed
