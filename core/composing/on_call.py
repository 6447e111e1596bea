"""Who is on call."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import ROTA_SOURCE, Material
from core.composing.words import listed
from core.policy.rota import SHIFT_DAYS, Rota, Shift

MAX_ROTATIONS = 4


def compose(material: Material, draft: Draft) -> None:
    """States the roles of every rotation at the time in question, and the exceptions that touch it."""
    rota = material.rota
    brief = material.brief
    if rota is None or not {Intent.ON_CALL, Intent.ESCALATION}.intersection(brief.intents):
        return
    shifts = shifts_in_question(material, rota)
    if not shifts:
        draft.gap(
            f"who is on call {_when(material)}",
            f"{ROTA_SOURCE} has no shift for that time",
            "ask the team's lead, and have the rota extended",
            essential=Intent.ON_CALL in brief.intents,
        )
        return
    for shift in shifts[:MAX_ROTATIONS] if Intent.ON_CALL in brief.intents else _concerned(material, shifts):
        roles = listed(f"{key.replace('_', ' ')} {name}" for key, name in shift.roles.items())
        draft.fact(
            f"On call ({shift.rotation}, from {shift.start.isoformat()}): {roles}.",
            shift.cite(),
            headline=True,
        )
    start, end = _span(material)
    for item in rota.overrides_between(start, end):
        draft.fact(f"The rota has an exception then: {item.text}", item.cite(), headline=True)


def _concerned(material: Material, shifts: Sequence[Shift]) -> list[Shift]:
    """The first rotation of the file, and those named like a service in question: an investigation needs no others."""
    services = " ".join(material.brief.services).lower()
    return [shift for shift in shifts if shift is shifts[0] or shift.rotation.lower() in services]


def shifts_in_question(material: Material, rota: Rota) -> tuple[Shift, ...]:
    """The shifts of the week, the day or the moment the task is about."""
    brief = material.brief
    if brief.week_start is not None:
        return rota.on(brief.week_start)
    if brief.window is None and brief.day is not None:
        return rota.on(brief.day)
    return rota.at(_moment(material))


def _span(material: Material) -> tuple[date, date]:
    """The days the task asks about, the last one not included."""
    brief = material.brief
    if brief.week_start is not None:
        return brief.week_start, brief.week_start + timedelta(days=SHIFT_DAYS)
    day = brief.day if brief.day is not None and brief.window is None else _moment(material).date()
    return day, day + timedelta(days=1)


def _moment(material: Material) -> datetime:
    return material.brief.window.start if material.brief.window else material.now


def _when(material: Material) -> str:
    brief = material.brief
    if brief.week_start is not None:
        return f"in the week that starts {brief.week_start.isoformat()}"
    return f"on {(brief.day or _moment(material).date()).isoformat()}"
