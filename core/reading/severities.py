"""Severities in running text: numbered ones (P1, SEV-2, severity 3) and named ones (critical, major, low)."""

import re
from functools import lru_cache

_SCALE = r"(?:SEV(?:ERITY)?|PRIO(?:RITY)?)(?:\slevel)?\s?[-:=]?\s?"
_WORDS = ("zero", "one", "two", "three", "four", "five")
_NUMBERED = re.compile(
    rf"\b(?P<scale>P-?|{_SCALE}|S)(?:(?P<level>[0-5])\b(?!\s?(?:buckets?|storage|objects?)\b)|(?<=\s)(?P<word>zero|one|two|three|four|five)\b)",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"\b(?:P-?|{_SCALE}|S)([0-5])\s?(?:-|–|to|through)\s?(?:P-?|{_SCALE}|S)?([0-5])\b", re.IGNORECASE)
_OPEN_RANGE = re.compile(
    rf"\b(?:P-?|{_SCALE}|S)(?P<level>[0-5])\s(?:and|or)\s(?P<way>above|higher|worse|below|lower|less)\b",
    re.IGNORECASE,
)
_NAMES = {
    "blocker": 1, "critical": 1, "highest": 1, "high": 2, "major": 2, "medium": 3, "moderate": 3, "minor": 3, "low": 4,
    "lowest": 4, "trivial": 4,
}  # fmt: skip
"""Names people use for severities, by how bad; no scale in use has two of one level, as far as is known."""
_NAME = "|".join(sorted(_NAMES, key=len, reverse=True))
# A name alone is an everyday word ("high latency"): it counts beside a word that makes it a severity, or as a whole cell.
_NOUN = (
    r"(?:severity|priority|incidents?|alerts?|tickets?|outages?|issues?|pages?|escalations?|obligations?|duties|case|level|one"
    r"|is\b|are\b|must\b|should\b)"
)
_NAMED = re.compile(
    rf"\b(?P<name>{_NAME})(?=(?:\s?(?:and|or|,|/|&)\s?(?:{_NAME}))*[\s-]{_NOUN}\b)"
    rf"|\b(?:severity|priority)(?:(?:\sis|\sof|\slevel|:)?\s|\s?[=:]\s?)(?P<after>{_NAME})\b"
    rf"|(?<=\ba\s)(?-i:(?P<spoken>{'|'.join(word.capitalize() for word in _NAMES)}))\b(?=[\s]?(?:[,.;:?!]|$|between|in\b|and\b))",
    re.IGNORECASE,
)
_WHOLE = re.compile(rf"\W*(?P<name>{_NAME})\W*", re.IGNORECASE)
_WORST, _MILDEST = 0, 5


def severity_level(severity: str | None) -> int | None:
    """How bad a severity is by its name: 1 for `P1`, `SEV-1`, `Critical`; None where that cannot be told."""
    found = re.search(r"[0-5]", severity or "")
    if found:
        return int(found[0])
    named = _WHOLE.fullmatch(severity or "")
    return _NAMES[named["name"].lower()] if named else None


def severities(text: str) -> tuple[str, ...]:
    """The severities the text names, as it writes them but in capitals, once each, in order."""
    found = [(match.start(), _numbered_name(match)) for match in _NUMBERED.finditer(text)]
    found += [(match.start(), _name(match).capitalize()) for match in _NAMED.finditer(text)]
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


@lru_cache(maxsize=4096)  # the lines of a policy and of the configs are read by several sections of every report
def severity_levels(text: str) -> frozenset[int]:
    """The levels the text speaks of, ranges such as `P1–P3` or `P2 and above` filled in; those of a name that stands alone too."""
    levels = {_number(match) for match in _NUMBERED.finditer(text)}
    for match in _RANGE.finditer(text):
        levels.update(range(int(match[1]), int(match[2]) + 1))
    for match in _OPEN_RANGE.finditer(text):
        level = int(match["level"])
        up = match["way"].lower() in {"above", "higher", "worse"}
        levels.update(range(_WORST, level + 1) if up else range(level, _MILDEST + 1))
    levels.update(_NAMES[_name(match)] for match in _NAMED.finditer(text))
    if not levels and (whole := _WHOLE.fullmatch(text)):
        levels.add(_NAMES[whole["name"].lower()])
    return frozenset(levels)


def leading_levels(text: str, chars: int) -> frozenset[int]:
    """The levels of the severities that a text names within its first characters."""
    numbered = {_number(match) for match in _NUMBERED.finditer(text) if match.end() <= chars}
    named = {_NAMES[_name(match)] for match in _NAMED.finditer(text) if match.start() < chars}
    return frozenset(numbered | named)


def is_severity(text: str) -> bool:
    """Whether a short text, such as the heading of a column, is the name of a severity and nothing else."""
    plain = text.strip()
    bare = re.sub(r"\s*\(.*\)$", "", plain)
    return bool(_NUMBERED.fullmatch(bare) or _WHOLE.fullmatch(bare))


def _name(match: re.Match[str]) -> str:
    return (match["name"] or match["after"] or match["spoken"]).lower()


def _numbered_name(match: re.Match[str]) -> str:
    scale = re.split(r"[\s:=-]", match["scale"].strip())[0].upper()
    return f"{ {'SEVERITY': 'SEV', 'PRIORITY': 'P', 'PRIO': 'P'}.get(scale, scale) }{_number(match)}"


def _number(match: re.Match[str]) -> int:
    return int(match["level"]) if match["level"] else _WORDS.index(match["word"].lower())
