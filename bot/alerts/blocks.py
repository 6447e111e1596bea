"""Block Kit as a flat list of pieces: https://docs.slack.dev/reference/block-kit/blocks.

Blocks nest (rich text lists in quotes, cards in containers), and a post can be made to nest without end: the walk stops at
twelve levels, 2,000 nodes and 60,000 characters a message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.alerts.json_values import as_items, as_object, as_text, field
from bot.alerts.markup import show

MAX_DEPTH = 12
MAX_NODES = 2_000
MAX_CHARS = 60_000

type PieceKind = Literal["header", "section", "field", "context", "rich_text", "markdown", "button", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One text of a block: `text` as it is shown, `raw` as Slack sent it, with the addresses of its links."""

    kind: PieceKind
    text: str
    raw: str


class Budget:
    """What may still be read of a message."""

    def __init__(self) -> None:
        self._nodes = MAX_NODES
        self._chars = MAX_CHARS

    def spend_node(self) -> bool:
        self._nodes -= 1
        return self._nodes >= 0

    def take(self, text: str) -> str:
        """The text, or what the budget leaves of it."""
        taken = text[: self._chars]
        self._chars -= len(taken)
        return taken


_KINDS: dict[str, PieceKind] = {"header": "header", "section": "section", "markdown": "markdown"}


def read_blocks(blocks: object, budget: Budget, depth: int = 0) -> Iterator[Piece]:
    """The pieces of a list of blocks, in reading order."""
    if depth > MAX_DEPTH:
        return
    for item in as_items(blocks):
        if not budget.spend_node():
            return
        yield from _read_block(as_object(item), budget, depth)


def _read_block(block: dict[str, object], budget: Budget, depth: int) -> Iterator[Piece]:
    kind = as_text(block.get("type"))
    if kind == "rich_text":
        yield from _piece("rich_text", budget.take(_rich_text(block, budget, depth)))
        return
    if kind == "button":
        label = _text_object(block.get("text"))
        raw = budget.take(f"{label} {as_text(block.get('url'))}")
        yield Piece(kind="button", text=show(label), raw=raw)
        return
    own: PieceKind = _KINDS.get(kind, "context" if kind in {"mrkdwn", "plain_text"} else "other")
    yield from _piece(own, budget.take(_text_object(block.get("text"))))
    if kind not in {"image", "video"}:
        yield from _piece("header", budget.take(_text_object(block.get("title"))))
        for name in ("subtitle", "body"):
            yield from _piece("other", budget.take(_text_object(block.get(name))))
    for entry in as_items(block.get("fields")):
        yield from _piece("field", budget.take(_text_object(entry)))
    for name in ("elements", "blocks", "actions"):
        yield from read_blocks(block.get(name), budget, depth + 1)
    if isinstance(block.get("accessory"), dict):
        yield from read_blocks([block.get("accessory")], budget, depth + 1)


def _piece(kind: PieceKind, raw: str) -> Iterator[Piece]:
    if raw.strip():
        yield Piece(kind=kind, text=show(raw), raw=raw)


def _text_object(value: object) -> str:
    """The text of a text object, or a plain string."""
    return as_text(value) or as_text(field(value, "text"))


def _rich_text(node: dict[str, object], budget: Budget, depth: int) -> str:
    """A rich text node in the markup of plain messages, so that both are read alike."""
    if depth > MAX_DEPTH or not budget.spend_node():
        return ""
    match as_text(node.get("type")):
        case "text":
            text = _escape(as_text(node.get("text")))
            bold = as_object(node.get("style")).get("bold") is True and text.strip()
            return f"*{text.strip()}*" if bold and "*" not in text else text
        case "link":
            label = _escape(as_text(node.get("text")))
            url = as_text(node.get("url"))
            return f"<{url}|{label}>" if label else f"<{url}>"
        case "emoji":
            return f":{as_text(node.get('name'))}:"
        case "user" | "usergroup" | "team":
            return f"@{as_text(node.get('user_id')) or as_text(node.get('usergroup_id'))}"
        case "channel":
            return f"#{as_text(node.get('channel_id'))}"
        case "broadcast":
            return f"@{as_text(node.get('range'))}"
        case kind:
            parts = (_rich_text(as_object(item), budget, depth + 1) for item in as_items(node.get("elements")))
            return ("\n" if kind in {"rich_text", "rich_text_list"} else "").join(parts)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
