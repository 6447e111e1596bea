"""Finished reports with one lie in each: what the verifier must catch.

Only the report is changed, never what the tools brought in. Mutants that would still be true are left out where they are
made, with the reason beside it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from core.evidence import LogLines, ReferenceExcerpt, TicketList
from core.findings.logs import change_events
from core.plan import Plan
from core.report import Citation, Claim, Health, Hypothesis, Report
from core.result import Result

_CLOCK = re.compile(r"(?<![\d:T.-])(\d{2}):(\d{2})(?=Z|–)")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")
_TIMES = re.compile(rf"{_STAMP.pattern}|{_DAY.pattern}|{_CLOCK.pattern}")
_NUMBER = re.compile(r"(?<![\w.:-])\d+(?:\.\d+)?(?![\d:]|\.\d)")
type Edits = Callable[[str], Iterator[tuple[int, int, str]]]

_NAME = re.compile(r"\b(?:[A-Z]{2,10}-\d+|v\d+(?:\.\d+)*|P[1-4]|policy_v\d)\b")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    kind: str
    what: str
    result: Result


def mutants(plan: Plan, result: Result) -> Iterator[Mutant]:
    """Every mutant of a finished run."""
    report = result.report
    for kind, what, changed in _changes(plan, result):
        if changed != report:
            yield Mutant(kind=kind, what=what, result=result.model_copy(update={"report": changed}))


def _changes(plan: Plan, result: Result) -> Iterator[tuple[str, str, Report]]:
    report = result.report
    for kind, edits in (("number", _numbers), ("time", _times), ("name", _names)):
        for old, new in _texts(report, edits):
            yield kind, f"{old} → {new}", _retold(report, old, new)
    yield from _answers(report)
    yield from _tickets(result)
    yield from _quotes(report)
    yield from _orders(result)
    yield from _citing(plan, report)
    yield from _people(result)
    yield from _judgements(report)


def _texts(report: Report, edits: Edits) -> Iterator[tuple[str, str]]:
    """Each text of a claim, hypothesis or action with each of its edits."""
    texts = [claim.text for claim in report.claims]
    texts += [hypothesis.cause for hypothesis in report.hypotheses]
    for action in report.actions:
        texts += [action.text, action.due or ""]
    for text in dict.fromkeys(texts):
        for start, end, new in edits(text):
            yield text, text[:start] + new + text[end:]


def _retold(report: Report, old: str, new: str) -> Report:
    """The report with a text replaced wherever it stands, in the answer too: the lie is told consistently."""
    return report.model_copy(
        update={
            "answer": "\n".join(new if line == old else line for line in report.answer.split("\n")),
            "claims": tuple(_with(item, text=new) if item.text == old else item for item in report.claims),
            "hypotheses": tuple(_with(item, cause=new) if item.cause == old else item for item in report.hypotheses),
            "actions": tuple(
                item.model_copy(update={"text": new})
                if item.text == old
                else item.model_copy(update={"due": new})
                if item.due == old
                else item
                for item in report.actions
            ),
        }
    )


def _with[T: (Claim, Hypothesis, Citation)](item: T, **changes: object) -> T:
    return item.model_copy(update=changes)


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Each number one more and one less in its last place, times ten, and with two digits exchanged."""
    timed = [match.span() for match in _TIMES.finditer(text)]
    for match in _NUMBER.finditer(text):
        if any(start <= match.start() < end for start, end in timed):
            continue  # a part of a time, which is shifted as a time
        word = match[0]
        places = len(word.partition(".")[2])
        value = float(word)
        swapped = word[1] + word[0] + word[2:] if len(word) > 1 and word[1].isdigit() else word
        made = {
            f"{value + 10**-places:.{places}f}",
            f"{abs(value - 10**-places):.{places}f}",
            f"{value * 10:.{places}f}",
            swapped,
        }
        for new in sorted(made):
            if float(new) != value:  # ten times nothing, and 22 turned round, are no change
                yield *match.span(), new


def _times(text: str) -> Iterator[tuple[int, int, str]]:
    """Each time a minute and an hour later and a minute earlier, each day one later and one earlier."""
    for match in _TIMES.finditer(text):
        if "T" in match[0]:
            moment = datetime.fromisoformat(match[0])
            for minutes in (-1, 1, 60):
                yield *match.span(), (moment + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
        elif ":" in match[0]:
            at = datetime(2000, 1, 2, int(match[1]), int(match[2]))  # noqa: DTZ001 -- a clock, its day plays no part
            for minutes in (-1, 1, 60):
                yield *match.span(), f"{at + timedelta(minutes=minutes):%H:%M}"
        else:
            for days in (-1, 1):
                yield *match.span(), (date.fromisoformat(match[0]) + timedelta(days=days)).isoformat()


def _names(text: str) -> Iterator[tuple[int, int, str]]:
    """Each ticket key, version, severity and policy with its last digit one further."""
    for match in _NAME.finditer(text):
        yield *match.span(), match[0][:-1] + str((int(match[0][-1]) + 1) % 10)


def _answers(report: Report) -> Iterator[tuple[str, str, Report]]:
    """Each number of the answer changed there alone: the answer then says what its claim does not."""
    for start, end, new in _numbers(report.answer):
        changed = report.answer[:start] + new + report.answer[end:]
        what = f"…{report.answer[max(0, start - 30) : end]} → {new}"
        yield "answer", what, report.model_copy(update={"answer": changed})


def _tickets(result: Result) -> Iterator[tuple[str, str, Report]]:
    """Each state and assignee that a claim gives a ticket replaced by another that the tracker has."""
    found = [ticket for item in _outputs(result, TicketList) for ticket in item.tickets]
    states = sorted({ticket.status for ticket in found} | {"Resolved", "Closed"})
    people = sorted({ticket.assignee or "nobody" for ticket in found} | {"nobody"})
    for claim in result.report.claims:
        for ticket in found:
            if not claim.text.startswith(ticket.key):
                continue
            for old, others in (
                (f"is {ticket.status},", states),
                (f"assigned to {ticket.assignee or 'nobody'}", people),
            ):
                for other in others:
                    last = old.rstrip(",").removeprefix("is ").removeprefix("assigned to ")
                    new = claim.text.replace(old, old.replace(last, other))
                    yield "ticket", new, _retold(result.report, claim.text, new)
        for one, other in (("open ", "closed "), ("no assignee", "no component"), ("no component", "no assignee")):
            changed = claim.text.replace(one, other)
            # A ticket without either is truly both.
            both = [
                ticket for ticket in found if ticket.key in claim.text and not ticket.assignee and not ticket.components
            ]
            named = [ticket for ticket in found if re.search(rf"\b{ticket.key}\b", claim.text)]
            # One that stands in a quotation is no statement of the report.
            if one in re.sub(r"“[^”]*”|: .*says.*", "", claim.text) and named and len(both) < len(named):
                yield "ticket", changed, _retold(result.report, claim.text, changed)


def _quotes(report: Report) -> Iterator[tuple[str, str, Report]]:
    """Each citation with a character of its quote changed, in three places, and with a digit of its locator changed."""
    for index, citation in enumerate(report.citations):
        letters = [at for at, char in enumerate(citation.quote) if char.isalnum()]
        for at in dict.fromkeys((letters[0], letters[len(letters) // 2], letters[-1])) if letters else ():
            char = "7" if citation.quote[at] != "7" else "3"
            quote = citation.quote[:at] + char + citation.quote[at + 1 :]
            yield "quote", f"{citation.citation_id}: {char}", _replaced(report, index, quote=quote)
        for at in [match.start() for match in re.finditer(r"\d", citation.locator)][-4:]:
            digit = str((int(citation.locator[at]) + 1) % 10)
            locator = citation.locator[:at] + digit + citation.locator[at + 1 :]
            yield "locator", locator, _replaced(report, index, locator=locator)


def _replaced(report: Report, index: int, **changes: str) -> Report:
    citations = list(report.citations)
    citations[index] = _with(citations[index], **changes)
    return report.model_copy(update={"citations": tuple(citations)})


def _orders(result: Result) -> Iterator[tuple[str, str, Report]]:
    """Two times of a statement exchanged, two limits exchanged, and causes that came after their symptom."""
    report = result.report
    for pattern in (_CLOCK, re.compile(r"\d+(?= minutes in )")):
        for text in dict.fromkeys([claim.text for claim in report.claims]):
            found = list(pattern.finditer(text))
            for one, other in pairwise(found):
                if one[0] != other[0]:
                    new = (
                        text[: one.start()] + other[0] + text[one.end() : other.start()] + one[0] + text[other.end() :]
                    )
                    yield "order", f"{one[0]} ↔ {other[0]} in {text[:80]}", _retold(report, text, new)
    for hypothesis in report.hypotheses:
        yield from _late_causes(result, hypothesis)
    if len({item.confidence for item in report.hypotheses}) > 1:
        yield "order", "the least likely cause first", report.model_copy(update={"hypotheses": report.hypotheses[::-1]})


def _late_causes(result: Result, hypothesis: Hypothesis) -> Iterator[tuple[str, str, Report]]:
    """The change that is held to be the cause exchanged for one that came after the symptom."""
    report = result.report
    logs = [item for item in _outputs(result, LogLines) if item.pattern is not None]
    events = {item.cite(event.line).citation_id: event for item in logs for event in change_events(item.lines)}
    causes = [name for name in hypothesis.supported_by if name in events and events[name].kind != "rollback"]
    undoings = [name for name in hypothesis.supported_by if name in events and events[name].kind == "rollback"]
    for cause in causes:
        for undoing in undoings:
            ids = tuple(undoing if name == cause else name for name in hypothesis.supported_by if name != undoing)
            yield "order", f"{undoing} as the cause", _with_hypothesis(report, hypothesis, supported_by=ids)
    for undoing in undoings:
        ids = tuple(name for name in hypothesis.supported_by if name != undoing)
        yield "order", f"confirmed without {undoing}", _with_hypothesis(report, hypothesis, supported_by=ids)


def _with_hypothesis(report: Report, hypothesis: Hypothesis, **changes: object) -> Report:
    changed = tuple(_with(item, **changes) if item is hypothesis else item for item in report.hypotheses)
    return report.model_copy(update={"hypotheses": changed})


def _citing(plan: Plan, report: Report) -> Iterator[tuple[str, str, Report]]:
    """Citations exchanged between neighbouring claims, taken from a statement, and a required source no longer cited."""
    for index, (one, other) in enumerate(pairwise(report.claims)):
        mine, theirs = set(one.citation_ids), set(other.citation_ids)
        if mine <= theirs or theirs <= mine:
            continue  # the one that cites all of both is as well founded after the exchange
        claims = list(report.claims)
        claims[index] = _with(one, citation_ids=other.citation_ids)
        claims[index + 1] = _with(other, citation_ids=one.citation_ids)
        yield (
            "exchanged citations",
            f"{one.text[:50]} ↔ {other.text[:50]}",
            report.model_copy(update={"claims": tuple(claims)}),
        )
    for index, claim in enumerate(report.claims):
        if not claim.citation_ids:
            continue  # there is nothing to take from it
        claims = list(report.claims)
        claims[index] = _with(claim, citation_ids=())
        yield "emptied citations", claim.text[:80], report.model_copy(update={"claims": tuple(claims)})
    for hypothesis in report.hypotheses:
        emptied = _with_hypothesis(report, hypothesis, supported_by=(), contradicted_by=())
        yield "emptied citations", hypothesis.cause[:80], emptied
    by_id = {citation.citation_id: citation.citation_source for citation in report.citations}
    for source in plan.brief.required_citations:
        if source in by_id.values():
            yield "dropped source", source, _without(report, {name for name, of in by_id.items() if of == source})


def _without(report: Report, gone: set[str]) -> Report:
    def kept(ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in ids if name not in gone)

    return report.model_copy(
        update={
            "claims": tuple(_with(claim, citation_ids=kept(claim.citation_ids)) for claim in report.claims),
            "actions": tuple(
                action.model_copy(update={"citation_ids": kept(action.citation_ids)}) for action in report.actions
            ),
        }
    )


def _people(result: Result) -> Iterator[tuple[str, str, Report]]:
    """Each owner of an action and each person of a claim exchanged for another of the rota."""
    report = result.report
    people = sorted({str(action.owner) for action in report.actions if action.owner and action.owner[0].isupper()})
    rota = [item for item in _outputs(result, ReferenceExcerpt) if item.source == "oncall_rota"]
    people = (
        people or sorted(set(re.findall(r"(?:primary|secondary): (\w+(?: \w+)?)", str(rota[:1])))) if rota else people
    )
    for index, action in enumerate(report.actions):
        for other in people if action.owner in people else ():
            if other != action.owner:
                actions = list(report.actions)
                actions[index] = action.model_copy(update={"owner": other})
                yield "person", f"{action.text[:50]}: {other}", report.model_copy(update={"actions": tuple(actions)})
    for claim in report.claims:
        for one in people:
            if one in claim.text:
                new = claim.text.replace(one, "Mallory Stranger")
                yield "person", new[:80], _retold(report, claim.text, new)


def _judgements(report: Report) -> Iterator[tuple[str, str, Report]]:
    """Another health, a cause called confirmed, a dependency that is none, and a causal word."""
    for health in (Health.HEALTHY, Health.RECOVERED, Health.DEGRADED):
        if report.health not in {None, Health.UNKNOWN, health}:
            yield "judgement", f"health {health}", report.model_copy(update={"health": health})
    for hypothesis in report.hypotheses:
        if hypothesis.confidence < 0.9:
            sure = _with_hypothesis(report, hypothesis, confidence=0.95)
            ranked = tuple(sorted(sure.hypotheses, key=lambda item: -item.confidence))
            yield "judgement", f"sure: {hypothesis.cause[:60]}", sure.model_copy(update={"hypotheses": ranked})
        yield "judgement", "another service", _with_hypothesis(report, hypothesis, service="some-other-service")
        if hypothesis.contradicted_by:
            hidden = _with_hypothesis(report, hypothesis, contradicted_by=())
            yield "judgement", f"nothing against {hypothesis.cause[:60]}", hidden
    confirmed = any(item.confidence >= 0.9 for item in report.hypotheses)
    for claim in report.claims if not confirmed else ():
        if " rose from " in claim.text:
            new = claim.text.replace(" rose from ", ", which was caused by a deployment, rose from ")
            yield "judgement", "caused by", _retold(report, claim.text, new)


def _outputs[T](result: Result, kind: type[T]) -> Sequence[T]:
    return [call.output for call in result.tool_results if isinstance(call.output, kind)]
