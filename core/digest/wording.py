"""How times, people and figures are written in a digest, and how sections say how whole they are."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.composing.words import shortened
from core.digest.material import DigestTicket, Episode, Investigation, Loaded, Material, TicketQuery
from core.digest.model import Section, SectionStatus, Source, Statement
from core.window import iso

MAX_STATEMENTS = 40
TITLE_CHARS = 110
QUERY_CHARS = 300
NO_SERVICE = "no service named"

_DIGIT = re.compile(r"\d")
_RANKS = {
    "critical": 1, "blocker": 1, "emergency": 1, "fatal": 1, "page": 1, "highest": 1, "disaster": 1,
    "high": 2, "major": 2, "error": 2, "severe": 2,
    "medium": 3, "average": 3, "moderate": 3, "warning": 3, "warn": 3,
    "low": 4, "minor": 4, "info": 5, "information": 5, "lowest": 5, "trivial": 5,
}  # fmt: skip
UNRANKED = 9
PRESSING = 2
"""A severity of this rank or a lower number wakes people."""


def build_section(
    name: str,
    title: str,
    statements: Iterable[Statement],
    parts: Sequence[Loaded[Any]],
    *,
    essential: Loaded[Any] | None = None,
    sources: Iterable[Source] = (),
    note: str | None = None,
) -> Section:
    """The section of these statements, with what is missing of the parts it was made from.

    It has failed when all of them have, or the `essential` one.
    """
    found = tuple(statements)
    failures = [part.failure for part in parts if part.failure is not None]
    missing = [*failures, *(part.gap for part in parts if part.gap is not None), *([note] if note else [])]
    if (failures and len(failures) == len(parts)) or (essential is not None and essential.failure is not None):
        status = SectionStatus.FAILED
    elif missing:
        status = SectionStatus.PARTIAL
    else:
        status = SectionStatus.OK if found else SectionStatus.EMPTY
    more = len(found) - MAX_STATEMENTS
    if more > 0:
        missing.append(f"{more} more are left out here")
    return Section(
        name=name,
        title=title,
        status=status,
        statements=found[:MAX_STATEMENTS],
        note="; ".join(dict.fromkeys(missing)) or None,
        sources=tuple(sources),
    )


def local(moment: datetime, zone: ZoneInfo) -> str:
    """`Mon 16 Feb 09:00`, by the clock of the zone."""
    shown = moment.astimezone(zone)
    return f"{shown:%a} {shown.day} {shown:%b %H:%M}"


def lasting(span: timedelta) -> str:
    """`40 s`, `12 min`, `5 h`, `3 days`."""
    seconds = max(span.total_seconds(), 0)
    for size, unit, until in ((1, "s", 120), (60, "min", 7200), (3600, "h", 2 * 86_400)):
        if seconds < until:
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds / 86_400)} days"


def severity_rank(severity: str | None) -> int:
    """1 for the gravest: the digit of `P1` or `SEV2`, else what the word means; 9 where neither tells."""
    if severity is None:
        return UNRANKED
    digit = _DIGIT.search(severity)
    if digit:
        return int(digit[0])
    return next((_RANKS[word] for word in re.findall(r"[a-z]+", severity.casefold()) if word in _RANKS), UNRANKED)


def titled(text: str) -> str:
    """A title or a summary on one line, cut to what a phone shows."""
    return shortened(text, TITLE_CHARS)


def service_of(episode: Episode) -> str:
    """The service as it is counted."""
    return episode.service or NO_SERVICE


def fires_still(episode: Episode, material: Material) -> bool:
    """Whether nobody had told its end by then."""
    return episode.resolved_at is None or episode.resolved_at > material.as_of


def log_source(material: Material) -> Source:
    """The log of alerts, with the span that was counted."""
    return Source(kind="query", text=f"alert log {iso(material.start)}..{iso(material.until)}")


def task_source(task_id: str) -> Source:
    """The task of that id."""
    return Source(kind="task", text=task_id)


def ticket_source(ticket: DigestTicket) -> Source:
    """The ticket, with the link that opens it."""
    return Source(kind="ticket", text=ticket.key, url=ticket.url)


def query_source(found: TicketQuery | None) -> tuple[Source, ...]:
    """What the tracker was asked; nothing where it could not be."""
    return () if found is None else (Source(kind="query", text=shortened(found.query, QUERY_CHARS)),)


def tell_ticket(ticket: DigestTicket) -> str:
    """`OPS-252 (P2): Checkout timeout for merchants`."""
    severity = f" ({ticket.severity})" if ticket.severity else ""
    return f"{ticket.key}{severity}: {titled(ticket.summary)}"


def tell_task(task: Investigation) -> str:
    """The first line of what was asked."""
    return titled(task.text.split("\n", 1)[0])


def episodes_of_week(material: Material) -> tuple[Episode, ...]:
    """Those that began in the week, as far as it has come."""
    return tuple(one for one in material.episodes.value or () if material.in_week(one.fired_at))


def episodes_before(material: Material) -> tuple[Episode, ...] | None:
    """Those of the week before; None where the log did not go back so far."""
    begun = material.log_begun
    if begun is None or begun > material.before + timedelta(days=1):
        return None
    return tuple(one for one in material.episodes.value or () if material.in_week_before(one.fired_at))


def tasks_of_week(material: Material) -> tuple[Investigation, ...]:
    """Those of the week, as far as it has come."""
    return tuple(one for one in material.investigations.value or () if material.in_week(one.at))


def tasks_before(material: Material) -> tuple[Investigation, ...] | None:
    """Those of the week before; None where there were no tasks yet."""
    begun = material.tasks_begun
    if begun is None or begun > material.before + timedelta(days=1):
        return None
    return tuple(one for one in material.investigations.value or () if material.in_week_before(one.at))
