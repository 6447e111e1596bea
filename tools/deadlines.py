"""Deadlines in running text, for the tool that lists them and the one that gives action items their due time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tools.durations import find_durations
from tools.moments import PERIOD_END, read_due

_LABEL = r"(?:due(?:\sdate)?|deadline|target\sdate|eta|expected)(?:\sis)?(?:\s?:)?"
_BY = re.compile(
    rf"(?<![\w-])(?:(?P<lead>(?:by|before|no\slater\sthan|not\slater\sthan|at\sthe\slatest(?:\sby)?|on\sor\sbefore"
    rf"|{_LABEL}(?:\s(?:by|on|at|before))?)\s(?:the\slatest\s)?)|(?P<bare>(?={PERIOD_END})))",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    r"(?<![\w-])(?:within|in|after|and|then|,)\s(?:a\sfurther|another|an?\sadditional|an?\sextra)\s$", re.IGNORECASE
)
_AFTER_EVENT = re.compile(
    r"\s(?:after|from|of|following|since)\s(?:the|an?|its|being|that|first|last|each|every)\s\w", re.IGNORECASE
)
_DUTY = re.compile(
    r"\b(?:must|should|shall|needs?\sto|has\sto|have\sto|is\sto|are\sto)\b[^.;!?\n]{0,120}$", re.IGNORECASE
)
_SOON = re.compile(r"(?<![\w-])(?:ASAP|as\ssoon\sas\spossible)(?!\w)", re.IGNORECASE)
_WITHIN = re.compile(
    rf"(?<![\w-])(?:(?:within|inside|under|in(?:\s(?:under|less\sthan|at\smost))?|no\slater\sthan|not\slater\sthan"
    rf"|no\smore\sthan|not\smore\sthan|at\smost|up\sto|{_LABEL}(?:\s(?:in|within|of))?)\s"
    r"(?:the\s(?:next|first|following)\s|a\smaximum\sof\s)?|(?:(?:at|by|before)\s)?(?:T\s?)?\+\s?)"
    r"(?:\d{1,4}\s?(?:-|–|to)\s?)?$",
    re.IGNORECASE,
)
_FROM_NOW = re.compile(r"\sfrom\snow(?!\w)", re.IGNORECASE)
_WORKING = re.compile(r"\b(?:business|working)\b", re.IGNORECASE)  # how long it is depends on the calendar
_ADJECTIVE = re.compile(r"-(?:second|minute|hour|day|week)$", re.IGNORECASE)  # "in two-week sprints"
_WORKING_TIME = re.compile(
    r"(?<![\w-])(?:within|in|no\slater\sthan)\s(?:the\snext\s)?[\w-]{1,12}\s(?:business|working)\s(?:days?|hours?)(?!\w)",
    re.IGNORECASE,
)
_LEAD_CHARS = 48


@dataclass(frozen=True, kw_only=True)
class DueTime:
    """A deadline where it stands: `words` begin with what makes it one (`by`, `within`), `due` leaves out a `by`."""

    start: int
    end: int
    words: str
    due: str
    at: str | None = None
    within_minutes: float | None = None
    note: str | None = None


def find_deadlines(text: str, now: datetime | None = None) -> list[DueTime]:
    """Every deadline of the text, in order; of two that overlap the longer one.

    What needs a reference, such as `by Friday`, gets its moment from `now`. A chain adds up: `15 minutes after the page, and
    after a further 5 minutes` is due at 15 and at 20 minutes.
    """
    found = [*_moments(text, now), *_spans(text), *_open_ended(text)]
    found.sort(key=lambda item: (item.start, -item.end))
    kept: list[DueTime] = []
    for item in found:
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
        elif item.end - item.start > kept[-1].end - kept[-1].start:
            kept[-1] = item
    return kept


def _moments(text: str, now: datetime | None) -> Iterator[DueTime]:
    for match in _BY.finditer(text):
        before = match["lead"] is not None and match["lead"].lower().startswith("before")
        due = read_due(text, match.end(), now, before=before)
        if due is not None:
            words = text[match.end() : due.end]
            yield _due(match.start(), due.end, text[match.start() : due.end], due=words, at=due.at, note=due.note)


def _spans(text: str) -> Iterator[DueTime]:
    passed: float | None = None  # minutes that a chain has come to
    for span in find_durations(text):
        window_start = max(0, span.start - _LEAD_CHARS)
        before = text[window_start : span.start]
        lead, further = _WITHIN.search(before), _FURTHER.search(before)
        behind = _FROM_NOW.match(text, span.end)
        event = _AFTER_EVENT.match(text, span.end)
        chained = further is not None and passed is not None
        owed = event is not None and _DUTY.search(text, max(0, span.start - 160), span.start)
        if event is not None:
            passed = span.value
        if (lead is None and behind is None and not chained and not owed) or _ADJECTIVE.search(span.text):
            continue
        begins = [match.start() for match in (lead, further if chained else None) if match]
        start = window_start + min(begins) if begins else span.start
        end = behind.end() if behind else span.end
        minutes = span.value + (passed or 0 if chained else 0)
        passed = minutes
        yield _due(start, end, text[start:end], within_minutes=None if _WORKING.search(span.text) else minutes)


def _open_ended(text: str) -> Iterator[DueTime]:
    for pattern in (_SOON, _WORKING_TIME):
        for match in pattern.finditer(text):
            yield _due(match.start(), match.end(), match[0])


def _due(
    start: int,
    end: int,
    words: str,
    *,
    due: str | None = None,
    at: str | None = None,
    within_minutes: float | None = None,
    note: str | None = None,
) -> DueTime:
    one_line = " ".join(words.split())
    minutes = None if within_minutes is None else round(within_minutes, 6)
    return DueTime(
        start=start,
        end=end,
        words=one_line,
        due=one_line if due is None else " ".join(due.split()),
        at=at,
        within_minutes=minutes,
        note=note,
    )
