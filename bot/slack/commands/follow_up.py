"""A question in the thread of an earlier one: it keeps service, window and severity, unless its words say otherwise."""

from datetime import datetime
from typing import Any

from core.brief import Intent
from core.landscape import Landscape
from core.reading.intents import read_intents
from core.reading.severities import severities
from core.reading.times import read_day_in, read_week_start, read_window
from core.task import Task

_ABOUT_THE_PAST = frozenset({Intent.INVESTIGATE, Intent.ROLLBACK})


def follow_up(text: str, earlier: Task, landscape: Landscape, now: datetime) -> tuple[str, dict[str, Any]]:
    """The words and the context of the new task; `follow_up_of` in it names the earlier one.

    Words that ask for nothing by themselves ("and the last hour?") go on with what the earlier task did.
    """
    context: dict[str, Any] = {"follow_up_of": str(earlier.task_id)}
    brief = earlier.plan.brief if earlier.plan is not None else None
    given = earlier.context
    if not landscape.mentioned(text):
        context["service"] = given.service or (brief.services[0] if brief is not None and brief.services else None)
    if not _names_a_time(text, now):
        window = given.window or (brief.window if brief is not None else None)
        if window is not None:
            context |= {"start_time": window.start, "end_time": window.end}
        context["alert_time"] = given.alert_time
    elif (window := read_window(text, now)) is not None:
        context |= {"start_time": window.start, "end_time": window.end}
    if not severities(text):
        context["severity"] = given.severity or (brief.severity if brief is not None else None)
    context["project_key"] = given.project_key
    goes_on = brief is not None and bool(_ABOUT_THE_PAST.intersection(brief.intents)) and not read_intents(text)
    words = f"Investigate further: {text}" if goes_on else text
    return words, {name: value for name, value in context.items() if value is not None}


def _names_a_time(text: str, now: datetime) -> bool:
    return read_window(text, now) is not None or bool(
        read_day_in(text, now.date()) or read_week_start(text, now.date())
    )
