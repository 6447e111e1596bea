"""The message that opens a thread: who asked what, and in the end what came of it."""

import re

from bot.slack.render import limits
from bot.slack.render.headline import render_headline, summary_of
from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Note, Part, Span, paragraph, text
from bot.slack.render.times import shorten_times
from core.events import RunEnded
from core.task import Task

_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_SHOWN_CHARS = 600


def render_opening(task: Task, ended: RunEnded | None = None) -> Message:
    """Who asked what, and the task's id; above it, once the run has ended, the verdict, for those who read the channel."""
    user = task.origin.user
    asker = Span(text=user, user=user) if user and _USER_ID.fullmatch(user) else text(user or "Somebody", bold=True)
    asked = limits.cut(" ".join(task.text.split()), _SHOWN_CHARS)
    headline = shorten_times(_headline(ended)) if ended is not None else []
    parts: list[Part] = [paragraph(asker, " asked: ", text(asked, italic=True)), Note(text=f"Task {task.task_id}")]
    return render_pages([*headline, *parts], more="see the thread", pages=1)[0]


def _headline(ended: RunEnded) -> list[Part]:
    said = summary_of(ended.result.report) if ended.result is not None else ""
    found = render_headline(ended, (text(limits.cut(said, _SHOWN_CHARS)),) if said else None)
    return [part for part in found if not isinstance(part, Note)]
