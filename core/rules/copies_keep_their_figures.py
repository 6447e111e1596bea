import re
from collections.abc import Iterator
from functools import lru_cache

from core.plan import Plan
from core.result import Result
from core.rules.grounds.algebra import bases_of
from core.rules.grounds.basis import Basis
from core.rules.grounds.figures import figures
from core.rules.grounds.records import Hit, Words, records_of
from core.rules.grounds.wording import material
from core.verdict import Check

NAME = "copies_keep_their_figures"

_TOKEN = re.compile(r"\d{4}-\d{2}-\d{2}|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:\d+)?|[^\W_]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OFFSET = re.compile(r"(\+[\d.]+ (?:minutes?|hours?|days?|weeks?)):")
"""The time that we put before a step: what follows it is the source's, and may be what follows another time there."""
_BREAK = " ¶ "
_NEXT_STEP = "§"
_CONTEXT = ((2, 1), (1, 2), (0, 3), (3, 0))
"""How many words before and after a figure have to be the same for a text to be a copy there."""


def check(plan: Plan, result: Result) -> Check:
    """A statement that repeats the words around a figure of its citation repeats that figure."""
    records = records_of(result)
    bases = bases_of(records, plan.brief)
    checked = 0
    for statement in records.statements:
        if not figures(statement.text):
            continue
        every = records.of(statement.citation_ids)
        cited = [record for record in every if isinstance(record, Words | Hit)]
        if not cited:
            continue
        texts = _BREAK.join(" ".join(tokens(text)) for text in material(cited))
        said = _steps(statement.text)
        for at, word in enumerate(said):
            if not word[-1].isdigit() or _DAY.fullmatch(word):
                continue  # days are held to what is cited by figures_are_supported: lists have many beside the same words
            checked += 1
            other = _other(said, at, f" {texts} ")
            if other is None or _is_otherwise_founded(word, statement.text, bases.of(every), bases.asked):
                continue
            reason = f"{word} in {statement.shown} stands where its citation has {other}"
            return Check(name=NAME, passed=False, reason=reason)
    return Check(name=NAME, passed=True, reason=f"{checked} figures are those of the words around them")


def _is_otherwise_founded(word: str, text: str, basis: Basis, asked: Basis) -> bool:
    """Whether a figure is computed, or one of the question: it may then stand in words of the citation."""
    found = [figure for figure in figures(text) if figure.text.lower() == word]
    return any(basis.computes(figure) or asked.has(figure) for figure in found)


def _steps(text: str) -> tuple[str, ...]:
    """The words of a statement with a mark between the steps that it lists: what stands beside a figure is of its own step."""
    steps = (tokens(step) for step in _OFFSET.sub(r"\1;", text).split(";"))
    return tuple(word for step in steps for word in (*step, _NEXT_STEP))


@lru_cache(maxsize=512)
def tokens(text: str) -> tuple[str, ...]:
    """The words and figures of a text in lower case, in order."""
    return tuple(_TOKEN.findall(text.casefold()))


def _other(said: tuple[str, ...], at: int, texts: str) -> str | None:
    """The figure that the texts have between the same words, where none of them has the one that is said."""
    if any(f"{lead}{said[at]}{trail}" in texts for lead, trail in _contexts(said, at)):
        return None
    return next(
        (
            figure
            for lead, trail in _contexts(said, at)
            for figure in _between(lead, trail, texts)
            if figure[:1].isdigit() == said[at][:1].isdigit()  # the version of a source is no number
        ),
        None,
    )


def _contexts(said: tuple[str, ...], at: int) -> Iterator[tuple[str, str]]:
    """The words before and after, each part with a space at both ends."""
    for before, after in _CONTEXT:
        if before <= at and at + after < len(said):
            lead = f" {' '.join(said[at - before : at])} " if before else " "
            yield lead, f" {' '.join(said[at + 1 : at + 1 + after])} " if after else " "


def _between(lead: str, trail: str, texts: str) -> Iterator[str]:
    """The figures that stand between these words; each part begins and ends with a space."""
    anchor = trail if trail.strip() else lead
    start = texts.find(anchor)
    while start >= 0:
        before, after = texts[:start], texts[start + len(anchor) :]
        place = after.partition(" ")[0] if anchor is lead else before.rpartition(" ")[2]
        if place[-1:].isdigit() and f"{lead}{place}{trail}" in texts:
            yield place
        start = texts.find(anchor, start + 1)
