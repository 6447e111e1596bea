"""The words after `/orch`, or after a mention → a command."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

COMMAND = "/orch"
NAMES = ("analyze", "status", "show", "rerun", "cancel", "oncall", "digest", "help")
_ALIASES = {
    "analyse": "analyze",
    "investigate": "analyze",
    "re-run": "rerun",
    "retry": "rerun",
    "stop": "cancel",
    "on-call": "oncall",
    "who": "oncall",
    "handover": "digest",
    "health": "status",
    "?": "help",
    "--help": "help",
    "-h": "help",
}
_LIKENESS = 0.7
_ID = re.compile(r"(?:task\s+)?[0-9a-f]{6,8}(?:-?[0-9a-f]{0,12}){0,6}", re.IGNORECASE)
_WEEK = re.compile(
    r"(?:(?:this|next|last|current|previous)\s+week|now|today|tomorrow|week\s+\d{1,2}(?:\s+\d{4})?|\d{4}-?w\d{1,2}|\d{4}-\d{2}-\d{2})\??",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """One of `NAMES`, and what follows it."""

    name: str
    argument: str = ""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """`word` is no command; `suggestion` is what may have been meant, whole, as it would be typed."""

    word: str
    suggestion: str


def read_command(text: str) -> Command | Unknown:
    """What stands after `/orch`. Nothing at all asks for help."""
    word, argument = _parted(text)
    if not word:
        return Command(name="help")
    name = _name(word)
    if name is not None:
        return Command(name=name, argument=argument)
    near = get_close_matches(word.lower(), (*NAMES, *_ALIASES), n=1, cutoff=_LIKENESS)
    said = f"{_ALIASES.get(near[0], near[0])} {argument}" if near else f"analyze {text.strip()}"
    return Unknown(word=word, suggestion=f"{COMMAND} {said}".strip())


def read_words(text: str) -> Command:
    """What stands after a mention: a command where it can be nothing else, otherwise something to look into."""
    word, argument = _parted(text)
    name = _name(word) if word else "help"
    match name:
        case "help" if not argument or _name(argument) is not None:
            return Command(name="help", argument=argument)
        case "status" | "digest" if not argument:
            return Command(name=name)
        case "show" | "rerun" | "cancel" if not argument or _ID.fullmatch(argument):
            return Command(name=name, argument=argument)
        case "oncall" if word.lower() != "who" and (not argument or _WEEK.fullmatch(argument)):
            return Command(name="oncall", argument=argument.rstrip("?"))
        case "analyze" if argument:
            # The word stays: it says that something is to be looked into.
            return Command(name="analyze", argument=text.strip() if word.lower() == "investigate" else argument)
        case _:
            return Command(name="analyze", argument=text.strip())


def _parted(text: str) -> tuple[str, str]:
    word, _, argument = text.strip().partition(" ") if " " in text.strip() else (text.strip(), "", "")
    head, *rest = word.split(maxsplit=1)[:2] if word else [""]
    return head.strip(), " ".join((*rest, argument)).strip()


def _name(word: str) -> str | None:
    lower = word.lower()
    return lower if lower in NAMES else _ALIASES.get(lower)
