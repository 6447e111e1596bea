"""When, how often and within what time something must be done: the duty a question is about, in its own words."""

import re

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material, nearest_words
from core.composing.words import shortened
from core.evidence.reference import ReferenceExcerpt
from core.policy.obligations import Obligation, distinct, duty_words

MAX_DUTIES = 3
MAX_TEXT_CHARS = 220
_NEAR = 0.6
"""A duty is shown beside the best one when it shares at least this part of the words that one shares with the question."""
_WORDS_OF_QUESTIONS = frozenset(
    "what how quick quickly long soon often frequently much do does we our us you they them whom which tell time limit deadline"
    " obligation duti duty polic policy sev severity p many ask require say cite incident alert ticket need take us must".split()
)
_TIMED = re.compile(r"\bhow\b|\bwhen\b|\bwithin\b|\bdeadline|\blimit\b|\bby when\b", re.IGNORECASE)


def compose(material: Material, draft: Draft) -> None:
    """Answers a question about a duty with the timed duties of the policy that share its words, for the severity it names."""
    brief, policy = material.brief, material.policy
    if Intent.DUTY not in brief.intents or Intent.COMPARE_POLICIES in brief.intents or policy is None:
        return
    if Intent.RESPONSE_STEPS in brief.intents or not _TIMED.search(material.request.text):
        return
    several = material.scale.named(material.request.text)
    for severity in several if brief.severity in several and len(several) > 1 else (brief.severity,):
        _answer(material, policy, severity, draft)


def _answer(material: Material, policy: ReferenceExcerpt, severity: str | None, draft: Draft) -> None:
    """States the duties for one severity that share most words with the question, or that there is none."""
    brief = material.brief
    level = material.scale.level(severity)
    wanted = duty_words(material.request.text) - _WORDS_OF_QUESTIONS - duty_words(severity or "")
    held = [item for item in material.obligations if item.holds_for(level) and item.unowned == brief.unowned]
    scored = [(len(wanted & duty_words(item.text)), item) for item in held]
    best = max((score for score, _ in scored), default=0)
    near = [item for score, item in scored if score and score >= best * _NEAR]
    if best == 1 and (Intent.ESCALATION in brief.intents or len(wanted) > 1):
        near = []  # one word of several is chance, or a duty that the ladder shows anyway
    often = re.search(r"\bhow (?:often|frequently)\b", material.request.text, re.IGNORECASE)
    if often and any(item.recurring for item in near):
        near = [item for item in near if item.recurring]
    if best == 0 and Intent.ESCALATION not in brief.intents:
        subject = f" for {severity}" if severity else ""
        draft.gap(
            f"the time limit{subject}",
            f"{policy.source} states none that shares a word with the question",
            f"read {policy.source} in full",
            *nearest_words(policy, level, material.scale),
            essential=True,
        )
    for item in list(distinct(sorted(near, key=lambda item: item.minutes)))[:MAX_DUTIES]:
        draft.fact(_in_words(item, policy.source, severity), *item.cites(), headline=True)


def _in_words(duty: Obligation, source: str, severity: str | None) -> str:
    scope = f" for {severity}" if severity and duty.levels else ""
    by_day = f"by {'the ' if duty.limit.startswith('next') else ''}{duty.limit}"
    when = f"every {duty.limit}" if duty.recurring else f"+{duty.limit}" if duty.limit[:1].isdigit() else by_day
    return f"By {source}{scope}, {when}: {shortened(duty.text, MAX_TEXT_CHARS)}."
