"""Who is on call."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import ROTA_SOURCE, Material
from core.composing.words import listed
from core.policy.rota import SHIFT_DAYS, UNNAMED, Duty, Override, Rota, Shift

MAX_ROTATIONS = 4


def compose(material: Material, draft: Draft) -> None:
    """States the roles of every rotation at the time in question, those who stand in included."""
    rota = material.rota
    brief = material.brief
    if rota is None or not {Intent.ON_CALL, Intent.ESCALATION}.intersection(brief.intents):
        return
    asked = Intent.ON_CALL in brief.intents
    duties = duties_in_question(material, rota)
    if not duties:
        last = max(rota.shifts, key=lambda shift: shift.end, default=None)
        last_one = "" if last is None else f"; the last one in it starts on {last.start.isoformat()}"
        draft.gap(
            f"who is on call {_when(material)}",
            f"{ROTA_SOURCE} has no shift for that time{last_one}",
            "ask the team's lead, and have the rota extended",
            *([] if last is None else [last.cite()]),
            essential=asked,
        )
        return
    alone = asked and Intent.INVESTIGATE not in brief.intents
    shown = _asked_for(material, duties) if alone else _concerned(material, duties)
    for together in list(_together(shown))[: MAX_ROTATIONS * 2]:
        cited = [item.shift.cite() for item in together]
        cited += [item.cite() for duty in together for item in duty.overrides.values()]
        draft.fact(_in_words(together), *dict.fromkeys(cited), headline=True)
    for item in _exceptions(material, rota, shown):
        draft.fact(f"The rota has an exception then: {item.text}", item.cite(), headline=True)


def duties_in_question(material: Material, rota: Rota) -> tuple[Duty, ...]:
    """Who is on call in the week, on the day or at the moment the task is about."""
    brief = material.brief
    if brief.week_start is not None:
        return _as_planned(rota.between(brief.week_start, brief.week_start + timedelta(days=SHIFT_DAYS)))
    if brief.window is None and brief.day is not None:
        return _as_planned(rota.on(brief.day))
    return rota.on_duty(_moment(material))


def _as_planned(shifts: Sequence[Shift]) -> tuple[Duty, ...]:
    return tuple(Duty(shift=shift, roles=shift.roles, overrides={}) for shift in shifts)


def _together(duties: Sequence[Duty]) -> Iterator[tuple[Duty, ...]]:
    """The duties, those of one rotation and one first day that are listed a role each put together."""
    found: dict[tuple[str, date, int], list[Duty]] = {}
    for at, duty in enumerate(duties):
        alone = -1 if len(duty.shift.roles) == 1 else at
        found.setdefault((duty.shift.rotation, duty.shift.start, alone), []).append(duty)
    yield from map(tuple, found.values())


def _in_words(duties: Sequence[Duty]) -> str:
    roles = listed(
        f"{key.replace('_', ' ')} {name}{_instead(duty, key)}" for duty in duties for key, name in duty.roles.items()
    )
    shift = duties[0].shift
    named = "" if shift.rotation == UNNAMED else f"{shift.rotation}, "
    return f"On call ({named}from {shift.start.isoformat()}): {roles}."


def _instead(duty: Duty, role: str) -> str:
    item = duty.overrides.get(role)
    if item is None:
        return ""
    until = f" until {item.ends_at:%Y-%m-%d %H:%M} by the clock of the rota" if item.is_timed else ""
    return f" (instead of {duty.shift.roles[role]}{until})"


def _asked_for(material: Material, duties: Sequence[Duty]) -> list[Duty]:
    """Those of the rotations the task names, else all."""
    words = set(re.findall(r"\w+", material.request.text.lower()))
    named = [duty for duty in duties if duty.shift.rotation.lower() in words]
    return named or list(duties)


def _concerned(material: Material, duties: Sequence[Duty]) -> list[Duty]:
    """The first rotation of the file, and those named like a service in question: an investigation needs no others."""
    services = " ".join(material.brief.services).lower()
    first = duties[0].shift.rotation
    return [duty for duty in duties if duty.shift.rotation == first or duty.shift.rotation.lower() in services]


def _exceptions(material: Material, rota: Rota, shown: Sequence[Duty]) -> Iterator[Override]:
    """The exceptions of the days in question to the shifts shown; at a moment they are in the shifts already."""
    brief = material.brief
    if brief.week_start is None and (brief.window is not None or brief.day is None):
        return
    start, days = (brief.week_start, SHIFT_DAYS) if brief.week_start else (brief.day or material.now.date(), 1)
    for item in rota.overrides_between(start, start + timedelta(days=days)):
        if item.person is None or any(item.role_in(duty.shift) for duty in shown):
            yield item


def _moment(material: Material) -> datetime:
    brief = material.brief
    return brief.alert_time or brief.moment or (brief.window.start if brief.window else material.now)


def _when(material: Material) -> str:
    brief = material.brief
    if brief.week_start is not None:
        return f"in the week that starts {brief.week_start.isoformat()}"
    day: date = brief.day or _moment(material).date()
    return f"on {day.isoformat()}"
