"""The part of a text that answers a question best, verbatim."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.word_index import Terms
from retrieval.words import words

_TOKEN = re.compile(r"\S+")


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """Consecutive lines, or a part of one line, of a text; `start` and `end` are its lines, from 1, both included."""

    text: str
    start: int
    end: int


def line_words(text: str) -> tuple[frozenset[str], ...]:
    """The words of every line of a text."""
    return tuple(frozenset(words(line)) for line in text.split("\n"))


def best_snippet(
    text: str, terms: Terms, max_chars: int, words_of_lines: Sequence[frozenset[str]] | None = None
) -> Snippet:
    """The lines that hold most of the question's weight within `max_chars`, filled up with the lines around them.

    `words_of_lines` are those of `line_words`, where they are known already.
    """
    lines = text.split("\n")
    asked = terms.weights.keys()
    found = [here & asked for here in (line_words(text) if words_of_lines is None else words_of_lines)]
    best, best_weight = (0, 0), -1.0
    for first in range(len(lines)):
        if not lines[first].strip():
            continue
        room = max_chars - len(lines[first])
        here = set(found[first])
        last = first
        weight = sum(terms.weights[word] for word in here)
        span = (first, first)
        while last + 1 < len(lines) and room >= len(lines[last + 1]) + 1:
            last += 1
            room -= len(lines[last]) + 1
            if not found[last] <= here:
                here |= found[last]
                weight = sum(terms.weights[word] for word in here)
                span = (first, last)
        if weight > best_weight + 1e-9:
            best, best_weight = span, weight
    return _filled(lines, best, max_chars, terms)


def _filled(lines: list[str], span: tuple[int, int], max_chars: int, terms: Terms) -> Snippet:
    first, last = span
    room = max_chars - sum(len(line) + 1 for line in lines[first : last + 1]) + 1
    if room < 0:
        return Snippet(text=_part(lines[first], terms, max_chars), start=first + 1, end=first + 1)
    growing = True
    while growing:
        growing = False
        if last + 1 < len(lines) and len(lines[last + 1]) < room:
            last += 1
            room -= len(lines[last]) + 1
            growing = True
        if first > 0 and len(lines[first - 1]) < room:
            first -= 1
            room -= len(lines[first]) + 1
            growing = True
    while last > first and not lines[last].strip():
        last -= 1
    while first < last and not lines[first].strip(" |:-"):  # blanks, and the rule below a table's titles
        first += 1
    return Snippet(text="\n".join(lines[first : last + 1]), start=first + 1, end=last + 1)


def _part(line: str, terms: Terms, max_chars: int) -> str:
    """The part of a line too long to quote that holds most of the question's weight, from a blank to a blank."""
    tokens = [(match.start(), match.end(), _asked(match.group(), terms)) for match in _TOKEN.finditer(line)]
    inside: Counter[str] = Counter()
    weight, best_weight, best_start, after = 0.0, -1.0, 0, 0
    for at, (start, _, here) in enumerate(tokens):
        while after < len(tokens) and tokens[after][1] <= start + max_chars:
            for word in tokens[after][2]:
                weight += terms.weights[word] if not inside[word] else 0.0
                inside[word] += 1
            after += 1
        if weight > best_weight + 1e-9:
            best_weight, best_start = weight, start
        if after <= at:  # a token longer than the room was never inside
            after = at + 1
            continue
        for word in here:
            inside[word] -= 1
            weight -= terms.weights[word] if not inside[word] else 0.0
    return _whole_words(line, best_start, max_chars) or line[:max_chars].strip()


def _asked(token: str, terms: Terms) -> tuple[str, ...]:
    return tuple(word for word in words(token) if word in terms.weights)


def _whole_words(line: str, start: int, max_chars: int) -> str:
    """At most `max_chars` characters of a line, without a part of a word at the end where there is a blank."""
    piece = line[start : start + max_chars]
    if start + max_chars < len(line) and line[start + max_chars] != " ":
        piece = piece[: piece.rfind(" ")] if " " in piece.strip() else piece
    return piece.strip()
