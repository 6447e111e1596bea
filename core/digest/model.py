"""The digest as every door shows it: sections of statements, each with what it rests on."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from core.base import Model


class SectionStatus(StrEnum):
    """`empty`: looked, and there was nothing. `failed`: could not look. `partial`: some of it could not be seen."""

    OK = "ok"
    EMPTY = "empty"
    PARTIAL = "partial"
    FAILED = "failed"


class Source(Model):
    """What a statement rests on: a ticket (`url` opens it), a task (by its id), a file's lines, or a query with its span."""

    kind: Literal["ticket", "task", "file", "query", "message"]
    text: str
    url: str | None = None


class Statement(Model):
    """One line of the digest. `count` is its figure, `before` that of the week before, None where neither is one.

    `is_pressing` marks what should be seen first.
    """

    text: str
    sources: tuple[Source, ...]
    count: int | None = None
    before: int | None = None
    is_pressing: bool = False


class Section(Model):
    """`note` says what is missing of a section that failed or is partial; `sources` what an empty one was looked up in."""

    name: str
    title: str
    status: SectionStatus
    statements: tuple[Statement, ...] = ()
    note: str | None = None
    sources: tuple[Source, ...] = ()


class Digest(Model):
    """What a team is told of a week, `start` up to, not including, `end` (UTC), in the words of the clock of `zone`.

    `until` is how far the week had come when the digest was made; `headline` is the week in a sentence.
    """

    version: int = 1
    team: str
    week: str
    zone: str
    start: AwareDatetime
    end: AwareDatetime
    until: AwareDatetime
    made_at: AwareDatetime
    headline: str
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        return next((section for section in self.sections if section.name == name), None)
