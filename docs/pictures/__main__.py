"""`python -m docs.pictures`: writes docs/images/slack-thread*.png."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from docs.pictures.chromium import measure, shoot
from docs.pictures.page import render_page
from docs.pictures.recorder import Posted
from docs.pictures.run import record_thread

IMAGES = Path(__file__).resolve().parent.parent / "images"
WIDTH_PX, PHONE_WIDTH_PX = 760, 390
ONE_PICTURE_PX = 2400


def main() -> None:
    """Draw the whole thread for a phone, and for a desk: there in two pictures when one would be too tall."""
    messages = asyncio.run(record_thread())
    replies = len(messages) - 1
    draw("slack-thread-phone", messages, replies, width_px=PHONE_WIDTH_PX)
    if draw("slack-thread", messages, replies, width_px=WIDTH_PX) > ONE_PICTURE_PX:
        evidence = [message for message in messages if message.role.startswith("evidence")]
        draw("slack-thread", [message for message in messages if message not in evidence], replies, width_px=WIDTH_PX)
        draw("slack-thread-evidence", evidence, replies, width_px=WIDTH_PX)


def draw(name: str, messages: Sequence[Posted], replies: int, *, width_px: int) -> int:
    """Write the picture; its height in pixels."""
    html = render_page(messages, width_px=width_px, replies=replies)
    height_px = measure(html, width_px=width_px)
    picture = IMAGES / f"{name}.png"
    shoot(html, picture, width_px=width_px, height_px=height_px)
    print(f"{picture.name}: {width_px} × {height_px}, {picture.stat().st_size / 1024:.0f} KB")
    return height_px


main()
