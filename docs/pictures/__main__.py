"""`python -m docs.pictures`: writes docs/images/slack-*.png."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from docs.pictures.chromium import measure, shoot
from docs.pictures.page import render_page
from docs.pictures.recorder import Posted
from docs.pictures.run import Recorded, record

IMAGES = Path(__file__).resolve().parent.parent / "images"
WIDTH_PX, PHONE_WIDTH_PX = 760, 390
SHARP = 1.5
"""Dots a pixel, for screens that have them."""
_IN_SHORT = ("opening", "post", "alerts", "plan", "verdict", "chart")
"""The evidence of a thread is long, and has a picture of its own."""


def main() -> None:
    """Draw the thread for a phone and for a desk, its evidence, a storm's thread, and the digest."""
    recorded = asyncio.run(record())
    draw_all(recorded)


def draw_all(recorded: Recorded) -> None:
    """Every picture of the README."""
    short = first_of_each(recorded.thread)
    replies = len(recorded.thread) - 1
    draw("slack-thread", render_page(short, width_px=WIDTH_PX, replies=replies), WIDTH_PX, SHARP)
    answer = [message for message in short if message.role not in {"opening", "plan"}]
    draw("slack-thread-phone", render_page(answer, width_px=PHONE_WIDTH_PX, replies=replies), PHONE_WIDTH_PX, SHARP)
    evidence = [message for message in recorded.thread if message.role.startswith("evidence")][:1]
    draw("slack-thread-evidence", render_page(evidence, width_px=WIDTH_PX, replies=replies), WIDTH_PX)
    storm = [message for message in first_of_each(recorded.storm) if message.role in {"post", "alerts", "verdict"}]
    draw("slack-storm", render_page(storm, width_px=WIDTH_PX, replies=len(recorded.storm) - 1), WIDTH_PX, SHARP)
    draw("slack-digest", render_page(recorded.digest, width_px=WIDTH_PX, replies=0), WIDTH_PX)


def first_of_each(messages: Sequence[Posted]) -> list[Posted]:
    """The first message of every role that a picture in short shows, in the order of the roles."""
    found = (next((it for it in messages if it.role == role), None) for role in _IN_SHORT)
    return [message for message in found if message is not None]


def draw(name: str, html: str, width_px: int, scale: float = 1) -> None:
    """Write the picture of the whole page."""
    height_px = measure(html, width_px=width_px)
    picture = IMAGES / f"{name}.png"
    shoot(html, picture, width_px=width_px, height_px=height_px, scale=scale)
    print(f"{picture.name}: {width_px} × {height_px} × {scale:g}, {picture.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
