"""The weekly digest as one message that a phone's screen or two hold."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digest_teams import DEFAULT_TEAM
from bot.slack.render import limits
from bot.slack.render.pages import Message, render_message, render_pages
from bot.slack.render.parts import Heading, Listing, Note, Part, Span, Spans, Title, paragraph, text
from core.digest.model import Digest, Section, SectionStatus, Source, Statement

_LEAST, _MOST = 1, 6
"""How many statements of a section are shown at least, and at most where the message has room."""
_MOST_OF = {"handover": 10, "incidents": 3, "repeats": 3, "actions": 4}
"""Otherwise of these: what the next on-call must know; and those whose first lines say the most."""
_ALL = 10_000
_STATEMENT_CHARS = 260
_REASON_CHARS = 220
_SOURCES_CHARS = 900
_TASK_CHARS = 8


def render_digest(digest: Digest, *, more: str | None = None) -> Message:
    """One message within Slack's limits: the fuller sections lose their last statements first, none its heading.

    `more` says where the rest is to be read; it is there when something was left out.
    """
    return _choose(digest, more or f"GET /digest?week={digest.week}")[0]


def render_rest(digest: Digest) -> list[Message]:
    """Every section in full, for the thread below the digest; nothing where the digest has it all."""
    if not _choose(digest, "")[1]:
        return []
    sections = [section for section in digest.sections if section.statements]
    marks = _Marks()
    parts: list[Part] = [part for section in sections for part in _section(section, _ALL, marks)]
    return render_pages([*parts, *marks.note()], more=f"GET /digest?week={digest.week}")


def _choose(digest: Digest, where: str) -> tuple[Message, int]:
    """The fullest message that fits, and how many statements it leaves out: the sections get a line more each in turn."""
    shown = dict.fromkeys((section.name for section in digest.sections), _LEAST)
    wanted = {
        section.name: min(len(section.statements), _MOST_OF.get(section.name, _MOST)) for section in digest.sections
    }
    parts, left_out = _parts(digest, shown, where)
    message = render_message(parts)
    while growing := [name for name, number in shown.items() if number < wanted[name]]:
        for name in growing:
            shown[name] += 1
            parts, fewer = _parts(digest, shown, where)
            fuller = render_message(parts)
            if _fits(fuller):
                message, left_out = fuller, fewer
            else:
                shown[name] -= 1
                wanted[name] = shown[name]
    return message, left_out


def trend(statement: Statement) -> str:
    """`↑ from 2`, `↓ from 9`, `as before`; empty where the week before is not known."""
    if statement.count is None or statement.before is None:
        return ""
    if statement.count == statement.before:
        return "as before"
    return f"{'↑' if statement.count > statement.before else '↓'} from {statement.before}"


def title_of(digest: Digest) -> str:
    """`On-call digest · payments · 9–15 Feb 2026`."""
    zone = ZoneInfo(digest.zone)
    first, last = digest.start.astimezone(zone), digest.end.astimezone(zone) - timedelta(hours=12)
    begin = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%b}"
    team = f" · {digest.team}" if digest.team != DEFAULT_TEAM else ""
    return f"On-call digest{team} · {begin}–{last.day} {last:%b %Y}"


def told_until(digest: Digest) -> str:
    """When the digest was made, by whose clock, and how far the week had come."""
    zone = ZoneInfo(digest.zone)
    running = f"; the week runs, told until {_local(digest.until, zone)}" if digest.until < digest.end else ""
    return f"Week {digest.week}, times of {digest.zone}, made {_local(digest.made_at, zone)}{running}"


class _Marks:
    """Numbers for the sources that have no link of their own, listed in small print."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, source: Source) -> str:
        return f"[{self._numbers.setdefault(source.text, len(self._numbers) + 1)}]"

    def note(self) -> Iterator[Note]:
        if self._numbers:
            listed = " · ".join(f"[{number}] {words}" for words, number in self._numbers.items())
            yield Note(text=f"Sources: {limits.cut(listed, _SOURCES_CHARS)}")


def _parts(digest: Digest, shown: Mapping[str, int], where: str) -> tuple[list[Part], int]:
    """The message's parts, and how many statements they leave out."""
    marks = _Marks()
    parts: list[Part] = [Title(text=title_of(digest)), paragraph(text(digest.headline, bold=True))]
    left_out = 0
    for section in digest.sections:
        if section.status is SectionStatus.EMPTY:
            continue
        most = shown[section.name]
        left_out += max(len(section.statements) - most, 0)
        parts += _section(section, most, marks)
    empty = [section.title for section in digest.sections if section.status is SectionStatus.EMPTY]
    if empty:
        parts += [Heading(text="None this week"), paragraph(", ".join(empty))]
    parts += marks.note()
    told = told_until(digest)
    parts.append(Note(text=f"{told}. {left_out} lines more: {where}" if left_out else told))
    return parts, left_out


def _section(section: Section, most: int, marks: _Marks) -> list[Part]:
    parts: list[Part] = [Heading(text=section.title)]
    if section.status is SectionStatus.FAILED:
        reason = limits.cut(section.note or "no reason was given", _REASON_CHARS)
        return [*parts, paragraph(f"⚠️ could not be looked up: {reason}")]
    shown = section.statements[:most]
    if shown:
        parts.append(Listing(items=tuple(_item(statement, marks) for statement in shown)))
    hidden = len(section.statements) - len(shown)
    if hidden:
        parts.append(paragraph(text(f"and {hidden} more", italic=True)))
    if section.status is SectionStatus.PARTIAL:
        nothing = "" if shown else "nothing found, but "
        reason = limits.cut(section.note or "part of it is missing", _REASON_CHARS)
        parts.append(paragraph(text(f"⚠️ {nothing}not whole: {reason}", italic=True)))
    return parts


def _item(statement: Statement, marks: _Marks) -> Spans:
    words = limits.cut(statement.text, _STATEMENT_CHARS)
    spans: list[Span] = [text("❗ ")] if statement.is_pressing else []
    link = next((source for source in statement.sources if source.url and source.text in words), None)
    if link is None:
        spans.append(text(words))
    else:
        before, key, after = words.partition(link.text)
        spans += [span for span in (text(before), Span(text=key, url=link.url), text(after)) if span.text]
    change = trend(statement)
    if change:
        spans.append(text(f" {change}", bold=True))
    rest = [source for source in statement.sources if source is not link]
    for source in rest:
        if source.kind == "task":
            spans += [text(" "), text(f"task {source.text[:_TASK_CHARS]}", code=True)]
        elif source.url:
            spans += [text(" "), Span(text=source.text, url=source.url)]
        else:
            spans.append(text(f" {marks.of(source)}"))
    return tuple(spans)


def _fits(message: Message) -> bool:
    return all(
        len(blocks) <= limits.MESSAGE_BLOCKS
        and len(json.dumps(blocks, ensure_ascii=False)) <= limits.MESSAGE_JSON_CHARS
        for blocks in (message.rich, message.plain)
    )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    shown = moment.astimezone(zone)
    return f"{shown:%a} {shown.day} {shown:%b %H:%M}"
