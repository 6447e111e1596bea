"""Task → PNGs. Drawn on demand, outside the run."""

import asyncio
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from bot.charts.selection import Picture, pictures_of
from core.task import Task

DRAWING = "1"
"""Changes when the same picture would be drawn otherwise, so that nobody keeps an old one."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One picture: `alt_text` says what it shows in words, `series` which signals, `citation_ids` what of the report it draws."""

    png: bytes
    title: str
    alt_text: str
    series: tuple[str, ...]
    citation_ids: tuple[str, ...]


async def draw_charts(task: Task) -> tuple[Chart, ...]:
    """The charts of a finished task, drawn in a thread; empty where its report rests on no metrics."""
    return await asyncio.to_thread(render_charts, task)


def render_charts(task: Task) -> tuple[Chart, ...]:
    """The charts of a finished task, at most two with at most four signals; blocking, some 0.3 s each."""
    return tuple(render_chart(picture) for picture in pictures_of(task.plan, task.result))


@lru_cache(maxsize=16)
def render_chart(picture: Picture) -> Chart:
    """The picture as a PNG of 2400 x 1350 pixels; the last few are kept."""
    from bot.charts.drawing import draw  # noqa: PLC0415 -- matplotlib takes half a second to import, and few runs are drawn

    return Chart(
        png=draw(picture),
        title=picture.title,
        alt_text=picture.alt_text,
        series=picture.series,
        citation_ids=picture.citation_ids,
    )


def digest_of(picture: Picture) -> str:
    """What tells this picture from any other, without drawing it."""
    return hashlib.sha256(f"{DRAWING} {picture!r}".encode()).hexdigest()[:32]
