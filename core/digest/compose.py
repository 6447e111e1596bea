"""Material → Digest."""

from collections.abc import Callable, Iterator

from core.composing.words import counted, listed
from core.digest.material import Material
from core.digest.model import Digest, Section
from core.digest.sections import (
    actions,
    alerts,
    causes,
    handover,
    incidents,
    noise,
    on_call,
    repeats,
    unowned,
    unseen,
    verdicts,
)
from core.digest.wording import episodes_of_week, fires_still

SECTIONS: tuple[Callable[[Material], Section], ...] = (
    on_call.compose,
    handover.compose,
    unowned.compose,
    alerts.compose,
    causes.compose,
    noise.compose,
    incidents.compose,
    actions.compose,
    repeats.compose,
    verdicts.compose,
    unseen.compose,
)


def compose_digest(material: Material) -> Digest:
    """Every section, be it empty or failed, in the order of `SECTIONS`."""
    return Digest(
        team=material.team,
        week=str(material.week),
        zone=material.zone.key,
        start=material.start,
        end=material.end,
        until=material.until,
        made_at=material.made_at,
        headline=_headline(material),
        sections=tuple(compose(material) for compose in SECTIONS),
    )


def _headline(material: Material) -> str:
    return listed(_figures(material)) or "nothing to tell"


def _figures(material: Material) -> Iterator[str]:
    """What a person wants to know first; what could not be counted is said to be unknown."""
    if material.episodes.value is None:
        yield "alerts unknown"
    else:
        firing = sum(fires_still(one, material) for one in material.episodes.value)
        yield counted(len(episodes_of_week(material)), "alert")
        if firing:
            yield f"{firing} still firing"
    opened = material.opened_incidents.value
    if opened is None:
        yield "incidents unknown"
    else:
        yield f"{counted(sum(material.in_week(one.created) for one in opened.tickets), 'incident')} opened"
    found = material.open_incidents.value
    unowned_tickets = (
        0 if found is None else sum(one.assignee is None and one.created <= material.as_of for one in found.tickets)
    )
    if unowned_tickets:
        yield f"{counted(unowned_tickets, 'open incident')} without an owner"
