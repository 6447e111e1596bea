"""What the policy calls how bad, for an incident whose severity nobody has set yet."""

import re

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import gist
from core.evidence.reference import Passage
from core.reading.quantities import durations
from core.reading.scale import Scale
from core.report import Health

MAX_DEFINITIONS = 5
MAX_DEFINITION_CHARS = 200

_ABOUT = re.compile(r"severit|priorit|classif|impact level", re.IGNORECASE)


def compose(material: Material, draft: Draft) -> None:
    """Quotes the policy's definitions and asks for a severity to be set; silent where one is named or no service is in question."""
    brief, policy = material.brief, material.policy
    if not brief.is_incident or Intent.INVESTIGATE not in brief.intents or policy is None:
        return
    if material.scale.level(brief.severity) is not None or not brief.services or draft.health is Health.HEALTHY:
        return
    definitions = [passage for passage in policy.passages if _defines(passage, material.scale)][:MAX_DEFINITIONS]
    if not definitions:
        return
    for passage in definitions:
        draft.fact(f"{policy.source} defines {gist(passage.text, MAX_DEFINITION_CHARS)}", policy.cite(passage))
    draft.recommendation(
        f"Set the severity first: no one is named, and the times of {policy.source} depend on it.",
        *(policy.cite(passage) for passage in definitions),
        headline=True,
    )


def _defines(passage: Passage, scale: Scale) -> bool:
    """A row, item or paragraph about one severity, under a heading about severities, that sets no time."""
    about = " ".join(passage.heading)
    first = passage.text.strip("|-* \t")[:24]
    one = len(scale.levels(first)) == 1
    return bool(_ABOUT.search(about)) and one and (passage.block == "row" or not list(durations(passage.text)))
