"""How many runs a process works on at once, and of which channels."""

from collections import Counter
from collections.abc import Callable, Collection

from bot.task_run import TaskRun

_MOST_WAITING = 3
"""Runs that wait for slow systems, a place: each holds what it has found until then."""


class Places:
    """At most `number` runs are at work at once, of one channel at most `per_channel`, beside those that only wait.

    A run in which nothing has happened for `patience_s` waits for a system that is slow, and leaves its place to another, which
    may not need that system. While `is_pressed` says that this process has something more urgent to do, one alone is begun
    beside none.
    """

    def __init__(self, number: int, per_channel: int, *, patience_s: float, is_pressed: Callable[[], bool]) -> None:
        self.number = number
        self._per_channel = per_channel
        self._patience_s = patience_s
        self._is_pressed = is_pressed

    def has_room(self, runs: Collection[TaskRun]) -> bool:
        """Whether one more may be begun beside these."""
        if self._is_pressed():
            return not runs
        waiting = sum(run.is_waiting(self._patience_s) for run in runs)
        return len(runs) < self.number + min(waiting, self.number * _MOST_WAITING)

    def full_channels(self, runs: Collection[TaskRun]) -> list[str]:
        """Those of which none more may be begun beside these."""
        at_work: Counter[str] = Counter()
        all_of_it: Counter[str] = Counter()
        for run in runs:
            channel = run.claim.task.origin.channel
            if channel is not None:
                all_of_it[channel] += 1
                at_work[channel] += not run.is_waiting(self._patience_s)
        most = self._per_channel
        return [
            channel
            for channel, number in all_of_it.items()
            if at_work[channel] >= most or number >= most * (1 + _MOST_WAITING)
        ]
