"""The words of a citation in little room. What is stored stays whole; `…` stands wherever something is left out."""

import re

from bot.slack.render import limits
from bot.slack.render.times import Clock

_POINT = re.compile(r"\S+=(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)", re.ASCII)
_FEW_POINTS = 4
_FIELD = re.compile(r"[^\s:]{1,40}: ?\S.*")
_RULE = re.compile(r"[|\s:-]+")
_MARK = re.compile(r"^(?:#{1,6}|[-*+>]) ")
_BETWEEN = " · "


def shorten_quote(quote: str, limit: int, clock: Clock) -> str:
    """At most `limit` characters in “…”: a series as its first, farthest and last point, rows and fields set off by dots."""
    points = quote.split(", ")
    values = [_POINT.fullmatch(point) for point in points]
    if len(points) >= _FEW_POINTS and all(values):
        figures = [float(found[1]) for found in values if found]
        return limits.cut(clock.shorten(_series(points, figures)), limit)
    return f"“{limits.cut(_flat(quote), limit - 2)}”"


def _series(points: list[str], figures: list[float]) -> str:
    farthest = max(range(len(figures)), key=lambda index: abs(figures[index] - figures[0]))
    shown = sorted({0, farthest, len(points) - 1})
    pieces: list[str] = []
    for before, index in zip([-1, *shown], shown, strict=False):
        pieces += ["…"] if index > before + 1 else []
        pieces.append(points[index])
    return " ".join(pieces)


def _flat(quote: str) -> str:
    """On one line. A table's cells and the lines of fields (`status: Open`) keep a mark between them."""
    lines = [_bare(line) for line in quote.splitlines() if not _RULE.fullmatch(line)]
    lines = [line for line in lines if line]
    lines = [_cells(line) if line.startswith("|") and line.endswith("|") else line for line in lines]
    of_fields = all(_FIELD.fullmatch(line) or _BETWEEN in line for line in lines)
    return (_BETWEEN if of_fields else " ").join(lines)


def _bare(line: str) -> str:
    """Without the mark that makes it a heading or an item."""
    return _MARK.sub("", " ".join(line.split()))


def _cells(row: str) -> str:
    return _BETWEEN.join(cell.strip() for cell in row.strip("| ").split("|") if cell.strip())
