"""Conditions that call for an action: a metric beyond a threshold for a time → roll back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.brief import Threshold
from core.evidence.reference import Passage, ReferenceExcerpt
from core.reading.quantities import durations
from core.reading.thresholds import read_thresholds
from core.report import Citation

_ROLLBACK = re.compile(r"\broll(?:ed|ing|s)?[\s-]?back|\brevert", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z*_])")
_MANDATORY = re.compile(r"\bmandatory\b|\bmust\b|\brequired\b|\bshall\b", re.IGNORECASE)
_ADVISED = re.compile(r"\bshould\b|\brecommended\b", re.IGNORECASE)
_DEPLOYED = re.compile(
    r"\bwithin\s+(?P<span>[\w\s-]{1,30}?)\s+(?:of|after|following)\s+(?:an?\s|the\s|any\s|its\s)?(?:[\w-]+\s){0,2}?(?:deploy|release|roll-?out)",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(r"\bunless\b|\bexcept(?:ion|ions)?\b|\bonly if\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class RollbackRule:
    """When to roll back: the condition, how binding the rule is, and the sentence that says so.

    `after_deployment_minutes` is set where the rule holds only that long after a deployment.
    """

    condition: Threshold
    after_deployment_minutes: float | None
    modality: str
    sentence: str
    excerpt: ReferenceExcerpt
    passage: Passage

    def cite(self) -> Citation:
        return self.excerpt.cite(self.passage)


def read_rollback_rules(excerpt: ReferenceExcerpt) -> tuple[RollbackRule, ...]:
    """Every rule of the excerpt that ties a rollback to a measured condition, most binding first."""
    rules = [rule for passage in excerpt.passages for rule in _of_passage(excerpt, passage)]
    order = {"must": 0, "should": 1, "may": 2}
    return tuple(sorted(rules, key=lambda rule: order[rule.modality]))


def _of_passage(excerpt: ReferenceExcerpt, passage: Passage) -> Iterator[RollbackRule]:
    text = " ".join(passage.text.split())
    about = f"{' '.join(passage.heading)} {text}"
    if passage.block in {"mapping", "entry", "code"} or not _ROLLBACK.search(about):
        return
    for condition in read_thresholds(text):
        sentence = next((part for part in _SENTENCE.split(text) if condition.quote in part), text)
        modality = "must" if _MANDATORY.search(text) else "should" if _ADVISED.search(text) else "may"
        yield RollbackRule(
            condition=condition,
            after_deployment_minutes=_after_deployment(sentence),
            modality=modality,
            sentence=sentence,
            excerpt=excerpt,
            passage=passage,
        )


def _after_deployment(sentence: str) -> float | None:
    match = _DEPLOYED.search(sentence)
    span = next(durations(match["span"]), None) if match else None
    return span.value if span else None


def names_exception(text: str) -> bool:
    """Whether a text speaks of an exception to a rule."""
    return bool(_EXCEPTION.search(text))


def exceeds(measured: float, measured_minutes: float | None, condition: Threshold) -> bool:
    """Whether a measurement that lasted so long meets the condition; an unknown duration meets none that asks for one."""
    beyond = {
        ">": measured > condition.value,
        ">=": measured >= condition.value,
        "<": measured < condition.value,
        "<=": measured <= condition.value,
    }[condition.comparison]
    if condition.minutes is None:
        return beyond
    return beyond and measured_minutes is not None and measured_minutes >= condition.minutes
