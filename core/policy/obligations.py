"""Who must do what within how long, read from the sentences and tables of a policy."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.evidence.reference import Passage, ReferenceExcerpt
from core.reading.quantities import durations, severity_levels
from core.report import Citation


class Topic(StrEnum):
    ESCALATION = "escalation"
    COMMUNICATION = "communication"
    OTHER = "other"


_CLAUSE = re.compile(r"(?<=[.;!?])\s+|;\s*|,\s+(?=(?:and|then|the|a|an)\b)|\s+[—–]\s+")
_ESCALATION = re.compile(
    r"\backnowledg|\back\b|(?<!status )(?<!status-)\bpage[sd]?\b|\bpaging\b|\bescalat|\bsecondary\b|\bcommander\b|\bassign|\bmanager\b|\bhead of\b"
    r"|\bexecutive|\bdirector\b|\bcto\b|\bengag|\bon[\s-]?call\b|\bjoins?\b",
    re.IGNORECASE,
)
_COMMUNICATION = re.compile(
    r"\bstatus[\s-]?page\b|\bupdates?\b|\bcustomer|\bstakeholder|\bchannels?\b|\bannounce|\bcommunicat|\bpost(?:s|ed)?\b"
    r"|\bnotif(?:y|ied|ication)",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\breview\b|\bpost-?mortem|\bretrospective|\bresolved?\b|\bclos(?:e|ed|ure)\b|\btarget\b|\bbusiness days?\b"
    r"|\bhand(?:s|ed)?[\s-]?over\b|\brestor|\broll(?:ed|ing)?[\s-]?back|\bdeploy|\bsustained\b|\bconsecutive\b|\berror rate\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"and\s+(?=then\b|at\b|every\b|within\b|after\b)", re.IGNORECASE)
_SUBJECT = re.compile(r"[^.,;:]{3,80}?\s(?=must\b|should\b|shall\b|may\b|is\b|are\b|will\b)", re.IGNORECASE)
_MODAL = re.compile(r"(?:must|should|shall|may|is|are|will|has to)\b", re.IGNORECASE)
_EVERY = re.compile(r"\bevery\b|\beach\b|\bcadence\b|\binterval\b", re.IGNORECASE)
_UNOWNED = re.compile(
    r"\bunowned\b|\bunassigned\b|\bno owner\b|\bwithout (?:an )?owner\b|\bnobody owns\b", re.IGNORECASE
)
_MUST = re.compile(r"\bmust\b|\bshall\b|\brequired\b|\bmandatory\b", re.IGNORECASE)
_MAY = re.compile(r"\bmay\b|\boptional(?:ly)?\b", re.IGNORECASE)
_SHOULD = re.compile(r"\bshould\b|\brecommended\b|\bexpected\b", re.IGNORECASE)
_LEAD_CHARS = 12  # "SEVERITY 1: …": a severity this early names what the whole item is about
_TIME_COLUMN = re.compile(r"time|elapsed|minute|when|within|after|deadline|mark|clock|offset", re.IGNORECASE)
_SEVERITY_NAME = re.compile(r"(?:P|SEV(?:ERITY)?[\s-]?|S)[0-5]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """A duty with a time limit: `minutes` since the start of the incident, or the interval when `recurring`.

    `levels` are the severity levels it holds for, empty for all; `unowned` when it stands in a section about incidents
    that nobody owns and holds for those alone.
    """

    levels: frozenset[int]
    text: str
    minutes: float
    recurring: bool
    topic: Topic
    unowned: bool
    modality: str
    excerpt: ReferenceExcerpt
    passage: Passage

    def holds_for(self, level: int | None) -> bool:
        return level is None or not self.levels or level in self.levels

    def cite(self) -> Citation:
        return self.excerpt.cite(self.passage)


def read_obligations(excerpt: ReferenceExcerpt) -> tuple[Obligation, ...]:
    """Every timed duty of the excerpt, in the order of the file."""
    return tuple(item for passage in excerpt.passages for item in _of_passage(excerpt, passage))


def ladder(obligations: Iterable[Obligation], level: int | None, *, unowned: bool) -> tuple[Obligation, ...]:
    """The escalation duties for a severity, soonest first.

    For an incident nobody owns these are the duties of the section on unowned incidents where the policy has one for
    that severity, else the ordinary ones.
    """
    found = [
        item for item in obligations if item.topic is Topic.ESCALATION and not item.recurring and item.holds_for(level)
    ]
    special = [item for item in found if item.unowned]
    ordinary = [item for item in found if not item.unowned]
    chosen = special if unowned and special else ordinary
    return tuple(distinct(sorted(chosen, key=lambda item: item.minutes)))


def distinct(items: Iterable[Obligation]) -> Iterator[Obligation]:
    """The duties without those said twice: one stated in a table and again in prose counts once, the first stays."""
    seen: list[tuple[float, frozenset[str]]] = []
    for item in items:
        words = duty_words(item.text)
        if any(
            minutes == item.minutes and len(words & other) >= min(len(words), len(other)) * 0.5
            for minutes, other in seen
        ):
            continue
        seen.append((item.minutes, words))
        yield item


_FILLER = frozenset(
    "a an and are at be been by for from has have if in incident is it must of on or should shall the then to when will"
    " with within minutes minute hour hours after not no may who least every also".split()
)


_SUBORDINATE = re.compile(r"\b(?:until|unless|so that|even if|also when)\b")


def duty_words(text: str) -> frozenset[str]:
    """The words that tell one duty from another: no filler, no numbers, no side conditions, endings cut."""
    main = _SUBORDINATE.split(text.lower(), maxsplit=1)[0]
    words = re.findall(r"[a-z]{2,}", main)
    return frozenset(re.sub(r"(?:ments?|ing|ed|es|s|e)$", "", word) for word in words if word not in _FILLER)


def _of_passage(excerpt: ReferenceExcerpt, passage: Passage) -> Iterator[Obligation]:
    if isinstance(passage.data, dict) and passage.block == "row":
        cells = {str(key): _plain(str(value)) for key, value in passage.data.items()}
        yield from _of_row(excerpt, passage, cells)
        return
    text = " ".join(_plain(passage.text).split())
    subject = ""
    for clause in _CLAUSE.split(text):
        continued = _CONTINUES.match(clause)
        whole = f"{subject} {clause[continued.end() :]}" if continued and subject else clause
        yield from _of_clause(
            excerpt, passage, whole, severity_levels(text), leading=severity_levels(text[:_LEAD_CHARS])
        )
        found = _SUBJECT.match(whole)
        subject = found[0].strip() if found else ""


def _of_row(excerpt: ReferenceExcerpt, passage: Passage, cells: dict[str, str]) -> Iterator[Obligation]:
    by_severity = [name for name in cells if _SEVERITY_NAME.fullmatch(name.strip())]
    first = next(iter(cells.values()), "")
    own_level = severity_levels(first)
    if by_severity:  # a matrix: duties down, severities across
        for name in by_severity:
            yield from _of_clause(excerpt, passage, f"{first}: {cells[name]}", severity_levels(name))
    elif own_level and len(first) <= len("SEVERITY 1 (critical)"):  # severities down, duties across
        for header, cell in list(cells.items())[1:]:
            yield from _of_clause(excerpt, passage, f"{header}: {cell}", own_level)
    else:  # a timetable: a time cell and what is due then
        timed = next(
            (header for header in cells if _TIME_COLUMN.search(header) and _time_of(header, cells[header])), None
        )
        rest = _joined(cell for header, cell in cells.items() if header != timed and cell)
        if timed is None:
            yield from _of_clause(excerpt, passage, rest, severity_levels(rest))
        else:
            when = _time_of(timed, cells[timed])
            yield from _of_clause(excerpt, passage, rest, severity_levels(rest), when=when)


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
    excerpt: ReferenceExcerpt,
    passage: Passage,
    clause: str,
    levels: frozenset[int],
    *,
    when: str | None = None,
    leading: frozenset[int] = frozenset(),
) -> Iterator[Obligation]:
    timing = clause if when is None else when
    spans = list(durations(timing))
    if not spans and re.search(r"\bimmediate(?:ly)?\b", timing, re.IGNORECASE):
        minutes = 0.0
    elif spans:
        minutes = spans[0].value
    else:
        return
    around = " ".join(passage.heading)
    own = severity_levels(clause) if when is None else frozenset[int]()
    yield Obligation(
        levels=own or leading or _nearest_levels(passage.heading) or levels,
        text=" ".join(clause.split()).strip(" .;|-*"),
        minutes=minutes,
        recurring=bool(_EVERY.search(timing)),
        topic=_topic(clause, around),
        unowned=bool(_UNOWNED.search(around)),
        modality=_modality(clause),
        excerpt=excerpt,
        passage=passage,
    )


def _modality(clause: str) -> str:
    if _MUST.search(clause):
        return "must"
    if _SHOULD.search(clause):
        return "should"
    return "may" if _MAY.search(clause) else "must"


def _topic(clause: str, heading: str) -> Topic:
    if _AFTERWARDS.search(clause):
        return Topic.OTHER
    if _ESCALATION.search(clause):
        return Topic.ESCALATION
    if _COMMUNICATION.search(clause):
        return Topic.COMMUNICATION
    if _ESCALATION.search(heading):
        return Topic.ESCALATION
    return Topic.OTHER


def _nearest_levels(heading: tuple[str, ...]) -> frozenset[int]:
    nothing: frozenset[int] = frozenset()
    return next((levels for title in reversed(heading) if (levels := severity_levels(title))), nothing)


def _plain(text: str) -> str:
    """Markdown's marks taken away: emphasis, code, links, list bullets."""
    unlinked = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    unmarked = re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", unlinked)
    return re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?", "", unmarked)
