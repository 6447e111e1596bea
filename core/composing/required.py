"""The citations a task asks for that no other section had a reason to give."""

import re

from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import gist
from core.evidence.reference import Passage, ReferenceExcerpt

MAX_PASSAGES = 2
MAX_PASSAGE_CHARS = 220

_WORD = re.compile(r"[a-z0-9]{2,}")
_IDENTIFIER = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)+")
_IDENTIFIER_WEIGHT = 4  # a name such as `max_connections` tells more than the words it is made of
_COMMON = frozenset(
    "is are was the of for to in on at and or an our we what which when who how does do cite with from by it its".split()
)


def compose(material: Material, draft: Draft) -> None:
    """Quotes of each such source the passages nearest to the task; one that cannot be quoted the verifier finds missing."""
    quiet = draft.is_silent and not material.brief.is_incident  # then the quotes are the answer, if anything is
    for source in _needed(material, draft):
        excerpt = material.reference(source)
        if draft.cites(source) or excerpt is None:
            continue
        for passage in _nearest(material, excerpt):
            draft.fact(f"{source} says: {gist(passage.text, MAX_PASSAGE_CHARS)}", excerpt.cite(passage), headline=quiet)


def _needed(material: Material, draft: Draft) -> list[str]:
    """The required sources; for an incident also the policy, which every incident is to be held against."""
    needed = list(material.brief.required_citations)
    policies = [policy.source for policy in material.policies]
    if material.brief.is_incident and policies and not any(draft.cites(source) for source in policies):
        needed.append(policies[-1])
    return needed


def _nearest(material: Material, excerpt: ReferenceExcerpt) -> list[Passage]:
    asked = f"{material.request.text} {' '.join(material.brief.services)}".lower()
    wanted = set(_WORD.findall(asked)) - _COMMON
    named = set(_IDENTIFIER.findall(asked))

    def overlap(passage: Passage) -> int:
        about = f"{' '.join(passage.heading)} {passage.text}".lower()
        return len(set(_WORD.findall(about)) & wanted) + _IDENTIFIER_WEIGHT * len(
            set(_IDENTIFIER.findall(about)) & named
        )

    quotable = [passage for passage in excerpt.passages if passage.text.strip() and passage.block != "code"]
    return sorted(quotable, key=lambda passage: (-overlap(passage), passage.start_line))[:MAX_PASSAGES]
