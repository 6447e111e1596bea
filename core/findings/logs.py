"""What log lines show: which kinds of line there are, how often, since when; and which tell of a change."""

import json
import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from core.evidence.logs import LogLine, LogLines

_ANY_VALUE = "0"
MASKED = "<*>"
SIBLINGS = 4
"""So many messages that differ in one word alone are one message about different things."""
_TELLING = frozenset({"msg", "message", "event", "error", "err", "exception", "reason", "type"})
_MARKS = ('"', "'", "[", "(", "/", "@")
"""Without one of these nothing but words is there to mask; to look for them is quicker than the expression."""
_MASKED = re.compile(
    r"\"[^\"]{0,200}\"|(?<!\w)'[^']{0,200}'(?!\w)|\[[^\[\]]{0,400}\]|\([^()]{0,400}\)|\bhttps?://\S+|(?<!\S)/\S*|\b[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|\b[0-9a-f]{8,}\b|(?<==)\S+(?:\s[^\s=]+)*?(?=\s\w+=)"
)
_VARIES = re.compile(r"[\d=]")
_BAD_LEVELS = frozenset({"error", "err", "fatal", "critical", "crit", "alert", "emergency", "panic"})
_WARN_LEVELS = frozenset({"warn", "warning"})
_DEPLOY = re.compile(
    r"\bdeploy|\broll(?:ed|ing)?[\s-]?out\b|\bwent live\b|\b(?:is|going|goes) live\b|\bpromoted\b|\bshipped\b",
    re.IGNORECASE,
)
# A lock is released too: a release of software names its version.
_RELEASE = re.compile(
    r"\brelease[ds]?\b.{0,60}\bv?\d+\.\d|\bv?\d+\.\d\S*\s.{0,60}\breleased\b|\bnew release\b", re.IGNORECASE
)
_ROLLBACK = re.compile(
    r"\broll(?:ed|ing)?[\s-]?back|\brevert(?:ed|ing|s)?\b|\bback(?:ed|ing) out\b|\bund(?:id|one|oing)\b|\b(?:back|restored?) (?:on|to) (?:the )?(?:previous|build|version|release)\b",
    re.IGNORECASE,
)
_OTHER_CHANGE = re.compile(
    r"\bfeature flag|\bconfig(?:uration)? change|\bmigration\b|\brestart|\bfailover\b|\bscaled\b|\bcertificate\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """Lines of one shape and level: numbers and identifiers aside they are the same; oldest first."""

    shape: str
    level: str
    lines: tuple[LogLine, ...]

    @property
    def is_error(self) -> bool:
        return is_bad(self.first)

    @property
    def first(self) -> LogLine:
        return self.lines[0]


_RECENT: deque[tuple[LogLines, tuple[LogGroup, ...]]] = deque(maxlen=8)  # the composer and the verifier ask in turn


@dataclass(frozen=True, kw_only=True)
class ChangeEvent:
    """A line that tells of a change: `kind` is `deployment`, `rollback` or `change`."""

    kind: str
    line: LogLine


def is_bad(line: LogLine) -> bool:
    """Whether the line's level is that of an error."""
    return line.level.lower() in _BAD_LEVELS


def is_warning(line: LogLine) -> bool:
    """Whether the line's level is that of a warning."""
    return line.level.lower() in _WARN_LEVELS


def group_lines(logs: LogLines) -> tuple[LogGroup, ...]:
    """The error and warning lines by shape and level, most frequent first; the last few logs are remembered."""
    for known, groups in _RECENT:
        if known is logs:
            return groups
    groups = _group(logs)
    _RECENT.append((logs, groups))
    return groups


def _group(logs: LogLines) -> tuple[LogGroup, ...]:
    shapes = WordShapes()
    levels = {
        line.level: is_bad(line) or is_warning(line) for line in {item.level: item for item in logs.lines}.values()
    }
    found: dict[tuple[str, str], list[LogLine]] = {}
    for line in logs.lines:
        if levels[line.level]:
            found.setdefault((shapes.of(_plain(line.message)), line.level), []).append(line)
    merged = _merged({shape for shape, _ in found})
    if merged:
        alike: dict[tuple[str, str], list[LogLine]] = {}
        for (shape, level), lines in found.items():
            alike.setdefault((merged.get(shape, shape), level), []).extend(lines)
        found = {key: sorted(lines, key=lambda line: line.timestamp) for key, lines in alike.items()}
    groups = [LogGroup(shape=shape, level=level, lines=tuple(lines)) for (shape, level), lines in found.items()]
    return tuple(sorted(groups, key=lambda group: (-len(group.lines), group.first.timestamp)))


class WordShapes(dict[str, str]):
    """The shapes of words met so far: most words of a log come again on every line, and of `name=value` the name does."""

    def of(self, message: str) -> str:
        """The shape of a message, as `shape_of`."""
        return " ".join([self[word] for word in message.split()])

    def __missing__(self, word: str) -> str:
        name, equals, value = word.partition("=")
        if name and equals and value not in {"", _ANY_VALUE}:
            return self[f"{name}={_ANY_VALUE}"]
        shape = self[word] = shape_of(word)
        return shape


def shapes_of(messages: Sequence[str]) -> list[str]:
    """The shape of each message; a word that varies among messages alike but for it is masked too."""
    words = WordShapes()
    shapes = [words.of(_plain(message)) for message in messages]
    merged = _merged(set(shapes))
    return [merged.get(shape, shape) for shape in shapes]


def _plain(message: str) -> str:
    """The message on one line, with what stands in quotes, brackets, addresses and paths masked."""
    if message[:1] == "{" and (structured := _structured(message)) is not None:
        return structured
    if "\n" in message:
        message = _raised(message)
    for mark in _MARKS:
        if mark in message:
            return _MASKED.sub(_ANY_VALUE, message)
    return message


def _structured(message: str) -> str | None:
    """A line of JSON as its keys, with the words that say what happened; None for what is no object."""
    try:
        data: object = json.loads(message)
    except ValueError:
        return None
    if not isinstance(data, dict):
        return None
    fields = cast("dict[str, object]", data)
    told = (str(value) for key, value in fields.items() if key.lower() in _TELLING)
    return " ".join([*(f"{key}={_ANY_VALUE}" for key in fields if key.lower() not in _TELLING), *told])


def _raised(trace: str) -> str:
    """A stack trace as its kind of error: the first line, or the last one of a trace that ends with it."""
    lines = [line for line in trace.splitlines() if line.strip()]
    return lines[-1].strip() if lines and lines[0].startswith("Traceback") else lines[0] if lines else ""


def _merged(shapes: Iterable[str]) -> dict[str, str]:
    """Shape → shape with `<*>` for the one word, not the first, in which `SIBLINGS` or more shapes differ."""
    siblings: dict[tuple[str, ...], list[str]] = {}
    for shape in shapes:
        words = shape.split(" ")
        for at in range(1, len(words)):
            if words[at] != "<*>" and len(words) > 2:  # noqa: PLR2004 -- of two words one is too little to be alike
                siblings.setdefault((*words[:at], "<*>", *words[at + 1 :]), []).append(shape)
    return {shape: " ".join(key) for key, alike in siblings.items() if len(alike) >= SIBLINGS for shape in alike}


def shape_of(message: str) -> str:
    """The message with what varies replaced by `<*>`: words with a digit in them, and values after `=`."""
    words = message.split()  # most words are letters alone, which is quickly seen
    return " ".join(word if word.isalpha() or not _VARIES.search(word) else _masked(word) for word in words)


def _masked(word: str) -> str:
    name, equals, value = word.partition("=")
    return f"{name}=<*>" if equals and name and value else "<*>"


def change_events(lines: Sequence[LogLine]) -> tuple[ChangeEvent, ...]:
    """The lines that tell of a change, in the order given."""
    return tuple(ChangeEvent(kind=kind, line=line) for line in lines if (kind := _change_kind(line)))


def _change_kind(line: LogLine) -> str | None:
    if _ROLLBACK.search(line.message):
        return "rollback"
    if _DEPLOY.search(line.message) or _RELEASE.search(line.message):
        return "deployment"
    # An error that speaks of a restart or a certificate tells of a symptom, not of somebody's change.
    calm = not is_bad(line) and not is_warning(line)
    return "change" if calm and _OTHER_CHANGE.search(line.message) else None
