"""Who is to do it, in the words of a text: a handle, a person's name, or a role or team."""

import re

from tools.patterns import HANDLE, leading_name

LABEL = re.compile(
    r"(?<![\w-])(?:owners?|assignees?|assigned\sto|owned\sby|responsible|DRI|who)\s?[:=]\s?|(?<![\w-])(?:assigned\sto|owned\sby)\s",
    re.IGNORECASE,
)
_HANDLE = re.compile(HANDLE)
_HANDLES = re.compile(rf"{HANDLE}(?:(?:\s|,\s|\sand\s|\s&\s){HANDLE}){{0,4}}")
_PHRASE = re.compile(r"[^\W_][\w'’/& -]{0,60}")
_PHRASE_END = re.compile(r"\s(?:-|–|—)\s|\s(?:by|due|before|within|to|will|must|should|please)\s|\s{2,}")
_MAX_WORDS = 4
_NOBODY = frozenset({"none", "n/a", "na", "nobody", "no one", "tba", "tbc", "tbd", "unassigned", "unknown", "unowned"})
_ROLES = (
    r"(?:primary|secondary|on-?call|engineers?|leads?|managers?|commander|teams?|squad|owners?|scribe|responders?"
    r"|admins?|developers?|operators?|maintainers?|DBAs?|SREs?|support|security|legal|manager)"
)
_ROLE = re.compile(rf"(?:the\s|an?\s|every\s|each\s)?(?P<role>(?:[\w-]{{1,30}}\s){{0,3}}{_ROLES})", re.IGNORECASE)
_NAME_LIST = re.compile(r"(?: and | & |, )")
_TRAILING = re.compile(r"[(\[](?P<inside>[^()\[\]]{1,60})[)\]][.!]?$|\s(?:-|–|—)\s(?P<behind>[^()\[\]]{1,60})$")


def labelled_owner(words: str) -> str | None:
    """The owner that stands right behind `Owner:`; None for nobody."""
    if handle := _HANDLE.match(words):
        return handle[0]
    phrase = _PHRASE.match(words)
    if phrase is None:
        return None
    name = _PHRASE_END.split(phrase[0] + " ")[0].strip(" -/&")
    if name.lower() in _NOBODY or len(name.split()) > _MAX_WORDS:
        return None
    return name or None


def leading_owner(words: str) -> tuple[str, int] | None:
    """The handle or the names a sentence begins with, and where they end."""
    if handle := _HANDLES.match(words):
        return handle[0], handle.end()
    first = leading_name(words)
    if first is None:
        return None
    end = len(first)
    link = _NAME_LIST.match(words, end)
    second = leading_name(words[link.end() : link.end() + 130]) if link else None
    if link and second:
        end = link.end() + len(second)
    return words[:end], end


def role(words: str) -> str | None:
    """The role or team that the words are: `The payments team` gives `payments team`."""
    match = _ROLE.fullmatch(words.strip())
    return match["role"] if match else None


def trailing_owner(words: str) -> str | None:
    """An owner in parentheses or behind a dash at the end: `rotate certs (Ana)`, `restart – @bob`."""
    match = _TRAILING.search(words[-80:])
    if match is None:
        return None
    inside = (match["inside"] or match["behind"]).split(",")[0].strip()
    if _HANDLE.fullmatch(inside) or leading_name(inside) == inside or role(inside) is not None:
        return inside
    return None


def is_crowd(handle: str) -> bool:
    """Whether a handle calls everybody in the channel."""
    return handle.lower() in {"@here", "@channel", "@everyone", "@all"}


def only_handle(words: str) -> str | None:
    """The one person's handle of a text; None where it names none, or several."""
    handles = {match[0] for match in _HANDLE.finditer(words) if not is_crowd(match[0])}
    return handles.pop() if len(handles) == 1 else None
