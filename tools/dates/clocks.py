"""Times of day: `7:56:30 pm`, `8.30pm`, `half past seven o'clock`, `20 min past eight`, `noon`, `three thirty`."""

import re
from datetime import time

from tools.dates.values import Clock, Found, Part
from tools.dates.words import CARDINAL, number_of, piece

_HOUR_WORD = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?!\w)"
_MINUTE_WORD = r"(?:(?:twenty|thirty|forty|fifty)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:oh|o)\s(?:one|two|three|four|five|six|seven|eight|nine)|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)(?!\w)(?:\smin(?:ute)?s?(?!\w))?"
_HALF = r"(?:\s{0,2}(?P<half>[ap])(?:m(?![\w.]|\s?dt\b)|\s?\.\s?m(?!\w)(?:\s?\.)?|m\.(?=\s)|m(?=\.)|\sm(?!\w)|(?<=\d[ap])(?!\w)))"
_OCLOCK = r"(?:\s?o\s?['’]?\s?clock(?!\w))"
_NUMERIC = piece(
    rf"(?P<hour>\d{{1,2}})(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d{{1,9}})?)?|\.(?P<dotted>[0-5]\d)(?![\d.%])"
    rf"|(?P<joined>[0-5]\d)(?=\s?[ap]\s?\.?\s?m|[ap]\b))?(?:{_HALF}|(?P<oclock>{_OCLOCK})|(?P<ish>ish(?!\w)))?(?![\d:]|\.\d|[^\W\dzZ]|[zZ]\w)"
)
_PAST = piece(
    rf"(?P<span>half|(?:an?\s)?quarter|(?:\d{{1,2}}|{CARDINAL})(?:\s?min(?:ute)?s?)?)[\s-](?P<way>past|after|to|till|before|of)\s"
    rf"(?P<hour>{_HOUR_WORD}|\d{{1,2}}(?![\d:/%]))(?P<oclock>{_OCLOCK})?{_HALF}?"
)
_SPELLED = piece(rf"(?P<hour>{_HOUR_WORD})(?:(?P<oclock>{_OCLOCK})|[\s-](?P<minutes>{_MINUTE_WORD}))?{_HALF}?")
_NAMED = piece(r"(?P<noon>(?:high\s|12\s)?noon|mid-?day|noontime)(?!\w)|(?P<midnight>(?:12\s)?mid[\s-]?night)(?!\w)")
_MILITARY = piece(r"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?!\w|[.:/]\d)")
_IN_PART = piece(r"\s(?:in\sthe|at|this|of\sthe)\s(?P<part>morning|afternoon|evening|night)(?!\w)")
_PARTS = {
    "morning": (8, 12), "afternoon": (12, 16), "evening": (16, 20), "night": (20, 24), "daytime": (8, 18),
    "noon": (11, 13), "lunch": (11, 13), "lunchtime": (11, 13), "business hours": (8, 18), "am": (8, 12), "pm": (12, 16),
    "breakfast": (8, 12), "brunch": (8, 12), "dinner": (16, 20), "dinnertime": (16, 20),
}  # fmt: skip
PART_WORD = r"(?:morning|afternoon|evening|night(?:time)?|daytime|business\shours|lunch(?:\s?time)?)"
_PART = piece(
    rf"(?P<mod>(?:early|late|mid|later|earlier)(?:\s?-?\s?|\s)(?:in\s(?:the\s)?|on\s)?)?(?P<part>{PART_WORD}s?)(?!\w)"
)
_HALF_DAY = 12
_EARLY_HOURS = 5


def read_clock(text: str, at: int, *, bare: bool = False, dotted: bool = False) -> Found[Clock] | None:
    """The time of day that begins there; `bare` takes a mere hour too, `dotted` one such as `6.45`."""
    if match := _NAMED.match(text, at):
        return Found(match.end(), Clock(choices=(time(12) if match["noon"] else time(0),)))
    if (match := _PAST.match(text, at)) and (clock := _past(match)):
        return _in_part(text, match.end(), clock)
    if (match := _NUMERIC.match(text, at)) and (clock := _numeric(match, bare=bare, dotted=dotted)):
        return _in_part(text, match.end(), clock)
    if bare and (match := _MILITARY.match(text, at)) and match["hour"] not in {"19", "20"}:  # years
        return Found(match.end(), _clock(int(match["hour"]), int(match["minute"]), 0, None))
    if (match := _SPELLED.match(text, at)) and (bare or match["oclock"] or match["minutes"] or match["half"]):
        minutes = _minutes(match["minutes"])
        only_hour = not (match["oclock"] or match["minutes"] or match["half"])
        clock = _clock(number_of(match["hour"]), minutes, 0, match["half"], bare=only_hour)
        return _in_part(text, match.end(), clock)
    if not bare and (match := piece_bare.match(text, at)):  # "10 in the morning": the part of the day makes it a time
        hour = number_of(match["hour"])
        if 1 <= hour <= _HALF_DAY:
            return _in_part(text, match.end("hour"), _clock(hour, 0, 0, None))
    return None


def read_part(text: str, at: int) -> Found[Part] | None:
    """The part of the day that begins there: `morning`, `late afternoon`, `early in the morning`."""
    match = _PART.match(text, at)
    if match is None:
        return None
    word = match["part"].lower()
    hours = _PARTS.get(word) or _PARTS.get(word.rstrip("s")) or _PARTS.get(word.replace(" ", ""), _PARTS["night"])
    return Found(match.end(), part_of(*hours, (match["mod"] or "").lower()))


def part_named(word: str, modifier: str = "") -> Part:
    """The part of the day of that name; a name that is not known counts as daytime."""
    return part_of(*_PARTS.get(word.lower().replace(" ", ""), _PARTS["daytime"]), modifier.lower())


def part_of(first: int, last: int, modifier: str = "") -> Part:
    """The part of a day from hour to hour, or the earlier or later half of it."""
    middle = first + 2 if last - first == 4 else (first + last) // 2  # noqa: PLR2004 - four hours have two halves
    if modifier.startswith("earl"):
        last = middle
    elif modifier.startswith("late"):
        first = middle
    return Part(first=time(first), last=time(23, 59, 59) if last == 24 else time(last))  # noqa: PLR2004 - hours of a day


def in_part(clock: Clock, part: Part) -> Clock:
    """The time of day within a part of the day: seven in the evening is 19:00."""
    if not clock.open_half:
        return clock
    at = clock.choices[0]
    late = part.first.hour >= _HALF_DAY
    if part.first.hour >= 20 and (at.hour < _EARLY_HOURS or at.hour == _HALF_DAY):  # noqa: PLR2004 - two at night is 02:00
        late = False
    hour = at.hour % _HALF_DAY + (_HALF_DAY if late else 0)
    return Clock(choices=(at.replace(hour=hour),))


def with_half(clock: Clock, *, afternoon: bool) -> Clock:
    """The time of day in that half of the day."""
    at = clock.choices[0]
    return Clock(choices=(at.replace(hour=at.hour % _HALF_DAY + (_HALF_DAY if afternoon else 0)),))


piece_bare = piece(
    rf"(?P<hour>\d{{1,2}}|{_HOUR_WORD})(?=\s(?:in\sthe|at)\s(?:morning|afternoon|evening|night)(?!\w)|\s(?:this)\s(?:morning|afternoon|evening)(?!\w))"
)


def _in_part(text: str, end: int, clock: Clock) -> Found[Clock]:
    match = _IN_PART.match(text, end)
    if match is None or match[0].lower().startswith(" this"):
        return Found(end, clock)
    if not clock.open_half:
        return Found(match.end(), clock)
    return Found(match.end(), in_part(clock, part_of(*_PARTS[match["part"].lower()])))


def _numeric(match: re.Match[str], *, bare: bool, dotted: bool) -> Clock | None:
    hour = int(match["hour"])
    if match["dotted"] and not (match["half"] or dotted):
        return None
    minute = match["minute"] or match["dotted"] or match["joined"]
    marked = minute or match["half"] or match["oclock"] or match["ish"]
    if hour > 24 or (not marked and not bare) or (match["half"] and hour > 12 and not minute):  # noqa: PLR2004 - hours
        return None
    if match["ish"]:
        return Clock(choices=(time(hour % 24),))
    return _clock(hour, int(minute or 0), int(match["second"] or 0), match["half"], bare=not marked)


def _past(match: re.Match[str]) -> Clock | None:
    span = match["span"].lower()
    minutes = 30 if span == "half" else 15 if "quarter" in span else number_of(span)
    hour = number_of(match["hour"])
    spelled = not span[0].isdigit() or "min" in span or match["oclock"] or match["half"]
    if not 1 <= hour <= _HALF_DAY or not 0 < minutes < 60:  # noqa: PLR2004 - minutes of an hour
        return None
    if match["way"].lower() == "past":
        return _clock(hour, minutes, 0, match["half"])
    if match["way"].lower() == "after":
        return _clock(hour, minutes, 0, match["half"]) if spelled and not match["hour"].isdigit() else None
    if not (("quarter" in span) or "min" in span) or span == "half":
        return None  # "five to seven" is a range
    return _clock((hour - 2) % _HALF_DAY + 1, 60 - minutes, 0, match["half"])


def _minutes(words: str | None) -> int:
    if not words:
        return 0
    plain = re.sub(r"\smin\w*$", "", words.lower())
    return number_of(re.sub(r"^o[h]?\s", "", plain))


def _clock(hour: int, minute: int, second: int, half: str | None, *, bare: bool = False) -> Clock:
    """The time of day; both halves of the day for an hour from 1 to 12 without one."""
    if hour == 24:  # noqa: PLR2004 - midnight at the end of the day
        return Clock(choices=(time(0, minute, second),), days_later=1)
    if half and hour <= _HALF_DAY:
        hour = hour % _HALF_DAY + (_HALF_DAY if half.lower() == "p" else 0)
        return Clock(choices=(time(hour, minute, second),))
    at = time(hour, minute, second)
    if not 1 <= hour <= _HALF_DAY:
        return Clock(choices=(at,), bare=bare)
    other = at.replace(hour=(hour + _HALF_DAY) % 24)
    return Clock(choices=(at, other), open_half=True, bare=bare)
