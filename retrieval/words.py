"""Texts of engineers as words that can be compared: identifiers, versions, dates and English word forms."""

import re
from collections.abc import Iterator
from functools import lru_cache

_WORD = re.compile(
    r"""
      (?P<date>\d{4}-\d{2}-\d{2})(?:[T\ ](?P<time>\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?!\w)
    | (?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?![\w:])
    | (?P<number>\d+(?:[.,]\d+)*)(?!\w)
    | (?P<word>[^\W_]\w*(?:[.\-][^\W_]\w*)*)
    """,
    re.VERBOSE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_JOINT = re.compile(r"[._\-]+")
_AMOUNT = re.compile(r"(\d+)([a-z]+)")
_RANK = re.compile(r"[a-z]{1,4}-\d")
_VERSION = re.compile(r"v(\d+(?:\.\d+)+)")
_VOWEL = re.compile(r"[aeiouy]")

STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any are as at be because been before being below between both but by
    can could did do does doing done each either else ever every few for from further had has have having he her here
    hers him his how however i if in into is it its itself just let like may me might more most must my no nor not now
    of off on once one only or other our ours out over own per please same say says shall she should since so some such
    tell than that the their theirs them then there these they this those through to too under until up upon us use
    used using very want was we were what when where whether which while who whom whose why will with within without
    would yes yet you your yours
    """.split()
)


def words(text: str) -> list[str]:
    """The words of a text, in its order, in lower case and without common endings.

    An identifier (`dbPool`, `db_pool`, `db.pool`, `db-pool`) gives itself, its parts, and two parts joined (`dbpool`).
    Numbers, dates, clock times, versions, error codes, issue keys and ranks (`P1`) stay whole; `SEV-1` gives `sev1` too.
    """
    return list(_words(text))


def telling_words(text: str) -> list[str]:
    """The words of a text, in its order, without stop words."""
    return [word for word in _words(text, skip=STOP_WORDS) if word not in STOP_WORDS]


def query_words(text: str) -> list[str]:
    """The distinct words of a question, in its order, without stop words."""
    return list(dict.fromkeys(telling_words(text)))


def stem(word: str) -> str:
    """An English word in lower case without the endings of plural, past, -ing, -ion and -ment: equal for its forms."""
    if len(word) <= 3 or not word.isascii() or not word.isalpha():  # noqa: PLR2004 - too short to have an ending
        return word
    word = _without_plural(word)
    for ending, least in (("ement", 4), ("ment", 4), ("ing", 3), ("ed", 3), ("ion", 4)):
        base = word.removesuffix(ending)
        if base != word and len(base) >= least and _VOWEL.search(base) and (ending != "ion" or base[-1] in "st"):
            word = base[:-1] if base[-1] == base[-2] and base[-1] not in "lsz" else base
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word  # noqa: PLR2004 - `page`, not `the`


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - `queries`, not `ties`
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _words(text: str, skip: frozenset[str] = frozenset()) -> Iterator[str]:
    for match in _WORD.finditer(text):
        kind, found = match.lastgroup, match.group()
        if match["date"]:
            yield match["date"]
            if match["time"]:
                yield match["time"]
        elif kind == "clock":
            yield found
        elif kind == "number":
            yield found.replace(",", "")
        elif found.lower() not in skip:
            yield from _forms(found)


@lru_cache(maxsize=50_000)
def _forms(found: str) -> tuple[str, ...]:
    """The forms of one word; texts of a company repeat theirs, so they are kept."""
    whole = found.lower()
    if version := _VERSION.fullmatch(whole):
        return (whole, version[1])
    parts = [part.lower() for piece in _JOINT.split(found) for part in _CAMEL.split(piece) if part]
    if len(parts) == 1:
        amount = _AMOUNT.fullmatch(parts[0])
        return (stem(parts[0]), amount[1]) if amount else (stem(parts[0]),)
    joined = "".join(parts)
    is_pair = len(parts) == 2 and all(part.isalpha() for part in parts)  # noqa: PLR2004 - a pair
    also = (joined,) if joined != whole and (is_pair or _RANK.fullmatch(whole)) else ()
    return (whole, *also, *(stem(part) for part in parts if len(part) > 1 and not part.isdigit()))
