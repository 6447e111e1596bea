"""Whom to page next, and when: the policy's ladder for the severity in question."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material, nearest_words
from core.composing.on_call import duties_in_question
from core.composing.words import gist, shortened
from core.evidence.reference import Passage, ReferenceExcerpt
from core.policy.obligations import Obligation, ladder
from core.policy.rota import Duty
from core.reading.intents import speaks_of_unowned
from core.reading.quantities import durations, minutes_text
from core.reading.scale import Scale

MAX_RUNGS = 8
MAX_RUNG_CHARS = 180
MAX_PASSAGES = 3
MAX_OFFSET_MINUTES = 120
"""From here on an offset is told in hours."""

_ALIAS = re.compile(r"\b([A-Z]{1,4}\d?)\s\(([^()]{3,40})\)")  # "L1 (first-line engineer)"
_BUSINESS = re.compile(r"business|working|office", re.IGNORECASE)
_BY_WHOM = re.compile(
    r"\b(?:must|should|shall|may|is|are|will|has|have|gets?|needs?|acknowledges?|joins?|takes?|names?|posts?|if|unless|by the)\b"
)


def compose(material: Material, draft: Draft) -> None:
    """Recommends the timing of the policy's ladder; with an offset, says which rungs are due by then and which is next."""
    brief = material.brief
    if not {Intent.ESCALATION, Intent.RESPONSE_STEPS}.intersection(brief.intents):
        return
    if Intent.COMPARE_POLICIES in brief.intents or material.policy is None:
        return
    # A question about several severities is one about each; an alert has one, whatever else its words mention.
    several = material.scale.named(material.request.text) if Intent.INVESTIGATE not in brief.intents else ()
    for severity in several if brief.severity in several and len(several) > 1 else (brief.severity,):
        _ladder(material, material.policy, severity, draft)


def _ladder(material: Material, policy: ReferenceExcerpt, severity: str | None, draft: Draft) -> None:
    brief = material.brief
    level = material.scale.level(severity)
    name = f"an unowned {severity}" if brief.unowned and severity else severity or "an incident"
    if level is None:
        if not {Intent.DUTY, Intent.ON_CALL}.intersection(brief.intents):
            draft.gap(
                "the escalation timing",
                "no severity is named",
                "name the severity; the timing depends on it",
                essential=True,
            )
        return
    rungs = ladder(material.obligations, level, unowned=brief.unowned)
    special = any(rung.unowned for rung in rungs)
    if brief.unowned and not special and _untimed(policy, level, name, draft, material.scale):
        return
    if not rungs:
        draft.gap(
            f"the escalation timing for {name}",
            f"{policy.source} states no duty with a time limit for it that could be read",
            f"read {policy.source} in full",
            *nearest_words(policy, level, material.scale),
            essential=True,
        )
        return
    shown = rungs[:MAX_RUNGS]
    if brief.offset_minutes is not None:
        _at_offset(name, brief.offset_minutes, shown, policy.source, draft)
    else:
        steps = "; ".join(f"{_offset(rung)}: {_rung(rung)}" for rung in shown)
        draft.recommendation(
            f"Escalate as {policy.source} sets out for {name}: {steps}.",
            *(citation for rung in shown for citation in rung.cites()),
            headline=True,
        )
    _actions(material, shown, draft)


def _untimed(policy: ReferenceExcerpt, level: int, name: str, draft: Draft, scale: Scale) -> bool:
    """States what the policy has for an incident nobody owns where it sets no times; False where it has nothing."""
    found = [passage for passage in policy.passages if _is_about_unowned(passage, level, scale)][:MAX_PASSAGES]
    for passage in found:
        draft.fact(
            f"For {name}, {policy.source} says: {gist(passage.text, MAX_RUNG_CHARS)}",
            policy.cite(passage),
            headline=True,
        )
    return bool(found)


def _is_about_unowned(passage: Passage, level: int, scale: Scale) -> bool:
    """A passage on incidents without an owner, under a heading or in words of that severity."""
    about = f"{' '.join(passage.heading)} {passage.text}"
    levels = scale.levels(" ".join(passage.heading[-1:])) or scale.levels(passage.text)
    return passage.block != "heading" and speaks_of_unowned(about) and level in levels


def _at_offset(name: str, offset: float, rungs: Sequence[Obligation], source: str, draft: Draft) -> None:
    due = [rung for rung in rungs if rung.minutes <= offset]
    following = next((rung for rung in rungs if rung.minutes > offset), None)
    done = "; ".join(f"{_offset(rung)}: {_rung(rung)}" for rung in due) or "nothing"
    text = f"At +{minutes_text(offset)}, {source} has these steps due for {name}: {done}."
    draft.recommendation(text, *(citation for rung in due or rungs[:1] for citation in rung.cites()), headline=True)
    if following is not None:
        draft.recommendation(
            f"Next for {name}, {_offset(following).replace('+', 'at +')}: {_rung(following)}.",
            *following.cites(),
            headline=True,
        )


def _actions(material: Material, rungs: Sequence[Obligation], draft: Draft) -> None:
    window, alerted = material.brief.window, material.brief.alert_time
    # Around a moment of which nobody says that it was the start, no step has a time of its own.
    started = alerted or (window.start if window and material.brief.moment in {None, window.start} else None)
    duties = duties_in_question(material, material.rota) if material.rota else ()
    aliases = dict(match for rung in material.obligations for match in _ALIAS.findall(rung.text))
    for rung in rungs:
        draft.action(
            _rung(rung),
            *rung.cites(),
            owner=_owner(rung, duties, aliases),
            due=_due(started, rung),
        )


def _owner(rung: Obligation, duties: Sequence[Duty], aliases: Mapping[str, str]) -> str | None:
    """The person on call in the first role among those who are to act: who is only spoken of later is not the one."""
    text = _ALIAS.sub(r"\2", rung.text)
    for short, role in aliases.items():
        text = re.sub(rf"\b{short}\b", role, text)
    words = _BY_WHOM.split(" ".join(_after_condition(text).lower().replace("-", " ").split()), maxsplit=1)[0]
    roles = ((key, name) for duty in duties for key, name in duty.roles.items() if _stands_by_name(duty, key))
    named = [(_position(words, key), name) for key, name in roles]
    found = min(((at, name) for at, name in named if at >= 0), default=None, key=lambda item: item[0])
    return found[1] if found else None


def _after_condition(text: str) -> str:
    """What is to be done, without the condition before it: `If nobody has taken it after 8 minutes, the lead does`."""
    if not re.match(r"(?:if|when|where|once|unless)\b", text, re.IGNORECASE):
        return text
    condition, comma, rest = text.partition(", ")
    if comma:
        return rest
    span = next(durations(condition), None)
    return text if span is None else text[span.end :]


def _stands_by_name(duty: Duty, role: str) -> bool:
    """Whether the entry itself has the person under the role, so that whoever checks it finds both in one place."""
    data = duty.shift.passage.data
    return role in duty.overrides or role in duty.shift.passage.heading or (isinstance(data, dict) and role in data)


def _position(words: str, role: str) -> int:
    """Where a text names a role: by all its words, else by the first where that tells it from others (`primary_oncall`)."""
    spoken = role.replace("_", " ").replace("-", " ").lower()
    at = words.find(spoken)
    first = spoken.split()[0] if spoken else ""
    return at if at >= 0 or first not in {"primary", "secondary", "tertiary", "backup"} else words.find(first)


def _due(started: datetime | None, rung: Obligation) -> str:
    """The moment and the offset; no moment for a limit in business hours, which no clock alone tells."""
    if started is None or _BUSINESS.search(rung.limit):
        return f"{rung.limit} after the start"
    minutes = f"+{rung.minutes:g} min" if rung.minutes < MAX_OFFSET_MINUTES else f"+{rung.limit}"
    return f"{started + timedelta(minutes=rung.minutes):%Y-%m-%d %H:%M UTC} ({minutes})"


def _offset(rung: Obligation) -> str:
    """`+15 minutes`; `by the next business day`."""
    return (
        f"+{rung.limit}"
        if rung.limit[:1].isdigit()
        else f"by {'the ' if rung.limit.startswith('next') else ''}{rung.limit}"
    )


def _rung(rung: Obligation) -> str:
    return shortened(rung.text, MAX_RUNG_CHARS)
