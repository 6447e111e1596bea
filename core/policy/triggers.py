"""Conditions that call for an action: a metric beyond a threshold for a time → roll back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.brief import Threshold
from core.evidence.reference import Passage, ReferenceExcerpt
from core.reading.quantities import durations
from core.reading.thresholds import read_thresholds
from core.report import Citation

_ROLLBACK = re.compile(
    r"\broll(?:ed|ing|s)?[\s-]?back|\broll(?:s|ed|ing)?\s(?:[\w-]+\s){1,4}back\b|\brevert|\bback(?:ed|ing|s)?[\s-]out\b|\btak(?:e|en|es|ing)\s(?:[\w-]+\s){0,4}back\b"
    r"|\bprevious (?:version|release)\b|\bundo|\bundid\b|\brevers(?:e[sd]?|ing|al)\b|\bwithdr[ae]w",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z*_])")
_OPTIONAL = re.compile(
    r"\bneed not\b|\bnot (?:required|mandatory)\b|\boptional\b|\bmay\b|\bcan\b|\ballowed\b|\bdiscretion\b|\bjudge?ment\b|\bconsider\b|\boptions?\b|\bdecides?\b",
    re.IGNORECASE,
)
_MANDATORY = re.compile(
    r"\bmandatory\b|\bmust\b|\brequired\b|\bshall\b|\bobligatory\b|\bhas to\b|\bcompulsory\b", re.IGNORECASE
)
_ADVISED = re.compile(r"\bshould\b|\brecommended\b|\badvised\b|\bexpected\b", re.IGNORECASE)
_DEPLOYMENT = r"(?:deploy|releas|roll-?out|went (?:live|out)|go(?:es|ing) (?:live|out)|ship|go-live|install)"
_DEPLOYED = re.compile(
    rf"\b(?:within|inside|in|during|up\sto)\s+(?:the\s+)?(?:first\s+)?(?P<span>[\w\s-]{{1,30}}?)\s+(?:of|after|following)\s+(?:an?\s|the\s|any\s|its\s|it\s)?(?:[\w-]+\s){{0,2}}?{_DEPLOYMENT}",
    re.IGNORECASE,
)
_SINCE = re.compile(
    rf"(?P<span>[\w-]+(?:\s[\w-]+){{0,4}}?)\s(?P<how>after|following|past|since|of)\s(?:an?\s|the\s|its\s|that\s)?(?:[\w-]+\s){{0,2}}?{_DEPLOYMENT}",
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


def is_rollback_rule(sentence: str) -> bool:
    """Whether a sentence ties a rollback to a measured condition: its times are those of the condition."""
    return bool(_ROLLBACK.search(sentence)) and bool(read_thresholds(sentence))


def _of_passage(excerpt: ReferenceExcerpt, passage: Passage) -> Iterator[RollbackRule]:
    tabular = passage.block == "row" and isinstance(passage.data, dict)
    text = " ".join(passage.text.split())
    if tabular and isinstance(passage.data, dict):
        text = ", ".join(f"{header} {cell}" for header, cell in passage.data.items() if cell)
    heading = " ".join(passage.heading)
    if passage.block in {"mapping", "entry", "code"} or not _ROLLBACK.search(f"{heading} {text}"):
        return
    sentences = _SENTENCE.split(text)
    for condition in read_thresholds(text, tabular=tabular):
        sentence = next((part for part in sentences if condition.quote in part), text)
        if not (_ROLLBACK.search(sentence) or _ROLLBACK.search(heading)):
            continue  # a condition beside the rule, not its own
        yield RollbackRule(
            condition=condition,
            after_deployment_minutes=_after_deployment(sentence) or _after_deployment(heading),
            modality=_modality(sentence, text, heading),
            sentence=re.sub(r"^[-*+]\s+", "", sentence),
            excerpt=excerpt,
            passage=passage,
        )


def _modality(*nearest_first: str) -> str:
    """How binding the nearest words are that say so at all; a rule that says neither is meant as it stands: `must`."""
    for words in nearest_first:
        if _MANDATORY.search(words) and not re.search(r"\bnot (?:required|mandatory)\b", words, re.IGNORECASE):
            return "must"
        if _ADVISED.search(words):
            return "should"
        if _OPTIONAL.search(words):
            return "may"
    return "must"


def _after_deployment(sentence: str) -> float | None:
    match = _DEPLOYED.search(sentence)
    span = next(durations(match["span"]), None) if match else None
    return span.value if span else None


def read_minutes_since_deployment(text: str) -> float | None:
    """How long after a deployment something is said to have begun: `45 minutes after the deployment`; not `for 20 minutes …`."""
    for match in _SINCE.finditer(text):
        span = next(durations(match["span"]), None)
        if span is None:
            continue
        before = f"{text[: match.start()]}{match['span'][: span.start]}"
        lasted = re.search(r"\b(?:for|lasting|lasted)\s+(?:\w+\s){0,3}$", before, re.IGNORECASE)
        if not lasted and (match["how"].lower() != "of" or re.search(r"\bwithin\s*$", before, re.IGNORECASE)):
            return span.value
    return None


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
        "=": measured == condition.value,
    }[condition.comparison]
    return beyond and _lasts(measured_minutes, condition, longer=False)


def implies(supposed: Threshold, condition: Threshold) -> bool:
    """Whether whatever meets a supposed condition meets the rule's: above 2 % for more than 5 minutes is above 2 % for 5."""
    rising, falling = supposed.comparison in {">", ">="}, supposed.comparison in {"<", "<="}
    if condition.comparison in {">", ">="}:
        at_limit = condition.comparison == ">=" or supposed.comparison == ">"
        beyond = not falling and (supposed.value > condition.value or (at_limit and supposed.value == condition.value))
    else:
        at_limit = condition.comparison == "<=" or supposed.comparison == "<"
        beyond = not rising and (supposed.value < condition.value or (at_limit and supposed.value == condition.value))
    return beyond and _lasts(supposed.minutes, condition, longer=supposed.longer)


def _lasts(minutes: float | None, condition: Threshold, *, longer: bool) -> bool:
    if condition.minutes is None:
        return True
    if minutes is None:
        return False
    return minutes > condition.minutes or (minutes == condition.minutes and (longer or not condition.longer))
