"""Every expression of time in a text, left to right, the longest at each place."""

import re
from collections.abc import Iterator
from datetime import datetime

from tools.dates.holidays import HOLIDAY
from tools.dates.lengths import read_length
from tools.dates.moments import kind_and_readings, read_moment
from tools.dates.ranges import read_range
from tools.dates.sets import read_set
from tools.dates.values import Kind, Length, Range, TimeExpression
from tools.dates.words import CARDINAL, MONTH, ORDINAL_WORDS, WEEKDAY, piece
from tools.dates.zones import read_zone

_OPENING = re.compile(
    rf"(?<![\w.,$#@])\d|(?<=[-_=(/])\d|(?<=[a-z]\s)[½¼¾]|^[½¼¾]|['’][2-9]0\s?s\b|(?<![\w'’$#@-])(?:{CARDINAL}|{ORDINAL_WORDS}|{MONTH}|{WEEKDAY}|{HOLIDAY}"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days|an?|the|on|in|at|by|for|from|between|before|after|since|until|till?|to\sdate|within|this|that|next|last|past|previous"
    r"|prior|following|coming|upcoming|current|same|every\w{0,3}|each|any|all|another|now|right\snow|just\snow|today|tonight|tonite|tomorrow|tmrw?|tomo|yesterday|otd"
    r"|eod|end|close|beginning|starting|start|middle|mid|early|late|earlier|later|rest|remaining|remainder|noon|mid-?\s?day|mid-?\s?night|half|quarter|couple"
    r"|few|several|some|full|whole|entire|once|twice|thrice|daily|hourly|nightly|weekly|fortnightly|monthly|quarterly|yearly|annual|annually|bi\w{0,2}-?\w{6,11}|semi-?\s?\w{6,8}"
    r"|mornings?|afternoons?|evenings?|nights|weekends|weekdays|week|year|calendar|fiscal|cy\d\d|fy\d\d|[qhw]\d{1,2}|summer|winter|spring|fall|autumn"
    r"|no\slater|not\slater|as\s(?:early|late|of)|more\sthan|less\sthan|at\sleast|at\smost|around|about|approximately|prior\sto|up\s(?:to|until)|greater\sthan|onwards?|during|my\sday|currently)(?![a-zA-Z])",
    re.IGNORECASE,
)
_COMPARED = piece(
    r"(?P<words>(?:(?:no|not)\s)?(?:more|less|longer|shorter|fewer)\sthan|at\s(?:least|most)|up\sto|over(?=\s\d))\s(?:the\s)?"
)
_TO_DATE = piece(r"to\sdate(?!\w|\s\d)")
_FOR_THE_UNIT = piece(r"(?:the\s)(?P<unit>hour|minute)(?!\w)")
_FOR = re.compile(r"\bfor\s$", re.IGNORECASE)
_ZONE_START = re.compile(r"(?<![\w/.-])(?=[A-Za-z])(?=(?:[A-Za-z]{2,5}\b|[A-Za-z][\w. ]{2,30}\b[Tt]ime\b))")
_COMPACT_DATE = re.compile(r"\d{8}")


def find_times(text: str, now: datetime) -> list[TimeExpression]:
    """The expressions of time in a text, which do not overlap, in its order; relative ones are resolved from `now`.

    `now` is taken without its zone: readings are local to whoever wrote the text, unless the expression names a zone.
    """
    local = now.replace(tzinfo=None)
    found: list[TimeExpression] = []
    end = 0
    for opening in _OPENING.finditer(text):
        start = opening.start()
        if start < end:
            continue
        expression = read_at(text, start, local)
        if (
            expression is not None
            and _is_tail(text, start)
            and not _COMPACT_DATE.fullmatch(text, start, expression.end)
        ):
            continue
        if expression is not None:
            found.append(expression)
            end = expression.end
    return found


def find_zones(text: str, now: datetime) -> Iterator[TimeExpression]:
    """The time zones that a text names."""
    end = 0
    for opening in _ZONE_START.finditer(text):
        zone = read_zone(text, opening.start(), now.replace(tzinfo=None)) if opening.start() >= end else None
        if zone is not None:
            end = zone.end
            yield TimeExpression(
                start=opening.start(), end=end, kind=Kind.ZONE, zone=text[opening.start() : end], offsets=zone.value
            )


def read_at(text: str, at: int, now: datetime) -> TimeExpression | None:
    """The longest expression of time that begins there."""
    found: list[TimeExpression] = []
    if (end := read_set(text, at, now)) is not None:
        found.append(TimeExpression(start=at, end=end, kind=Kind.SET))
    try:
        if (span := read_range(text, at, now)) is not None:
            value = span.value
            found.append(
                TimeExpression(
                    start=at,
                    end=span.end,
                    kind=value.kind,
                    readings=tuple(dict.fromkeys(value.readings)),
                    offsets=value.offsets,
                    zone=value.zone,
                )
            )
        if (moment := read_moment(text, at, now)) is not None:
            kind, readings = kind_and_readings(moment.value)
            found.append(
                TimeExpression(
                    start=at,
                    end=moment.end,
                    kind=kind,
                    readings=tuple(dict.fromkeys(readings)),
                    offsets=moment.value.offsets,
                    zone=moment.value.zone,
                )
            )
    except (OverflowError, ValueError):
        return None  # beyond the years 1 to 9999
    if match := _TO_DATE.match(text, at):
        found.append(
            TimeExpression(start=at, end=match.end(), kind=Kind.DATE_RANGE, readings=(Range(None, now.date()),))
        )
    compared = _COMPARED.match(text, at)
    if length := read_length(text, compared.end() if compared else at):
        found.append(_duration(at, length.end, length.value))
    if (unit := _FOR_THE_UNIT.match(text, at)) and _FOR.search(text[max(0, at - 5) : at]):
        found.append(_duration(at, unit.end(), Length(seconds=3600 if unit["unit"].lower() == "hour" else 60)))
    return max(found, key=lambda item: item.end, default=None)


def _is_tail(text: str, start: int) -> bool:
    """Whether what begins there is the rest of a longer number or name: `133-03-03-2020`."""
    return start > 1 and text[start - 1] in "-_/." and text[start - 2].isalnum()


def _duration(start: int, end: int, length: Length) -> TimeExpression:
    return TimeExpression(start=start, end=end, kind=Kind.DURATION, seconds=length.total_seconds)
