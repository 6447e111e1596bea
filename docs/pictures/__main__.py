"""`python -m docs.pictures`: writes docs/images/slack-thread*.png."""

import asyncio
from pathlib import Path

from docs.pictures.chromium import measure, shoot
from docs.pictures.page import render_page
from docs.pictures.run import record_thread

IMAGES = Path(__file__).resolve().parent.parent / "images"
WIDTH_PX, PHONE_WIDTH_PX = 760, 390
ONE_PICTURE_PX = 2400
SHARP = 1.5
"""Dots a pixel, for screens that have them."""


def main() -> None:
    """Draw the thread for a phone and for a desk; the evidence, when all would be too tall, in a picture of its own."""
    messages = asyncio.run(record_thread())
    evidence = [message for message in messages if message.role.startswith("evidence")]
    others = [message for message in messages if message not in evidence]
    replies = len(messages) - 1
    draw("slack-thread-phone", render_page(others, width_px=PHONE_WIDTH_PX, replies=replies), PHONE_WIDTH_PX, SHARP)
    whole = render_page(messages, width_px=WIDTH_PX, replies=replies)
    if measure(whole, width_px=WIDTH_PX) <= ONE_PICTURE_PX:
        draw("slack-thread", whole, WIDTH_PX, SHARP)
    else:
        draw("slack-thread", render_page(others, width_px=WIDTH_PX, replies=replies), WIDTH_PX, SHARP)
        draw("slack-thread-evidence", render_page(evidence, width_px=WIDTH_PX, replies=replies), WIDTH_PX)


def draw(name: str, html: str, width_px: int, scale: float = 1) -> None:
    """Write the picture of the whole page."""
    height_px = measure(html, width_px=width_px)
    picture = IMAGES / f"{name}.png"
    shoot(html, picture, width_px=width_px, height_px=height_px, scale=scale)
    print(f"{picture.name}: {width_px} × {height_px} × {scale:g}, {picture.stat().st_size / 1024:.0f} KB")


main()
