"""Parts → the oldest blocks there are, `section` and `context`, and → text alone, for where those are refused."""

from dataclasses import replace

from bot.slack.render import limits
from bot.slack.render.escaping import clean, escape, literal
from bot.slack.render.parts import (
    Buttons,
    Cards,
    Heading,
    Listing,
    Note,
    Opinion,
    Paragraph,
    Part,
    Parts,
    Span,
    Spans,
    Title,
)
from bot.slack.render.rich import Block, actions, context, fit, header

_SIGNS = {"pending": "◻️", "in_progress": "⏳", "complete": "✅", "error": "❌"}


def render_plain(parts: Parts) -> list[Block]:
    """https://docs.slack.dev/reference/block-kit/blocks/section-block; neighbouring lines share a section."""
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, Note):
            blocks.append(context(part.text))
            continue
        if isinstance(part, Title):
            blocks.append(header(part.text))
            continue
        if isinstance(part, Buttons):
            blocks.append(actions(part.name, part.buttons))
            continue
        if isinstance(part, Opinion):  # within one block two buttons may not have the same action
            blocks += [actions(f"{part.name}:{it.value}", (it,)) for it in (part.yes, part.no)]
            continue
        for line in _lines(part):
            shown = limits.cut(literal(line).strip(), limits.SECTION_CHARS) or limits.NOTHING
            last = blocks[-1]["text"] if blocks and blocks[-1]["type"] == "section" else None
            if (
                last is not None
                and not isinstance(part, Heading)
                and len(last["text"]) + 1 + len(shown) <= limits.SECTION_CHARS
            ):
                last["text"] += f"\n{shown}"
            else:
                blocks.append({"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}})
    return blocks[: limits.MESSAGE_BLOCKS]


def render_text(parts: Parts) -> str:
    """The message's top-level text: what notifications, screen readers and programs read."""
    lines = [line for part in parts for line in _lines(part)]
    kept: list[str] = []
    left = limits.TEXT_CHARS - 2
    for line in lines:
        shown = escape(line)
        if len(shown) + 1 > left:
            kept.append("…")
            break
        kept.append(shown)
        left -= len(shown) + 1
    return "\n".join(kept).strip() or limits.NOTHING


def _lines(part: Part) -> list[str]:
    match part:
        case Paragraph():
            return [_words(part.spans)]
        case Listing():
            lines = [_words(item) for item in part.items]
            if part.start is None:
                return [f"• {line}" for line in lines]
            return [f"{number}. {line}" for number, line in enumerate(lines, part.start)]
        case Note() | Title() | Heading():
            return [part.text]
        case Buttons() | Opinion():
            return []
        case Cards():
            lines = [part.title]
            for card in part.cards[: limits.PLAN_CARDS]:
                output = f": {limits.cut(clean(card.output), 100)}" if card.output else ""
                lines.append(f"{_SIGNS[card.status]} {limits.cut(clean(card.title), 80)}{output}")
            return lines


def _words(spans: Spans) -> str:
    return clean("".join(span.text for span in fit([_with_url(span) for span in spans], limits.ITEM_CHARS)))


def _with_url(span: Span) -> Span:
    """A link's address, where a link cannot be made."""
    if span.url is None or span.is_mark or span.url == span.text:
        return span
    return replace(span, text=f"{span.text} {span.url}")
