"""Slack's limits, and the cuts that keep to them. Nothing else in orch knows a limit of Slack's."""

MESSAGE_BLOCKS = 50
"""https://docs.slack.dev/reference/block-kit/blocks"""
HEADER_CHARS = 150
"""https://docs.slack.dev/reference/block-kit/blocks/header-block"""
SECTION_CHARS = 3000
"""https://docs.slack.dev/reference/block-kit/blocks/section-block"""
BUTTON_CHARS = 75
"""https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
CONTEXT_CHARS = 2000
"""Ours: a context block's text object takes 3000 (https://docs.slack.dev/reference/block-kit/composition-objects/text-object)."""
PLAN_CARDS = 50
"""https://docs.slack.dev/reference/block-kit/blocks/plan-block"""
URL_CHARS = 3000
"""https://docs.slack.dev/reference/block-kit/block-elements/url-source-element gives none; this is that of a button."""
TEXT_CHARS = 4000
"""https://docs.slack.dev/reference/methods/chat.postMessage#truncating"""
MESSAGE_JSON_CHARS = 11_000
"""Ours: Slack answered `msg_blocks_too_long` to messages near 13,200 characters; this counts the blocks' JSON."""
REFUSED_JSON_CHARS = 13_000
"""Whoever made them, blocks of more never leave: see MESSAGE_JSON_CHARS."""
ITEM_CHARS = 1200
"""Ours: one statement or paragraph, so that a screen of a phone holds it."""
CARD_TITLE_CHARS = 150
CARD_OUTPUT_CHARS = 300
PAGES = 4
"""Ours: messages that one report may spread over."""


NOTHING = "–"
"""Stands where there is no text: Slack refuses empty ones."""


def cut(text: str, limit: int) -> str:
    """The text, at most `limit` characters long; `…` ends it where something was cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def cut_middle(text: str, limit: int) -> str:
    """The text, at most `limit` characters long, its middle cut: for a locator, both of whose ends tell something."""
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    tail = text[len(text) - (limit - 1 - head) :]
    _, blank, words = tail.partition(" ")
    return f"{text[:head]}…{words if blank and len(words) > len(tail) // 2 else tail}"
