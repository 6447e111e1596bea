"""Parts → Slack's richer blocks: `rich_text`, `context`, and `plan` with its `task_card`s."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.slack.render import limits
from bot.slack.render.escaping import is_link, literal
from bot.slack.render.parts import (
    Button,
    Buttons,
    Card,
    Cards,
    Heading,
    Listing,
    Note,
    Opinion,
    Paragraph,
    Parts,
    Span,
    Spans,
    Title,
    text,
)

type Block = dict[str, Any]

_PLAN_JSON_CHARS = limits.MESSAGE_JSON_CHARS - 1500
"""The rest is for the notes beneath the plan."""
_TIGHT_TITLE_CHARS = 40
_CARD_SIZES = ((limits.CARD_OUTPUT_CHARS, 3), (100, 1), (30, 0))
"""How much of a card is shown, from the roomiest to the tightest: characters of its output, and sources."""


def render_rich(parts: Parts) -> list[Block]:
    """Blocks of https://docs.slack.dev/reference/block-kit/blocks; the texts of a section share one `rich_text` block.

    A heading is a line in bold, its section a block of its own, which Slack sets off: a `header` is too large for it.
    """
    blocks: list[Block] = []
    for part in parts:
        match part:
            case Cards():
                blocks.append(_plan(part))
            case Note():
                blocks.append(context(part.text))
            case Title():
                blocks.append(header(part.text))
            case Buttons():
                blocks.append(actions(part.name, part.buttons))
            case Opinion():
                blocks.append(_opinion(part))
            case Heading():
                element = _section((text(part.text, bold=True),))
                blocks.append({"type": "rich_text", "elements": [element]})
            case Paragraph() | Listing():
                if not blocks or blocks[-1]["type"] != "rich_text":
                    blocks.append({"type": "rich_text", "elements": []})
                blocks[-1]["elements"].append(_text_element(part))
    return blocks


def header(words: str) -> Block:
    """Large print; see https://docs.slack.dev/reference/block-kit/blocks/header-block ."""
    shown = limits.cut(" ".join(literal(words).split()), limits.HEADER_CHARS) or limits.NOTHING
    return {"type": "header", "text": {"type": "plain_text", "text": shown, "emoji": False}}


def context(words: str) -> Block:
    """Small print; see https://docs.slack.dev/reference/block-kit/blocks/context-block ."""
    shown = limits.cut(literal(words).strip(), limits.CONTEXT_CHARS) or limits.NOTHING
    return {"type": "context", "elements": [{"type": "plain_text", "text": shown, "emoji": False}]}


def actions(name: str, buttons: Sequence[Button]) -> Block:
    """See https://docs.slack.dev/reference/block-kit/blocks/actions-block ; the outbox adds the version to the name."""
    return {"type": "actions", "block_id": name, "elements": [_button(button) for button in buttons]}


def _button(button: Button) -> Block:
    """See https://docs.slack.dev/reference/block-kit/block-elements/button-element ."""
    block: Block = {
        "type": "button",
        "action_id": button.action_id,
        "text": _label(button),
        "value": button.value,
    }
    return {**block, "style": "danger"} if button.is_danger else block


def _opinion(part: Opinion) -> Block:
    """See https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element ."""
    sides = {"positive_button": part.yes, "negative_button": part.no}
    element: Block = {"type": "feedback_buttons", "action_id": part.yes.action_id}
    for side, button in sides.items():
        element[side] = {"text": _label(button), "value": button.value, "accessibility_label": button.label}
    return {"type": "context_actions", "block_id": part.name, "elements": [element]}


def _label(button: Button) -> Block:
    return {"type": "plain_text", "text": limits.cut(literal(button.label), limits.BUTTON_CHARS), "emoji": True}


def _text_element(part: Paragraph | Listing) -> Block:
    """See https://docs.slack.dev/reference/block-kit/blocks/rich-text-block ."""
    if isinstance(part, Listing):
        element: Block = {
            "type": "rich_text_list",
            "style": "bullet" if part.start is None else "ordered",
            "elements": [_section(item) for item in part.items],
        }
        if part.start is not None and part.start > 1:
            element["offset"] = part.start - 1
        return element
    return _section(part.spans)


def _section(spans: Spans) -> Block:
    elements = [element for span in fit(spans, limits.ITEM_CHARS) for element in [_element(span)] if element]
    if not any(element.get("text", "-").strip() for element in elements):
        elements = [{"type": "text", "text": limits.NOTHING}]
    return {"type": "rich_text_section", "elements": elements}


def _element(span: Span) -> Block | None:
    if span.user is not None:
        return {"type": "user", "user_id": span.user}
    shown = literal(span.text)
    if not shown:
        return None
    style = {name: True for name in ("bold", "italic", "code") if getattr(span, name)}
    styled = {"style": style} if style else {}
    if span.url is not None and is_link(span.url, limits.URL_CHARS):
        return {"type": "link", "url": span.url, "text": shown, **styled}
    return {"type": "text", "text": shown, **styled}


def fit(spans: Sequence[Span], limit: int) -> list[Span]:
    """The spans, at most `limit` characters in all, counted as they are shown."""
    kept: list[Span] = []
    left = limit
    for span in spans:
        length = len(literal(span.text))
        if length <= left:
            kept.append(span)
            left -= length
        else:
            kept.append(replace(span, text=_cut_shown(span.text, left)))
            break
    return kept


def _cut_shown(words: str, limit: int) -> str:
    """Cut so that the text is short enough even when what it shows is longer than what it is."""
    shown = literal(words)
    return limits.cut(words, max(limit - (len(shown) - len(words)), 1)) if limit > 0 else "…"


def _plan(part: Cards) -> Block:
    """See https://docs.slack.dev/reference/block-kit/blocks/plan-block ."""
    cards = part.cards[: limits.PLAN_CARDS]
    title = limits.cut(literal(part.title), limits.CARD_TITLE_CHARS)
    block: Block = {}
    for output_chars, sources in _CARD_SIZES:
        tasks = [_card(card, output_chars, sources) for card in cards]
        block = {"type": "plan", "title": title, "tasks": tasks}
        if len(json.dumps(block, ensure_ascii=False)) <= _PLAN_JSON_CHARS:
            return block
    for task in block["tasks"]:
        task.pop("output", None)
        task["title"] = limits.cut(task["title"], _TIGHT_TITLE_CHARS)
    return block


def _card(card: Card, output_chars: int, sources: int) -> Block:
    """See https://docs.slack.dev/reference/block-kit/blocks/task-card-block ."""
    block: Block = {
        "type": "task_card",
        "task_id": card.card_id,
        "title": limits.cut(" ".join(literal(card.title).split()), limits.CARD_TITLE_CHARS) or limits.NOTHING,
        "status": card.status,
    }
    output = limits.cut(" ".join(literal(card.output).split()), output_chars)
    if output:
        words = {"type": "text", "text": output}
        block["output"] = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [words]}]}
    links = [source for source in card.sources if is_link(source.url, 300)][:sources]
    if links:
        block["sources"] = [
            {"type": "url", "url": link.url, "text": limits.cut(literal(link.text).strip(), 60) or link.url}
            for link in links
        ]
    return block
