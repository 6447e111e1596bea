"""The message that opens a thread: who asked what."""

import re

from bot.slack.render import limits
from bot.slack.render.pages import Message, render_message
from bot.slack.render.parts import Note, Span, paragraph, text
from core.task import Task

_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_SHOWN_CHARS = 600


def render_opening(task: Task) -> Message:
    """Who asked what, and the task's id."""
    user = task.origin.user
    asker = Span(text=user, user=user) if user and _USER_ID.fullmatch(user) else text(user or "Somebody", bold=True)
    asked = limits.cut(" ".join(task.text.split()), _SHOWN_CHARS)
    return render_message([paragraph(asker, " asked: ", text(asked, italic=True)), Note(text=f"Task {task.task_id}")])
