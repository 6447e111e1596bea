"""The entries of a rota file as shifts and overrides, whatever its layout: keys are known by their words."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.base import Json
from core.evidence.reference import Passage, ReferenceExcerpt
from core.policy.rota import SHIFT_DAYS, UNNAMED, Override, Rota, Shift, in_turn, shift_end
from core.reading.calendar_words import in_iso
from core.reading.times import read_day

type Entry = dict[str, Json]

_START_KEY = re.compile(r"week|start|from|date|begins|since|\bday\b", re.IGNORECASE)
_END_KEY = re.compile(r"end|until|\bto\b|through|till", re.IGNORECASE)
_ROLE_KEY = re.compile(
    r"primary|secondary|tertiary|backup|on_?call|engineer|lead|shadow|manager|responder|officer|deputy|captain|first|second|duty",
    re.IGNORECASE,
)
_NO_ROLE_KEY = re.compile(
    r"week|start|from|date|begin|end|until|\bto\b|through|till|note|reason|comment|why|team|rotation|zone|channel|time|\bid\b|link|name$|label",
    re.IGNORECASE,
)
_PERSON_KEY = re.compile(r"^(?:person|name|who|user|assignee|people|member)$", re.IGNORECASE)
_STANDS_IN_KEY = re.compile(
    r"^(?:person|who|by|cover(?:ed)?(?:_by)?|covering|substitute[ds]?(?:_by)?|replacement|replaced_by|stand_?in|new|taken_by|user|name|engineer|in|steps_in|on|to_person|takes_over|with)$",
    re.IGNORECASE,
)
_ABSENT_KEY = re.compile(
    r"^(?:instead_?of|absent|for|in_place_of|replaces|replacing|original|regular|away|out|was|covers_for|cover_for|swaps?_with)$",
    re.IGNORECASE,
)
_SAYS_WHO_STANDS_IN = re.compile(
    r"^(?:by|cover(?:ed)?(?:_by)?|covering|substitute[ds]?(?:_by)?|replacement|replaced_by|stand_?in|new|taken_by|in|steps_in|to_person|takes_over|with)$",
    re.IGNORECASE,
)
_ANYBODY_KEY = re.compile(r"^(?:person|who|user|name|engineer)$", re.IGNORECASE)
_OVERRIDE = re.compile(
    r"overrid|swap|exchang|deviation|exception|\bcovers?\b|covered|substitut|replacement|absen", re.IGNORECASE
)
_FULL_NAME = re.compile(r"@?[^\W\d_][\w.'’-]*(?:\s[\w.'’-]+){0,4}")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_GENERIC = frozenset(
    {"rotations", "rotation", "rota", "roster", "shifts", "schedule", "schedules", "weeks", "entries", "on_call", "oncall"}
)  # fmt: skip


def read_rota(excerpt: ReferenceExcerpt) -> Rota:
    """Every entry that names a first day and at least one role; anything else in the file is left alone."""
    zone, handover = _zone(excerpt), _handover(excerpt)
    shifts: list[Shift] = []
    overrides: list[Override] = []
    for passage in excerpt.passages:
        if not isinstance(passage.data, dict):
            continue
        if _is_override(passage, passage.data):
            overrides.extend(_override(excerpt, passage, passage.data, zone))
        else:
            shifts.extend(_shift(excerpt, passage, passage.data, zone))
    return Rota(shifts=in_turn(shifts), overrides=tuple(overrides), handover=handover, zone=zone)


def _is_override(passage: Passage, data: Entry) -> bool:
    return any(_OVERRIDE.search(key) for key in passage.heading) or any(
        _ABSENT_KEY.match(key) or (_OVERRIDE.search(key) and isinstance(value, str)) for key, value in data.items()
    )


def _shift(excerpt: ReferenceExcerpt, passage: Passage, data: Entry, zone: ZoneInfo | None) -> Iterator[Shift]:
    yield from _by_day(excerpt, passage, data)
    start = _day(data, _START_KEY) or next(
        (day for key in reversed(passage.heading) if (day := read_day(key)) is not None), None
    )
    roles = _roles(data, passage.heading)
    if start is None or not roles:
        return
    named = (key for key in reversed(passage.heading) if key.lower() not in _GENERIC and not re.match(r"\[?\d", key))
    rotation = next((key for key in named if not _ROLE_KEY.search(key) and key not in roles.values()), UNNAMED)
    yield Shift(
        rotation=str(data.get("rotation", rotation)),
        start=start,
        end=shift_end(start, _last_day(data)),
        roles=roles,
        excerpt=excerpt,
        passage=passage,
        starts_at=_moment(data, _START_KEY, zone),
        ends_at=_moment(data, _END_KEY, zone),
    )


def _by_day(excerpt: ReferenceExcerpt, passage: Passage, data: Entry) -> Iterator[Shift]:
    """The shifts of a mapping from first days to people, under a key that names their role."""
    role = next((key for key in reversed(passage.heading) if _ROLE_KEY.search(key)), None)
    days = sorted(day for key in data if (day := read_day(key)) is not None)
    lasting = [other - one for one, other in pairwise(days)]
    for key, value in data.items():
        start, person = read_day(key), _person(value)
        if role is not None and start is not None and person:
            following = next((day for day in days if day > start), None)
            rotation = next(
                (name for name in reversed(passage.heading) if name != role and name.lower() not in _GENERIC), UNNAMED
            )
            yield Shift(
                rotation=rotation,
                start=start,
                end=following or start + max(lasting, default=timedelta(days=SHIFT_DAYS)),
                roles={role: person},
                excerpt=excerpt,
                passage=passage,
            )


def _roles(data: Entry, heading: tuple[str, ...]) -> dict[str, str]:
    """Role → person: keys that name a role, or whose value is a person's name; a lone person has the heading's role."""
    people = {key: name for key, value in data.items() if (name := _person(value)) and not _day_of(value)}
    nested = (value for value in data.values() if isinstance(value, dict) and not _person(value))
    people |= {key: name for inner in nested for key, value in inner.items() if (name := _person(value))}
    lone = [name for key, name in people.items() if _PERSON_KEY.match(key)]
    role = next((key for key in reversed(heading) if _ROLE_KEY.search(key) and read_day(key) is None), None)
    if lone:
        return {role or "on call": lone[0]}
    return {
        key: name
        for key, name in people.items()
        if _ROLE_KEY.search(key) or (not _NO_ROLE_KEY.search(key) and _is_full_name(name))
    }


def _is_full_name(text: str) -> bool:
    words = text.split()
    capital = all(word[:1].isupper() for word in (words[0], words[-1])) if words else False
    return bool(_FULL_NAME.fullmatch(text)) and (text.startswith("@") or (len(words) > 1 and capital))


def _override(excerpt: ReferenceExcerpt, passage: Passage, data: Entry, zone: ZoneInfo | None) -> Iterator[Override]:
    days = sorted(day for value in data.values() if (day := _day_of(value)))
    if not days:
        return
    start, end = days[0], days[-1]
    role, person = _text(data, re.compile(r"^role$", re.IGNORECASE)), _text(data, _STANDS_IN_KEY)
    absent = _text(data, _ABSENT_KEY)
    if (
        stands_in := _text(data, _SAYS_WHO_STANDS_IN)
    ) and absent is None:  # {who: the one away, replaced_by: the other}
        person, absent = stands_in, _text(data, _ANYBODY_KEY)
    if person is None:  # the entry of a day that names its roles anew
        for key, name in _roles(data, ()).items():
            if not _ABSENT_KEY.match(key) and name != absent:
                role, person = role or key, name
                break
    yield Override(
        start=start,
        end=end,
        starts_at=_moment(data, _START_KEY, zone) or datetime.combine(start, time(0), tzinfo=zone or UTC),
        ends_at=_moment(data, _END_KEY, zone) or datetime.combine(end + timedelta(days=1), time(0), tzinfo=zone or UTC),
        is_timed=_moment(data, _END_KEY, zone) is not None,
        person=person,
        absent=absent,
        role=role,
        rotation=_text(data, re.compile(r"^(?:rotation|rota|schedule)$", re.IGNORECASE)),
        text=_in_words(data),
        excerpt=excerpt,
        passage=passage,
    )


def _in_words(data: Entry) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in data.items() if value is not None)


def _text(data: Entry, key: re.Pattern[str]) -> str | None:
    found = (_person(value) for name, value in data.items() if key.match(name) and not _day_of(value))
    return next((text for text in found if text), None)


def _day_of(value: Json) -> date | None:
    text = _iso(value)
    return read_day(text) if text and re.match(r"\d{4}-(?:\d{2}-\d{2}|W\d{2})", text) else None


def _iso(value: Json) -> str | None:
    """A value that is a date, be it `24.04.2026 06:00` or `24 April 2026`, in ISO; None for what is no text."""
    return in_iso(value.strip()) if isinstance(value, str) and value[:1].isdigit() else None


def _day(data: Entry, pattern: re.Pattern[str]) -> date | None:
    return next((day for key, value in data.items() if pattern.search(key) and (day := _day_of(value))), None)


def _last_day(data: Entry) -> date | None:
    """The day a shift ends on; a last day without an hour belongs to the shift."""
    for key, value in data.items():
        if _END_KEY.search(key) and (day := _day_of(value)):
            return day if _CLOCK.search(str(value)) else day + timedelta(days=1)
    return None


def _moment(data: Entry, pattern: re.Pattern[str], zone: ZoneInfo | None) -> datetime | None:
    """The moment under a key that gives an hour too; without a zone of its own it is in the rota's."""
    for key, value in data.items():
        if pattern.search(key) and isinstance(value, str) and _day_of(value) and _CLOCK.search(value):
            try:
                moment = datetime.fromisoformat(_iso(value) or value)
            except ValueError:
                continue
            return moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)
    return None


def _person(value: Json) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return str(value.get("name") or value.get("person") or value.get("user") or "")
    return ""


def _scalars(excerpt: ReferenceExcerpt, word: str) -> Iterator[str]:
    for passage in excerpt.passages:
        if isinstance(passage.data, dict):
            if passage.heading and word in passage.heading[-1].lower():
                yield from (str(value) for value in passage.data.values())
            yield from _named(passage.data, word)
        elif isinstance(passage.data, str) and passage.heading and word in passage.heading[-1].lower():
            yield passage.data


def _named(data: Entry, word: str) -> Iterator[str]:
    for key, value in data.items():
        if isinstance(value, dict):
            if word in key.lower():
                yield from (str(item) for item in value.values())
            yield from _named(value, word)
        elif word in key.lower():
            yield str(value)


def _handover(excerpt: ReferenceExcerpt) -> time:
    words = (
        "handover",
        "hand_over",
        "hand-over",
        "changeover",
        "change_over",
        "rotates",
        "handoff",
        "hand_off",
        "change_of",
        "shift_change",
        "switch",
    )
    clocks = (_CLOCK.search(in_iso(text)) for word in words for text in _scalars(excerpt, word))
    found = next((clock for clock in clocks if clock), None)
    return time(int(found[1]) % 24, int(found[2]) % 60) if found else time(0, 0)


def _zone(excerpt: ReferenceExcerpt) -> ZoneInfo | None:
    for text in (text for word in ("timezone", "time_zone", "tz", "zone") for text in _scalars(excerpt, word)):
        try:
            return ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return None
