"""What code, not a model, decided about a report."""

from enum import StrEnum

from core.base import Model


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    HEALTHY = "healthy"
    FAILED = "failed"


class Check(Model):
    """One rule's finding; `reason` is a sentence a person understands."""

    name: str
    passed: bool
    reason: str


class Verdict(Model):
    """`passed` says whether the report may be relied on; `verdict` says what it shows."""

    passed: bool
    verdict: Outcome
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
