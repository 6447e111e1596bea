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


_CLAUSE = re.compile(r"(?<=[.;!?])\s+|;\s*|,\s+(?=(?:and|then|the|a|an)\b)|\s+[—–]\s+|\n")
_ESCALATION = re.compile(
    r"\backnowledg|\back\b|\bpage[sd]?\b|\bpaging\b|\bescalat|\bsecondary\b|\bcommander\b|\bassign|\bmanager\b|\bhead of\b"
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
    r"|\brestor|\broll(?:ed|ing)?[\s-]?back|\bdeploy|\bsustained\b|\bconsecutive\b|\berror rate\b",
    re.IGNORECASE,
)
_EVERY = re.compile(r"\bevery\b|\beach\b|\bcadence\b|\binterval\b", re.IGNORECASE)
_UNOWNED = re.compile(
    r"\bunowned\b|\bunassigned\b|\bno owner\b|\bwithout (?:an )?owner\b|\bnobody owns\b", re.IGNORECASE
)
_MAY = re.compile(r"\bmay\b|\boptional(?:ly)?\b|\bcan\b", re.IGNORECASE)
_SHOULD = re.compile(r"\bshould\b|\brecommended\b|\bexpected\b", re.IGNORECASE)
_TIME_COLUMN = re.compile(r"time|elapsed|minute|when|within|after|deadline|mark|clock|offset", re.IGNORECASE)
_SEVERITY_NAME = re.compile(r"(?:P|SEV(?:ERITY)?[\s-]?|S)[0-5]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """A duty with a time limit: `minutes` since the start of the incident, or the interval when `recurring`.

    `levels` are the severity levels it holds for, empty for all; `unowned` when it holds for an incident nobody owns.
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
    """The escalation duties for a severity, soonest first; those for unowned incidents only when it is unowned.

    A duty stated for the severity itself beats one stated for every severity at the same time.
    """
    found = [
        item
        for item in obligations
        if item.topic is Topic.ESCALATION and not item.recurring and item.holds_for(level) and item.unowned == unowned
    ]
    return tuple(distinct(sorted(found, key=lambda item: item.minutes)))


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
    " with within minutes minute hour hours after not no may who".split()
)


def duty_words(text: str) -> frozenset[str]:
    """The words that tell one duty from another: no filler, no numbers, endings cut."""
    words = re.findall(r"[a-z]{2,}", text.lower())
    return frozenset(re.sub(r"(?:ments?|ing|ed|es|s|e)$", "", word) for word in words if word not in _FILLER)


def _of_passage(excerpt: ReferenceExcerpt, passage: Passage) -> Iterator[Obligation]:
    if isinstance(passage.data, dict) and passage.block == "row":
        cells = {str(key): _plain(str(value)) for key, value in passage.data.items()}
        yield from _of_row(excerpt, passage, cells)
        return
    for clause in _CLAUSE.split(_plain(passage.text)):
        yield from _of_clause(excerpt, passage, clause, severity_levels(_plain(passage.text)))


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
        text = "; ".join(cells.values())
        timed = [cell for header, cell in cells.items() if _TIME_COLUMN.search(header) and list(durations(cell))]
        rest = ": ".join(cell for cell in cells.values() if cell not in timed)
        clause = f"{timed[0]}: {rest}" if timed else text
        yield from _of_clause(excerpt, passage, clause, severity_levels(text), whole=True)


def _of_clause(
    excerpt: ReferenceExcerpt, passage: Passage, clause: str, levels: frozenset[int], *, whole: bool = False
) -> Iterator[Obligation]:
    spans = list(durations(clause))
    if not spans and re.search(r"\bimmediate(?:ly)?\b", clause, re.IGNORECASE):
        minutes = 0.0
    elif spans:
        minutes = spans[0].value
    else:
        return
    around = " ".join(passage.heading)
    own = severity_levels(clause)
    yield Obligation(
        levels=own or levels or _nearest_levels(passage.heading),
        text=" ".join(clause.split()).strip(" .;|-*"),
        minutes=minutes,
        recurring=bool(_EVERY.search(clause)) and not whole,
        topic=_topic(clause, around),
        unowned=bool(_UNOWNED.search(clause) or _UNOWNED.search(around)),
        modality="may" if _MAY.search(clause) else "should" if _SHOULD.search(clause) else "must",
        excerpt=excerpt,
        passage=passage,
    )


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
