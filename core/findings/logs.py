"""What log lines show: which kinds of line there are, how often, since when; and which tell of a change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.evidence.logs import LogLine, LogLines

_VARIABLE = re.compile(
    r"(?<=\w=)[^\s,;:]+|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b|\b(?=\w*\d)[A-Za-z]+[_-][\w-]*\d[\w-]*\b|\d+(?:\.\d+)*",
    re.IGNORECASE,
)
_BAD_LEVELS = frozenset({"error", "err", "fatal", "critical", "crit", "alert", "emergency", "panic"})
_WARN_LEVELS = frozenset({"warn", "warning"})
_DEPLOY = re.compile(r"\bdeploy|\brollout\b|\brolled out\b|\brelease[ds]?\b", re.IGNORECASE)
_ROLLBACK = re.compile(r"\broll(?:ed|ing)?[\s-]?back|\brevert", re.IGNORECASE)
_OTHER_CHANGE = re.compile(
    r"\bfeature flag|\bconfig(?:uration)? change|\bmigration\b|\brestart|\bfailover\b|\bscaled\b|\bcertificate\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """Lines of one shape: numbers and identifiers aside they are the same; oldest first."""

    shape: str
    level: str
    lines: tuple[LogLine, ...]

    @property
    def first(self) -> LogLine:
        return self.lines[0]


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


def group_errors(logs: LogLines) -> tuple[LogGroup, ...]:
    """The error lines by shape, most frequent first."""
    groups: dict[str, list[LogLine]] = {}
    for line in logs.lines:
        if is_bad(line):
            groups.setdefault(shape_of(line.message), []).append(line)
    found = [LogGroup(shape=shape, level=lines[0].level, lines=tuple(lines)) for shape, lines in groups.items()]
    return tuple(sorted(found, key=lambda group: (-len(group.lines), group.first.timestamp)))


def shape_of(message: str) -> str:
    """The message with numbers and identifiers replaced by `<*>`."""
    return _VARIABLE.sub("<*>", message)


def change_events(lines: Sequence[LogLine]) -> tuple[ChangeEvent, ...]:
    """The lines that tell of a change, in the order given."""
    return tuple(ChangeEvent(kind=kind, line=line) for line in lines if (kind := _change_kind(line)))


def _change_kind(line: LogLine) -> str | None:
    if _ROLLBACK.search(line.message):
        return "rollback"
    if _DEPLOY.search(line.message):
        return "deployment"
    # An error that speaks of a restart or a certificate tells of a symptom, not of somebody's change.
    calm = not is_bad(line) and not is_warning(line)
    return "change" if calm and _OTHER_CHANGE.search(line.message) else None
