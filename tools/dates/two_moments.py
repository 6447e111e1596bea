"""Ranges between two moments of any kind: `from March to May`, `2014-2018`, `between now and November 15th`."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from tools.dates.clock_ranges import in_same_half, pairs
from tools.dates.clocks import read_clock
from tools.dates.day_ranges import first_after
from tools.dates.days import month_day
from tools.dates.moments import Moment, kind_and_readings, read_moment
from tools.dates.values import Found, Kind, Period, Point, Range, Spanned, Stamp, Stretch, month_start
from tools.dates.words import AND, LEAD, TO, YEAR, piece

_TO = piece(TO)
_AND = piece(AND)
_LEAD = piece(LEAD)
_IN_YEAR = piece(rf"\s(?:in|of)\s(?:the\s(?:year\s)?)?(?P<year>{YEAR})(?!\w)")
_THE = "the "
_WEEK_DAYS = 7
_MID_MONTH = (10, 21)


def read_between(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    """The range from one moment to another that begins there."""
    lead = _LEAD.match(text, at)
    first = _operand(text, lead.end() if lead else at, now)
    link = (_AND if lead and lead["between"] else _TO).match(text, first.end) if first else None
    second = _second(text, link.end(), now) if link else None
    if first is None or second is None or _is_no_range(first.value, second.value):
        return None
    end, one, two = second.end, first.value, second.value
    if (behind := _IN_YEAR.match(text, end)) and isinstance(one.period, Period) and one.period.year is None:
        year = int(behind["year"])
        end, one, two = behind.end(), _in_year(one, year), _in_year(two, year)
    readings = _spans(one, two, now)
    if readings is None:
        return None
    if _is_of_days(one, two, now):
        readings = [Range(_as_date(item.start), _as_date(item.end)) for item in readings]
    return Found(
        end,
        Spanned(
            kind=_kind(readings),
            readings=tuple(readings),
            offsets=two.offsets or one.offsets,
            zone=two.zone or one.zone,
        ),
    )


def _second(text: str, at: int, now: datetime) -> Found[Moment] | None:
    second = _operand(text, at, now)
    if second is None and text[at - 4 : at].lower() == _THE:
        second = read_moment(text, at - 4, now, loose=True)
    if second is None and (clock := read_clock(text, at)):
        second = Found(clock.end, Moment(clock=clock.value))
    return second


def _is_no_range(one: Moment, two: Moment) -> bool:
    """Whether what stands on both sides of the link does not belong together: `Mon-Fri 9am`, parts of the day."""
    if one.part is not None or (two.part is not None and two.clock is None):
        return True
    weekday = one.day is not None and one.day.month is None and one.day.year is None and len(one.day.choices) > 1
    return weekday and one.clock is None and two.clock is not None and two.day is not None


def _is_of_days(one: Moment, two: Moment, now: datetime) -> bool:
    """Whether both ends are days, `now` being today beside one."""
    if one.clock is not None or two.clock is not None:
        return False
    if isinstance(one.period, Stretch) or isinstance(two.period, Stretch):
        return False
    both_now = one.exact is None or two.exact is None or one.exact == two.exact
    return both_now and one.exact in {None, now} and two.exact in {None, now}


def _kind(readings: list[Range]) -> Kind:
    if any(isinstance(item.start, datetime) or isinstance(item.end, datetime) for item in readings):
        return Kind.DATETIME_RANGE
    return Kind.TIME_RANGE if readings and all(isinstance(item.start, time) for item in readings) else Kind.DATE_RANGE


def _operand(text: str, at: int, now: datetime) -> Found[Moment] | None:
    """An end of a range, with or without its article."""
    plain = read_moment(text, at, now, loose=True)
    other = read_moment(text, at + 4, now, loose=True) if text[at : at + 4].lower() == _THE else None
    return max((found for found in (plain, other) if found), key=lambda found: found.end, default=None)


def _as_date(stamp: Stamp | None) -> Stamp | None:
    return stamp.date() if isinstance(stamp, datetime) else stamp


def _in_year(moment: Moment, year: int) -> Moment:
    if not isinstance(moment.period, Period) or moment.period.month is None or moment.period.year is not None:
        return moment
    start = month_start(year, moment.period.month)
    return replace(
        moment,
        period=Period(
            choices=((start, month_start(year, moment.period.month + 1)),), year=year, month=moment.period.month
        ),
    )


def _spans(one: Moment, two: Moment, now: datetime) -> list[Range] | None:
    """Every start with the end that fits it; empty where the calendar has none of the days, None where nothing fits."""
    one = _dated_like(one, two)
    starts, ends = _in_last_week(one, _stamps(one, end=False), two), _stamps(two, end=True)
    if not starts or not ends:
        return [] if one.day is not None or two.day is not None else None
    if isinstance(starts[0], time) and isinstance(ends[0], time):
        if one.clock is None or two.clock is None:
            return None
        return [Range(start, end) for start, end, _ in pairs(*in_same_half(one.clock, two.clock))]
    if isinstance(starts[0], time) or isinstance(ends[0], time):
        return _from_clock(one, two, starts, ends, now)
    found = [Range(start, end) for start in starts if (end := _end_for(start, ends, two)) is not None]
    if (len(ends) == 1 and len(starts) > 1) or two.exact is not None:
        return found[-1:] or None
    if one.exact is not None or _goes_on(one, two, found, now):
        return found[:1] or None
    return found or None


def _in_last_week(one: Moment, starts: list[Stamp], two: Moment) -> list[Stamp]:
    """Of a weekday that begins a range with a certain end, the last one before it: `Monday through Thursday next week`."""
    ends = _stamps(two, end=True)
    weekday = one.day is not None and not one.day.month and one.clock is None and len(starts) > 1
    if not weekday or len(ends) != 1 or isinstance(ends[0], time) or _days_between(starts[0], starts[1]) != _WEEK_DAYS:
        return starts
    weeks = (_days_between(starts[0], ends[0]) - 1) // _WEEK_DAYS
    return [_date_of(starts[0]) + timedelta(weeks=max(0, weeks))]


def _end_for(start: Stamp, ends: list[Stamp], two: Moment) -> Stamp | None:
    """The first end after a start; one that comes round every year is looked for in later years too."""
    after = next((end for end in ends if _moment(end) > _moment(start)), None)
    if after is not None:
        return after
    if two.day is not None and two.day.year is None and len(ends) > 1:
        later = None if isinstance(start, datetime) else first_after(two.day, _date_of(start))
        return later or _a_year_later(ends[-1])
    yearly = isinstance(two.period, Period) and two.period.year is None and two.period.month is not None
    return _a_year_later(ends[-1]) if yearly else None


def _goes_on(one: Moment, two: Moment, found: list[Range], now: datetime) -> bool:
    """Whether today lies between two months, so that no other year is meant."""
    if not isinstance(one.period, Period) or not isinstance(two.period, Period) or not found:
        return False
    start, end = found[0].start, found[0].end
    if one.period.year is not None or two.period.year is not None or start is None or end is None:
        return False
    return _moment(start) < now < _moment(end)


def _dated_like(one: Moment, two: Moment) -> Moment:
    """The start with the year of the end: `Nov-Feb 2017`, `10/1-11/2/2017`."""
    year = two.day.year if two.day else two.period.year if isinstance(two.period, Period) else None
    limit = (
        two.day.choices[0]
        if two.day and two.day.choices
        else two.period.choices[0][0]
        if isinstance(two.period, Period) and two.period.choices
        else None
    )
    if year is None or limit is None:
        return one
    if one.day and one.day.year is None and one.day.month and one.day.day:
        day = month_day(one.day.month, one.day.day, year, limit)
        if day.choices and day.choices[0] > limit:
            day = month_day(one.day.month, one.day.day, year - 1, limit)
        return replace(one, day=day)
    if isinstance(one.period, Period) and one.period.year is None and one.period.month and one.period.choices:
        start = month_start(year if month_start(year, one.period.month) <= limit else year - 1, one.period.month)
        return replace(
            one,
            period=Period(
                choices=((start, month_start(start.year, start.month + 1)),), year=start.year, month=start.month
            ),
        )
    return one


def _stamps(moment: Moment, *, end: bool) -> list[Stamp]:
    """Where a range that begins or ends at a moment does so: at the start of a period, or at its end for `the end of`."""
    if isinstance(moment.period, Period):
        return [last if moment.period.ends else _middle(first, last, moment) for first, last in moment.period.choices]
    _, readings = kind_and_readings(moment)
    found: list[Stamp] = []
    for item in readings:
        stamp = item.at if isinstance(item, Point) else item.end if end else item.start
        if stamp is not None:
            found.append(stamp)
    return found


def _middle(first: date, last: date, moment: Moment) -> date:
    if isinstance(moment.period, Period) and (first.day, last.day) == _MID_MONTH:
        return first.replace(day=16)
    return first


def _from_clock(one: Moment, two: Moment, starts: list[Stamp], ends: list[Stamp], now: datetime) -> list[Range] | None:
    """`from 2pm till tomorrow 4:30pm`, `between now and eight o'clock`: a time of day without a day is of today."""
    if one.clock is not None and one.day is None:
        anchor = now.date()
        options = [datetime.combine(anchor, at) for at in one.clock.choices]
        end = max(_moment(ends[0]), options[0])
        before = [option for option in options if option < end]
        return [Range(before[0] if before else options[0], end)]
    if two.clock is None:
        return None
    start = _moment(starts[-1])
    options = [datetime.combine(start.date(), at) for at in two.clock.choices]
    after = [option for option in options if option > start]
    return [Range(start, after[0] if after else options[0] + timedelta(days=1))]


def _moment(stamp: Stamp) -> datetime:
    if isinstance(stamp, datetime):
        return stamp
    return datetime.combine(stamp, time()) if isinstance(stamp, date) else datetime.combine(date.min, stamp)


def _days_between(one: Stamp, two: Stamp) -> int:
    return (_date_of(two) - _date_of(one)).days


def _date_of(stamp: Stamp) -> date:
    return _moment(stamp).date()


def _a_year_later(stamp: Stamp) -> Stamp:
    day = _date_of(stamp)
    return day.replace(year=day.year + 1, day=min(day.day, 28))
