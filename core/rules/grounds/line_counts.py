"""How many lines of a log are like one of them."""

from collections import Counter
from functools import cached_property

from core.evidence import LogLine, LogLines
from core.findings.logs import LogGroup, is_bad, is_warning, shape_of
from core.findings.signatures import named_failures

_ANY_VALUE = "0"

type Kind = tuple[str, str]
"""Shape and level."""


class LineCounts:
    """The error and warning lines of a log by shape and level, counted once."""

    def __init__(self, logs: LogLines) -> None:
        self._shapes = _Shapes()
        self._levels = {
            level: is_bad(line) or is_warning(line) for level, line in {line.level: line for line in logs.lines}.items()
        }
        self._total = len(logs.lines)
        self._counts: Counter[Kind] = Counter()
        self._firsts: dict[Kind, LogLine] = {}
        for line in logs.lines:
            if self._levels[line.level]:
                kind = self._kind(line)
                self._counts[kind] += 1
                if kind not in self._firsts:
                    self._firsts[kind] = line

    def alike(self, line: LogLine) -> set[float]:
        """How many lines have its shape, and how many name the failure that it names."""
        if not self._levels.get(line.level):
            return set()
        kind = self._kind(line)
        failure = self._failures.get(kind)
        own = {float(self._counts[kind])}
        if failure is not None:
            own.add(float(sum(self._counts[other] for other, name in self._failures.items() if name == failure)))
        return own

    @property
    def whole(self) -> set[float]:
        """How many lines, errors and warnings there are."""
        errors = sum(count for kind, count in self._counts.items() if is_bad(self._firsts[kind]))
        return {float(self._total), float(errors), float(self._counts.total() - errors)}

    @cached_property
    def _failures(self) -> dict[Kind, str]:
        groups = {kind: LogGroup(shape=kind[0], level=kind[1], lines=(line,)) for kind, line in self._firsts.items()}
        return {kind: named.failure for kind, group in groups.items() for named in named_failures((group,))}

    def _kind(self, line: LogLine) -> Kind:
        shapes = self._shapes
        return " ".join([shapes[word] for word in line.message.split()]), line.level


class _Shapes(dict[str, str]):
    """Words of log lines and their shapes: most come again on every line, and of `name=value` the name does."""

    def __missing__(self, word: str) -> str:
        name, equals, value = word.partition("=")
        if name and equals and value not in {"", _ANY_VALUE}:
            return self[f"{name}={_ANY_VALUE}"]
        shape = self[word] = shape_of(word)
        return shape
