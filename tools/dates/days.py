"""Calendar days: full and partial dates, weekdays, ordinals, holidays, and days relative to today."""

import re
from datetime import date, datetime, timedelta

from tools.dates.holidays import HOLIDAY, holiday_named, nth_weekday
from tools.dates.values import Day, Found, days_in_month, monday_of, month_start
from tools.dates.words import (
    LAST,
    MONTH,
    NEXT,
    ORDINAL,
    THIS,
    WEEKDAY,
    WHICH,
    YEAR,
    YEAR_WORDS,
    month_of,
    number_of,
    piece,
    weekday_of,
    year_of,
)  # fmt: skip

_YEAR_BEHIND = rf"(?:\s?,?\s?(?:of\s|in\s)?(?P<year>{YEAR}|{YEAR_WORDS})(?![\w:]|\s?[ap]\.?m\b)|\s(?:of\s['’]?|['’])(?P<short>\d\d)(?![\w:%/-]))?"
_DAY_NUMBER = rf"(?:{ORDINAL}|\d{{1,2}}(?![\d:%]|\.\d|\s?[ap]\.?m\b))"
_NUMERIC = tuple(
    piece(pattern)
    for pattern in (
        r"(?<![\w./])(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?![\d/]|[-.]\d)(?!\w(?<!T)(?<!t))",
        r"(?<![\w./])(?P<y>(?:19|20)\d\d)\s(?P<m>0[1-9]|1[0-2])\s(?P<d>0[1-9]|[12]\d|3[01])(?![\w:])",
        r"(?<![A-Za-z0-9.])(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\w(?<!T)(?<!_))",
        rf"(?<![\w./])(?P<y>\d{{4}})\s?[-/.\s]\s?(?P<mon>{MONTH})\s?[-/.\s]\s?(?P<d>\d{{1,2}})(?!\w)",
        rf"(?<!\w)(?P<mon>{MONTH})[-/](?P<d>\d{{1,2}})[-/](?P<y>\d{{4}})(?!\w)",
        rf"(?<!\w)(?P<mon>{MONTH})[-/](?P<y>\d{{4}})[-/](?P<d>\d{{1,2}})(?!\w)",
        rf"(?<![\w./])(?P<d>\d{{1,2}})[-/](?P<mon>{MONTH})[-/](?P<y>\d{{4}}|\d\d)(?!\w)",
        rf"(?<!\w)(?P<mon>{MONTH})/(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\w|/)",
        r"(?<![\w./])(?P<a>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<b>\d{1,2})\s?(?P=sep)\s?(?P<y>\d{4}|\d\d)(?![\w/]|[-.]\d)",
        r"(?<![\w./])(?P<a>\d{1,2})(?P<sep>/)(?P<b>\d{1,2})(?![\w/%]|\.\d|\s(?:of|pods?|replicas?|nodes?|instances?|tests?|checks?|ready)\b)",
    )
)
_DOTTED = piece(r"(?P<a>\d{1,2})(?P<sep>\.)(?P<b>\d{1,2})(?![\w/%]|\.\d)")
_MONTH_DAY = piece(
    rf"(?P<month>{MONTH})\s?,?\s?(?:the\s)?(?P<day>{_DAY_NUMBER}|(?:twenty|thirty)(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?(?=\s(?:seventeen|eighteen|nineteen|twenty|two\sthousand)))(?:,\s(?=\d{{4}}))?{_YEAR_BEHIND}"
)
_DAY_MONTH = piece(
    rf"(?:the\s)?(?P<day>{_DAY_NUMBER}|\d{{1,2}}(?=[a-z]))\s?(?:day\s)?(?:of\s)?(?P<month>{MONTH}){_YEAR_BEHIND}"
)
_SPELLED_TODAY = piece(
    r"(?P<after>(?:the\s)?day\safter\stomorrow)|(?P<before>(?:the\s)?day\sbefore\syesterday)"
    r"|(?P<tomorrow>tomorrow|tmrw?|tomo)|(?P<yesterday>yesterday)|(?P<today>today|otd|(?:the\s)?(?:current|present)\sday)"
    rf"|(?P<next>(?:the\s)?{NEXT}\sday)|(?P<previous>(?:the\s)?{LAST}\sday)|(?P<same>(?<=for\s)the\sday|my\sday)"
)
_WEEKDAY = piece(
    rf"(?:(?:the\s)?(?P<which>{WHICH}|next\s(?:week|month)?)\s)?(?P<weekday>{WEEKDAY})"
    rf"(?:,?\s(?:(?:of|in)\s)?(?:the\s)?(?P<week>{LAST}|{NEXT}|{THIS}|this)\s(?:work\s?)?week)?"
)
_WEEK_WEEKDAY = piece(rf"(?P<week>{LAST}|{NEXT}|{THIS})\sweek(?:['’]s)?(?:,?\s(?:on\s)?|\s-\s)(?P<weekday>{WEEKDAY})")
_PREFIX = piece(
    rf"(?:(?:(?P<which>{WHICH})\s)?(?P<weekday>{WEEKDAY})|(?P<relative>today|tomorrow|yesterday)),?\s(?P<the>the\s)?(?:-\s)?"
)
_WHICH_DATE = piece(rf"(?P<which>this|{NEXT}|{LAST})\s(?:the\s)?(?=\d)")
_WEEKDAY_NUMBER = piece(r"(?P<number>\d{1,2}(?:st|nd|rd|th)?)(?![\w:%/]|\.\d|\s?-\s?\d|\s?[ap]\.?m\b)")
_ORDINAL_DAY = piece(rf"(?P<number>{ORDINAL})(?!\w)")
_THE_DAY = piece(
    rf"(?P<the>the\s)?(?P<number>{ORDINAL})(?P<of>\sday)?(?:\s(?:of|in)\s(?:the\s)?(?P<month>month|(?:{WHICH})\smonth))"
)
_ALONE = piece(
    rf"(?P<the>the\s)?(?P<number>{ORDINAL}|(?<=the\s)\d{{1,2}})(?=\s?(?:[.,;!?)]|$|\n)|\s(?:at|from|between|by|before|after|to|until|till|-|and|or)\s|\s\d{{1,2}}(?::\d\d|\s?[ap]m))"
)
_ALONE_LEAD = re.compile(
    r"\b(?:on|by|before|after|until|till|since|from|of|due|between|for)\s(?:the\s)?$", re.IGNORECASE
)
_NTH = piece(
    rf"(?:the\s)?(?P<nth>{ORDINAL}|last)\s(?P<weekday>{WEEKDAY})\s(?:of|in)\s(?:the\s)?(?:(?P<month>{MONTH})(?:,?\s(?:of\s)?(?P<year>{YEAR}))?|(?P<which>{WHICH})\s(?P<unit>month|year))"
)
_HOLIDAY = piece(
    rf"(?:(?P<which>this|{LAST}|{NEXT})\s)?(?P<name>{HOLIDAY})(?!\w)(?:,?\s(?:of\s|in\s)?(?P<year>{YEAR}|(?P<rel>this|next|last)\syear))?"
)
_FRACTION_LEAD = re.compile(
    r"\b(?:retry|retries|attempts?|steps?|ready|runs?|tests?|passed|failed|replicas?|pods?|ratio|score|part|page|slide|phase)\s$",
    re.IGNORECASE,
)
_NOUN = re.compile(r"\s(?!(?:at|to|and|or|from|until|till|through|by|between|in|is|was|for|with)\b)[a-z]")
_SHORT_WEEKDAYS = frozenset({"sat", "sun", "wed", "mon"})
_CONTEXT = re.compile(
    r"(?:\b(?:on|by|before|after|until|till|since|from|next|last|this|every|coming|each)|(?:day|mon|tue|wed|thu|fri|sat|sun)(?:,|\sor|\sand|\sto))\s$",
    re.IGNORECASE,
)


def read_day(text: str, at: int, now: datetime) -> Found[Day] | None:
    """The calendar day that begins there, the longest one that can be read; its choices are empty for the 30th of February."""
    today = now.date()
    found = [
        day
        for read in (_numeric, _in_words, _relative, _weekday, _nth, _holiday, _of_month, _dated_weekday, _which_date)
        if (day := read(text, at, today)) is not None
    ]
    return max(found, key=lambda day: day.end, default=None)


def read_lone_ordinal(text: str, at: int, now: datetime) -> Found[Day] | None:
    """`the 29th`, where a preposition before it makes it a day."""
    match = _ALONE.match(text, at)
    if match is None or not _ALONE_LEAD.search(text[max(0, at - 12) : at + len(match["the"] or "")]):
        return None
    number = number_of(match["number"])
    if not 1 <= number <= 31 or re.match(r"(?:first|second|third)", match["number"], re.IGNORECASE):  # noqa: PLR2004 - days
        return None
    return Found(match.end(), day_of_month(number, now.date()))


def day_of_month(number: int, today: date) -> Day:
    """The nearest such days before and from today on."""

    def nearest(step: int) -> date | None:
        for months in range(14):
            month = month_start(today.year, today.month + step * months)
            if number > days_in_month(month.year, month.month):
                continue
            day = month.replace(day=number)
            if (step > 0 and day >= today) or (step < 0 and day < today):
                return day
        return None

    return Day(choices=tuple(day for day in (nearest(-1), nearest(1)) if day), day=number)


def month_day(month: int, day: int, year: int | None, today: date) -> Day:
    """The day of that year; without a year the nearest ones before and from today on."""
    if year is not None:
        valid = 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)  # noqa: PLR2004 - months of a year
        return Day(choices=(date(year, month, day),) if valid else (), year=year, month=month, day=day)
    choices = tuple(found for found in (_nearest(month, day, today, -1), _nearest(month, day, today, 1)) if found)
    return Day(choices=choices, month=month, day=day)


def of_weekday(weekday: int, which: str, today: date) -> Day:
    """The weekday that `next`, `last` and the like pick; without one the nearest before and from today on."""
    this = monday_of(today) + timedelta(days=weekday)
    coming = today + timedelta(days=(weekday - today.weekday()) % 7)
    word = " ".join(which.lower().split()).removeprefix("the ")
    if not word:
        past = today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
        return Day(choices=(past, coming))
    if word in {"coming", "upcoming", "this coming", "this upcoming", "this next"}:
        return Day(choices=(coming if coming > today else coming + timedelta(weeks=1),))
    if word in {"past", "this past", "this last"}:
        return Day(choices=(today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1),))
    return Day(choices=(this + timedelta(weeks=week_shift(word)),))


def week_shift(which: str) -> int:
    """1 for `next` and its like, -1 for `last` and its like, 0 for `this`."""
    word = which.lower().split()[-1] if which.strip() else ""
    if re.fullmatch(NEXT, word):
        return 1
    return -1 if re.fullmatch(LAST, word) else 0


def _nearest(month: int, day: int, today: date, step: int) -> date | None:
    for years in range(9):
        year = today.year + step * years
        if not 1 <= year <= 9999 or not 1 <= day <= days_in_month(min(year, 9998), month):  # noqa: PLR2004 - the calendar
            continue
        found = date(year, month, day)
        if (step > 0 and found >= today) or (step < 0 and found < today):
            return found
    return None


def _numeric(text: str, at: int, today: date) -> Found[Day] | None:
    for pattern in _NUMERIC:
        if match := pattern.match(text, at):
            if (
                "y" not in match.groupdict()
                and "mon" not in match.groupdict()
                and _FRACTION_LEAD.search(text[max(0, at - 12) : at])
            ):
                continue
            day = _of_numbers(match, today)
            if day is not None:
                return Found(match.end(), day)
    return None


def _of_numbers(match: re.Match[str], today: date) -> Day | None:
    groups = match.groupdict()
    year_words = groups.get("y")
    year = year_of(year_words) if year_words else None
    if groups.get("mon"):
        month, day = month_of(groups["mon"]), int(groups["d"])
    elif "m" in groups:
        month, day = int(groups["m"]), int(groups["d"])
    else:
        first, second = int(groups["a"]), int(groups["b"])
        if (first, second) == (24, 7) and year is None:
            return None  # round the clock
        dotted = groups["sep"] == "."
        month, day = (second, first) if first > 12 or (dotted and year and second <= 12) else (first, second)  # noqa: PLR2004 - months
    if not 1 <= month <= 12 or not 1 <= day <= 31:  # noqa: PLR2004 - months and days
        return None
    if year_words and len(year_words) == 2 and 30 <= int(year_words) < 40:  # noqa: PLR2004 - either century
        both = [month_day(month, day, century + int(year_words), today).choices for century in (1900, 2000)]
        return Day(choices=(*both[0], *both[1]), month=month, day=day)
    return month_day(month, day, year, today)


def _in_words(text: str, at: int, today: date) -> Found[Day] | None:
    for pattern in (_MONTH_DAY, _DAY_MONTH):
        match = pattern.match(text, at)
        if match is None:
            continue
        day = number_of(match["day"])
        if not 1 <= day <= 31:  # noqa: PLR2004 - days of a month
            continue
        if (
            match["month"] == "may"
            and pattern is _MONTH_DAY
            and match["day"].isdigit()
            and _NOUN.match(text, match.end())
        ):
            # "may 5 pods fail"
            continue
        words = match["year"] or match["short"]
        return Found(match.end(), month_day(month_of(match["month"]), day, year_of(words) if words else None, today))
    return None


def _relative(text: str, at: int, today: date) -> Found[Day] | None:
    match = _SPELLED_TODAY.match(text, at)
    if match is None or text[match.end() : match.end() + 1].isalnum():
        return None
    days = {"after": 2, "before": -2, "tomorrow": 1, "next": 1, "yesterday": -1, "previous": -1}.get(
        match.lastgroup or "", 0
    )
    return Found(match.end(), Day(choices=(today + timedelta(days=days),)))


def _weekday(text: str, at: int, today: date) -> Found[Day] | None:
    if match := _WEEK_WEEKDAY.match(text, at):
        return Found(match.end(), Day(choices=(_in_week(match["week"], match["weekday"], today),)))
    match = _WEEKDAY.match(text, at)
    if match is None:
        return None
    if match["week"]:
        return Found(match.end(), Day(choices=(_in_week(match["week"], match["weekday"], today),)))
    name = match["weekday"].rstrip(".")
    if name in _SHORT_WEEKDAYS and not match["which"] and not _CONTEXT.search(text[max(0, at - 10) : at]):
        return None  # "sat", "sun" and "wed" are words of their own
    if (
        match["weekday"].endswith(".")
        and not text[match.end() : match.end() + 1].strip()
        and text[match.end() + 1 : match.end() + 2].isupper()
    ):
        return Found(match.end() - 1, of_weekday(weekday_of(name), match["which"] or "", today))
    end = match.end() if not match["weekday"].endswith(".") or match.end() < len(text) else match.end() - 1
    which = (match["which"] or "").lower()
    if which in {"that", "same", "the same"}:
        which = ""
    return Found(end, of_weekday(weekday_of(name), which, today))


def _in_week(week: str, weekday: str, today: date) -> date:
    return monday_of(today) + timedelta(weeks=week_shift(week), days=weekday_of(weekday))


def _dated_weekday(text: str, at: int, today: date) -> Found[Day] | None:
    """A date behind its weekday: `Tuesday, March 7`, `friday 5/12`, `monday the twenty seventh`, `Tue 13th`."""
    match = _PREFIX.match(text, at)
    if match is None:
        return None
    end = match.end()
    for read in (_numeric, _in_words, _of_month, _holiday):
        if day := read(text, end, today):
            return Found(day.end, _picked(day.value, match["which"], today))
    if match["relative"]:
        return None
    if match["which"] and (dotted := _DOTTED.match(text, end)) and (day := _of_numbers_dotted(dotted, today)):
        return Found(dotted.end(), _picked(day, match["which"], today))
    pattern = _ORDINAL_DAY if match["the"] else _WEEKDAY_NUMBER
    number = pattern.match(text, end)
    if number is None or not 1 <= number_of(number["number"]) <= 31:  # noqa: PLR2004 - days of a month
        return None
    if number["number"].isdigit() and int(number["number"]) <= 12:  # noqa: PLR2004 - "Monday 9" may be an hour
        return None
    return Found(
        number.end(),
        _weekday_on(weekday_of(match["weekday"]), number_of(number["number"]), today, the=bool(match["the"])),
    )


def _weekday_on(weekday: int, number: int, today: date, *, the: bool) -> Day:
    """The days of that number that are such a weekday: this month's where it is one, else the nearest ones."""
    if the and number <= days_in_month(today.year, today.month):
        this = today.replace(day=number)
        if this.weekday() == weekday:
            return Day(choices=(this,))

    def nearest(step: int) -> date | None:
        for months in range(60):
            month = month_start(today.year, today.month + step * months)
            if number <= days_in_month(month.year, month.month):
                day = month.replace(day=number)
                if day.weekday() == weekday and ((day >= today) if step > 0 else (day < today)):
                    return day
        return None

    return Day(choices=tuple(day for day in (nearest(-1), nearest(1)) if day))


def _of_numbers_dotted(match: re.Match[str], today: date) -> Day | None:
    first, second = int(match["a"]), int(match["b"])
    month, day = (second, first) if first > 12 else (first, second)  # noqa: PLR2004 - months of a year
    return month_day(month, day, None, today) if 1 <= month <= 12 and 1 <= day <= 31 else None  # noqa: PLR2004 - likewise


def _which_date(text: str, at: int, today: date) -> Found[Day] | None:
    """`this 5/12`, `next 6th of April`."""
    match = _WHICH_DATE.match(text, at)
    if match is None:
        return None
    for read in (_numeric, _in_words):
        if day := read(text, match.end(), today):
            return Found(day.end, _picked(day.value, match["which"], today))
    return None


def _picked(day: Day, which: str | None, today: date) -> Day:
    """Of the days of several years the one that `this`, `next` or `last` picks."""
    if not which or day.year is not None or len(day.choices) < 2:  # noqa: PLR2004 - nothing to pick from
        return day
    shift = week_shift(which)
    this_year = [choice for choice in day.choices if choice.year == today.year]
    picked = day.choices[-1] if shift > 0 else day.choices[0] if shift < 0 else next(iter(this_year), day.choices[-1])
    return Day(choices=(picked,), month=day.month, day=day.day, year=picked.year)


def _of_month(text: str, at: int, today: date) -> Found[Day] | None:
    """`the 15th day of next month`."""
    match = _THE_DAY.match(text, at)
    if match is None:
        return None
    month = month_start(
        today.year, today.month + week_shift(match["month"].rsplit(" ", 1)[0] if " " in match["month"] else "")
    )
    number = number_of(match["number"])
    return Found(match.end(), month_day(month.month, number, month.year, today))


def _nth(text: str, at: int, today: date) -> Found[Day] | None:
    """`the first Monday of next month`, `last Friday of July`."""
    match = _NTH.match(text, at)
    if match is None:
        return None
    nth = -1 if match["nth"].lower() == "last" else number_of(match["nth"])
    weekday = weekday_of(match["weekday"])
    if match["which"]:
        shift = week_shift(match["which"])
        month = (
            month_start(today.year, today.month + shift)
            if match["unit"].lower() == "month"
            else date(today.year + shift, 1, 1)
        )
        day = nth_weekday(month.year, month.month, weekday, nth)
        return Found(match.end(), Day(choices=(day,) if day else ()))
    month_number = month_of(match["month"])
    years = [int(match["year"])] if match["year"] else [today.year - 1, today.year, today.year + 1]
    days = [day for year in years if (day := nth_weekday(year, month_number, weekday, nth))]
    return Found(match.end(), _around(days, today, fixed=bool(match["year"])))


def _around(days: list[date], today: date, *, fixed: bool) -> Day:
    if fixed:
        return Day(choices=tuple(days))
    past = [day for day in days if day < today]
    coming = [day for day in days if day >= today]
    return Day(choices=(*past[-1:], *coming[:1]))


def _holiday(text: str, at: int, today: date) -> Found[Day] | None:
    match = _HOLIDAY.match(text, at)
    if match is None:
        return None
    on = holiday_named(match["name"])
    if match["year"]:
        year = today.year + week_shift(match["rel"]) if match["rel"] else int(match["year"])
        return Found(match.end(), Day(choices=(on(year),), year=year))
    around = _around([on(year) for year in (today.year - 1, today.year, today.year + 1)], today, fixed=False)
    if match["which"]:
        shift = week_shift(match["which"])
        choice = around.choices[-1] if shift > 0 else around.choices[0] if shift < 0 else on(today.year)
        return Found(match.end(), Day(choices=(choice,)))
    this = on(today.year)
    return Found(
        match.end(),
        Day(
            choices=around.choices,
            month=this.month,
            day=this.day if this == on(today.year - 1).replace(year=today.year) else None,
        ),
    )
