from core.plan import Plan
from core.result import Result
from core.rules.grounds.records import records_of
from core.rules.grounds.wording import asked, flat, material, proper_names
from core.verdict import Check

NAME = "names_are_cited"
COMMON = frozenset({"UTC"})


def check(plan: Plan, result: Result) -> Check:
    """Every name in a statement stands in what it cites, and every name in the answer stands in a statement."""
    records = records_of(result)
    question = "".join(flat(text) for text in asked(plan.brief))
    checked = 0
    for statement in records.statements:
        names = list(proper_names(statement.text))
        if not names:
            continue
        known = question + "".join(flat(text) for text in material(records.of(statement.citation_ids)))
        strange = next((name for name in names if not _stands(name, known)), None)
        if strange:
            reason = f"{strange} in {statement.shown} is in nothing that it cites"
            return Check(name=NAME, passed=False, reason=reason)
        checked += len(names)
    report = result.report
    told = (*(item.text for item in records.statements), *(f"{gap.what} {gap.reason}" for gap in report.gaps))
    known = question + "".join(map(flat, told))
    strange = next(
        (name for line in report.answer.split("\n") for name in proper_names(line) if not _stands(name, known)), None
    )
    if strange:
        return Check(name=NAME, passed=False, reason=f"the answer names {strange}, which no statement does")
    return Check(name=NAME, passed=True, reason=f"{checked} names stand in what is cited for them")


def _stands(name: str, known: str) -> bool:
    return name in COMMON or flat(name) in known
