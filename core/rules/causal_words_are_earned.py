import re

from core.plan import Plan
from core.report import Claim
from core.result import Result
from core.rules.causes_come_first import CONFIRMED_FROM
from core.rules.grounds.records import records_of
from core.rules.grounds.wording import flat, material, own_words
from core.verdict import Check

NAME = "causal_words_are_earned"

_CAUSAL = re.compile(
    r"\b(?:caused|causes|because of|due to|root cause|led to|leads to|resulted in|as a result of|triggered|brought down"
    r"|responsible for|is to blame)\b(?P<after>(?:\W+\w+){0,2})",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|unconfirmed|whether|may have|might have|could have)\b[^.;]{0,40}$", re.IGNORECASE
)


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """A claim speaks of a cause in its own words only where a cause that it shares a citation with counts as confirmed."""
    records = records_of(result)
    confirmed = {
        name
        for item in result.report.hypotheses
        if item.confidence >= CONFIRMED_FROM and not item.contradicted_by
        for name in item.supported_by
    }
    for statement in records.statements:
        words = own_words(statement.text)
        for match in _CAUSAL.finditer(words):
            if not isinstance(statement.part, Claim) or _NEGATED.search(words[: match.start()]):
                continue
            cited = records.of(statement.citation_ids)
            if any(flat(match[0]) in flat(text) for text in material(cited)):
                continue
            if confirmed.isdisjoint(statement.citation_ids):
                reason = f"“{match[0].strip()}” in {statement.shown} claims a cause that is not confirmed"
                return Check(name=NAME, passed=False, reason=f"{reason}; next check: {_next_check(result)}")
    return Check(name=NAME, passed=True, reason="no statement claims a cause that is not confirmed")


def _next_check(result: Result) -> str:
    best = result.report.hypotheses
    return best[0].next_check if best else "look for what changed before the symptom, and whether undoing it ends it"
