"""The rules that fired most, and which of them nobody seems to need as they are."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from core.composing.words import counted
from core.digest.material import Episode, Material
from core.digest.model import Section, Statement
from core.digest.wording import build_section, episodes_before, episodes_of_week, lasting, log_source, titled
from core.verdict import Outcome

SHORT = timedelta(minutes=10)
"""What ends sooner is over before anybody could have acted."""
LEAST = 2
CANDIDATE_SHARE = 0.5


def compose(material: Material) -> Section:
    """The rules that fired twice or more, the noisiest first; a candidate for tuning is named as one."""
    return build_section(
        "noise", "Noisiest rules", _statements(material), [material.episodes], sources=(log_source(material),)
    )


def _statements(material: Material) -> Iterator[Statement]:
    rules: defaultdict[tuple[str, str], list[Episode]] = defaultdict(list)
    for episode in episodes_of_week(material):
        rules[episode.title, episode.vendor].append(episode)
    before = episodes_before(material)
    noisy = {rule: found for rule, found in rules.items() if _posts(found) >= LEAST}
    for (title, vendor), found in sorted(noisy.items(), key=lambda item: (-_posts(item[1]), item[0])):
        short = [one for one in found if one.lasted is not None and one.lasted <= SHORT]
        idle = sum(one.verdict is not Outcome.CONFIRMED for one in short)
        is_candidate = len(found) >= LEAST and idle >= max(LEAST, len(found) * CANDIDATE_SHARE)
        told = f"“{titled(title)}” ({vendor}): {counted(len(found), 'alert')}"
        repeats = _posts(found) - len(found)
        told += f" with {counted(repeats, 'repeat')}" if repeats else ""
        told += f", {len(short)} over within {lasting(SHORT)}" if short else ""
        then = None
        if before is not None:
            then = sum((one.title, one.vendor) == (title, vendor) for one in before)
        yield Statement(
            text=told + (": a candidate for tuning" if is_candidate else ""),
            sources=(log_source(material),),
            count=len(found),
            before=then,
        )


def _posts(found: list[Episode]) -> int:
    return sum(1 + one.repeats for one in found)
