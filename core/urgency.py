"""Which of the tasks that wait is run first."""

from core.reading.severities import leading_levels, severity_level
from core.task import Request

MOST_URGENT = 10
"""The urgency of a P0; each level of severity below it counts two less, down to none at all for a P5."""
P1 = MOST_URGENT - 2
UNKNOWN = 5
"""Where no severity is named: behind a P2, before a P3."""
_LEADING_CHARS = 80


def urgency(request: Request) -> int:
    """From 0 to `MOST_URGENT`, by the severity of the context, else by one that the text begins with."""
    level = severity_level(request.context.severity)
    if level is None:
        level = min(leading_levels(request.text, _LEADING_CHARS), default=None)
    return UNKNOWN if level is None else max(0, MOST_URGENT - 2 * level)
