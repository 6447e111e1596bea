"""The alerts of the week, by service."""

from collections import Counter
from collections.abc import Iterator

from core.composing.words import counted
from core.digest.material import Material
from core.digest.model import Section, Statement
from core.digest.wording import (
    build_section,
    episodes_before,
    episodes_of_week,
    fires_still,
    log_source,
    service_of,
)


def compose(material: Material) -> Section:
    """How many there were in all and of each service, beside the week before."""
    return build_section(
        "alerts", "Alerts by service", _statements(material), [material.episodes], sources=(log_source(material),)
    )


def _statements(material: Material) -> Iterator[Statement]:
    episodes, before = episodes_of_week(material), episodes_before(material)
    if not episodes:
        return
    source = log_source(material)
    firing = sum(fires_still(one, material) for one in episodes)
    repeats = sum(one.repeats for one in episodes)
    ended = len(episodes) - firing
    yield Statement(
        text=f"{counted(len(episodes), 'alert')}: {ended} ended, {firing} still firing"
        + (f"; {counted(repeats, 'further post')} repeated them" if repeats else ""),
        sources=(source,),
        count=len(episodes),
        before=None if before is None else len(before),
    )
    now = Counter(service_of(one) for one in episodes)
    then = None if before is None else Counter(service_of(one) for one in before)
    for service, number in sorted(now.items(), key=lambda item: (-item[1], item[0])):
        yield Statement(
            text=f"{service}: {number}", sources=(source,), count=number, before=None if then is None else then[service]
        )
    gone = [service for service in then or () if service not in now]
    if gone:
        yield Statement(text=f"quiet again: {', '.join(sorted(gone))}", sources=(source,))
