"""Where to speak, to whom, how often."""

import re
from collections.abc import Sequence

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import listed, shortened
from core.evidence.reference import Passage, ReferenceExcerpt
from core.policy.obligations import Topic, distinct, read_obligations
from core.reading.quantities import severity_level, severity_levels

SOURCE = "slack_config"
MAX_PASSAGES = 4

_CHANNEL = re.compile(r"#[a-z0-9][a-z0-9_-]{1,79}")


def compose(material: Material, draft: Draft) -> None:
    """Recommends the channels that the Slack config has for this, with the policy's duties to keep people informed."""
    brief = material.brief
    excerpt = material.reference(SOURCE)
    needed = Intent.COMMUNICATION in brief.intents or SOURCE in brief.required_citations
    if needed and excerpt is not None:
        _channels(material, excerpt, draft)
    if Intent.COMMUNICATION in brief.intents and material.policy is not None:
        level = severity_level(brief.severity)
        duties = [
            item
            for item in read_obligations(material.policy)
            if item.topic is Topic.COMMUNICATION and item.holds_for(level) and not item.unowned
        ]
        for duty in list(distinct(duties))[:MAX_PASSAGES]:
            draft.fact(f"{material.policy.source}: {shortened(duty.text, 200)}", duty.cite(), headline=True)


def _channels(material: Material, excerpt: ReferenceExcerpt, draft: Draft) -> None:
    chosen = _fitting(material, excerpt.passages)
    channels = list(dict.fromkeys(channel for passage in chosen for channel in _CHANNEL.findall(passage.text)))
    if not channels:
        draft.gap(
            "the channel to use", f"{excerpt.path} names no channel that fits", f"read {excerpt.path}", essential=True
        )
        return
    draft.recommendation(
        f"Communicate in {listed(channels[:MAX_PASSAGES])} ({excerpt.source}).",
        *(excerpt.cite(passage) for passage in chosen),
        headline=True,
    )


def _fitting(material: Material, passages: Sequence[Passage]) -> list[Passage]:
    """The passages with a channel that name the severity, a service or an incident, the most telling first."""
    brief = material.brief
    level = severity_level(brief.severity)

    def score(passage: Passage) -> int:
        about = f"{' '.join(passage.heading)} {passage.text}".lower()
        points = 4 if level is not None and level in severity_levels(about) else 0
        points += 3 * sum(1 for service in brief.services if service.lower() in about)
        points += 2 * ("incident" in about) + ("escalat" in about) + ("alert" in about)
        return points

    scored = sorted(
        ((-score(passage), passage.start_line, passage) for passage in passages if _CHANNEL.search(passage.text)),
        key=lambda item: item[:2],
    )
    found: list[Passage] = []
    for _, _, passage in scored:  # a passage inside one already chosen says nothing new
        if not any(other.start_line <= passage.start_line and passage.end_line <= other.end_line for other in found):
            found.append(passage)
    return found[:MAX_PASSAGES]
