"""A message event of Slack as one flat view: who, when, and every visible text of it, in reading order.

Event shapes: https://docs.slack.dev/reference/events/message. Nothing is decided by `subtype`: an edit is an event with
an inner message, a deletion one that names the deleted message, a program's post one with a bot.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from bot.alerts.blocks import Budget, Piece, read_blocks
from bot.alerts.colour import Colour, name_colour
from bot.alerts.json_values import as_items, as_object, as_text, field
from bot.alerts.markup import link_labels, links_in, plain, show, unescape
from bot.alerts.pairs import Pair, field_pairs, text_pairs
from core.alert_lifecycle import DeliveryKind

NO_PREVIEW = "[no preview available]"  # what Slack puts where a post gives no fallback
_SLACKBOT = "USLACKBOT"
_TIMESTAMP = re.compile(r"\d{1,12}(\.\d{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One attachment (https://docs.slack.dev/reference/messaging/attachments): texts shown, marks kept."""

    colour: Colour | None = None
    pretext: str = ""
    author: str = ""
    title: str = ""
    title_link: str = ""
    text: str = ""
    fallback: str = ""
    footer: str = ""
    sent_at_s: str = ""
    callback_id: str = ""
    fields: tuple[Pair, ...] = ()
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SlackMessage:
    """`at` is when this version was made, `ts` names the message; `links` leaves out footers, fallbacks and pictures."""

    kind: DeliveryKind
    event_id: str
    channel: str
    ts: str
    at: Decimal
    thread_ts: str | None
    username: str
    is_own: bool
    is_human: bool
    is_unchanged: bool
    raw_text: str
    text: str
    pieces: tuple[Piece, ...]
    cards: tuple[Card, ...]
    links: tuple[str, ...]
    labelled_links: tuple[tuple[str, str], ...]

    @property
    def is_thread_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @cached_property
    def all_pieces(self) -> tuple[Piece, ...]:
        """The blocks of the message, then those of its attachments."""
        return (*self.pieces, *(piece for card in self.cards for piece in card.pieces))

    @cached_property
    def headlines(self) -> tuple[str, ...]:
        """Texts that could name the matter, best first: attachment titles, headers, the text, fallbacks."""
        wanted = [card.title for card in self.cards]
        wanted += [piece.text for piece in self.all_pieces if piece.kind == "header"]
        wanted.append(self.text)
        wanted += [piece.text for piece in self.all_pieces if piece.kind in {"section", "rich_text", "markdown"}]
        wanted += [card.pretext for card in self.cards]
        wanted += [card.fallback for card in self.cards]
        wanted += [card.text for card in self.cards]
        return tuple(line for line in (first_line(text) for text in wanted) if line)

    @cached_property
    def body(self) -> str:
        """Every visible text but the fallbacks and footers, a line a text."""
        return "\n".join(text for text in self._texts() if text)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Keys with their values: fields first, then `key: value`, `key = value` and the like out of the texts."""
        found = [pair for card in self.cards for pair in card.fields]
        for piece in self.all_pieces:
            if piece.kind == "field":
                found.extend(field_pairs(piece.text))
        for text in self._prose():
            found.extend(text_pairs(text))
        return tuple(found)

    @cached_property
    def colours(self) -> tuple[Colour, ...]:
        return tuple(card.colour for card in self.cards if card.colour is not None)

    def has_link(self, pattern: re.Pattern[str]) -> bool:
        """Whether an address of the message matches anywhere."""
        return any(pattern.search(url) for url in self.links)

    def _prose(self) -> Iterator[str]:
        if not self.pieces:
            yield self.text
        for piece in self.all_pieces:
            if piece.kind not in {"field", "button", "header"}:
                yield piece.text
        for card in self.cards:
            yield card.text

    def _texts(self) -> Iterator[str]:
        yield self.text
        for piece in self.pieces:
            yield piece.text
        for card in self.cards:
            yield from (card.pretext, card.author, card.title, card.text)
            for pair in card.fields:
                yield f"{pair.key}: {pair.value}"
            for piece in card.pieces:
                yield piece.text


def first_line(text: str) -> str:
    """The first line that says something, without marks."""
    return next((line for line in (plain(line) for line in text[:2_000].split("\n")) if line), "")


def read_message(envelope: object) -> SlackMessage | None:
    """The message of an Events API envelope (or of a bare event); None where there is none. Never raises."""
    outer = as_object(envelope)
    event = as_object(outer.get("event")) or outer
    if event.get("type") != "message":
        return None
    inner = as_object(event.get("message"))
    deleted = as_text(event.get("deleted_ts"))
    kind = DeliveryKind.DELETE if deleted else DeliveryKind.EDIT if inner else DeliveryKind.POST
    body = inner or event
    budget = Budget()
    previous = as_object(event.get("previous_message"))
    pieces = tuple(read_blocks(body.get("blocks"), budget))
    parts = [as_object(item) for item in as_items(body.get("attachments"))]
    parts = [part for part in parts if not part.get("from_url") and not part.get("is_msg_unfurl")]
    cards = tuple(_read_card(part, budget) for part in parts)
    raw_text = as_text(body.get("text"))
    raw = [raw_text, *(piece.raw for piece in pieces)]
    for part, card in zip(parts, cards, strict=True):
        raw += [as_text(part.get(key)) for key in ("pretext", "author_link", "title", "title_link", "text")]
        raw += [as_text(field(item, "value")) for item in as_items(part.get("fields"))]
        raw += [as_text(field(item, "url")) for item in as_items(part.get("actions"))]
        raw += [piece.raw for piece in card.pieces]
    is_bot = bool(body.get("bot_id") or body.get("bot_profile")) or body.get("user") == _SLACKBOT
    return SlackMessage(
        kind=kind,
        event_id=as_text(outer.get("event_id")),
        channel=as_text(event.get("channel")),
        ts=deleted or as_text(body.get("ts")) or as_text(event.get("ts")),
        at=_timestamp(as_text(event.get("event_ts")) or as_text(event.get("ts"))),
        thread_ts=as_text(body.get("thread_ts")) or None,
        username=as_text(body.get("username")) or as_text(field(body, "bot_profile", "name")),
        is_own=_is_own(outer, body),
        is_human=not is_bot and bool(body.get("user")),
        is_unchanged=bool(inner) and bool(previous) and _content(inner) == _content(previous),
        raw_text=raw_text,
        text=show(raw_text),
        pieces=pieces,
        cards=cards,
        links=tuple(dict.fromkeys(url for text in raw for url in _links(text)))[:200],
        labelled_links=tuple(pair for text in raw for pair in link_labels(text))[:200],
    )


def _links(text: str) -> list[str]:
    # an address that stands alone (title_link, a button's url) may hold characters that end one in prose
    alone = text.startswith(("http://", "https://")) and not re.search(r"[\s<>|]", text)
    return [unescape(text)] if alone else links_in(text)


def _read_card(part: dict[str, object], budget: Budget) -> Card:
    pieces = tuple(read_blocks(part.get("blocks"), budget))
    fallback = budget.take(as_text(part.get("fallback")))
    fields = (as_object(item) for item in as_items(part.get("fields")))
    return Card(
        colour=name_colour(as_text(part.get("color"))),
        pretext=show(budget.take(as_text(part.get("pretext")))),
        author=show(budget.take(as_text(part.get("author_name")))),
        title=show(budget.take(as_text(part.get("title")))),
        title_link=unescape(as_text(part.get("title_link"))),
        text=show(budget.take(as_text(part.get("text")))),
        fallback="" if fallback == NO_PREVIEW else show(fallback),
        footer=show(as_text(part.get("footer"))),
        sent_at_s=as_text(part.get("ts")),
        callback_id=as_text(part.get("callback_id")),
        fields=tuple(
            Pair(
                key=plain(show(as_text(item.get("title")))),
                value=plain(show(budget.take(as_text(item.get("value"))))),
            )
            for item in fields
        ),
        pieces=pieces,
    )


def _is_own(envelope: dict[str, object], body: dict[str, object]) -> bool:
    """Whether this app wrote the message: the envelope names the app and the user it is installed as."""
    app_id = as_text(envelope.get("api_app_id"))
    if app_id and body.get("app_id") == app_id:
        return True
    grants = (as_object(item) for item in as_items(envelope.get("authorizations")))
    own_users = {as_text(grant.get("user_id")) for grant in grants if grant.get("is_bot")} - {""}
    return as_text(body.get("user")) in own_users


def _timestamp(text: str) -> Decimal:
    return Decimal(text) if _TIMESTAMP.fullmatch(text) else Decimal(0)


def _content(message: dict[str, object]) -> str:
    visible = {key: message.get(key) for key in ("text", "blocks", "attachments")}
    try:
        return json.dumps(visible, sort_keys=True, default=str)
    except (RecursionError, ValueError):
        return ""
