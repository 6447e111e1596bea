"""Patterns for log lines: the part of RE2 that Python reads in the same way.

Loki matches with RE2 (https://github.com/google/re2/wiki/Syntax), which has no look-around and no back-references. A
pattern that is only good for one of the two engines would fail far from the person who wrote it, so it is refused here.
"""

import re
import warnings

MAX_PATTERN_CHARS = 500
MAX_REPEAT = 1_000  # RE2's own limit of a counted repetition

_POSIX_CLASS = re.compile(
    r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]"
)
_PIECE = re.compile(
    r"""
      \\(?P<escape>.)
    | \[\^?\]?(?:\\.|[^\]\\])*\]                     # a class: nothing in it is special to this check
    | \(\?(?P<group>P=|<?[=!]|[#>(])
    | (?:[*+?]|\{\d+(?:,\d*)?\})(?P<possessive>\+)
    | \{(?P<low>\d+)(?:,(?P<high>\d*))?\}
    """,
    re.VERBOSE | re.DOTALL,
)
_NOT_IN_RE2 = {
    "P=": "a back-reference (?P=…)",
    "=": "a look-ahead (?=…)",
    "!": "a look-ahead (?!…)",
    "<=": "a look-behind (?<=…)",
    "<!": "a look-behind (?<!…)",
    "#": "a comment (?#…)",
    ">": "an atomic group (?>…)",
    "(": "a condition (?(…)…)",
}


def check_pattern(pattern: str) -> str:
    """The pattern; ValueError with the reason where it is empty, too long, or not a pattern of RE2."""
    if not pattern:
        raise ValueError("is empty: leave it out to get every line")
    if len(pattern) > MAX_PATTERN_CHARS:
        raise ValueError(f"has {len(pattern):,} characters; at most {MAX_PATTERN_CHARS} are taken: shorten it")
    plain = _POSIX_CLASS.sub("a-z", pattern)
    for piece in _PIECE.finditer(plain):
        _check_piece(piece)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of [[ and of &&, which are plain characters in RE2
            re.compile(plain)
    except (re.error, OverflowError, RecursionError) as error:
        reason = error.msg if isinstance(error, re.error) else "it is nested too deeply or repeats too often"
        raise ValueError(f"is not a regular expression in RE2 syntax ({reason}): mend it") from None
    return pattern


def _check_piece(piece: re.Match[str]) -> None:
    escape, group = piece["escape"], piece["group"]
    if escape is not None and (escape == "Z" or escape in "123456789"):
        what = "$" if escape == "Z" else "the words themselves"
        raise ValueError(f"has \\{escape}, which RE2 does not know: use {what}")
    if group is not None:
        raise ValueError(f"has {_NOT_IN_RE2[group]}, which RE2 does not know: match the words themselves")
    if piece["possessive"] is not None:
        raise ValueError(f"has the possessive {piece[0]}, which RE2 does not know: use {piece[0][:-1]}")
    for count in (piece["low"], piece["high"]):
        if count and int(count) > MAX_REPEAT:
            raise ValueError(f"repeats {count} times; RE2 takes at most {MAX_REPEAT:,}")
