import re
from collections import Counter
from collections.abc import Iterable

from core.plan import Plan
from core.result import Result
from core.rules.grounds.figures import FigureKind, figures
from core.verdict import Check

NAME = "figures_are_backed"
ALIKE = 0.9
"""A line that shares as many of its words with a claim repeats it, and so repeats its figures."""

_WORD = re.compile(r"[^\W\d_]+")


def check(plan: Plan, result: Result) -> Check:  # noqa: ARG001 - every rule has the same shape
    """Every figure of the answer stands in a claim too; a line that repeats a claim has the figures of that claim."""
    texts = [claim.text for claim in result.report.claims]
    told = {gap.what for gap in result.report.gaps}
    whole = set(texts)
    backed = Counter(_figures(texts))
    named = set(_figures(told))
    checked = 0
    for line in result.report.answer.split("\n"):
        found = Counter(_figures([line]))
        checked += found.total()
        if line in whole or not found:
            continue
        loose = next((item for item in found if item not in backed and item not in named), None)
        if loose:
            return Check(name=NAME, passed=False, reason=f"the answer says {loose[1]}, which no claim backs")
        repeated = [text for text in texts if _repeats(line, text)]
        if repeated and not any(_agree(line, found, text) for text in repeated):
            reason = f"“{line[:120]}” in the answer repeats a claim with other figures"
            return Check(name=NAME, passed=False, reason=reason)
    return Check(name=NAME, passed=True, reason=f"{checked} figures of the answer stand in claims")


def _figures(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The figures with `name` or `number` before them: the same digits in a name and as a number are two figures."""
    found = (figure for text in texts for figure in figures(text))
    return [("name" if figure.kind is FigureKind.NAME else "number", figure.text) for figure in found]


def _repeats(line: str, text: str) -> bool:
    words = set(_WORD.findall(line.casefold()))
    return bool(words) and len(words.intersection(_WORD.findall(text.casefold()))) >= ALIKE * len(words)


def _agree(line: str, found: Counter[tuple[str, str]], text: str) -> bool:
    if _WORD.findall(line) == _WORD.findall(text):
        return _figures([line]) == _figures([text])
    return not found - Counter(_figures([text]))
