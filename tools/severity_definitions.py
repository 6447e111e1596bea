"""A policy's own definitions of its severities, and the one that a text meets by its words."""

import re
from collections import Counter
from dataclasses import dataclass

from core.reading.severities import severities, severity_level

_MARKS = re.compile(r"^[\s|>*#•–-]{1,12}|[|*`]")
_WORD = re.compile(r"[^\W\d_]{3,30}")
_ENDING = re.compile(r"(?:ies|ing|ed|es|s|ly|e)$")
_COMMON = frozenset(
    "the and for with that this from are was were has have had not but all any its their one more than into over when while who which can may "
    "our you your does did been being will would should must some each least most very them they there then than also only "
    "severity priority level incident issue means meaning definition".split()
)
_HEAD_CHARS = 30
_LONGEST_LINE = 600


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What the policy calls a severity, how bad that is (1 is the worst), and the words that define it."""

    name: str
    level: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Met:
    """The definition that a text meets and the words that they share."""

    definition: Definition
    shared: tuple[str, ...]


def read_definitions(text: str) -> tuple[Definition, ...]:
    """The lines that begin with the name of one severity, rows of tables included; the first line of a name counts."""
    found: dict[str, Definition] = {}
    for line in text.splitlines():
        plain = " ".join(_MARKS.sub(" ", line[:_LONGEST_LINE]).split())
        names = severities(plain[:_HEAD_CHARS]) or (
            (plain.split()[0],) if plain and severity_level(plain.split()[0].rstrip(":")) else ()
        )
        if len(names) != 1:
            continue
        name = names[0].rstrip(":")
        level = severity_level(name)
        if level is not None and name not in found:
            found[name] = Definition(name=name, level=level, words=plain)
    return tuple(found.values())


def met_definition(text: str, definitions: tuple[Definition, ...]) -> Met | None:
    """The definition that shares most with the text, rare words counting more; None where none does, or two do alike."""
    wanted = {item: _stems(item.words) for item in definitions}
    spread = Counter(stem for stems in wanted.values() for stem in stems)
    told = _stems(text)
    scored = sorted(
        (
            (sum(1 / spread[stem] for stem in told.keys() & stems.keys()) / (1 + len(stems)) ** 0.5, item)
            for item, stems in wanted.items()
        ),
        key=lambda pair: (-pair[0], pair[1].level),
    )
    if not scored or scored[0][0] == 0 or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return None
    best = scored[0][1]
    shared = sorted(wanted[best].keys() & told.keys(), key=lambda stem: (spread[stem], stem))
    return Met(definition=best, shared=tuple(wanted[best][stem] for stem in shared))


def _stems(text: str) -> dict[str, str]:
    """The words that carry meaning by their stems, each with the first form in which it stands."""
    found: dict[str, str] = {}
    for word in _WORD.findall(text.lower()):
        if word not in _COMMON:
            found.setdefault(_ENDING.sub("", word) or word, word)
    return found
