"""Pieces of regular expressions that several text tools are made of, and what reads them.

Texts are hostile: every repetition here is bounded and every pattern begins at a boundary, so reading stays linear.
The pieces are meant for patterns compiled with re.IGNORECASE.
"""

import re

DATE = r"\d{4}[-/]\d{2}[-/]\d{2}"
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|(?-i:Mar)(?:ch)?|apr(?:il)?|(?-i:May)|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
ORDINAL = r"\d{1,2}(?:st|nd|rd|th)?"
DATE_IN_WORDS = rf"(?:{ORDINAL} (?:of )?{MONTH}(?:,? \d{{4}})?|{MONTH} {ORDINAL}(?:,? \d{{4}})?)(?!\w)"
ZONE = (
    r"(?:z|utc(?:[+-]\d{1,2})?|gmt"
    r"|(?-i:CES?T|EES?T|WES?T|BST|IST|JST|SGT|A?E[SD]?T|C[SD]T|M[SD]T|P[SD]?T))(?!\w)"
)
CLOCK = (
    r"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:\s?[ap]\.?m(?!\w))?"
    r"|(?:1[0-2]|0?[1-9])\s?[ap]\.?m(?!\w))"
)
TIME = rf"{CLOCK}(?:\s?{ZONE})?"
_EAST = r"\+(?:0\d|1[0-4]):?[0-5]\d(?!\d)"
OFFSET = r"[+-](?:0\d|1[0-4]):?[0-5]\d(?!\d)"
STAMP = (  # behind a clock time without seconds, -11:00 is the end of a span and no offset, but for the form with a T
    rf"(?:{DATE}T{CLOCK}(?:\s?{ZONE}|{OFFSET})?|{DATE},?\s(?:at\s)?(?:\d{{2}}:\d{{2}}:\d{{2}}{OFFSET}|{CLOCK}(?:\s?{ZONE}|{_EAST})?))"
)
WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?-i:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)(?!\w))"
    r"(?:\s(?:morning|noon|afternoon|evening|night))?"
)

HANDLE = (  # as people write it, and as Slack does
    r"(?:<@[UW][A-Z0-9]{2,20}(?:\|[^<>|\s]{1,60})?>|(?<![\w@./<])@[A-Za-z](?:[\w.-]{0,60}\w)?)"
)
_NAME_WORD = r"[^\W\d_][\w'’-]{0,39}"
_NAME = re.compile(rf"{_NAME_WORD}(?: {_NAME_WORD}){{0,2}}")
_NOBODY = frozenset(
    {"a", "all", "an", "anybody", "anyone", "everybody", "everyone", "he", "i", "if", "it", "n", "na", "no", "nobody"}
    | {"none", "on-call", "our", "please", "she", "somebody", "someone", "tba", "tbc", "tbd", "that", "the", "there"}
    | {"they", "this", "to", "unassigned", "unknown", "unowned", "us", "we", "when", "who", "you", "your"}
)


def leading_name(text: str) -> str | None:
    """The name of a person a text begins with: one to three words with a capital; None where it is none."""
    match = _NAME.match(text)
    if match is None:
        return None
    words: list[str] = []
    for word in match[0].split(" "):
        if not word[0].isupper() or word.lower() in _NOBODY:
            break
        words.append(word)
    return " ".join(words) or None
