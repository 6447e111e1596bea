"""What changed between two versions of the policy."""

from collections.abc import Sequence

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material, nearest_words
from core.composing.rollback_comparison import compare_rollbacks
from core.composing.words import shortened
from core.evidence.reference import ReferenceExcerpt
from core.policy.obligations import Obligation, Topic, distinct, duty_words
from core.policy.triggers import is_rollback_rule

ALIKE = 0.6
"""Two duties are the same one when they share at least this part of the words of the shorter one."""


def compose(material: Material, draft: Draft) -> None:
    """States each duty as tightened, loosened, unchanged, added or removed, with both figures."""
    brief = material.brief
    if Intent.COMPARE_POLICIES not in brief.intents:
        return
    if len(material.policies) < 2:  # noqa: PLR2004 - a comparison takes two
        draft.gap(
            "the comparison of two policies",
            "two versions could not be read",
            "see the failed calls of this run",
            essential=True,
        )
        return
    old, new = material.policies[0], material.policies[-1]
    if Intent.ROLLBACK in brief.intents:
        compare_rollbacks(old, new, draft)
        if brief.severity is None:
            return
    _duties_of_both(material, old, new, draft)


def _duties_of_both(material: Material, old: ReferenceExcerpt, new: ReferenceExcerpt, draft: Draft) -> None:
    brief = material.brief
    level = material.scale.level(brief.severity)
    topics = {Topic.ESCALATION} if Intent.ESCALATION in brief.intents else set(Topic)
    before = _duties(material.obligations_of(old), level)
    after = _duties(material.obligations_of(new), level)
    name = brief.severity or "every severity"
    # A duty may be worded as escalation in one version only: match them all, then show those the task is about.
    matched, gone, come = align(before, after)
    pairs = [(first, second) for first, second in matched if topics & {first.topic, second.topic}]
    removed, added = ([duty for duty in duties if duty.topic in topics] for duties in (gone, come))
    if not pairs and not removed and not added:
        draft.gap(
            f"the duties for {name}",
            f"no timed duty was found in {old.source} or {new.source}",
            "read both files",
            *nearest_words(old, level, material.scale),
            *nearest_words(new, level, material.scale),
            essential=True,
        )
    for kind in ("tightened", "loosened", "unchanged"):
        for first, second in pairs:
            if _kind(first, second) == kind:
                draft.fact(
                    f"{kind.capitalize()} for {name}: {_limit(first)} in {old.source} → {_limit(second)} in {new.source}"
                    f" ({shortened(second.text, 140)}).",
                    first.cite(),
                    second.cite(),
                    headline=True,
                )
    for duty in added:
        draft.fact(
            f"Added for {name} in {new.source}, {_limit(duty)}: {shortened(duty.text, 160)}.",
            duty.cite(),
            headline=True,
        )
    for duty in removed:
        draft.fact(
            f"Gone since {old.source} for {name}, {_limit(duty)}: {shortened(duty.text, 160)}.",
            duty.cite(),
            headline=True,
        )


def align(
    before: Sequence[Obligation], after: Sequence[Obligation]
) -> tuple[list[tuple[Obligation, Obligation]], list[Obligation], list[Obligation]]:
    """Pairs of the same duty, then what is only in the first, then what is only in the second; best match first."""
    first_words, second_words = ([duty_words(item.text) for item in items] for items in (before, after))
    scored = sorted(
        (-likeness, i, j)
        for i, first in enumerate(before)
        for j, second in enumerate(after)
        if first.recurring == second.recurring and (likeness := _likeness(first_words[i], second_words[j])) >= ALIKE
    )
    pairs: dict[int, int] = {}
    for _, i, j in scored:
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    matched = [(before[i], after[j]) for i, j in sorted(pairs.items())]
    removed = [duty for i, duty in enumerate(before) if i not in pairs]
    added = [duty for j, duty in enumerate(after) if j not in pairs.values()]
    return matched, removed, added


def _duties(obligations: Sequence[Obligation], level: int | None) -> list[Obligation]:
    found = [
        item
        for item in obligations
        if not item.unowned
        and item.holds_for(level)
        and not is_rollback_rule(item.text)
        and (item.levels or (level is not None and _is_a_duty(item)))
    ]
    return list(distinct(sorted(found, key=lambda item: (item.passage.block != "row", item.minutes))))


def _is_a_duty(item: Obligation) -> bool:
    """Whether a timed sentence that names no severity says what somebody is to do about an incident."""
    return item.topic is not Topic.OTHER or "must" in item.text or "should" in item.text


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (min(len(one), len(other)) or 1)


def _kind(first: Obligation, second: Obligation) -> str:
    if second.minutes < first.minutes:
        return "tightened"
    return "loosened" if second.minutes > first.minutes else "unchanged"


def _limit(duty: Obligation) -> str:
    return f"{'every ' if duty.recurring else ''}{duty.limit}"
