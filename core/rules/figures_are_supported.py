import re

from core.plan import Plan
from core.report import Action
from core.result import Result
from core.rules.grounds.algebra import Bases, bases_of
from core.rules.grounds.figures import Figure, figures
from core.rules.grounds.records import Record, records_of
from core.verdict import Check

NAME = "figures_are_supported"

_IN_SOURCE = re.compile(r"\s?(?:%|[a-z]{1,12})?\s+in\s+(?P<source>\w+)")


def check(plan: Plan, result: Result) -> Check:
    """Every figure of a statement stands in what it cites, or is computed from it (`core.rules.grounds.algebra` says how)."""
    records = records_of(result)
    bases = bases_of(records, plan.brief)
    checked = 0
    for statement in records.statements:
        found = figures(statement.text)
        if not found:
            continue
        cited = records.of(statement.citation_ids)
        basis = bases.of(cited, with_due_times=isinstance(statement.part, Action))
        for figure in found:
            if not basis.has(figure) or not _is_of_its_source(figure, cited, bases):
                return Check(
                    name=NAME,
                    passed=False,
                    reason=f"{figure.text} in {statement.shown} neither stands in its citations nor follows from them",
                )
            checked += 1
    return Check(name=NAME, passed=True, reason=f"{checked} figures stand in what is cited for them or follow from it")


def _is_of_its_source(figure: Figure, cited: tuple[Record, ...], bases: Bases) -> bool:
    """Whether a figure that is said to be `in` one of several cited sources follows from that one."""
    match = _IN_SOURCE.match(figure.following[len(figure.text) :])
    own = tuple(record for record in cited if match and record.citation.citation_source == match["source"])
    return not own or len(own) == len(cited) or bases.of(own).has(figure)
