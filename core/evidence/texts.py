"""What the built-in text tools read out of a text."""

from core.base import Model


class Entity(Model):
    """A named thing: its kind (`service`, `ticket`, `percentage` …), its words and where they stand (0-based, end open)."""

    kind: str
    text: str
    start: int
    end: int


class Entities(Model):
    entities: tuple[Entity, ...]


class Deadline(Model):
    """A time by which something is due: the words, and the moment (ISO 8601) or the span in minutes they stand for.

    `note` says what kept the words from being a moment, such as letters that stand for several time zones.
    """

    text: str
    at: str | None
    within_minutes: float | None
    note: str | None = None


class Deadlines(Model):
    deadlines: tuple[Deadline, ...]


class ActionItem(Model):
    """What somebody is to do, by when; `owner` and `due` are the words of the text, None where it does not say."""

    text: str
    owner: str | None
    due: str | None


class ActionItems(Model):
    action_items: tuple[ActionItem, ...]


class Priority(Model):
    """P1 to P4, with the words that led there."""

    priority: str
    reasons: tuple[str, ...]


class Summary(Model):
    summary: str
