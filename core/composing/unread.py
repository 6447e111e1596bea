"""What the policy seems to ask for here and could not be read as a rule."""

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import shortened
from core.policy.remembered import Remembered
from core.policy.unread import read_unread

MAX_UNREAD = 3
MAX_TEXT_CHARS = 200

_ABOUT = frozenset(
    {Intent.ESCALATION, Intent.RESPONSE_STEPS, Intent.DUTY, Intent.COMPARE_POLICIES, Intent.COMMUNICATION}
)
_unread = Remembered(read_unread)


def compose(material: Material, draft: Draft) -> None:
    """Names the lines on the severity in question with a number in them that no rule was read from: a person has to."""
    brief = material.brief
    level = material.scale.level(brief.severity)
    if level is None or not _ABOUT.intersection(brief.intents):
        return
    compares = Intent.COMPARE_POLICIES in brief.intents
    for policy in material.policies if compares else material.policies[-1:]:
        about = [item for item in _unread(policy, material.scale) if level in item.levels]
        for item in about[:MAX_UNREAD]:
            draft.gap(
                f"a rule of {policy.source} for {brief.severity} that could not be read",
                f"{item.place}: “{shortened(item.text, MAX_TEXT_CHARS)}”",
                "read that line yourself",
            )
