"""The timed duties of a policy, read from its sentences, lists and tables."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from core.evidence.reference import Passage, ReferenceExcerpt
from core.policy.duty_topics import modality_of, topic_of
from core.policy.obligations import Obligation
from core.reading.intents import speaks_of_unowned
from core.reading.quantities import Quantity, durations, minutes_text
from core.reading.scale import GENERAL, Scale

_CLAUSE = re.compile(
    r"(?<=[.!?])\s+(?![^()]*\))|;\s*(?![^()]*\))|,\s+(?=(?:and|then|the|a|an)\b)(?![^()]*\))|\s+[—–]\s+"
    r"|\s+(?=and\s+(?:then\s+)?(?:within|every|no\slater|not\slater)\b)"
)
_CONTINUES = re.compile(r"(?:and\s+)?(?=then\b|at\b|every\b|within\b|after\b|no\slater\b|not\slater\b)", re.IGNORECASE)
_ADDS_VERB = re.compile(r"and\s(?:then\s)?(?:is|are|must|should|shall|has|have|gets?)\b", re.IGNORECASE)
_DUE = r"within|by|after|at|in|before|inside|under|up\sto|no\slater\sthan|not\slater\sthan|at\sthe\slatest|at\smost|every|each|then|once|T\s?\+|\+"
_DEADLINE = re.compile(rf"(?:{_DUE})\s*(?:the\s|about\s|a\sfurther\s|another\s|an\sadditional\s)?$", re.IGNORECASE)
_CONDITION = re.compile(
    r"\b(?:for|more\sthan|longer\sthan|older\sthan|less\sthan|above|below|late\sby|lasting|exceed(?:s|ing)?|over|within\sthe\slast)\s*$",
    re.IGNORECASE,
)
_BEFORE_TIME = re.compile(rf"\s*\b(?:at\sleast\s|then\s)?(?:{_DUE})\s*(?:the\s|about\s)?$", re.IGNORECASE)
_AFTER_TIME = re.compile(
    r"^\s*(?:after|from|of)\s(?:the\s)?(?:declaration|start|alert|page|T0?)\b|^\s*(?:at\smost|at\sthe\slatest|later|more|thereafter|after\sthat)\b",
    re.IGNORECASE,
)
_BARE_LEAD = re.compile(rf"\s*(?:(?:{_DUE})\s*(?:a\sfurther\s|another\s)?)?(?:T0?\s?)?\+?\s*", re.IGNORECASE)
_SUBJECT = re.compile(r"[^.,;:]{3,80}?\s(?=must\b|should\b|shall\b|may\b|is\b|are\b|will\b)", re.IGNORECASE)
_MODAL = re.compile(r"(?:must|should|shall|may|is|are|will|has to)\b", re.IGNORECASE)
_EVERY = re.compile(r"\bevery\b|\beach\b|\bonce an?\b|\bhourly\b|\bdaily\b|\bweekly\b", re.IGNORECASE)
_EVERY_CHARS = len("at least every ")
_CADENCE = re.compile(r"\bcadence\b|\binterval\b|\bper (?:hour|day)\b", re.IGNORECASE)
_LEAD_CHARS = 16  # "SEVERITY 1: …": a severity this early names what the whole item is about
_TIME_COLUMN = re.compile(r"time|elapsed|minute|when|within|after|deadline|mark|clock|offset|due|by\b", re.IGNORECASE)
_LONGEST_SEVERITY = len("SEVERITY 1 (critical)")

_RELATIVE = re.compile(
    r"\b(?:a\s)?(?:further|another|additional)\s(?:\d|[a-z-]+\s(?:more\s)?(?:minutes?|mins?|hours?))|\b(?:minutes?|mins?|hours?)\s(?:later|more|after\sthat|thereafter)\b",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(r"(?:if|when|where|unless|once|should|as long as)\b(?!.*\bthen\b)", re.IGNORECASE)

_IF_UNOWNED = re.compile(
    r"\b(?:if|when|where|while|as long as|until)\s(?:nobody|no[\s-]?one)\s(?:has\s)?(?:claims?|claimed|owns?|owned|taken\s(?:it|the\sticket)|takes\s(?:it|the\sticket))\b",
    re.IGNORECASE,
)

type Levels = frozenset[int]


def read_obligations(excerpt: ReferenceExcerpt, scale: Scale = GENERAL) -> tuple[Obligation, ...]:
    """Every timed duty of the excerpt, in the order of the file; `scale` is what the company calls how bad something is.

    A limit that counts from the step before it (`after a further 7 minutes`) is added to that one's; without such a step it
    is left unread rather than taken from the start.
    """
    found: list[Obligation] = []
    for passage in excerpt.passages:
        for item in _of_passage(excerpt, passage, scale):
            if not item.is_relative:
                found.append(item)
            elif found and (counted := _counted_from(item, found[-1])):
                found.append(counted)
    return tuple(found)


def _counted_from(item: Obligation, before: Obligation) -> Obligation | None:
    """The duty with its limit counted from the start; None where the one before is no step of the same list or sentence."""
    same_list = (
        item.passage.heading == before.passage.heading and item.passage.block == before.passage.block != "paragraph"
    )
    if before.recurring or item.recurring or not (same_list or item.passage is before.passage):
        return None
    minutes = before.minutes + item.minutes
    return replace(
        item,
        minutes=minutes,
        limit=minutes_text(minutes),
        levels=item.levels or before.levels,
        after=before,
        is_relative=False,
    )


def _of_passage(excerpt: ReferenceExcerpt, passage: Passage, scale: Scale) -> Iterator[Obligation]:
    if isinstance(passage.data, dict) and passage.block == "row":
        cells = {str(key): plain_words(str(value)) for key, value in passage.data.items()}
        yield from _of_row(excerpt, passage, cells, scale)
        return
    if passage.block == "code":
        yield from _of_lines(excerpt, passage, scale)
        return
    text = " ".join(plain_words(passage.text).split())
    leading = scale.leading(text, _LEAD_CHARS)
    said_last: Levels = frozenset()
    for clause in _clauses(text):
        own, above = scale.levels(clause), _of_headings(passage.heading, scale)
        said_last = own or said_last
        # Under the heading of one severity another one is mentioned only: "… and becomes a P1".
        named_first = own if own and own < leading else leading  # "P1 and P2 have an owner. A P2 …"
        clear = scale.leading(clause, _LEAD_CHARS) or named_first or (above if len(above) == 1 else frozenset())
        if each := _by_severity(clause, scale):
            for when, levels in each:
                yield from _of_clause(excerpt, passage, clause, levels, when=when)
            continue
        yield from _of_clause(excerpt, passage, clause, clear or said_last or above or scale.levels(text))


def _of_lines(excerpt: ReferenceExcerpt, passage: Passage, scale: Scale) -> Iterator[Obligation]:
    """The duties of a block that is kept as it stands, a line each: a severity holds until another is named."""
    last: Levels = _of_headings(passage.heading, scale)
    for line in passage.text.splitlines():
        text = plain_words(line).strip()
        last = scale.levels(text) or last
        if not text.startswith(("```", "~~~")):
            yield from _of_clause(excerpt, passage, text, last)


def _by_severity(clause: str, scale: Scale) -> list[tuple[str, Levels]]:
    """The times of a clause that gives each severity its own: `within 5 days of a P1 and 10 days of a P2`; empty for any other."""
    spans = list(durations(clause))
    if len(spans) < 2:  # noqa: PLR2004 -- one time is that of the whole clause
        return []
    starts, ends = [span.start for span in spans], [span.end for span in spans]
    after = [clause[start:end] for start, end in pairwise([*starts, len(clause)])]
    before = [clause[start:end] for start, end in pairwise([0, *ends])]
    for parts in (after, before):
        found = [(part, scale.levels(part)) for part in parts]
        levels = [level for _, several in found for level in several]
        if all(several for _, several in found) and len(set(levels)) == len(levels):
            return found
    return []


def _clauses(text: str) -> Iterator[str]:
    """The clauses of a text; one that only adds another time gets the subject of the one before."""
    subject = ""
    for clause in _with_their_times(_CLAUSE.split(text)):
        continued = _CONTINUES.match(clause)
        if continued and subject:
            whole = f"{subject} {clause[continued.end() :]}"
        else:
            whole = f"{subject} {clause}" if subject and _ADDS_VERB.match(clause) else clause
        yield whole
        subject = _duty_before_time(whole)


def _with_their_times(parts: Iterable[str]) -> Iterator[str]:
    """The parts, a time that stands alone put to what follows it, and a list of timed duties taken apart at its commas."""
    time = ""
    for part in _with_their_conditions(parts):
        if not time and _is_only_time(part):
            time = part
            continue
        yield from _apart(f"{time}: {part}" if time else part)
        time = ""
    if time:
        yield time


def _with_their_conditions(parts: Iterable[str]) -> Iterator[str]:
    """The parts, one that is only a condition put to what it is a condition of: `If nobody answers, the manager is paged`."""
    condition = ""
    for part in parts:
        if not condition and part[-1:] not in ".!?;" and _CONDITIONAL.match(part):
            condition = part
            continue
        yield f"{condition}, {part}" if condition else part
        condition = ""
    if condition:
        yield condition


def _apart(part: str) -> Iterator[str]:
    pieces = re.split(r",\s+(?![^()]*\))|(?<!\bbetween)\s+(?=and\s(?:the|an?|its|their)\s)(?![^()]*\))", part)
    if sum(_deadline(piece) is not None for piece in pieces) < 2:  # noqa: PLR2004 -- one duty, however many commas
        yield part
        return
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if _deadline(piece) is not None:
            yield ", ".join(held)
            held = []
    if held:
        yield ", ".join(held)


def _duty_before_time(clause: str) -> str:
    """What a clause says before its time: `The status page must be updated` of `… within 45 minutes`."""
    span = _deadline(clause)
    if span is not None:
        before = _BEFORE_TIME.sub("", clause[: span.start]).strip()
        if len(before.split()) > 1:
            return before
    found = _SUBJECT.match(clause)
    return found[0].strip() if found else ""


def _of_row(excerpt: ReferenceExcerpt, passage: Passage, cells: dict[str, str], scale: Scale) -> Iterator[Obligation]:
    by_severity = [name for name in cells if scale.is_name(name)]
    first = next(iter(cells.values()), "")
    own_level = scale.levels(first)
    if by_severity:  # a matrix: duties down, severities across
        for name in by_severity:
            cell = _time_of(first, cells[name]) or cells[name]
            yield from _of_cell(excerpt, passage, first, cell, scale.levels(name), scale)
    elif own_level and len(first) <= _LONGEST_SEVERITY:  # severities down, duties across
        yield from _of_levelled_row(excerpt, passage, dict(list(cells.items())[1:]), own_level, scale)
    else:  # a timetable: a time cell and what is due then
        timed = next(
            (header for header in cells if _TIME_COLUMN.search(header) and _time_of(header, cells[header])), None
        )
        rest = _joined(cell for header, cell in cells.items() if header != timed and cell)
        levels = _of_headings(passage.heading, scale)
        if timed is None:
            yield from _of_clause(excerpt, passage, rest, scale.levels(rest) or levels)
        else:
            when = _time_of(timed, cells[timed])
            yield from _of_clause(excerpt, passage, rest, levels or scale.levels(rest), when=when)


def _of_levelled_row(
    excerpt: ReferenceExcerpt, passage: Passage, cells: dict[str, str], levels: Levels, scale: Scale
) -> Iterator[Obligation]:
    """The duties of a row about one severity: one a column, or one in all where just one column holds times."""
    timed = [header for header, cell in cells.items() if _time_of(header, cell)]
    if len(timed) == 1 and _TIME_COLUMN.search(timed[0]) and len(cells) > 1:
        rest = _joined(cell for header, cell in cells.items() if header != timed[0] and cell)
        yield from _of_clause(excerpt, passage, rest, levels, when=_time_of(timed[0], cells[timed[0]]))
        return
    for header, cell in cells.items():
        yield from _of_cell(excerpt, passage, header, _time_of(header, cell) or cell, levels, scale)


def _of_cell(
    excerpt: ReferenceExcerpt, passage: Passage, duty: str, cell: str, levels: Levels, scale: Scale
) -> Iterator[Obligation]:
    for part in _CLAUSE.split(cell):
        said = duty if _is_only_time(part) else f"{duty}: {part}"
        yield from _of_clause(excerpt, passage, said, scale.levels(part) or levels, when=part)


def _is_only_time(cell: str) -> bool:
    """Whether a cell holds a time and nothing beside it: `within 5 minutes`, `T+30`."""
    span = _deadline(cell)
    if span is None:
        return False
    rest = f"{_BEFORE_TIME.sub('', cell[: span.start])} {_AFTER_TIME.sub('', cell[span.end :])}"
    return not re.search(r"[^\W\d_]", re.sub(r"\bT0\b", "", rest, flags=re.IGNORECASE))


def _joined(cells: Iterable[str]) -> str:
    """The cells of a row as one sentence: who, then what they must do."""
    text = ""
    for cell in cells:
        text = f"{text} {cell}" if text and _MODAL.match(cell) else f"{text}: {cell}" if text else cell
    return text


def _time_of(header: str, cell: str) -> str:
    """The time of a timetable's cell with its unit, which the header may hold for a bare number; empty for no time."""
    if list(durations(cell)):
        return cell
    bare = re.fullmatch(r"(?:T0?\s?)?\+?\s?(\d{1,5})", cell.strip())
    unit = re.search(r"minutes?|mins?|hours?", header, re.IGNORECASE)
    return f"+{bare[1]} {unit[0].lower()}" if bare and unit else ""


def _of_clause(
    excerpt: ReferenceExcerpt, passage: Passage, clause: str, levels: Levels, *, when: str | None = None
) -> Iterator[Obligation]:
    said = timing = clause if when is None else when
    span = _deadline(timing)
    if span is None and not re.search(r"\bimmediate(?:ly)?\b|\bat once\b", timing, re.IGNORECASE):
        return
    if span is not None and when is None and _BARE_LEAD.fullmatch(clause[: span.start]):
        after = _AFTER_TIME.sub("", clause[span.end :]).lstrip()
        clause = after.lstrip(" :") if after[:1] == ":" else clause  # "T0 + 15 min: the secondary takes it"
    yield Obligation(
        levels=levels,
        text=re.sub(r"^(?:and|but|or)\s", "", " ".join(clause.split()).strip(" .;|-*")),
        minutes=span.value if span else 0.0,
        limit=span.in_words if span else "0 minutes",
        recurring=_recurs(timing, span),
        topic=topic_of(clause, passage.heading, has_severity=bool(levels)),
        unowned=speaks_of_unowned(" ".join(passage.heading)) or _IF_UNOWNED.search(clause) is not None,
        modality=modality_of(clause),
        excerpt=excerpt,
        passage=passage,
        is_relative=bool(_RELATIVE.search(said)),
    )


def _recurs(timing: str, span: Quantity | None) -> bool:
    """Whether the time is an interval: `every 30 minutes`, `once a day`; not `of every SEV1`."""
    if span is None:
        return False
    around = f"{timing[max(0, span.start - _EVERY_CHARS) : span.end]}"
    return bool(_EVERY.search(around)) or bool(_CADENCE.search(timing))


def _deadline(text: str) -> Quantity | None:
    """The duration by which something is due; one that only says how long something lasted is none."""
    spans = [span for span in durations(text) if not _CONDITION.search(text[: span.start])]
    return next((span for span in spans if _DEADLINE.search(text[: span.start])), next(iter(spans), None))


def _of_headings(heading: tuple[str, ...], scale: Scale) -> Levels:
    """The severities of the nearest heading that names any."""
    nothing: Levels = frozenset()
    return next((levels for title in reversed(heading) if (levels := scale.levels(title))), nothing)


def plain_words(text: str) -> str:
    """Markdown's marks taken away: emphasis, code, links, list bullets."""
    unlinked = re.sub(r"\[\^[^\]]{1,40}\]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text))
    unmarked = re.sub(r"[*`]{1,3}(?=\S)|(?<=\S)[*`]{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)", "", unlinked)
    return re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?", "", unmarked)
