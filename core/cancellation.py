"""What is left of a run that somebody stopped: what its finished steps brought in, and who stopped it, when, before what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.plan import Plan, Step
from core.report import Gap, Report
from core.verdict import Check, Outcome, Verdict
from core.window import iso

NEXT_CHECK = "run the task again"
"""Nothing is wrong with what a cancelled run did not ask."""

_NAME_CHARS = 200
_CANCELLED = "cancelled: "


@dataclass(frozen=True, kw_only=True)
class Cancellation:
    """`by` is who stopped the run, in words for people."""

    by: str
    at: datetime

    @property
    def words(self) -> str:
        """`by ada at 2026-02-14T10:05:00Z`, on one line whatever the name is."""
        name = " ".join("".join(character if character.isprintable() else " " for character in self.by).split())
        return f"by {name[:_NAME_CHARS] or 'somebody'} at {iso(self.at.replace(microsecond=0))}"


def cancelled(stop: Cancellation, *progress: str, checks: Sequence[Check] = ()) -> Verdict:
    """The verdict on a run that somebody stopped; `progress` says how far it had come, `checks` judge what it had found."""
    reason = f"{_CANCELLED}{stop.words}"
    own = Check(name="run_completed", passed=False, reason=reason)
    return Verdict(passed=False, verdict=Outcome.FAILED, reasons=(reason, *progress), checks=(own, *checks))


def is_cancellation(verdict: Verdict) -> bool:
    """Whether somebody stopped the run."""
    return any(reason.startswith(_CANCELLED) for reason in verdict.reasons)


def tell_progress(plan: Plan, left: Sequence[Step]) -> tuple[str, ...]:
    """`3 of 8 steps had ended`, and which had not."""
    number = len(plan.steps)
    ended = f"{number - len(left)} of {number} {'step' if number == 1 else 'steps'} had ended"
    return (ended, f"not run to their end: {'; '.join(step.purpose for step in left)}") if left else (ended,)


def tell_in_report(report: Report, stop: Cancellation, progress: Sequence[str]) -> Report:
    """The report, which says first of all that it is no whole one, and first among its gaps what was not looked into."""
    told = f"cancelled {stop.words} when {progress[0]}"
    gap = Gap(
        what=f"the whole answer, since the run was {told}",
        reason="; ".join(progress[1:]) or "nothing was left to ask",
        next_check=NEXT_CHECK,
        essential=True,
    )
    answer = "\n".join(part for part in (f"{told[:1].upper()}{told[1:]}.", report.answer) if part)
    return report.model_copy(update={"answer": answer, "gaps": (gap, *report.gaps)})


def without_notice(report: Report) -> Report:
    """The report of a cancelled run without what `tell_in_report` added, for a door that says so in its own words."""
    return report.model_copy(update={"answer": report.answer.partition("\n")[2], "gaps": report.gaps[1:]})
