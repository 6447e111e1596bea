import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from core.plan import Plan
from core.reading.quantities import durations
from core.result import Result
from core.rules.citing import Statement
from core.rules.grounds.basis import is_clock_of
from core.rules.grounds.figures import FigureKind, figures, read_moment
from core.rules.grounds.records import Line, Record, Samples, records_of
from core.rules.grounds.wording import QUOTED, asked, flat, material
from core.verdict import Check

NAME = "quoted_words_are_cited"
MIN_WORDS = 3
"""Fewer words in quotation marks may be a term."""

_BESIDE = re.compile(r"\s*(?:\(|at\s+|,\s*)(?=\d)")
_RELATED = re.compile(
    r"(?P<within>\bwithin\s+)?(?P<span>[\w.-]+\s+(?:minutes?|hours?|seconds?))\s+(?:after|before|of)\s+$"
)


def check(plan: Plan, result: Result) -> Check:
    """Words in quotation marks stand in what the statement cites; a time beside them is theirs, and so are minutes since."""
    records = records_of(result)
    question = [flat(text) for text in asked(plan.brief)]
    checked = 0
    for statement in records.statements:
        if "“" not in statement.text:
            continue
        cited = records.of(statement.citation_ids)
        texts = [flat(text) for text in material(cited)]
        for match in QUOTED.finditer(statement.text):
            words = flat(match[1])
            if len(words.split()) < MIN_WORDS:
                continue
            # An ellipsis may cut in the middle of a word.
            said = words.rstrip() if match[1].endswith("…") else words
            wrong = None if any(said in text for text in (*texts, *question)) else "what it cites does not say so"
            wrong = wrong or next(_untimely(statement, match, cited, said), None)
            if wrong:
                reason = f"“{match[1][:100]}” in {statement.shown}: {wrong}"
                return Check(name=NAME, passed=False, reason=reason)
            checked += 1
    return Check(name=NAME, passed=True, reason=f"{checked} quotations in statements stand in what is cited")


def _untimely(statement: Statement, match: re.Match[str], cited: tuple[Record, ...], said: str) -> Iterator[str]:
    """What is wrong with the time beside a quotation from a log, or with the minutes said to lie before or after it."""
    lines = [record.line for record in cited if isinstance(record, Line) and said in flat(record.line.message)]
    if not lines:
        return
    rest = statement.text[match.end() : match.end() + 60]
    if beside := _BESIDE.match(rest):
        figure = next(iter(figures(rest[beside.end() :])), None)
        if figure and not any(_is_time_of(figure.kind, figure.text, line.timestamp) for line in lines):
            yield f"it was not logged at {figure.text}"
    before = _RELATED.search(statement.text[max(0, match.start() - 60) : match.start()])
    span = next(durations(before["span"]), None) if before else None
    samples = [record for record in cited if isinstance(record, Samples)]
    if before is None or span is None or not samples:
        return
    # What is told of is when it began at first, or when it ended at last.
    bounds = (min(item.start for item in samples), max(item.end for item in samples))
    apart = [abs((bound - line.timestamp).total_seconds()) / 60 for bound in bounds for line in lines]
    fits = any(gap <= span.value for gap in apart) if before["within"] else any(gap // 1 == span.value for gap in apart)
    if not fits:
        yield f"nothing that is cited began or ended {before[0].strip()} it"


def _is_time_of(kind: FigureKind, text: str, at: datetime) -> bool:
    if kind is FigureKind.CLOCK:
        return is_clock_of(text, at)
    if kind is FigureKind.STAMP:
        moment = read_moment(text)
        return moment is not None and timedelta() <= at - moment < timedelta(
            minutes=1 if text.count(":") == 1 else 1 / 60
        )
    return True
