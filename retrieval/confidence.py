"""How sure a search may be that one of its hits is what was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from retrieval.word_index import Terms, most_possible

FALLBACK_BELOW = 0.2

# Logistic regression on half of the queries of three labelled sets (runbooks of two teams, duplicates among bug reports) and
# on questions put to a set that does not hold their answer. On the other half, 95 of 100 advised fallbacks were right:
# none of the ten hits was relevant. `docs/retrieval.md` has the figures and how to take them again.
_BIAS = -2.56
_STRENGTH = 5.30  # the best hit's score, as a share of what a chunk could score at most
_COVERAGE = 4.75  # the share of the question, by weight, whose words the best hit holds
_LEAD = 0.33  # how far the best hit is ahead of the tenth, as a share


@dataclass(frozen=True, kw_only=True)
class Confidence:
    """`value` is the estimated chance, 0..1, that a relevant source is among the ten best; `reason` advises a fallback."""

    value: float
    reason: str | None

    @property
    def recommends_fallback(self) -> bool:
        return self.reason is not None


# The same, where it is known how closely the best hit says what is asked: a page may hold few of a long question's words, and
# be its answer, as long as its title is among them.
_CLOSE_BIAS = -5.01
_CLOSE_STRENGTH = 3.83
_CLOSENESS = 4.03  # times the share by which `closeness` raised the score of the best hit


def confidence(terms: Terms, best: set[str], scores: Sequence[float], closeness: float | None = None) -> Confidence:
    """From the words of the best hit and the scores by words of the best ten sources, best first.

    `closeness` is that of the best hit, from 1, where it is known. The estimate is then the better one of two: it takes both to
    say that nothing is there. Below FALLBACK_BELOW it comes with a reason in words: most likely nothing like this is there.
    """
    if not scores:
        return Confidence(value=0.0, reason="nothing was found with any word of the query")
    most = most_possible(terms)
    strength = scores[0] / most if most else 0.0
    lead = (scores[0] - scores[-1]) / scores[0] if scores[0] > 0 else 0.0
    sum_ = _BIAS + _STRENGTH * strength + _COVERAGE * terms.coverage(best) + _LEAD * lead
    if closeness is not None:
        sum_ = max(sum_, _CLOSE_BIAS + _CLOSE_STRENGTH * strength + _CLOSENESS * (closeness - 1))
    value = round(1 / (1 + exp(-sum_)), 3)
    if value >= FALLBACK_BELOW:
        return Confidence(value=value, reason=None)
    hits = sum(1 for word in terms.weights if word in best)
    return Confidence(
        value=value,
        reason=f"nothing like this is known: {hits} of {len(terms.weights)} query words occur in the best hit",
    )
