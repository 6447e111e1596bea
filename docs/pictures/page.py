"""Messages → an HTML page that looks like a thread in a chat."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from jinja2 import Environment, FileSystemLoader

from docs.pictures.recorder import Posted

_HERE = Path(__file__).resolve().parent
_PEOPLE = {"U0MIREILLE": "mireille"}


def render_page(messages: Sequence[Posted], *, width_px: int, replies: int) -> str:
    """The page of these messages, `width_px` wide. ValueError over a block of a type that it cannot show."""
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=True)
    template = environment.get_template("thread.html.j2")
    return template.render(
        messages=messages,
        width_px=width_px,
        replies=replies,
        begins_thread=messages[0].thread_ts is None and replies > 0,
        css=(_HERE / "thread.css").read_text(encoding="utf-8"),
        people=_PEOPLE,
        unknown=_refuse,
    )


def _refuse(kind: str) -> NoReturn:
    raise ValueError(f"thread.html.j2 shows no block of type {kind!r}: add it there")
