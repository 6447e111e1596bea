"""Ranges between two times of day, on a day or without one: `Monday 3-8`, `from 10:30 to 3 on 1/1/2015`."""

import re
from datetime import datetime, time, timedelta

from tools.dates.clocks import in_part, read_clock, with_half
from tools.dates.moments import Moment, day_of, read_moment, zone_behind
from tools.dates.values import Clock, Day, Found, Kind, Range, Spanned
from tools.dates.words import AND, LEAD, ORDINAL, TO, piece

type Clocks = tuple[Clock, Clock, tuple[int, ...], str | None]

_TO = piece(TO)
_AND = piece(AND)
_LEAD = piece(LEAD)
_TO_DAY = piece(r",?\s(?:on\s|of\s)?(?:the\s)?")
_HALF_DAY = 12


def read_clocks(text: str, at: int, now: datetime) -> Found[Spanned] | None:
    """`Monday 3-8`, `from 10:30 to 3 on 1/1/2015`, `between 4pm and 5pm`, `tomorrow from 10am to 12`."""
    alone = _clock_range(text, at, now, known=False) or _trailing_day_range(text, at, now)
    best: Found[Spanned] | None = None
    if alone is not None:
        best = _with_trailing_day(text, alone, now)
    moment = read_moment(text, at, now)
    days = [found for found in (day_of(text, at, now), moment) if found is not None]
    for item in days:
        day, part = (item.value, None) if isinstance(item.value, Day) else (item.value.day, item.value.part)
        if day is None or (isinstance(item.value, Moment) and item.value.clock is not None):
            continue
        gap = re.compile(r",?\s(?:at\s)?|,\s").match(text, item.end)
        clocks = _clock_range(text, gap.end(), now, known=True) if gap else None
        if clocks is None:
            continue
        first, second, offsets, zone = clocks.value
        if part is not None:
            first, second = in_part(first, part), in_part(second, part)
        end = clocks.end
        month = re.compile(r"\sof\s(?:the\s)?(?=next|this|last)", re.IGNORECASE).match(text, end)
        if month and (
            nth := re.match(rf"(?:the\s)?(?:{ORDINAL}|last)\s\w{{3,9}}$", text[at : item.end], re.IGNORECASE)
        ):
            whole = re.compile(r"(?:next|this|last)\s(?:month|year)(?!\w)", re.IGNORECASE).match(text, month.end())
            dated = day_of(f"{nth[0]} of {whole[0]}", 0, now) if whole else None
            if whole and dated:
                day, end = dated.value, whole.end()
        if best is None or end > best.end:
            best = Found(end, _on_days(day, first, second, offsets, zone))
    return best


def _clock_range(
    text: str, at: int, now: datetime, *, known: bool
) -> Found[tuple[Clock, Clock, tuple[int, ...], str | None]] | None:
    """Two times of day; mere hours count beside a known day, behind `from`, or beside a full time."""
    lead = _LEAD.match(text, at)
    begin = lead.end() if lead else at
    first = read_clock(text, begin, bare=True, dotted=True)
    if first is None:
        return None
    first_end, offsets, zone = zone_behind(text, first.end, now)
    link = (_AND if lead and lead["between"] else _TO).match(text, first_end)
    second = read_clock(text, link.end(), bare=True, dotted=True) if link else None
    if second is None:
        return None
    plain = re.fullmatch(r"\s?\d{1,2}\s?-\s?\d{1,2}", text[begin : second.end])
    if first.value.bare and second.value.bare:
        if not (known or (lead and lead["from"])) or (plain and not known and not lead):
            return None
        if re.match(r"\s?(?:%|[a-z]+s\b(?<!\bhours\b))", text[second.end :]) and not known:
            return None
    if not lead and not known and _military(text, begin, first.end) and _military(text, second.end - 4, second.end):
        return None
    end, second_offsets, second_zone = zone_behind(text, second.end, now)
    earlier, later = in_same_half(first.value, second.value)
    return Found(end, (earlier, later, second_offsets or offsets, second_zone or zone))


def _military(text: str, start: int, end: int) -> bool:
    return end - start == 4 and text[start:end].isdigit()  # noqa: PLR2004 - such as 0930


def in_same_half(first: Clock, second: Clock) -> tuple[Clock, Clock]:
    """Both times with the half of the day that one of them has; where none has, choices in pairs."""
    if first.open_half and not second.open_half:
        at = second.choices[0]
        if at.hour >= _HALF_DAY or at.hour == 0:
            candidate = with_half(first, afternoon=at.hour >= _HALF_DAY).choices[0]
            if candidate < at or at == time(0):
                return Clock(choices=(candidate,)), second
        return with_half(first, afternoon=False), second
    if second.open_half and not first.open_half:
        at = first.choices[0]
        candidate = with_half(second, afternoon=at.hour >= _HALF_DAY).choices[0]
        return first, Clock(
            choices=(candidate if candidate > at else with_half(second, afternoon=at.hour < _HALF_DAY).choices[0],)
        )
    return first, second


def pairs(first: Clock, second: Clock) -> list[tuple[time, time, int]]:
    """Starts with their ends and how many days later the end is."""
    if not (first.open_half and second.open_half):
        start, end = first.choices[0], second.choices[0]
        return [(start, end, 1 if end <= start else 0)]
    found: list[tuple[time, time, int]] = []
    base = sorted(with_half(first, afternoon=half).choices[0] for half in (False, True))
    for start in base:
        same, other = (
            with_half(second, afternoon=(start.hour >= _HALF_DAY) == keep).choices[0] for keep in (True, False)
        )
        if same > start:
            found.append((start, same, 0))
        else:
            found.append((start, other, 1 if other <= start else 0))
    return found


def _trailing_day_range(
    text: str, at: int, now: datetime
) -> Found[tuple[Clock, Clock, tuple[int, ...], str | None]] | None:
    """Mere hours with a day behind them: `five to seven today`, `between 3 and 5 on 1/1/2015`."""
    known = _clock_range(text, at, now, known=True)
    if known is None or not (gap := _TO_DAY.match(text, known.end)):
        return None
    if _LEAD.match(text, at) is None and re.match(r"\d{1,2}\s?-\s?\d{1,2}\s", text[at:]) is not None:
        return None
    following = read_moment(text, gap.end(), now)
    return (
        known if following is not None and following.value.day is not None and following.value.clock is None else None
    )


def _with_trailing_day(
    text: str, clocks: Found[tuple[Clock, Clock, tuple[int, ...], str | None]], now: datetime
) -> Found[Spanned]:
    first, second, offsets, zone = clocks.value
    if gap := _TO_DAY.match(text, clocks.end):
        for start in dict.fromkeys((gap.end(), gap.end() - (4 if gap[0].lower().endswith("the ") else 0))):
            moment = read_moment(text, start, now)
            if moment is None or moment.value.day is None or moment.value.clock is not None:
                continue
            part = moment.value.part
            if part is not None:
                first, second = in_part(first, part), in_part(second, part)
            return Found(moment.end, _on_days(moment.value.day, first, second, offsets, zone))
    readings = tuple(Range(start, end) for start, end, _ in pairs(first, second))
    return Found(clocks.end, Spanned(kind=Kind.TIME_RANGE, readings=readings, offsets=offsets, zone=zone))


def _on_days(day: Day, first: Clock, second: Clock, offsets: tuple[int, ...], zone: str | None) -> Spanned:
    readings = tuple(
        Range(datetime.combine(choice, start), datetime.combine(choice + timedelta(days=later), end))
        for start, end, later in pairs(first, second)
        for choice in day.choices
    )
    return Spanned(kind=Kind.DATETIME_RANGE, readings=readings, offsets=offsets, zone=zone)
