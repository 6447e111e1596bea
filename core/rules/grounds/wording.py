"""The words of a text, set side by side with the words of what it cites."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from core.base import Json
from core.brief import Brief
from core.findings.names import plain_name
from core.reading.calendar_words import has_other_dates, in_iso
from core.rules.grounds.records import Hit, Line, Record, Samples, TicketFields, Words

QUOTED = re.compile(r"“([^“”]*)”")
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"(?<![\w.-])(?=[^\W\d_])[^\Wa-z\d_]\w*(?:['’-]\w+)*(?![\w])")
_OPENERS = ".:;!?“”\"'([{<>|—–-*#/=+,…"
"""After one of these a capital may be that of a sentence, an item or a cell, not of a name."""


@lru_cache(maxsize=1024)
def flat(text: str) -> str:
    """The words alone, in lower case, one space between and around them: what is left of Markdown, YAML and line breaks."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


@lru_cache(maxsize=512)
def own_words(text: str) -> str:
    """The text without what it quotes."""
    return QUOTED.sub("“”", text)


def material(cited: Iterable[Record]) -> Iterator[str]:
    """Every text that belongs to the records: quotes, headings, columns, titles, names of sources, services and series."""
    for record in cited:
        yield record.citation.citation_source
        match record:
            case Samples():
                yield record.series.selector
                name = plain_name(record.series.metric)
                yield f"{name.words} {name.unit}"
            case Line():
                yield record.logs.service
                yield record.citation.quote
            case TicketFields():
                yield record.citation.quote
            case Words() | Hit():
                yield record.citation.quote
                if has_other_dates(record.citation.quote):
                    yield in_iso(record.citation.quote)
                yield from surroundings(record)


def asked(brief: Brief) -> Iterator[str]:
    """Every text of the question that a statement may repeat."""
    yield from (*brief.services, *brief.dependencies, *brief.callers, *brief.policies, *brief.required_citations)
    yield from (condition.quote for condition in brief.thresholds)
    yield from (text for text in (brief.severity, brief.project_key, brief.ticket_text, *brief.ticket_keys) if text)


def proper_names(text: str) -> Iterator[str]:
    """Capitalised words that no beginning of a sentence explains."""
    for match in _NAME.finditer(text):
        before = text[: match.start()].rstrip()
        is_figure = any(map(str.isdigit, match[0]))
        if before and before[-1] not in _OPENERS and not is_figure:
            yield match[0]


def surroundings(record: Words | Hit) -> Iterable[str]:
    """The texts that belong to a quote without being part of it: headings and columns, or a document's title."""
    if isinstance(record, Words):
        yield from record.passage.heading
        if isinstance(record.passage.data, dict):
            yield from record.passage.data
    else:
        yield from _strings(record.hit.metadata)


def _strings(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
