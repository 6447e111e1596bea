"""Stretches of days: weeks, months, quarters, years, decades, and what is relative to them."""

import re
from datetime import date, datetime, timedelta

from tools.dates.days import day_of_month, read_day, week_shift
from tools.dates.lengths import read_length
from tools.dates.values import Found, Length, Period, Stretch, monday_of, month_start, shift
from tools.dates.words import (
    CARDINAL,
    LAST,
    MONTH,
    NEXT,
    ORDINAL,
    WHICH,
    YEAR,
    YEAR_WORDS,
    month_of,
    number_of,
    piece,
    year_of,
)  # fmt: skip

type AnyPeriod = Period | Stretch

_WHICH = WHICH.replace(r"|the\ssame", "")
_NAMED_UNIT = r"(?:(?:working|work|business)[\s-]?week|weekend|week|month|quarter|(?:calendar\s|fiscal\s|school\s|financial\s)?year|decade|century|fortnight|hour|minute|second)(?!\w)"
_WHICH_UNIT = piece(rf"(?:the\s(?=[a-z]{{4,9}}\s(?:decade|century)))?(?P<which>{_WHICH})\s(?P<unit>{_NAMED_UNIT})")
_THE_UNIT = piece(
    r"the\s(?P<unit>week|month|year|quarter|weekend)(?!\w|\s(?:of|after|before|beginning|commencing|starting|\d)|-)"
)
_THE_LEAD = re.compile(r"\b(?:in|for|during|over|of|throughout|within|on)\s$", re.IGNORECASE)
_AFTER_NEXT = piece(r"(?:the\s)?(?P<unit>week|month|year|weekend)\s(?P<way>after\snext|before\slast)(?!\w)")
_COUNTED = piece(rf"(?P<which>{LAST}|{NEXT}|this\spast)\s(?=\d|a\s|couple|few|several|half|{CARDINAL})")
_NUMBERED = piece(
    rf"(?P<number>\d{{1,4}}|{CARDINAL})\s(?P<which>{LAST}|{NEXT})\s(?P<unit>seconds|minutes|hours|days|weeks|months|quarters|years|decades)(?!\w)"
)
_MONTH_YEAR = piece(
    rf"(?:(?P<which>this|{LAST}|{NEXT})\s)?(?P<month>{MONTH})(?:\s?[-/,]?\s?,?\s?(?:of\s|in\s)?(?P<year>{YEAR}|{YEAR_WORDS})(?![\w:/]|-\d)|\s(?:of\s['’]?|['’])(?P<short>\d\d)(?!\w)|\s(?:of\s)?(?P<rel>this|{LAST}|{NEXT})\syear)?(?!\w|\s\d{{1,2}}(?:st|nd|rd|th))"
)
_YEAR_MONTH = piece(
    rf"(?P<year>{YEAR})(?:\s?[-/]\s?(?P<number>0?[1-9]|1[0-2])(?![\w/:-])|[\s,/-]{{1,2}}(?P<month>{MONTH})(?![\s/-]{{1,2}}\d))"
)
_MONTH_NUMBER_YEAR = piece(rf"(?<![\w/.-])(?P<number>0?[1-9]|1[0-2])/(?P<year>{YEAR})(?![\w/-])")
_YEAR = piece(
    rf"(?P<word>(?:calendar\s|fiscal\s|financial\s)?year\s|(?P<cy>cy|fy)\s?['’]?)?(?P<year>{YEAR}|(?<=[cf]y)\d\d(?!\w)|{YEAR_WORDS})(?P<s>\s?['’]?s(?!\w))?(?![\w:%]|[.,/-]\d)"
)
_YEAR_LEAD = re.compile(
    rf"(?:\b(?:in|of|since|by|before|after|until|till|from|between|during|for|year|than|on|to|through|around|circa|and|or|early|late|mid|next|than|{MONTH})\s|=|[-–~(,]\s?|\bmid-)$",
    re.IGNORECASE,
)
_DECADE = piece(
    r"(?:the\s)?(?:(?P<full>(?:1[5-9]|20)\d0)|['’]?(?P<short>[2-9]0))\s?['’]?s(?!\w)|(?:the\s)(?P<word>twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)(?!\w)"
)
_CENTURY = piece(rf"(?:the\s)?(?P<number>{ORDINAL})[\s-]century(?!\w)")
_QUARTER = piece(
    rf"(?:(?:the\s)?(?:(?P<year>{YEAR})[\s-]?)?(?P<kind>[qh])(?P<number>[1-4])(?!\w)(?:[\s,/-]{{0,2}}(?:of\s|in\s)?(?P<behind>{YEAR}|(?P<rel>{LAST}|{NEXT}|this)\syear))?"
    rf"|(?:the\s)?(?P<nth>first|second|third|fourth|1st|2nd|3rd|4th|last)\s(?P<unit>quarter|half)(?:\s(?:of\s)?(?:the\s)?(?P<of>{YEAR}|(?P<of_rel>{LAST}|{NEXT}|this)\syear|year)))"
)
_WEEK_NUMBER = piece(
    rf"(?:week\s(?:number\s|no\.?\s)?(?P<number>[1-9]|[1-4]\d|5[0-3])|(?:(?P<iso_year>{YEAR})-?)?w(?P<short>0[1-9]|[1-4]\d|5[0-3]))(?![\w:/%])(?:,?\s(?:of\s|in\s)?(?:the\s)?(?P<year>{YEAR}|(?P<rel>{LAST}|{NEXT}|this)\syear))?"
)
_WEEK_OF = piece(
    r"(?:the\s)?week\s(?:of|beginning|commencing|starting|that\sstarts|from|containing)\s(?:on\s|the\s(?=\w{1,9}\sof))?"
)
_NTH_OF = piece(
    rf"(?:the\s)?(?P<nth>{ORDINAL}|last)\s(?:(?P<count>\d{{1,2}}|{CARDINAL})\s)?(?P<unit>weeks?|weekends?|days?|months?)\s(?:of|in)\s(?:the\s)?(?=\w)"
)
_FIRST_OF = piece(
    rf"(?P<unit>first|last|final)\s(?P<count>\d{{1,2}}|{CARDINAL})\s(?P<what>days?|weeks?|months?)\s(?:of|in)\s(?:the\s)?(?=\w)"
)
_SIDE = piece(
    r"(?P<side>very\send|end|close|beginning|start|middle|mid|early|late|earlier|later|remainder|remaining|rest)(?P<of>\sof\s|(?<=earlier)\sin\s|(?<=later)\sin\s|(?<=early)\sin\s|(?<=late)\sin\s|\s-?\s?|-)(?P<the2>the\s)?(?=\w)"
)
_SEASON = piece(
    rf"(?:(?P<which>this|that|{LAST}|{NEXT}|early|late|mid)[\s-](?:whole\s)?)?(?P<season>summer|winter|spring|fall|autumn)(?!\w|-)(?:\s(?:of\s)?(?P<year>{YEAR}))?"
)
_VERB_LAST = re.compile(
    r"(?:\b(?:will|would|to|did|does|should|can|could|may|might|must|not|only|cannot)|n['’]t)\s$", re.IGNORECASE
)
_THIS_MAY = re.compile(r"\s?(?:[.,;!?)]|$|(?:to|and|until|till|through|-)\s)", re.IGNORECASE)
_COUNTED_NOUN = re.compile(r"\s(?!(?:was|is|has|as|this|its|vs|across|versus)\b)[a-z]{2,}s\b")
_COUNT_LEAD = re.compile(r"\b(?:of|to|by|than|for|and|or)\s$", re.IGNORECASE)
_FIRST_LIKELY_YEAR = 1900
_DECADES = {"twen": 20, "thir": 30, "fort": 40, "fift": 50, "sixt": 60, "seve": 70, "eigh": 80, "nine": 90}
_LOWER_MAY_LEAD = re.compile(
    r"\b(?:in|of|since|by|before|after|until|till|from|between|during|through|next|last|early|late|mid|end\sof)[\s-]$|[-–]$",
    re.IGNORECASE,
)
_MAY_LEAD = re.compile(
    r"\b(?:in|of|since|by|before|after|until|till|from|between|and|or|during|for|to|this|next|last|early|late|mid|through|than|starting|end\sof|on)[\s-]$|[-–]$",
    re.IGNORECASE,
)


def read_period(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    """The stretch of time that begins there, the longest one that can be read."""
    found: list[Found[AnyPeriod]] = [
        period
        for read in (
            _which,
            _counted,
            _numbered,
            _quarter,
            _week,
            _week_of,
            _part_of,
            _side,
            _season,
            _century,
            _decade,
            _month,
            _year,
        )
        if (period := read(text, at, now)) is not None
    ]
    return max(found, key=lambda period: period.end, default=None)


def week_from(day: date) -> Period:
    """The week of the day, from its Monday."""
    return Period(choices=((monday_of(day), monday_of(day) + timedelta(weeks=1)),))


def unit_around(unit: str, today: date, steps: int) -> Period | None:
    """The week, month, quarter, year and so on that many steps from today's."""
    word = unit.lower()
    if word.endswith("weekend"):
        saturday = monday_of(today) + timedelta(weeks=steps, days=5)
        return Period(choices=((saturday, saturday + timedelta(days=2)),))
    if word.endswith("week"):
        monday = monday_of(today) + timedelta(weeks=steps)
        return Period(choices=((monday, monday + timedelta(days=5 if len(word) > 4 else 7)),))  # noqa: PLR2004 - "workweek"
    if word == "fortnight":
        monday = monday_of(today) + timedelta(weeks=2 * steps)
        return Period(choices=((monday, monday + timedelta(weeks=2)),))
    if word in {"month", "quarter"}:
        size = 1 if word == "month" else 3
        first = (today.month - 1) // size * size + 1
        return _months(today.year, first + steps * size, size)
    if word.endswith("year"):
        if word.startswith(("school", "fiscal", "financial")):
            return Period(choices=())  # when it begins depends on whose it is
        return _months(today.year + steps, 1, 12)
    if word == "decade":
        return _months(today.year // 10 * 10 + 10 * steps, 1, 120)
    return _months(today.year // 100 * 100 + 100 * steps, 1, 1200) if word == "century" else None


def _months(year: int, month: int, count: int, *, named: bool = False) -> Period:
    start = month_start(year, month)
    return Period(
        choices=((start, month_start(year, month + count)),), year=start.year if named else None, month=start.month
    )


def _which(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    if match := _AFTER_NEXT.match(text, at):
        period = unit_around(match["unit"], now.date(), 2 if "after" in match["way"].lower() else -2)
        return Found(match.end(), period) if period else None
    if match := _WHICH_UNIT.match(text, at):
        unit, steps = match["unit"].lower(), week_shift(match["which"])
        if unit in {"hour", "minute", "second"}:
            if steps == 0:
                return None
            length = Length(seconds={"hour": 3600, "minute": 60, "second": 1}[unit])
            return Found(match.end(), _stretch(now, length, steps))
        period = unit_around(unit, now.date(), steps)
        return Found(match.end(), period) if period else None
    match = _THE_UNIT.match(text, at)
    if match and _THE_LEAD.search(text[max(0, at - 12) : at]) and (period := unit_around(match["unit"], now.date(), 0)):
        return Found(match.end(), period)
    return None


def _stretch(now: datetime, length: Length, steps: int) -> Stretch:
    other = shift(now, length, steps)
    return Stretch(first=min(now, other), last=max(now, other))


def _counted(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    """`the next 3 days`, `last two quarters`, `past fortnight`."""
    match = _COUNTED.match(text, at)
    length = read_length(text, match.end()) if match else None
    if match is None or length is None:
        return None
    if match["which"].lower() == "last" and _VERB_LAST.search(text[max(0, at - 12) : at]):
        return None
    unit = re.search(r"([a-z]+)\W*$", text[match.end() : length.end].lower())
    return Found(length.end, spanning(length.value, unit[1] if unit else "", week_shift(match["which"]), now))


def _numbered(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    """`the 5 upcoming years`, `13 last minutes`."""
    match = _NUMBERED.match(text, at)
    length = read_length(f"{match['number']} {match['unit']}", 0) if match else None
    if match is None or length is None:
        return None
    return Found(match.end(), spanning(length.value, match["unit"].lower(), week_shift(match["which"]), now))


def spanning(length: Length, unit: str, steps: int, now: datetime) -> AnyPeriod:
    """The stretch of that length behind or ahead: quarters and decades whole, days from the next one on."""
    today = now.date()
    if unit.startswith(("quarter", "decade")) and (this := unit_around(unit.rstrip("s"), today, 0)):
        size = 3 if unit.startswith("quarter") else 120
        months = int(length.months)
        start, end = this.choices[0]
        if steps > 0:
            return _months(end.year, end.month, max(months, size))
        return _months(start.year, start.month - months, months)
    if not length.in_days or (length.seconds and not length.days):
        return _stretch(now, length, steps)
    if steps < 0:
        begin = shift(datetime.combine(today, now.time()), length, -1).date()
        return Period(choices=((begin, today),))
    first = today + timedelta(days=1)
    if length.working_days:
        while first.weekday() > 4:  # noqa: PLR2004 - Saturday is 5
            first += timedelta(days=1)
        last = shift(datetime.combine(first, now.time()), Length(working_days=length.working_days - 1)).date()
        return Period(choices=((first, last + timedelta(days=1)),))
    return Period(choices=((first, shift(datetime.combine(first, now.time()), length).date()),))


def _quarter(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    match = _QUARTER.match(text, at)
    if match is None:
        return None
    words = match["year"] or match["behind"] or match["of"]
    relative = match["rel"] or match["of_rel"]
    year = now.year + week_shift(relative) if relative else int(words) if words and words.isdigit() else None
    if match["nth"]:
        size = 3 if match["unit"].lower() == "quarter" else 6
        number = 12 // size if match["nth"].lower() == "last" else number_of(match["nth"])
        year = year or now.year
    else:
        size = 3 if match["kind"].lower() == "q" else 6
        number = int(match["number"])
    if number > 12 // size or (year is None and match["kind"] and match["kind"].islower() and match["kind"] == "h"):
        return None
    month = (number - 1) * size + 1
    if year is not None:
        return Found(match.end(), _months(year, month, size, named=True))
    this, following = _months(now.year, month, size), _months(now.year + 1, month, size)
    past = _months(now.year - 1, month, size)
    start = this.choices[0][0]
    choices = (past.choices[0], this.choices[0]) if start > now.date() else (this.choices[0], following.choices[0])
    return Found(match.end(), Period(choices=choices, month=month))


def _week(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    match = _WEEK_NUMBER.match(text, at)
    if match is None or (match["short"] and not (match["iso_year"] or match["year"] or text[at] in "wW")):
        return None
    year = int(match["iso_year"] or 0) or now.year
    if match["year"]:
        year = now.year + week_shift(match["rel"]) if match["rel"] else int(match["year"])
    try:
        monday = date.fromisocalendar(year, int(match["number"] or match["short"]), 1)
    except ValueError:
        return None
    return Found(match.end(), Period(choices=((monday, monday + timedelta(weeks=1)),)))


def _week_of(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    match = _WEEK_OF.match(text, at)
    if match is None:
        return None
    day = read_day(text, match.end(), now)
    if day is None and (
        ordinal := re.compile(rf"(?:the\s)?({ORDINAL})(?!\w|\s\w)", re.IGNORECASE).match(text, match.end())
    ):
        day = Found(ordinal.end(), day_of_month(number_of(ordinal[1].lower().removeprefix("the ")), now.date()))
    if day is None or not day.value.choices:
        return None
    return Found(day.end, Period(choices=tuple(week_from(choice).choices[0] for choice in day.value.choices)))


def _part_of(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    """`the first week of May`, `the 9th month of next year`, `first ten days of last year`."""
    match = _FIRST_OF.match(text, at) or _NTH_OF.match(text, at)
    whole = read_period(text, match.end(), now) if match else None
    if whole is None and match and (unit := piece(r"(?P<unit>week|month|quarter|year)(?!\w)").match(text, match.end())):
        this = unit_around(unit["unit"], now.date(), 0)
        whole = Found[AnyPeriod](unit.end(), this) if this else None
    if match is None or whole is None or not isinstance(whole.value, Period):
        return None
    groups = match.groupdict()
    word = (groups.get("what") or groups["unit"]).lower()
    nth = (groups.get("nth") or groups["unit"]).lower()
    count = number_of(groups["count"]) if groups.get("count") else 1
    last = nth in {"last", "final"}
    number = 1 if last or groups.get("what") else number_of(nth)
    choices = [
        part for start, end in whole.value.choices if (part := _nth_part(word, number, count, start, end, last=last))
    ]
    return Found(whole.end, Period(choices=tuple(choices))) if choices else None


def _nth_part(word: str, number: int, count: int, start: date, end: date, *, last: bool) -> tuple[date, date] | None:
    if word.startswith("month"):
        first = month_start(end.year, end.month - count) if last else month_start(start.year, start.month + number - 1)
        return first, month_start(first.year, first.month + count)
    if word.startswith("day"):
        first = end - timedelta(days=count) if last else start + timedelta(days=(number - 1) * count)
        return first, first + timedelta(days=count)
    if word.startswith("weekend"):
        first = start + timedelta(days=(5 - start.weekday()) % 7 + 7 * (number - 1))
        return first, first + timedelta(days=2)
    # A week belongs to the month that its Thursday lies in, as in ISO 8601.
    if last:
        thursday = end - timedelta(days=1)
        thursday -= timedelta(days=(thursday.weekday() - 3) % 7)
        first = monday_of(thursday) - timedelta(weeks=count - 1)
    else:
        thursday = start + timedelta(days=(3 - start.weekday()) % 7)
        first = monday_of(thursday) + timedelta(weeks=number - 1)
    return first, first + timedelta(weeks=count)


def _side(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    """`the end of 2000`, `mid-November`, `late July`, `earlier this week`, `the rest of the month`."""
    match = _SIDE.match(text, at)
    if match is None:
        return None
    of_the = match["the2"] and match["of"].strip()
    whole = read_period(text, match.end(), now)
    named = True
    if (
        whole is None
        and of_the
        and (unit := piece(r"(?P<unit>week|month|quarter|year|sprint)(?!\w)").match(text, match.end()))
    ):
        this = unit_around(unit["unit"], now.date(), 0)
        whole, named = (Found[AnyPeriod](unit.end(), this) if this else None), False
    if whole is None or not isinstance(whole.value, Period):
        return None
    side = match["side"].lower().removeprefix("very ")
    if not match["of"].strip() and side not in {
        "mid",
        "early",
        "late",
        "earlier",
        "later",
        "end",
        "start",
        "beginning",
    }:
        return None
    relative = not named or bool(re.match(r"(?:this|current)", text[match.end() :], re.IGNORECASE))
    choices = tuple(_side_of(side, start, end, now.date(), relative=relative) for start, end in whole.value.choices)
    ends = side in {"end", "close"} and whole.value.choices != ()
    return Found(whole.end, Period(choices=choices, ends=ends, year=whole.value.year, month=whole.value.month))


def _side_of(side: str, start: date, end: date, today: date, *, relative: bool) -> tuple[date, date]:
    days = (end - start).days
    if side in {"rest", "remainder", "remaining"}:
        return max(start, today), end - timedelta(days=1)
    early, middle = side in {"early", "earlier", "beginning", "start"}, side in {"mid", "middle"}
    if days == 7:  # noqa: PLR2004 - a week
        turn = start + timedelta(days=3)
        return (
            (start, turn)
            if early
            else (start + timedelta(days=2), start + timedelta(days=5))
            if middle
            else (turn, end)
        )
    if days <= 31:  # noqa: PLR2004 - a month
        if early:
            return start, start.replace(day=16)
        if middle:
            return start.replace(day=10), start.replace(day=21)
        return (max(today, start) if side == "later" and relative else start.replace(day=16)), end
    months = (end.year - start.year) * 12 + end.month - start.month
    if relative and side == "earlier":
        return start, today if start < today < end else month_start(start.year, start.month + months // 2)
    if relative and not middle:
        half = month_start(start.year, start.month + months // 2)
        return (start, half) if early else (half, end)
    third = max(1, months // 3)
    first, second = month_start(start.year, start.month + third), month_start(start.year, start.month + 2 * third)
    return (start, first) if early else (first, second) if middle else (second, end)


def _season(text: str, at: int, _now: datetime) -> Found[AnyPeriod] | None:
    match = _SEASON.match(text, at)
    if match is None:
        return None
    certain = match["which"] or match["year"] or match["season"].lower() in {"summer", "winter"}
    # Which months it has depends on the hemisphere.
    return Found(match.end(), Period(choices=())) if certain else None


def _century(text: str, at: int, _now: datetime) -> Found[AnyPeriod] | None:
    match = _CENTURY.match(text, at)
    number = number_of(match["number"]) if match else 0
    return Found(match.end(), _months((number - 1) * 100, 1, 1200)) if match and 1 < number < 90 else None  # noqa: PLR2004


def _decade(text: str, at: int, _now: datetime) -> Found[AnyPeriod] | None:
    match = _DECADE.match(text, at)
    if match is None:
        return None
    if match["short"] and not (text[at] in "'’" or text[at : at + 4].lower() == "the "):
        return None
    year = (
        int(match["full"])
        if match["full"]
        else 1900 + (int(match["short"]) if match["short"] else _DECADES[match["word"][:4].lower()])
    )
    return Found(match.end(), _months(year, 1, 120))


def _month(text: str, at: int, now: datetime) -> Found[AnyPeriod] | None:
    if match := _YEAR_MONTH.match(text, at):
        month = int(match["number"]) if match["number"] else month_of(match["month"])
        return Found(match.end(), _months(int(match["year"]), month, 1, named=True))
    if match := _MONTH_NUMBER_YEAR.match(text, at):
        return Found(match.end(), _months(int(match["year"]), int(match["number"]), 1, named=True))
    match = _MONTH_YEAR.match(text, at)
    if match is None:
        return None
    month = month_of(match["month"])
    if words := match["year"] or match["short"]:
        return Found(match.end(), _months(year_of(words), month, 1, named=True))
    if not _is_month(match, text[max(0, at - 12) : at]):
        return None
    if match["rel"]:
        return Found(match.end(), _months(now.year + week_shift(match["rel"]), month, 1, named=True))
    if match["which"]:
        return Found(match.end(), _months(_year_picked(match["which"], month, now), month, 1, named=True))
    end = match.end()
    if match["month"].endswith(".") and not text[end : end + 1].strip():
        end -= 1
    this = month_start(now.year, month)
    first = now.year - 1 if this >= now.date().replace(day=1) else now.year
    choices = tuple((month_start(year, month), month_start(year, month + 1)) for year in (first, first + 1))
    return Found(end, Period(choices=choices, month=month))


def _is_month(match: re.Match[str], before: str) -> bool:
    """Whether `may` and `march` are months where they stand."""
    words = match["month"].rstrip(".")
    if match["which"] and words == "may":
        return _THIS_MAY.match(match.string, match.end()) is not None  # not "this may be"
    if match["which"] or match["rel"]:
        return True
    if words == "may":
        return _LOWER_MAY_LEAD.search(before) is not None
    if words.lower() not in {"may", "march", "mar"} or _MAY_LEAD.search(before):
        return True
    return words == "March" and bool(before)


def _year_picked(which: str, month: int, now: datetime) -> int:
    """The year of `next March` and its like: of the coming year for `next`, else of the nearest such month that way."""
    steps = week_shift(which)
    if steps > 0 and month > now.month and which.lower() != "next":
        return now.year
    return now.year if steps < 0 and month < now.month else now.year + steps


def _year(text: str, at: int, _now: datetime) -> Found[AnyPeriod] | None:
    match = _YEAR.match(text, at)
    if match is None or match["s"]:
        return None
    words = match["year"]
    if not match["word"]:
        spelled_short = not words[0].isdigit() and "thousand" not in words and words.count(" ") < 2  # noqa: PLR2004 - "nineteen six"
        if spelled_short or (words.isdigit() and not _is_bare_year(text, at, match.end())):
            return None
    return Found(match.end(), _months(year_of(words), 1, 12, named=True))


def _is_bare_year(text: str, at: int, end: int) -> bool:
    """Whether four digits are a year rather than a number of things."""
    if at > 0 and not _YEAR_LEAD.search(text[max(0, at - 10) : at]):
        return False
    counts = int(text[at:end]) < _FIRST_LIKELY_YEAR or _COUNT_LEAD.search(text[max(0, at - 6) : at])
    return not (counts and _COUNTED_NOUN.match(text, end))
