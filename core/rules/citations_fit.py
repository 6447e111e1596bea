import re

from core.plan import Plan
from core.report import Claim, ClaimKind, Hypothesis
from core.result import Result
from core.rules.citing import Statement
from core.rules.grounds.records import Hit, Line, Record, Samples, TicketFields, Words, records_of
from core.rules.grounds.wording import flat, material
from core.verdict import Check

NAME = "citations_fit"
SHARED_WORDS = 2

_WORD = re.compile(r"[^\W\d_]{4,}")
_SOURCE = re.compile(r"\w+_\w+")
_TICKET = re.compile(r"\b[A-Z][A-Z0-9_]*-\d+\b")


def check(plan: Plan, result: Result) -> Check:
    """Each citation is about what its statement is about, and a source that a statement names is among its citations."""
    records = records_of(result)
    sources = {item.citation_source for item in result.report.citations if "_" in item.citation_source}
    for statement in records.statements:
        if isinstance(statement.part, Hypothesis) and not statement.part.supported_by:
            return Check(name=NAME, passed=False, reason=f"{statement.shown} is a possible cause that nothing supports")
        cited = records.of(statement.citation_ids)
        about = (
            statement.text if isinstance(statement.part, Claim) else " ".join((statement.text, *plan.brief.services))
        )
        fits = [_fits(record, about) for record in cited]
        fitting = [] if all(fits) else [record for record, fit in zip(cited, fits, strict=True) if fit]
        strays = (record for record, fit in zip(cited, fits, strict=True) if not fit and not _leads_to(record, fitting))
        stray = next(strays, None)
        if stray is not None:
            reason = f"{stray.citation.citation_id} is cited for {statement.shown} and is about something else"
            return Check(name=NAME, passed=False, reason=reason)
        named = {source for source in sources if source in statement.text}
        missing = (named - {record.citation.citation_source for record in cited}).intersection(
            _SOURCE.findall(statement.text) if named else ()
        )
        if missing and not _quotes(missing, cited) and _needs_citing(statement):
            reason = f"{statement.shown} names {', '.join(sorted(missing))} and does not cite it"
            return Check(name=NAME, passed=False, reason=reason)
    return Check(name=NAME, passed=True, reason="each citation is about what its statement is about")


def _needs_citing(statement: Statement) -> bool:
    return getattr(statement.part, "kind", None) is not ClaimKind.FACT or bool(statement.citation_ids)


def _quotes(sources: set[str], cited: tuple[Record, ...]) -> bool:
    """Whether the cited words themselves name the sources."""
    texts = list(material(cited))
    return all(any(source in text for text in texts) for source in sources)


def _fits(record: Record, about: str) -> bool:
    text = flat(about)
    match record:
        case Samples():
            return flat(record.window.service) in text or flat(record.series.metric) in text
        case Line():
            return flat(record.logs.service) in text or _shares_words(record, about)
        case TicketFields():
            keys = _TICKET.findall(about)
            return not keys or record.ticket.key in keys
        case Words() | Hit():
            return flat(record.citation.citation_source) in text or _shares_words(record, about)


def _leads_to(record: Record, fitting: list[Record]) -> bool:
    """Whether a passage is a step of the same list as one that fits: its time may be what the other's is counted from."""
    return isinstance(record, Words) and any(
        isinstance(other, Words) and other.excerpt is record.excerpt and other.passage.heading == record.passage.heading
        for other in fitting
    )


def _shares_words(record: Record, about: str) -> bool:
    words = set(_WORD.findall(about.casefold()))
    theirs = {word for text in material((record,)) for word in _WORD.findall(text.casefold())}
    return len(words & theirs) >= min(SHARED_WORDS, len(words))
