"""A text as blocks (paragraphs, list items, headings) and a block as sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_BULLET = re.compile(r"\s{0,40}(?:[-*+•◦–]|\d{1,3}[.)])\s{1,8}(?:\[(?P<box>[ xX✓✔])\]\s{0,4})?(?P<text>.*)", re.DOTALL)
_BOX = re.compile(r"\s{0,40}\[(?P<box>[ xX✓✔])\]\s{1,4}(?P<text>.*)", re.DOTALL)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s{1,8}(?P<text>.*)", re.DOTALL)
_RULE = re.compile(r"[\s|:=*_~`+-]*+")
_SENTENCE_END = re.compile(r"(?<![.!?…])[.!?…]{1,8}+[\"'”’)\]*_`]{0,4}(?=\s)")
_LAST_WORD = re.compile(r"[\w.]{1,12}$")
_ABBREVIATIONS = frozenset(
    {"e.g", "i.e", "vs", "cf", "approx", "etc", "mr", "mrs", "ms", "dr", "prof", "st", "no", "fig"}
)
_WRAPPED_CHARS = 60  # a line this long that does not end a sentence goes on in the next


class Mark(StrEnum):
    """What stands before a block."""

    NONE = "none"
    BULLET = "bullet"
    OPEN_BOX = "open box"
    TICKED_BOX = "ticked box"
    HEADING = "heading"


@dataclass(frozen=True)
class Block:
    """A paragraph, list item or heading on one line, without its mark; `after_gap` says a blank line precedes it."""

    mark: Mark
    text: str
    after_gap: bool


def blocks(text: str) -> list[Block]:
    """The blocks of a text in order; wrapped lines are joined, blank lines and rules left out."""
    found: list[tuple[Mark, list[str], bool]] = []
    after_gap = True
    for line in text.splitlines():
        if _RULE.fullmatch(line):
            after_gap = True
            continue
        mark, words = _unmark(line)
        if mark is Mark.NONE and found and not after_gap and _goes_on(found[-1][0], found[-1][1][-1], line):
            found[-1][1].append(words)
        else:
            found.append((mark, [words], after_gap))
        after_gap = False
    joined = ((mark, " ".join(" ".join(lines).split()), gap) for mark, lines, gap in found)
    return [Block(mark, words, gap) for mark, words, gap in joined if words]


def sentences(block: str) -> Iterator[str]:
    """The sentences of a block, in order; together they are the whole block."""
    start = 0
    for end in _SENTENCE_END.finditer(block):
        word = _LAST_WORD.search(block, max(start, end.start() - 12), end.start())
        if word is not None and word[0].lower().rstrip(".") in _ABBREVIATIONS:
            continue
        rest = block[end.end() : end.end() + 4].lstrip()
        if rest[:1].islower():
            continue
        if sentence := block[start : end.end()].strip():
            yield sentence
        start = end.end()
    if sentence := block[start:].strip():
        yield sentence


def _unmark(line: str) -> tuple[Mark, str]:
    if match := _BULLET.fullmatch(line) or _BOX.fullmatch(line):
        box = match["box"]
        mark = Mark.BULLET if box is None else Mark.OPEN_BOX if box == " " else Mark.TICKED_BOX
        return mark, match["text"]
    if match := _HEADING.fullmatch(line):
        return Mark.HEADING, match["text"]
    return Mark.NONE, line


def _goes_on(mark: Mark, before: str, line: str) -> bool:
    """Whether an unmarked line belongs to the block before it."""
    if mark is Mark.HEADING:
        return False
    if mark is not Mark.NONE:
        return line[:2].isspace()
    if before.rstrip().endswith((".", "!", "?", ":", ";", "|")):
        return False
    return line.lstrip()[:1].islower() or len(before) >= _WRAPPED_CHARS
