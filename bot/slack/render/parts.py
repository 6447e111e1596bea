"""A message as parts, before Slack's blocks: the same parts are shown rich, plain, or as text alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

type CardStatus = Literal["pending", "in_progress", "complete", "error"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A run of text, as it came from wherever it came. A `url` shows as a link, `user` as a mention of that one person.

    `is_mark`: the number of a source, which is listed elsewhere with its address.
    """

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    url: str | None = None
    user: str | None = None
    is_mark: bool = False


type Spans = tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class Title:
    """What the message says, found at a glance."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Begins a section of the message."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    spans: Spans


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Items, numbered from `start`, or with bullets when it is None."""

    items: tuple[Spans, ...]
    start: int | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """Small print."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Source:
    url: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """A step of the plan; `output` says in a few words what came of it."""

    card_id: str
    title: str
    status: CardStatus
    output: str = ""
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cards:
    title: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True)
class Button:
    """`action_id` says what a press means, `value` of what. Where text alone is shown, there is none."""

    action_id: str
    label: str
    value: str
    is_danger: bool = False


@dataclass(frozen=True, kw_only=True)
class Buttons:
    """`name` tells this row of buttons from others of its message."""

    name: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """Whether an answer helped: two buttons of one action."""

    name: str
    yes: Button
    no: Button


type Part = Title | Heading | Paragraph | Listing | Note | Cards | Buttons | Opinion
type Parts = Sequence[Part]


def text(words: str, *, bold: bool = False, italic: bool = False, code: bool = False) -> Span:
    """A run of text in one style."""
    return Span(text=words, bold=bold, italic=italic, code=code)


def paragraph(*spans: Span | str) -> Paragraph:
    """A paragraph; a str is a run without style."""
    return Paragraph(spans=tuple(text(span) if isinstance(span, str) else span for span in spans))
