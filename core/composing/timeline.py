"""What moved first: the service, what it depends on and who depends on it, in the order of their first changes."""

from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import clock, listed
from core.findings.metrics import Change
from core.findings.names import plain_name
from core.findings.propagation import Moved, first_changes, in_steps
from core.report import Citation

MAX_STEPS = 5
MAX_OF_A_STEP = 4


def compose(material: Material, service: str, draft: Draft) -> None:
    """States the order in which two or more of the services moved; what one minute holds is not ordered."""
    brief = material.brief
    around = dict.fromkeys((service, *brief.dependencies, *brief.callers))
    changes: dict[str, tuple[Change, ...]] = {name: material.changes(name) or () for name in around}
    moved = first_changes(changes)
    if len(moved) < 2 or service not in {item.service for item in moved}:  # noqa: PLR2004 -- an order takes two
        return
    steps = in_steps(moved)[:MAX_STEPS]
    shown = [item for step in steps for item in step[:MAX_OF_A_STEP]]
    draft.fact(
        f"In the order in which they changed: {'; '.join(map(_step, steps))}.", *map(_cite, shown), headline=True
    )


def _step(step: tuple[Moved, ...]) -> str:
    names = listed(f"{item.service} ({plain_name(item.change.series.metric).words})" for item in step[:MAX_OF_A_STEP])
    together = ", in the same minute" if len(step) > 1 else ""
    return f"{clock(min(item.change.start for item in step))} {names}{together}"


def _cite(moved: Moved) -> Citation:
    change = moved.change
    return change.window.cite(change.series, change.start, change.end)
