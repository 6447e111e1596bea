"""Parts → as many messages as Slack's limits ask for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot.slack.render import limits
from bot.slack.render.parts import Heading, Listing, Note, Part, Parts
from bot.slack.render.plain import render_plain, render_text
from bot.slack.render.rich import Block, render_rich

_ROOM = limits.MESSAGE_JSON_CHARS - 450
"""What a message's parts may take; the rest is for the note that says what was left out."""


_LIST_JSON_CHARS = len(json.dumps(render_rich([Listing(items=())])))


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message: `rich` blocks, `plain` ones for where Slack refuses those, and the `text` without blocks."""

    rich: list[Block]
    plain: list[Block]
    text: str


def render_message(parts: Parts) -> Message:
    """One message of parts that are known to fit."""
    return Message(rich=render_rich(parts), plain=render_plain(parts), text=render_text(parts))


def render_pages(parts: Parts, *, more: str, pages: int = limits.PAGES, controls: Parts = ()) -> list[Message]:
    """The parts on at most `pages` messages, each within Slack's limits; `more` says where to read what was left out.

    `controls` end the last one.
    """
    filled: list[list[Part]] = [[]]
    atoms = list(_atoms(parts))
    whole = _ROOM - sum(_size(control, after=None) for control in controls)
    room = whole
    for position, atom in enumerate(atoms):
        before = filled[-1][-1] if filled[-1] else None
        size = _size(atom, after=before)
        least = size + _size(atoms[position + 1], after=atom) if _begins(atoms, position) else size
        if filled[-1] and least > room:
            if len(filled) == pages:
                filled[-1].append(Note(text=f"… {len(atoms) - position} more: {limits.cut(more, 300)}"))
                break
            filled.append([])
            room = whole
            size = _size(atom, after=None)
        filled[-1].append(atom)
        room -= size
    filled[-1] += controls
    return [render_message(_joined(page)) for page in filled if page]


def _begins(atoms: list[Part], position: int) -> bool:
    """Whether the part is a heading, which is not to end a message."""
    return isinstance(atoms[position], Heading) and position + 1 < len(atoms)


def _size(atom: Part, *, after: Part | None) -> int:
    """How much of a message's JSON the part takes at most, rich or plain, with the commas around it.

    An item after another of its list goes into the same block.

    Blocks need no count of their own: a message has room for few that are large enough not to share one.
    """
    least = limits.MESSAGE_JSON_CHARS // (limits.MESSAGE_BLOCKS // 2) if isinstance(atom, Note) else 0
    blocks = (render_rich([atom]), render_plain([atom]))
    size = max(least, *(len(json.dumps(shown, ensure_ascii=False)) for shown in blocks)) + 2
    return size - _LIST_JSON_CHARS if isinstance(atom, Listing) and isinstance(after, Listing) else size


def _atoms(parts: Parts) -> Iterator[Part]:
    """The parts, lists taken apart into their items."""
    for part in parts:
        if isinstance(part, Listing):
            for index, item in enumerate(part.items):
                yield Listing(items=(item,), start=None if part.start is None else part.start + index)
        else:
            yield part


def _joined(page: list[Part]) -> list[Part]:
    joined: list[Part] = []
    for part in page:
        last = joined[-1] if joined else None
        if isinstance(part, Listing) and isinstance(last, Listing) and _follows(last, part):
            joined[-1] = Listing(items=(*last.items, *part.items), start=last.start)
        else:
            joined.append(part)
    return joined


def _follows(last: Listing, part: Listing) -> bool:
    if last.start is None or part.start is None:
        return last.start is part.start
    return last.start + len(last.items) == part.start
