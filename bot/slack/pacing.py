"""How often a thread's messages are rendered anew; how often Slack is written to is the outbox's matter."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ThreadTimes:
    """`gather_s`: how long a new plan is kept back, so that what is first shown has evidence in it already.

    `every_s`: between two states of a plan that are put. `retry_s`: between two tries while the database is away, twice as
    long each time, up to `most_retry_s`. `silence_s`: a run that says nothing for so long is another process's by now.
    `overtakes_s`: how long a verdict lets the evidence go first. `sweep_s`: between two searches for ended tasks whose
    verdict or chart is missing; `settled_s`, `undrawn_s`: how long they must have ended.
    """

    gather_s: float = 0.4
    every_s: float = 1.0
    retry_s: float = 0.5
    most_retry_s: float = 10.0
    silence_s: float = 1800.0
    overtakes_s: float = 1.5
    sweep_s: float = 10.0
    settled_s: float = 10.0
    undrawn_s: float = 60.0
