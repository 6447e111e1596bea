"""What comes again and again: `every Friday`, `weekly`, `twice a day`, `Tuesdays at 9am`, `19th of every month`."""

from datetime import datetime

from tools.dates.clocks import read_clock
from tools.dates.words import CARDINAL, MONTH, ORDINAL, UNIT, piece

_WEEKDAY_NAME = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_SET = piece(
    rf"(?:every|each|any|all)\s(?:(?:other|second|third|single|{CARDINAL}|\d{{1,3}}|few)\s)?(?:(?:business|working|week)[\s-]?days?|{UNIT}|{_WEEKDAY_NAME}(?:(?:\s?,\s?|\s(?:and|or)\s|,\sand\s){_WEEKDAY_NAME}){{0,6}}"
    rf"|weekends?|weekdays?|mornings?|afternoons?|evenings?|nights?|{MONTH})(?!\w)"
    rf"|every\s?day(?!\w)|(?:once|twice|thrice|one|(?:\d{{1,3}}|{CARDINAL})\stimes)\s(?:a|an|per|every|each)\s{UNIT}"
    r"|(?:half-?\s?|bi-?|semi-?\s?|twice\s)?(?:hourly|daily|nightly|weekly|fortnightly|monthly|quarterly|yearly|annually|annual(?=\s(?:review|report|audit|meeting)))(?!\w)"
    rf"|(?:the\s)?(?:{ORDINAL}|last)\s(?:(?:day|{_WEEKDAY_NAME})\s)?of\s(?:every|each)\s(?:month|week|quarter|year)(?!\w)"
    rf"|(?<!\w){_WEEKDAY_NAME[:-1]}(?!\w)|(?:mornings|afternoons|evenings|nights|weekends|weekdays)(?!\w)"
)
_THEN = piece(r",?\s(?:at\s|@\s?|from\s)?")
_EVERY = piece(
    r"\s(?:every\s?day|daily|each\sday|every\s(?:morning|evening|night|week|weekday|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|on\s(?:mon|tues|wednes|thurs|fri|satur|sun)days)(?!\w)"
)
_NOT_ALL = piece(
    r"all\s(?:day|week|month|year|night|hour|minute|second|decade|morning|afternoon|evening|quarter)(?![a-z])"
)


def read_set(text: str, at: int, _now: datetime) -> int | None:
    """Where the set that begins there ends; None where none does."""
    match = _SET.match(text, at)
    if match and not _NOT_ALL.match(text, at):
        gap = _THEN.match(text, match.end())
        clock = read_clock(text, gap.end()) if gap else None
        return clock.end if clock else match.end()
    clock = read_clock(text, at)
    if clock and (again := _EVERY.match(text, clock.end)):
        return again.end()
    return None
