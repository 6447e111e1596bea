"""Whom to page next, and when: the policy's ladder for the severity in question."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.on_call import shifts_in_question
from core.composing.words import shortened, stamp
from core.policy.obligations import Obligation, ladder
from core.policy.rota import Shift
from core.reading.quantities import minutes_text, severity_level

MAX_RUNGS = 8
MAX_RUNG_CHARS = 180


def compose(material: Material, draft: Draft) -> None:
    """Recommends the timing of the policy's ladder; with an offset, says which rungs are due by then and which is next."""
    brief = material.brief
    if not {Intent.ESCALATION, Intent.RESPONSE_STEPS}.intersection(brief.intents):
        return
    if Intent.COMPARE_POLICIES in brief.intents or material.policy is None:
        return
    policy = material.policy
    obligations = material.obligations
    level = severity_level(brief.severity)
    rungs = ladder(obligations, level, unowned=brief.unowned) or ladder(obligations, level, unowned=False)
    name = f"an unowned {brief.severity}" if brief.unowned and brief.severity else brief.severity or "an incident"
    if level is None:
        draft.gap(
            "the escalation timing",
            "no severity is named",
            "name the severity; the timing depends on it",
            essential=True,
        )
        return
    if not rungs:
        draft.gap(
            f"the escalation timing for {name}",
            f"{policy.source} states no duty with a time limit for it that could be read",
            f"read {policy.path}",
            essential=True,
        )
        return
    shown = rungs[:MAX_RUNGS]
    if brief.offset_minutes is not None:
        _at_offset(name, brief.offset_minutes, shown, policy.source, draft)
    else:
        steps = "; ".join(f"+{minutes_text(rung.minutes)}: {_rung(rung)}" for rung in shown)
        draft.recommendation(
            f"Escalate as {policy.source} sets out for {name}: {steps}.",
            *(rung.cite() for rung in shown),
            headline=True,
        )
    _actions(material, shown, draft)


def _at_offset(name: str, offset: float, rungs: Sequence[Obligation], source: str, draft: Draft) -> None:
    due = [rung for rung in rungs if rung.minutes <= offset]
    following = next((rung for rung in rungs if rung.minutes > offset), None)
    done = "; ".join(f"+{minutes_text(rung.minutes)}: {_rung(rung)}" for rung in due) or "nothing"
    text = f"At +{minutes_text(offset)}, {source} has these steps due for {name}: {done}."
    draft.recommendation(text, *(rung.cite() for rung in due or rungs[:1]), headline=True)
    if following is not None:
        draft.recommendation(
            f"Next for {name}, at +{minutes_text(following.minutes)}: {_rung(following)}.",
            following.cite(),
            headline=True,
        )


def _actions(material: Material, rungs: Sequence[Obligation], draft: Draft) -> None:
    started = material.brief.window.start if material.brief.window else None
    shifts = shifts_in_question(material, material.rota) if material.rota else ()
    for rung in rungs:
        draft.action(
            _rung(rung),
            rung.cite(),
            owner=_owner(rung, shifts),
            due=_due(started, rung),
        )


def _owner(rung: Obligation, shifts: Sequence[Shift]) -> str | None:
    """The person on call in the first role that the rung's words name."""
    words = rung.text.lower()
    roles = ((key, name) for shift in shifts for key, name in shift.roles.items())
    named = [(words.find(key.split("_")[0].lower()), name) for key, name in roles]
    found = min(((at, name) for at, name in named if at >= 0), default=None, key=lambda item: item[0])
    return found[1] if found else None


def _due(started: datetime | None, rung: Obligation) -> str:
    after = f"{minutes_text(rung.minutes)} after the start"
    return f"{stamp(started + timedelta(minutes=rung.minutes))} ({after})" if started else after


def _rung(rung: Obligation) -> str:
    return shortened(rung.text, MAX_RUNG_CHARS)
