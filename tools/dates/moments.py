"""Moments: a day, a time of day, both together, a part of a day, and a moment so long before or after another."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from tools.dates.clocks import PART_WORD, in_part, part_named, part_of, read_clock, read_part
from tools.dates.days import month_day, read_day, read_lone_ordinal, week_shift
from tools.dates.lengths import read_length
from tools.dates.periods import AnyPeriod, read_period
from tools.dates.values import Clock, Day, Found, Kind, Part, Period, Point, Range, Reading, Stretch, monday_of, shift
from tools.dates.words import LAST, NEXT, WEEKDAY, piece, weekday_of
from tools.dates.zones import read_zone


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What the words of a moment gave; several of the fields together narrow it down."""

    day: Day | None = None
    clock: Clock | None = None
    part: Part | None = None
    period: AnyPeriod | None = None
    exact: datetime | None = None
    offsets: tuple[int, ...] = ()
    zone: str | None = None


_NOW = piece(
    r"(?:right\snow|just\snow|now|at\s(?:the|this)\s(?:moment|present\stime|time)(?!\w|\sof)|at\spresent|currently(?=\W*$|\W*\n))(?!\w)"
)
_TO_CLOCK = piece(
    r"(?P<t>T(?=\d))|(?P<at>,?\s(?:@|at|around|about|approximately|circa)\s?(?:about\s|around\s)?|@\s?)|(?P<space>,?\s|\s?-\s)"
)
_TO_DAY = piece(r",?\s(?:on\s|of\s)?(?:the\s)?|\s\(")
_TO_PART = piece(r",?\s(?:in\s(?:the\s)?|at\s(?=night)|on\sthe\s|during\s(?:the\s)?)?")
_PART_OF = piece(
    rf"(?:(?P<side>early|late|later|earlier)\s)?(?P<which>this|{LAST}|{NEXT})\s(?P<part>morning|afternoon|evening|night|day\s?time)(?!\w)"
)
_MID_DAY = piece(
    r"mid(?:dle\sof)?[\s-](?=today|tomorrow|yesterday|(?:this|next|last)?\s?(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_TONIGHT = piece(r"(?:late\s|later\s)?(?:tonight|tonite)(?!\w)")
_EXTREME = piece(
    r"(?:the\s(?=end\sof\s(?!the|my)|eod))?(?:(?:very\s)?end\sof\s(?:the\s|my\s)?(?P<day>(?=today|tomorrow|yesterday|(?:next|last|this)?\s?(?:mon|tues|wednes|thurs|fri|satur|sun)day)|day(?!\w))|(?P<eod>eod(?!\w)))"
)
_OF_DAY = piece(r",?\s(?:on\s|of\s)?")
_PART_ALONE = piece(
    rf"(?:(?:in|during|at)\s(?:the\s)?(?=(?:{PART_WORD})s?(?!\w))|(?=(?:early|late|later|earlier|mid)[\s-](?!night)(?:in\s(?:the\s)?)?{PART_WORD}))"
)
_HALF_OF_DAY = piece(r"\s(?P<half>am|pm)(?!\w)")
_PART_THEN = piece(r"(?:(?:early|late)\s)?(?:in\sthe\s)?(?P<part>morning|afternoon|evening|night)\s(?:at\s)?(?=\d)")
_BARE_YEAR = piece(r"(?P<year>(?:1[5-9]|20)\d\d)(?![\w:%]|[./]\d)")
_YEAR_BEHIND = piece(r"\s(?P<year>(?:19|20)\d\d)(?![\w:])")
_NAMED_DAY_END = re.compile(r"(?:tomorrow|tmrw?|today|tonight|yesterday|day)$", re.IGNORECASE)
_CLAUSE_END = re.compile(r"\s?(?:[.,;!?)]|$|\n)")
_CLOSING = re.compile(r"\s?\)")
_MILITARY = re.compile(r"\d{4}")
_DOTTED = re.compile(r"\d{1,2}\.\d")
_AT = piece(r"(?:at|@)\s")
_AROUND = piece(r"(?:around|approximately|approx\.?|circa|roughly)\s")
_BARE_END = re.compile(
    r"(?=\s?(?:[,;!?)]|\.(?!\d)|$|\n)|\s(?:on|and|or|to|for|with|this|next|tomorrow|today|sharp|instead)\b)",
    re.IGNORECASE,
)
_IN = piece(r"in\s(?:about\s|around\s)?")
_WITHIN = piece(r"within\s(?:the\s)?(?:next\s)?")
_BEHIND = piece(
    r"\s(?:(?P<ago>ago(?!\w)|earlier(?!\w)|back(?=\W|$))|(?P<later>later(?!\sthan|\sin|\sthis)(?!\w)|hence(?!\w)|from\s(?:right\s)?now(?!\w)))"
)
_FROM_DAY = piece(r"\s(?P<way>after|from|since|following|before|prior\sto)\s(?:the\s(?=\w+\sof))?")
_ON_WEEKDAY = piece(rf"\s(?:on\s)(?P<weekday>{WEEKDAY})")
_WEEKDAY_THEN = piece(
    rf"(?P<weekday>{WEEKDAY}),?\s(?:in\s)?(?=\d|an?\s|one|two|three|four|five|six|seven|eight|nine|ten)"
)
_EXACT_BEFORE = re.compile(r"T\d{2}:\d{2}$|:\d{2}:\d{2}(?:[.,]\d{1,9})?$")
_LIMIT = re.compile(
    r"\b(?:capped|limited|stuck|peak\w*|stay\w*|runn?\w*|set|fixed|held|currently|remains?\w*|still|now|stands?|stood|flat|steady)\s$",
    re.IGNORECASE,
)
_AT_BEFORE = re.compile(r"\bat\s$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\d{4}[-/.]")
_BEFORE_ZONE = piece(r"\s?\(\s?|\s{0,2}")


@lru_cache(maxsize=64)  # the readers of ranges ask for the same places, one after the other
def read_moment(text: str, at: int, now: datetime, *, loose: bool = False) -> Found[Moment] | None:
    """The longest moment that begins there; `loose` takes a bare year or month too, as the ends of ranges are."""
    found = [
        moment
        for moment in (
            _now(text, at, now),
            _extreme(text, at, now),
            _with_day(text, at, now),
            _with_clock(text, at, now),
            _relative(text, at, now),
            _part_alone(text, at, now),
            _period(text, at, now, loose=loose),
        )
        if moment is not None
    ]
    return max(found, key=lambda moment: moment.end, default=None)


@lru_cache(maxsize=64)  # likewise
def day_of(text: str, at: int, now: datetime) -> Found[Day] | None:
    """A calendar day, one counted from another included: `3 weeks after Christmas on Friday`."""
    found = [
        day for day in (read_day(text, at, now), _counted_day(text, at, now), read_lone_ordinal(text, at, now)) if day
    ]
    return max(found, key=lambda day: day.end, default=None)


def zone_behind(text: str, end: int, now: datetime) -> tuple[int, tuple[int, ...], str | None]:
    """Where a clock time ends with the zone behind it, and the minutes from UTC that the zone may mean."""
    gap = _BEFORE_ZONE.match(text, end)
    begin = gap.end() if gap else end
    zone = read_zone(text, begin, now, behind_clock=True)
    if zone is not None and text[begin] == "-" and not _EXACT_BEFORE.search(text[max(0, begin - 16) : begin]):
        zone = None  # "10:00-10:30" is a range
    if zone is None:
        return end, (), None
    closing = _CLOSING.match(text, zone.end) if gap and "(" in gap[0] else None
    return closing.end() if closing else zone.end, zone.value, text[begin : zone.end]


def kind_and_readings(moment: Moment) -> tuple[Kind, tuple[Reading, ...]]:
    """What a moment is, and all that it may stand for."""
    if moment.exact is not None:
        return Kind.DATETIME, (Point(moment.exact),)
    if isinstance(moment.period, Stretch):
        return Kind.DATETIME_RANGE, (Range(moment.period.first, moment.period.last),)
    if isinstance(moment.period, Period):
        return Kind.DATE_RANGE, tuple(Range(start, end) for start, end in moment.period.choices)
    if moment.clock is not None:
        times = moment.clock.choices
        if moment.day is None:
            return Kind.TIME, tuple(Point(at) for at in times)
        later = timedelta(days=moment.clock.days_later)
        return Kind.DATETIME, tuple(
            Point(datetime.combine(day, at) + later) for at in times for day in moment.day.choices
        )
    if moment.part is not None:
        first, last = moment.part.first, moment.part.last
        if moment.day is None:
            return Kind.TIME_RANGE, (Range(first, last),)
        return Kind.DATETIME_RANGE, tuple(
            Range(datetime.combine(day, first), datetime.combine(day, last)) for day in moment.day.choices
        )
    assert moment.day is not None
    return Kind.DATE, tuple(Point(day) for day in moment.day.choices)


def _now(text: str, at: int, now: datetime) -> Found[Moment] | None:
    match = _NOW.match(text, at)
    return Found(match.end(), Moment(exact=now)) if match else None


def _extreme(text: str, at: int, now: datetime) -> Found[Moment] | None:
    """`end of tomorrow`, `EOD`: the last second of a day."""
    match = _EXTREME.match(text, at)
    if match is None:
        return None
    end, day = match.end(), Day(choices=(now.date(),))
    named = None
    if match["day"] == "":
        named = read_day(text, end, now)
    elif match["eod"] and (gap := _OF_DAY.match(text, end)):
        named = read_day(text, gap.end(), now)
    if named is not None:
        end, day = named.end, named.value
    elif match["day"] == "":
        return None
    return Found(end, Moment(day=day, clock=Clock(choices=(time(23, 59, 59),))))


def _with_day(text: str, at: int, now: datetime) -> Found[Moment] | None:
    """A day, and the part of it or the time of day behind it."""
    base = _day_and_part(text, at, now)
    if base is None or base.value.day is None:
        return None
    end, day, part = base.end, base.value.day, base.value.part
    gap = _TO_CLOCK.match(text, end)
    clock = _clock_behind(text, gap) if gap else None
    if clock is None:
        if part is None:
            return base
        zone_end, offsets, zone = zone_behind(text, end, now)
        return Found(zone_end, replace(base.value, offsets=offsets, zone=zone))
    value = in_part(clock.value, part) if part else clock.value
    if _YEAR_FIRST.match(text, at):
        value = Clock(choices=value.choices[:1], days_later=value.days_later)  # ISO dates go with the 24 hours
    end, offsets, zone = zone_behind(text, clock.end, now)
    year = _YEAR_BEHIND.match(text, end)
    if year and day.year is None and day.month and day.day:  # "Wed Oct 26 15:50:06 2016"
        end, day = year.end(), month_day(day.month, day.day, int(year["year"]), now.date())
    return Found(end, Moment(day=day, clock=value, offsets=offsets, zone=zone))


def _day_and_part(text: str, at: int, now: datetime) -> Found[Moment] | None:
    """`tonight`, `last night`, `mid today`, `Tuesday in the morning`, or the day alone."""
    if named := _named_day_part(text, at, now):
        return named
    middle = _MID_DAY.match(text, at)
    day = day_of(text, middle.end() if middle else at, now)
    if day is None:
        return None
    if middle:
        return Found(day.end, Moment(day=day.value, part=part_of(10, 14)))
    gap = _TO_PART.match(text, day.end)
    if gap and (part := read_part(text, gap.end())) and text[part.end - 1].lower() != "s":
        return Found(part.end, Moment(day=day.value, part=part.value))
    if half := _HALF_OF_DAY.match(text, day.end):
        return Found(half.end(), Moment(day=day.value, part=part_named(half["half"])))
    return Found(day.end, Moment(day=day.value))


def _named_day_part(text: str, at: int, now: datetime) -> Found[Moment] | None:
    """`tonight`, `this morning`, `late this afternoon`, `last night`, `next evening`."""
    if match := _TONIGHT.match(text, at):
        return Found(match.end(), Moment(day=Day(choices=(now.date(),)), part=part_named("night")))
    match = _PART_OF.match(text, at)
    if match is None:
        return None
    day = Day(choices=(now.date() + timedelta(days=week_shift(match["which"])),))
    return Found(match.end(), Moment(day=day, part=part_named(match["part"], match["side"] or "")))


def _clock_behind(text: str, gap: re.Match[str]) -> Found[Clock] | None:
    """The time of day behind a day; a mere hour only behind `at`, or at the end of the clause behind `tomorrow`."""
    clock = read_clock(text, gap.end(), bare=True, dotted=bool(gap["at"]))
    if clock is None or not (clock.value.bare or _MILITARY.fullmatch(text, gap.end(), clock.end)):
        return clock
    if gap["at"]:
        return clock if _BARE_END.match(text, clock.end) else None
    is_hour = 1 <= clock.value.choices[0].hour <= 12  # noqa: PLR2004 - of a half-day clock
    lead = _NAMED_DAY_END.search(text[max(0, gap.start() - 9) : gap.start()])
    return clock if is_hour and lead and gap["space"] and _CLAUSE_END.match(text, clock.end) else None


def _with_clock(text: str, at: int, now: datetime) -> Found[Moment] | None:
    """A time of day, and the day behind it; `at 6.45` and `around 1pm` begin with their preposition."""
    clock = _clock_at(text, at) or _part_then_clock(text, at)
    if clock is None:
        return None
    end, offsets, zone = zone_behind(text, clock.end, now)
    moment = Moment(clock=clock.value, offsets=offsets, zone=zone)
    gap = _TO_DAY.match(text, end)
    if gap is None:
        return Found(end, moment)
    for start in dict.fromkeys((gap.end(), gap.end() - (4 if gap[0].lower().endswith("the ") else 0))):
        named, day = _named_day_part(text, start, now), day_of(text, start, now)
        if named is not None and named.value.part is not None and (day is None or named.end > day.end):
            within = in_part(clock.value, named.value.part)
            return Found(named.end, replace(moment, day=named.value.day, clock=within))
        if day is not None and not _is_time_again(text, day):
            return Found(day.end, replace(moment, day=day.value))
    return Found(end, moment)


def _clock_at(text: str, at: int) -> Found[Clock] | None:
    if match := _AT.match(text, at):
        # "at" belongs to the words only where nothing else tells a time from a number.
        return read_clock(text, match.end(), dotted=True) if _DOTTED.match(text, match.end()) else None
    around = _AROUND.match(text, at)
    clock = read_clock(text, around.end() if around else at)
    if (
        clock is not None
        or not _AT_BEFORE.search(text[max(0, at - 4) : at])
        or _LIMIT.search(text[max(0, at - 14) : at - 3])
    ):
        return clock
    clock = read_clock(text, at, bare=True)
    return clock if clock is not None and clock.value.bare and _BARE_END.match(text, clock.end) else None


def _part_then_clock(text: str, at: int) -> Found[Clock] | None:
    """`in the morning 9 oclock`, `early morning at 8:00`."""
    match = _PART_THEN.match(text, at)
    clock = read_clock(text, match.end(), bare=True, dotted=True) if match else None
    return Found(clock.end, in_part(clock.value, part_named(match["part"]))) if match and clock else None


def _is_time_again(text: str, day: Found[Day]) -> bool:
    """Whether the day belongs to the next expression, as it has a time of its own behind it."""
    gap = _TO_CLOCK.match(text, day.end)
    return bool(gap and (clock := read_clock(text, gap.end())) and not clock.value.bare)


def _part_alone(text: str, at: int, _now: datetime) -> Found[Moment] | None:
    """`in the morning`, `late afternoon`."""
    match = _PART_ALONE.match(text, at)
    part = read_part(text, match.end()) if match else None
    return Found(part.end, Moment(part=part.value)) if part else None


def _period(text: str, at: int, now: datetime, *, loose: bool) -> Found[Moment] | None:
    period = read_period(text, at, now)
    if period is None and loose and (year := _BARE_YEAR.match(text, at)):
        number = int(year["year"])
        period = Found[AnyPeriod](
            year.end(), Period(choices=((date(number, 1, 1), date(number + 1, 1, 1)),), year=number)
        )
    return Found(period.end, Moment(period=period.value)) if period else None


def _counted_day(text: str, at: int, now: datetime) -> Found[Day] | None:
    """`two days after today`, `3 weeks after Christmas on Friday`, `Monday two weeks from now`."""
    lead = _WEEKDAY_THEN.match(text, at)
    length = read_length(text, lead.end() if lead else at)
    if length is None or not length.value.in_days:
        return None
    anchor: date | None = None
    if behind := _BEHIND.match(text, length.end):
        anchor, end, sign = now.date(), behind.end(), -1 if behind["ago"] else 1
    elif way := _FROM_DAY.match(text, length.end):
        day = read_day(text, way.end(), now) or (
            Found(way.end() + 3, Day(choices=(now.date(),)))
            if text[way.end() : way.end() + 3].lower() == "now"
            else None
        )
        if day is None or not day.value.choices:
            return None
        anchor, end, sign = day.value.choices[-1], day.end, -1 if way["way"].lower() in {"before", "prior to"} else 1
    else:
        return None
    try:
        moved = shift(datetime.combine(anchor, time()), length.value, sign).date()
        weekday = lead["weekday"] if lead else None
        if weekday is None and (match := _ON_WEEKDAY.match(text, end)):
            weekday, end = match["weekday"], match.end()
        if weekday is not None:
            target = weekday_of(weekday)
            weeks = length.value.days and not length.value.months and length.value.days % 7 == 0
            moved = (
                monday_of(moved) + timedelta(days=target)
                if weeks or lead
                else moved + timedelta(days=(target - moved.weekday()) % 7)
            )
    except (OverflowError, ValueError):
        return None
    return Found(end, Day(choices=(moved,)))


def _relative(text: str, at: int, now: datetime) -> Found[Moment] | None:
    """`in 5 minutes`, `2 hours ago`, `30 min later`, `within 9 months`."""
    within, inside = _WITHIN.match(text, at), _IN.match(text, at)
    lead = within or inside
    length = read_length(text, lead.end() if lead else at)
    if length is None:
        return None
    whole_days = length.value.in_days
    try:
        if within:
            far = shift(now, length.value)
            if whole_days:
                return Found(length.end, Moment(period=Period(choices=((now.date(), far.date()),))))
            return Found(length.end, Moment(period=Stretch(first=now, last=far)))
        if inside:
            if (behind := _BEHIND.match(text, length.end)) is not None or _FROM_DAY.match(text, length.end):
                _ = behind
                return None
            far = shift(now, length.value)
            return Found(length.end, Moment(day=Day(choices=(far.date(),))) if whole_days else Moment(exact=far))
        behind = _BEHIND.match(text, length.end)
        if behind is None:
            return None
        far = shift(now, length.value, -1 if behind["ago"] else 1)
        return Found(behind.end(), Moment(day=Day(choices=(far.date(),))) if whole_days else Moment(exact=far))
    except (OverflowError, ValueError):
        return None
