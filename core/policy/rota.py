"""Who is on call when, read from the entries of a rota."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from core.evidence.reference import Passage, ReferenceExcerpt
from core.report import Citation

SHIFT_DAYS = 7
UNNAMED = "on-call"
"""The rotation of a rota that names none."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """The roles of one rotation from `start` up to, not including, `end` (days; the hand-over hour is the rota's).

    `starts_at` and `ends_at` are set where the entry itself gives the hour.
    """

    rotation: str
    start: date
    end: date
    roles: dict[str, str]
    excerpt: ReferenceExcerpt
    passage: Passage
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def cite(self) -> Citation:
        return self.excerpt.cite(self.passage)


@dataclass(frozen=True, kw_only=True)
class Override:
    """An exception to the rota: who stands in for whom, in which role, from when until when.

    `start` and `end` are days, the last one included; `starts_at` and `ends_at` are moments, `is_timed` where the entry gives
    the hours. `person`, `absent`, `role` and
    `rotation` are None where the entry does not say; `text` has its keys and values in words.
    """

    start: date
    end: date
    starts_at: datetime
    ends_at: datetime
    is_timed: bool
    person: str | None
    absent: str | None
    role: str | None
    rotation: str | None
    text: str
    excerpt: ReferenceExcerpt
    passage: Passage

    def cite(self) -> Citation:
        return self.excerpt.cite(self.passage)

    def role_in(self, shift: Shift) -> str | None:
        """The role of the shift that this exception fills; None when it is about another rotation or another person."""
        if self.rotation is not None and not _alike(self.rotation, shift.rotation):
            return None
        named = next((key for key in shift.roles if self.role is not None and _alike(key, self.role)), None)
        if named is None and self.absent is not None:
            named = next((key for key, name in shift.roles.items() if _alike(name, self.absent)), None)
        if named is not None and self.absent is not None and not _alike(shift.roles[named], self.absent):
            return None
        return named


@dataclass(frozen=True, kw_only=True)
class Duty:
    """Who really is on call in a shift at a moment: its roles, with those who stand in."""

    shift: Shift
    roles: Mapping[str, str]
    overrides: Mapping[str, Override]


@dataclass(frozen=True, kw_only=True)
class Rota:
    """Shifts and overrides, and the local time at which one shift hands over to the next."""

    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...]
    handover: time
    zone: ZoneInfo | None

    def on(self, day: date) -> tuple[Shift, ...]:
        """The shift of each rotation that covers the day, in the order of the file."""
        return tuple(shift for shift in self.shifts if shift.start <= day < shift.end)

    def between(self, start: date, end: date) -> tuple[Shift, ...]:
        """The shifts of the days from `start` up to, not including, `end`; the one that starts on the first day leads."""
        return tuple(shift for shift in self.shifts if shift.start < end and shift.end > start)

    def at(self, moment: datetime) -> tuple[Shift, ...]:
        """The shifts at a moment: before the hand-over hour of a change-over day the old shift still holds."""
        return tuple(shift for shift in self.shifts if self.begins(shift) <= moment < self.ends(shift))

    def on_duty(self, moment: datetime) -> tuple[Duty, ...]:
        """The shifts at a moment, those who stand in for somebody then in place of whom they stand in for."""
        return tuple(self._duty(shift, moment) for shift in self.at(moment))

    def begins(self, shift: Shift) -> datetime:
        """The moment at which the shift takes over."""
        return shift.starts_at or self.local(shift.start, self.handover)

    def ends(self, shift: Shift) -> datetime:
        """The moment at which the shift hands over."""
        return shift.ends_at or self.local(shift.end, self.handover)

    def overrides_between(self, start: date, end: date) -> tuple[Override, ...]:
        return tuple(item for item in self.overrides if item.start < end and item.end >= start)

    def local(self, day: date, clock: time) -> datetime:
        """That time of the rota's own zone."""
        return datetime.combine(day, clock, tzinfo=self.zone or UTC)

    def _duty(self, shift: Shift, moment: datetime) -> Duty:
        standing_in = {
            role: item
            for item in self.overrides
            if item.starts_at <= moment < item.ends_at and item.person and (role := item.role_in(shift))
        }
        people = {role: item.person for role, item in standing_in.items() if item.person}
        return Duty(shift=shift, roles={**shift.roles, **people}, overrides=standing_in)


def in_turn(shifts: list[Shift]) -> tuple[Shift, ...]:
    """The shifts in order, each of a rotation ended at the latest when the next one of it begins."""
    ordered = sorted(shifts, key=lambda shift: (*_turn_of(shift), shift.start, shift.passage.start_line))
    ended: list[Shift] = []
    for _, group in groupby(ordered, key=_turn_of):
        turns = _to_the_hour(list(group))
        for shift, following in zip(turns, [*turns[1:], None], strict=True):
            if following is not None and shift.start < following.start < shift.end:
                ended.append(_ended(shift, following))
            else:
                ended.append(shift)
    return tuple(sorted(ended, key=lambda shift: (shift.start, shift.passage.start_line)))


def _turn_of(shift: Shift) -> tuple[str, str]:
    """What a shift takes turns in: its rotation, or one role of it where each role is listed by itself."""
    return shift.rotation, next(iter(shift.roles)) if len(shift.roles) == 1 else ""


def shift_end(start: date, stated: date | None) -> date:
    """The day on which a shift ends: the stated one, else a week after its start."""
    return stated if stated is not None and stated > start else start + timedelta(days=SHIFT_DAYS)


def _to_the_hour(turns: list[Shift]) -> list[Shift]:
    """The turns of a rotation; where each is said to last to the day the next one begins, the last one ends likewise."""
    day = timedelta(days=1)
    if len(turns) > 1 and all(one.end - day == other.start for one, other in pairwise(turns)) and not turns[-1].ends_at:
        return [*turns[:-1], replace(turns[-1], end=turns[-1].end - day)]
    return turns


def _ended(shift: Shift, following: Shift) -> Shift:
    return replace(shift, end=following.start, ends_at=following.starts_at)


def _alike(one: str, other: str) -> bool:
    """Whether two names are the same but for case and the marks between words."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
