"""What is before, after or since a moment, and what lasts from one on: `by Friday`, `3 pm or later`, `from 2pm for 2 hours`."""

import re
from dataclasses import replace
from datetime import date, datetime, time

from tools.dates.clocks import read_clock
from tools.dates.lengths import read_length
from tools.dates.moments import Moment, day_of, kind_and_readings, read_moment, zone_behind
from tools.dates.values import Clock, Found, Kind, Length, Period, Point, Range, Reading, Spanned, Stamp, shift
from tools.dates.words import piece

_BEFORE = r"no\slater\sthan|not\slater\sthan|earlier\sthan|on\sor\sbefore|before|prior\sto|by(?:\sthe)?(?=\s)|until|till?|up\s(?:to|until)|as\slate\sas|less\sthan|smaller\sthan"
_AFTER = r"later\sthan|greater\sthan|after|past(?=\s\d)"
_SINCE = r"on\sor\safter|since|as\searly\sas|starting(?:\s(?:on|from|at|in))?|beginning(?:\s(?:on|from|at|in))?|from\sand\safter|onwards?\sfrom|as\sof"
_MODIFIER = piece(
    rf"(?:(?P<year>year\s(?=greater|later|less|smaller))?(?:(?P<before>{_BEFORE})|(?P<after>{_AFTER})|(?P<since>{_SINCE})))\s(?:about\s|around\s)?"
)
_MIDDLE = piece(r",?\s(?=later\sthan|before|after|by\s|until|till\s|since|no\slater|from\s|between\s|at\s\d|\d)")
_BEHIND = piece(
    r"\s(?:(?P<since>or\s(?:later|after|newer|onwards?)|and\s(?:later|onwards?|after(?=\W*$|\W*\n|\s?[.,;!?]))|onwards?)|(?P<before>(?:or|and)\s(?:earlier|before(?=\W*$|\W*\n|\s?[.,;!?])|older)))(?!\w|\s\d)"
)
_FOR = piece(r",?\s(?P<for>for|lasting)\s")
_FOR_FIRST = piece(r"for\s")
_STARTING = piece(r",?\s(?:starting\s(?:from\s|on\s|at\s)?|beginning\s(?:on\s)?|from\s)")
_MORE_THAN = piece(r"(?P<more>more|less)\sthan\s")
_TO_DAY = piece(r",?\s(?:on\s|of\s)?(?:the\s)?")
_FROM = piece(r"(?:from\s)")
_FROM_HOUR = piece(r"\sfrom\s")
_CLAUSE_END = re.compile(r"\s?(?:[.,;!?)]|$|\n)")
_BACK = re.compile(r"\b(?:ago|before|earlier)\b", re.IGNORECASE)
_RANGES = {Kind.TIME: Kind.TIME_RANGE, Kind.DATE: Kind.DATE_RANGE, Kind.DATETIME: Kind.DATETIME_RANGE}
_ANY_DAY = date(2000, 1, 1)


def read_bounded(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    """`before 2010`, `since tomorrow`, `no later than 5pm`; with a day before it `Thursday before 5pm`."""
    if (than := _MORE_THAN.match(text, at)) and (moment := read_moment(text, than.end(), now)):
        if moment.value.day and read_length(text, than.end()):
            behind = _BACK.search(text, than.end(), moment.end)
            before = (than["more"].lower() == "more") == bool(behind)
            return _bounded(moment.end, moment.value, "before" if before else "after")
        return None
    if (late := _late_on_day(text, at, now)) is not None:
        return late
    modifier = _MODIFIER.match(text, at)
    if modifier is None:
        return None
    begin = modifier.end()
    moment = read_moment(text, begin, now, loose=True)
    if moment is None and text[begin : begin + 4].lower() == "the ":
        moment = read_moment(text, begin + 4, now, loose=True)
    moment = moment or _clock_for(text, begin, now)
    if moment is None or (moment.value.exact is not None and modifier["after"]):
        return None
    if moment.value.part is not None and moment.value.day is None:
        return None
    return _bounded(moment.end, moment.value, _way(modifier))


def _late_on_day(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    day = read_moment(text, at, now)
    if day is None or day.value.day is None or day.value.clock is not None or day.value.part is not None:
        return None
    gap = _MIDDLE.match(text, day.end)
    modifier = _MODIFIER.match(text, gap.end()) if gap else None
    clock = _clock_for(text, modifier.end(), now) if modifier else None
    if modifier is None or clock is None:
        return None
    return _bounded(clock.end, replace(clock.value, day=day.value.day), _way(modifier))


def read_open(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    """`2018 or later`, `3 pm or later on Monday`, `1/1/2016 and after`."""
    moment = read_moment(text, at, now, loose=True)
    behind = _BEHIND.match(text, moment.end) if moment else None
    if moment is None or behind is None:
        return None
    value, end = moment.value, behind.end()
    if (
        value.clock is not None
        and value.day is None
        and (gap := _TO_DAY.match(text, end))
        and (day := day_of(text, gap.end(), now))
    ):
        value, end = replace(value, day=day.value), day.end
    return _bounded(end, value, "since" if behind["since"] else "before")


def read_lasting(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    """`from 2pm for 2 hours`, `for 2.5 hours from 9`, `3 days starting from next Monday`."""
    return _begun(text, at, now) or _length_first(text, at, now)


def _begun(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    lead = _FROM.match(text, at)
    begin = lead.end() if lead else at
    moment = read_moment(text, begin, now)
    if moment is None and lead and (clock := read_clock(text, begin, bare=True)):
        moment = Found(clock.end, Moment(clock=clock.value))
    if moment is None:
        return None
    if lead is None:
        gap = _FROM_HOUR.match(text, moment.end) if moment.value.day and not moment.value.clock else None
        clock = read_clock(text, gap.end(), bare=True) if gap else None
        if clock is None:
            return None
        moment = Found(clock.end, replace(moment.value, clock=clock.value))
    link = _FOR.match(text, moment.end)
    length = read_length(text, link.end()) if link else None
    if length is None or moment.value.clock is None:
        return None
    return _lasting(length.end, moment.value, length.value)


def _length_first(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    first = _FOR_FIRST.match(text, at)
    length = read_length(text, first.end() if first else at)
    link = _STARTING.match(text, length.end) if length else None
    if length is None or link is None:
        return None
    plain_from = link[0].strip(" ,").lower() == "from"
    if plain_from != bool(first):  # "for 2 hours from 9", but "2 hours starting at 9"
        return None
    moment = read_moment(text, link.end(), now)
    if moment is None and plain_from and (clock := read_clock(text, link.end(), bare=True)):
        moment = Found(clock.end, Moment(clock=clock.value))
    return _lasting(moment.end, moment.value, length.value) if moment else None


def _lasting(end: int, moment: Moment, length: Length) -> Found[Spanned]:
    clock = moment.clock
    if clock is not None and clock.bare:
        clock = Clock(choices=clock.choices[:1])
    kind, readings = kind_and_readings(replace(moment, clock=clock) if clock else moment)
    if moment.day is not None and moment.clock is None and moment.day.month and len(readings) > 1:
        readings = readings[-1:]  # what is planned lies ahead
    spans: list[Reading] = []
    for item in readings:
        start = item.at if isinstance(item, Point) else item.start
        if start is not None:
            spans.append(Range(start, _end_of(start, length)))
    return _spanned(end, kind, spans, moment)


def _end_of(start: Stamp, length: Length) -> Stamp:
    if isinstance(start, datetime):
        return shift(start, length)
    if isinstance(start, time):
        return shift(datetime.combine(_ANY_DAY, start), length).time()
    far = shift(datetime.combine(start, time()), length)
    return far if length.seconds else far.date()


def _clock_for(text: str, at: int, now: datetime) -> Found[Moment] | None:
    clock = read_clock(text, at, bare=True, dotted=True)
    if clock is None:
        return None
    if clock.value.bare and not _CLAUSE_END.match(text, clock.end):
        return None
    end, offsets, zone = zone_behind(text, clock.end, now)
    return Found(end, Moment(clock=clock.value, offsets=offsets, zone=zone))


def _way(modifier: re.Match[str]) -> str:
    return "before" if modifier["before"] else "after" if modifier["after"] else "since"


def _bounded(end: int, moment: Moment, way: str) -> Found[Spanned]:
    kind, readings = kind_and_readings(moment)
    spans: list[Reading] = []
    for item in readings:
        if isinstance(item, Point):
            spans.append(Range(None, item.at) if way == "before" else Range(item.at, None))
        elif way == "before":
            ends = isinstance(moment.period, Period) and moment.period.ends
            spans.append(Range(None, item.end if ends else item.start))
        else:
            spans.append(Range(item.end if way == "after" else item.start, None))
    return _spanned(end, kind, spans, moment)


def _spanned(end: int, kind: Kind, spans: list[Reading], moment: Moment) -> Found[Spanned]:
    spanned = Spanned(kind=_RANGES.get(kind, kind), readings=tuple(spans), offsets=moment.offsets, zone=moment.zone)
    return Found(end, spanned)
