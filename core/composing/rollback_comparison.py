"""What two versions of the policy say of a rollback."""

from core.composing.draft import Draft
from core.composing.material import nearest_words
from core.composing.rollback import BINDING, same_metric
from core.evidence.reference import ReferenceExcerpt
from core.policy.triggers import RollbackRule, read_rollback_rules


def compare_rollbacks(old: ReferenceExcerpt, new: ReferenceExcerpt, draft: Draft) -> None:
    """States the rule of each version that makes a rollback most binding, metric by metric."""
    before, after = read_rollback_rules(old), read_rollback_rules(new)
    if not before and not after:
        draft.gap(
            "what the policies say of a rollback", "neither ties it to a measured condition that could be read", "read both in full",
            *nearest_words(old), *nearest_words(new), essential=True,
        )  # fmt: skip
    left = list(before)
    for rule in after:
        one = next((item for item in left if same_metric(item.condition, rule.condition)), None)
        if one is None:
            draft.fact(f"Added in {new.source}: rollback {_rule(rule)}.", rule.cite(), headline=True)
            continue
        left.remove(one)
        draft.fact(
            f"{_stricter(one, rule)}: rollback {_rule(one)} in {old.source} → {_rule(rule)} in {new.source}.", one.cite(), rule.cite(),
            headline=True,
        )  # fmt: skip
    for rule in left:
        draft.fact(f"Gone since {old.source}: rollback {_rule(rule)}.", rule.cite(), headline=True)


def _rule(rule: RollbackRule) -> str:
    return f"{BINDING[rule.modality]} when “{rule.condition.quote}”"


def _stricter(one: RollbackRule, other: RollbackRule) -> str:
    """Which way a rule went: a lower limit, a shorter time and a stronger word are all stricter."""
    strength = {"must": 0, "should": 1, "may": 2}
    sign = -1 if one.condition.comparison.startswith("<") else 1
    steps = {
        _sign(strength[other.modality] - strength[one.modality]),
        _sign(sign * (other.condition.value - one.condition.value)),
        _sign((other.condition.minutes or 0) - (one.condition.minutes or 0)),
    } - {0}
    return {frozenset({-1}): "Tightened", frozenset({1}): "Loosened", frozenset[int](): "Unchanged"}.get(
        frozenset(steps), "Changed"
    )


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)
