"""Short answers of orch's own: parts, and buttons below them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bot.slack.render.pages import Message, render_pages
from bot.slack.render.parts import Button, Buttons, Note, Part, paragraph
from bot.slack.render.rich import render_rich


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`reason` is what is counted. `is_public`: for everybody in the thread, where it was asked in one.

    `task_id` is the task that the answer is about; `refused`: what was asked for is not done.
    """

    reason: str
    parts: tuple[Part, ...]
    buttons: tuple[Button, ...] = ()
    is_public: bool = False
    task_id: UUID | None = None
    refused: bool = False

    @property
    def message(self) -> Message:
        controls = [_row(self.buttons)] if self.buttons else []
        return render_pages(self.parts, more="see the page of orch", pages=1, controls=controls)[0]


def say(reason: str, words: str, *buttons: Button, note: str = "", refused: bool = False) -> Answer:
    """An answer of one paragraph."""
    parts: tuple[Part, ...] = (paragraph(words), Note(text=note)) if note else (paragraph(words),)
    return Answer(reason=reason, parts=parts, buttons=buttons, refused=refused)


def with_buttons(message: Message, buttons: Sequence[Button]) -> Message:
    """The message with a row of buttons below."""
    if not buttons:
        return message
    row = render_rich([_row(buttons)])
    return replace(message, rich=[*message.rich, *row], plain=[*message.plain, *row])


def _row(buttons: Sequence[Button]) -> Buttons:
    return Buttons(name=f"reply:{buttons[0].action_id}:{buttons[0].value}", buttons=tuple(buttons))
