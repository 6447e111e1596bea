"""Who is on call, from the company's own rota: for commands, App Home and the digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.errors import ToolError
from core.evidence import ReferenceExcerpt
from core.policy.remembered import Remembered
from core.policy.rota import SHIFT_DAYS, Duty, Rota, Shift
from core.policy.rota_entries import read_rota
from core.report import Citation
from retrieval.reference_files import CompanyReferenceFiles

SOURCE = "oncall_rota"

_read = Remembered(read_rota)


@dataclass(frozen=True, kw_only=True)
class Post:
    """A role and who fills it; `instead_of` is whom the rota names, where somebody stands in."""

    role: str
    person: str
    instead_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One rotation's shift from `begins_at` to `ends_at`, in the rota's own zone, with its place in the file.

    `exceptions` are those of its days, in the words of the file.
    """

    rotation: str
    begins_at: datetime
    ends_at: datetime
    posts: tuple[Post, ...]
    citation: Citation
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OnCall:
    """Who is on call, and who is next; `problem` says why nobody is known, and what to do about it."""

    now: tuple[Turn, ...] = ()
    following: tuple[Turn, ...] = ()
    problem: str | None = None


class RotaBook:
    """Answers from the rota as it stands in the company's folder now. Blocking: reads a file."""

    def __init__(self, references: CompanyReferenceFiles) -> None:
        self._references = references

    def at(self, moment: datetime) -> OnCall:
        """Who is on call then, with those who stand in, and who takes over from each."""
        found = self._rota()
        if isinstance(found, str):
            return OnCall(problem=found)
        duties = found.on_duty(moment)
        following = [
            _planned(found, shift) for duty in duties if (shift := _next(found, duty.shift, moment)) is not None
        ]
        if not duties:
            following = [_planned(found, shift) for shift in _soonest(found, moment)]
        return OnCall(
            now=tuple(_on_duty(found, duty) for duty in duties),
            following=tuple(following),
            problem=None if duties else _nobody(found, f"at {moment:%Y-%m-%d %H:%M %Z}"),
        )

    def week(self, day: date) -> OnCall:
        """The shifts that begin in the ISO week of the day, as planned, in `now`; the others that reach into it follow."""
        found = self._rota()
        if isinstance(found, str):
            return OnCall(problem=found)
        monday = day - timedelta(days=day.weekday())
        shifts = found.between(monday, monday + timedelta(days=SHIFT_DAYS))
        begun = [shift for shift in shifts if shift.start >= monday]
        earlier = [shift for shift in shifts if shift not in begun]
        return OnCall(
            now=tuple(_planned(found, shift) for shift in begun),
            following=tuple(_planned(found, shift) for shift in earlier),
            problem=None if shifts else _nobody(found, f"in the week of {monday.isoformat()}"),
        )

    def _rota(self) -> Rota | str:
        """The rota, or why there is none."""
        try:
            document = self._references.document(SOURCE)
        except ToolError as error:
            return str(error)
        rota = _read(
            ReferenceExcerpt(source=SOURCE, path=document.path, query=None, passages=document.passages, truncated=False)
        )
        if rota.shifts:
            return rota
        return document.problem or f"{document.path} has no shifts that can be read: see docs/company-pack.md"


def _on_duty(rota: Rota, duty: Duty) -> Turn:
    posts = (
        Post(
            role=role,
            person=person,
            instead_of=duty.shift.roles.get(role) if role in duty.overrides else None,
        )
        for role, person in duty.roles.items()
    )
    return _turn(rota, duty.shift, posts)


def _planned(rota: Rota, shift: Shift) -> Turn:
    return _turn(rota, shift, (Post(role=role, person=person) for role, person in shift.roles.items()))


def _turn(rota: Rota, shift: Shift, posts: Iterable[Post]) -> Turn:
    exceptions = (
        item.text
        for item in rota.overrides_between(shift.start, shift.end)
        if item.person is None or item.role_in(shift) is not None
    )
    return Turn(
        rotation=shift.rotation,
        begins_at=rota.begins(shift),
        ends_at=rota.ends(shift),
        posts=tuple(posts),
        citation=shift.cite(),
        exceptions=tuple(dict.fromkeys(exceptions)),
    )


def _next(rota: Rota, shift: Shift, moment: datetime) -> Shift | None:
    later = (
        other
        for other in rota.shifts
        if other.rotation == shift.rotation and other is not shift and rota.begins(other) > moment
    )
    return min(later, key=rota.begins, default=None)


def _soonest(rota: Rota, moment: datetime) -> list[Shift]:
    """The next shift of each rotation."""
    rotations = dict.fromkeys(shift.rotation for shift in rota.shifts)
    ahead = (
        min(
            (shift for shift in rota.shifts if shift.rotation == name and rota.begins(shift) > moment),
            key=rota.begins,
            default=None,
        )
        for name in rotations
    )
    return [shift for shift in ahead if shift is not None]


def _nobody(rota: Rota, when: str) -> str:
    last = max(rota.ends(shift) for shift in rota.shifts)
    first = min(rota.begins(shift) for shift in rota.shifts)
    return f"the rota names nobody {when}: its shifts go from {first:%Y-%m-%d} to {last:%Y-%m-%d}; have it extended"
