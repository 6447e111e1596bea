"""The page at `/`."""

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.api.bodies import P1_EXAMPLE
from core.task import MAX_TASK_CHARS

_FOLDER = Path(__file__).parent


def render_page(version: str) -> str:
    """The HTML of the page, whose scripts and styles lie below `static/<version>/`.

    Every address in it is relative, so that the page also works below a prefix of a proxy.
    """
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html").render(
        static=f"static/{version}", example=json.dumps(P1_EXAMPLE, ensure_ascii=False), max_task_chars=MAX_TASK_CHARS
    )
