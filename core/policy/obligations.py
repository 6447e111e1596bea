"""Who must do what within how long, and which of it is due for an incident."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.evidence.reference import Passage, ReferenceExcerpt
from core.report import Citation


class Topic(StrEnum):
    ESCALATION = "escalation"
    COMMUNICATION = "communication"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """A duty with a time limit: `minutes` since the start of the incident, or the interval when `recurring`.

    `limit` is the same in words, business days as the policy has them.

    `levels` are the severity levels it holds for, empty for all; `unowned` when it stands in a section about incidents
    that nobody owns and holds for those alone. `after` is the duty that the limit was counted from where the policy does
    not count it from the start: `after a further 7 minutes`; `minutes` is the sum then.
    `is_relative` while that sum is still to be made.
    """

    levels: frozenset[int]
    text: str
    minutes: float
    limit: str
    recurring: bool
    topic: Topic
    unowned: bool
    modality: str
    excerpt: ReferenceExcerpt
    passage: Passage
    after: "Obligation | None" = None
    is_relative: bool = False

    def holds_for(self, level: int | None) -> bool:
        return level is None or not self.levels or level in self.levels

    def cite(self) -> Citation:
        return self.excerpt.cite(self.passage)

    def cites(self) -> tuple[Citation, ...]:
        """The duty, and those before it that its time is counted from."""
        before = self.after.cites() if self.after else ()
        return tuple(dict.fromkeys((*before, self.cite())))


def ladder(obligations: Iterable[Obligation], level: int | None, *, unowned: bool) -> tuple[Obligation, ...]:
    """The escalation duties for a severity, soonest first.

    For an incident nobody owns these are the duties of the section on unowned incidents where the policy has one for
    that severity, else the ordinary ones.
    """
    found = [
        item for item in obligations if item.topic is Topic.ESCALATION and not item.recurring and item.holds_for(level)
    ]
    special = [item for item in found if item.unowned]
    ordinary = [item for item in found if not item.unowned]
    chosen = special if unowned and special else ordinary
    return tuple(distinct(sorted(chosen, key=lambda item: item.minutes)))


def distinct(items: Iterable[Obligation]) -> Iterator[Obligation]:
    """The duties without those said twice: one stated in a table and again in prose counts once, the first stays."""
    seen: list[tuple[float, bool, frozenset[str]]] = []
    for item in items:
        words = duty_words(item.text)
        if any(
            (minutes, recurring) == (item.minutes, item.recurring)
            and len(words & other) >= min(len(words), len(other)) * 0.5
            for minutes, recurring, other in seen
        ):
            continue
        seen.append((item.minutes, item.recurring, words))
        yield item


_FILLER = frozenset(
    "a an and are at be been by for from has have if in incident is it must of on or should shall the then to when will"
    " with within minutes minute min hour hours after not no may who least every also later than latest declaration half"
    " quarter quarters one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty"
    " ninety business working days day still there if".split()
)


_SUBORDINATE = re.compile(r"\b(?:until|unless|so that|even if|also when)\b")


def duty_words(text: str) -> frozenset[str]:
    """The words that tell one duty from another: no filler, no numbers, no side conditions, endings cut."""
    main = _SUBORDINATE.split(text.lower(), maxsplit=1)[0]
    words = re.findall(r"[a-z]{2,}", main)
    return frozenset(re.sub(r"(?:ments?|ing|ed|es|s|e)$", "", word) for word in words if word not in _FILLER)
