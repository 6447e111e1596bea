"""What a policy seems to ask for, with a number, and no rule was read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.evidence.reference import Passage, ReferenceExcerpt
from core.policy.duty_reading import plain_words, read_obligations
from core.policy.obligations import Obligation, duty_words
from core.policy.triggers import RollbackRule, read_rollback_rules
from core.reading.calendar_words import in_iso
from core.reading.quantities import durations, percentages
from core.reading.scale import GENERAL, Scale
from core.reading.severities import severity_levels

ALIKE = 0.5
"""A sentence is read when it shares at least this part of its words with a duty that was read where it stands."""

_ASKS = re.compile(
    r"\b(?:must|shall|should|ha(?:s|ve) to|need(?:s|ed)? to|required|mandatory|obliged|due|within|no later than|not later than|at the latest|at most|every|before|until|deadline)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(])|\s*\n\s*\n\s*")
_NO_NUMBER = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|#[\w-]+|\b[A-Z]{2,10}-\d+\b|\b(?:section|chapter|part|step|version|edition|v|p|sev|severity|s)[\s.-]?\d+(?:\.\d+)*\b|\b[a-z]\w*_v?\d+\b|\bT0\b|\b(?:19|20)\d{2}\b|\b\d+\.\d+\.\d+\b",
    re.IGNORECASE,
)
_RULES = frozenset({"paragraph", "item", "row", "quote", "code"})


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A sentence or cell that asks for something and gives a number; `levels` are the severities it speaks of."""

    text: str
    levels: frozenset[int]
    excerpt: ReferenceExcerpt
    passage: Passage

    @property
    def place(self) -> str:
        """The file and its lines."""
        return self.excerpt.cite(self.passage).locator


def read_unread(excerpt: ReferenceExcerpt, scale: Scale = GENERAL) -> tuple[Unread, ...]:
    """Every sentence and cell with a word that obliges and a number from which neither a duty nor a rollback rule was read."""
    duties, rules = read_obligations(excerpt, scale), read_rollback_rules(excerpt)
    return tuple(
        Unread(text=text, levels=_levels(passage, text, scale), excerpt=excerpt, passage=passage)
        for passage in excerpt.passages
        if passage.block in _RULES
        for text in _left(
            passage,
            [duty for duty in duties if duty.passage is passage],
            [rule for rule in rules if rule.passage is passage],
            scale,
        )
    )


def _left(passage: Passage, duties: Sequence[Obligation], rules: Sequence[RollbackRule], scale: Scale) -> Iterator[str]:
    if passage.block == "row" and isinstance(passage.data, dict):
        minutes = {duty.minutes for duty in duties}
        asks = _ASKS.search(" ".join((*passage.heading, *map(str, passage.data))))
        for header, cell in passage.data.items():
            text = plain_words(str(cell))
            spans = {span.value for span in durations(text)}
            timed = bool(spans) and not rules and not spans & minutes
            if timed and (asks or _ASKS.search(text)):
                yield f"{header}: {text}"
        return
    for sentence in _SENTENCE.split(plain_words(passage.text)):
        text = " ".join(sentence.split())
        if not _ASKS.search(text) or not _has_number(text, scale):
            continue
        words = duty_words(text)
        if any(_is_of(duty, text, words) for duty in duties) or any(_same(rule.sentence, text) for rule in rules):
            continue
        yield text


def _is_of(duty: Obligation, text: str, words: frozenset[str]) -> bool:
    own = duty_words(duty.text)
    return len(own & words) >= min(len(own), len(words)) * ALIKE and any(
        span.value <= duty.minutes for span in durations(text)
    )


def _same(sentence: str, text: str) -> bool:
    one, other = duty_words(plain_words(sentence)), duty_words(text)
    return len(one & other) >= min(len(one), len(other)) * ALIKE


def _has_number(text: str, scale: Scale) -> bool:
    if next(durations(text), None) or next(percentages(text), None):
        return True
    bare = _NO_NUMBER.sub(" ", in_iso(text))
    for name in scale.names:
        bare = bare.replace(name, " ")
    return re.search(r"\d", bare) is not None


def _levels(passage: Passage, text: str, scale: Scale) -> frozenset[int]:
    nearest = (scale.levels(title) for title in reversed(passage.heading))
    return scale.levels(text) or next((levels for levels in nearest if levels), severity_levels(""))
