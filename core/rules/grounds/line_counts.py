"""How many lines of a log are like one of them."""

from collections import Counter
from functools import cached_property

from core.evidence import LogLine, LogLines
from core.findings.logs import group_lines, is_bad
from core.findings.signatures import failure_of

type Kind = tuple[str, str]
"""Shape and level."""


class LineCounts:
    """The error and warning lines of a log by shape and level, counted once."""

    def __init__(self, logs: LogLines) -> None:
        self._total = len(logs.lines)
        groups = group_lines(logs)
        self._counts: Counter[Kind] = Counter({(group.shape, group.level): len(group.lines) for group in groups})
        self._firsts = {(group.shape, group.level): group.first for group in groups}
        self._kinds = {id(line): (group.shape, group.level) for group in groups for line in group.lines}

    def alike(self, line: LogLine) -> set[float]:
        """How many lines have its shape, and how many name the failure that it names."""
        kind = self._kinds.get(id(line))
        if kind is None:
            return set()
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
        named = ((kind, failure_of(line.message)) for kind, line in self._firsts.items())
        return {kind: failure[0] for kind, failure in named if failure is not None}
