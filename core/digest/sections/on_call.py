"""Who is on call, and who was."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from core.digest.material import Material
from core.digest.model import Section, Source, Statement
from core.digest.wording import build_section, local
from core.policy.rota import Duty, Override, Rota, Shift
from core.report import Citation

AHEAD = timedelta(days=7)
LEAST = timedelta(days=1)
"""A turn of which the week has less, as before the hand-over of its Monday, is left out beside a longer one."""


def compose(material: Material) -> Section:
    """Each rotation at the moment of the digest, then who stood in or will stand in for whom, then who was on call that week."""
    rota = material.rota.value
    if rota is None:
        return build_section("on_call", "On call", (), [material.rota])
    duties = [duty for duty in rota.on_duty(material.as_of) if _is_wanted(duty.shift.rotation, material)]
    shifts = [
        shift
        for shift in rota.between(material.start.date() - AHEAD, material.until.date() + AHEAD)
        if _is_wanted(shift.rotation, material)
        and rota.begins(shift) < material.until
        and rota.ends(shift) > material.start
    ]
    statements = [
        *(_now(rota, duty, material) for duty in duties),
        *_swaps(rota, material),
        *_was(rota, shifts, material),
    ]
    note = None if duties else f"the rota names nobody for {local(material.as_of, material.zone)}"
    return build_section("on_call", "On call", statements, [material.rota], note=note)


def _is_wanted(rotation: str | None, material: Material) -> bool:
    if rotation is None or not material.rotations:
        return True
    return rotation.casefold() in {name.casefold() for name in material.rotations}


def _now(rota: Rota, duty: Duty, material: Material) -> Statement:
    until = local(rota.ends(duty.shift), material.zone)
    standing_in = "".join(
        f"; {item.person} stands in for {item.absent or duty.shift.roles[role]} until {local(item.ends_at, material.zone)}"
        for role, item in duty.overrides.items()
    )
    return Statement(
        text=f"{duty.shift.rotation} now: {_people(duty.roles)}, until {until}{standing_in}",
        sources=(_source(duty.shift.cite()), *(_source(item.cite()) for item in duty.overrides.values())),
    )


def _was(rota: Rota, shifts: list[Shift], material: Material) -> Iterator[Statement]:
    for rotation in dict.fromkeys(shift.rotation for shift in shifts):
        turns = sorted((shift for shift in shifts if shift.rotation == rotation), key=rota.begins)
        long = [turn for turn in turns if _share(rota, turn, material) >= LEAST] or turns
        words: list[str] = []
        for turn in long:
            begins, ends = rota.begins(turn), rota.ends(turn)
            since = f"from {local(begins, material.zone)} " if begins > material.start else ""
            until = f"until {local(ends, material.zone)} " if ends < material.until and turn is not long[-1] else ""
            words.append(f"{since}{until}{_people(turn.roles)}")
        yield Statement(
            text=f"{rotation} that week: {'; then '.join(words)}",
            sources=tuple(_source(turn.cite()) for turn in long),
        )


def _share(rota: Rota, turn: Shift, material: Material) -> timedelta:
    return min(rota.ends(turn), material.until) - max(rota.begins(turn), material.start)


def _swaps(rota: Rota, material: Material) -> Iterator[Statement]:
    for item in sorted(rota.overrides, key=lambda one: one.starts_at):
        if item.starts_at >= material.as_of + AHEAD or item.ends_at <= material.start:
            continue
        if not _is_wanted(item.rotation, material):
            continue
        yield Statement(
            text=f"{_tense(item, material)}: {_swap(item)}, {local(item.starts_at, material.zone)} to "
            f"{local(item.ends_at, material.zone)}",
            sources=(_source(item.cite()),),
        )


def _tense(item: Override, material: Material) -> str:
    if item.starts_at > material.as_of:
        return "swap to come"
    return "swap" if item.ends_at <= material.as_of else "swap now"


def _swap(item: Override) -> str:
    if item.person is None:
        return item.text
    instead = f" instead of {item.absent}" if item.absent else ""
    where = ", ".join(filter(None, (item.rotation, _role(item.role) if item.role else None)))
    return f"{item.person}{instead}" + (f" ({where})" if where else "")


def _people(roles: Mapping[str, str]) -> str:
    return ", ".join(f"{person} ({_role(role)})" for role, person in roles.items())


def _role(name: str) -> str:
    return name.replace("_", " ")


def _source(citation: Citation) -> Source:
    return Source(kind="file", text=citation.locator)
