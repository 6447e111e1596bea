"""Where to speak, to whom, how often."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.base import Json
from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material, nearest_words
from core.composing.words import gist, listed
from core.evidence.reference import Passage, ReferenceExcerpt
from core.policy.obligations import Topic, distinct
from core.reading.intents import speaks_of_unowned
from core.reading.quantities import durations
from core.reading.scale import Scale
from core.report import Citation

SOURCE = "slack_config"
MAX_CHANNELS = 4
MAX_DUTIES = 4
MAX_TEXT_CHARS = 240
MAX_ABOUT_CHARS = 120

_CHANNEL = re.compile(r"#[a-z0-9][a-z0-9_-]{1,79}")
_WORD = re.compile(r"[a-z]{4,}")
_CHANNEL_KEYS = ("channel", "name", "slack", "id", "slack_channel")


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A line that names channels, and how well it fits the task: its severity, its services, its words."""

    channels: tuple[str, ...]
    about: str
    score: int
    citation: Citation


def compose(material: Material, draft: Draft) -> None:
    """Recommends the channels that the Slack config and the policy have for this, with the duties to keep people told."""
    brief = material.brief
    excerpt = material.reference(SOURCE)
    asked = Intent.COMMUNICATION in brief.intents
    if excerpt is not None and (asked or SOURCE in brief.required_citations):
        _channels(material, excerpt, draft)
    if asked and material.policy is not None and (brief.is_incident or Intent.OWNERS not in brief.intents):
        _policy(material, material.policy, draft)


def _channels(material: Material, excerpt: ReferenceExcerpt, draft: Draft) -> None:
    best = sorted(_mentions(material, excerpt), key=lambda mention: -mention.score)
    chosen: list[Mention] = []
    for mention in best:
        if mention.score > 0 and not any(set(mention.channels) <= set(other.channels) for other in chosen):
            chosen.append(mention)
    chosen = [mention for mention in chosen if mention.score * 2 >= chosen[0].score][:MAX_CHANNELS]
    if not chosen:
        draft.gap(
            "the channel to use",
            f"{excerpt.source} names no channel that fits",
            f"read {excerpt.source} in full",
            *nearest_words(excerpt),
            essential=True,
        )
        return
    ways = "; ".join(f"{listed(mention.channels)} ({mention.about})" for mention in chosen)
    draft.recommendation(
        f"Channels by {excerpt.source}: {ways}.", *(mention.citation for mention in chosen), headline=True
    )


def _mentions(material: Material, excerpt: ReferenceExcerpt) -> Iterator[Mention]:
    """Every line of the config that names a channel and is not about another severity or another service."""
    brief = material.brief
    asked = _levels_in_question(material)
    wanted = set(_WORD.findall(material.request.text.lower())) | {"incident", "escalation"}
    for passage in excerpt.passages:
        if record := _record(material, excerpt, passage):
            yield from record
            continue
        for line in passage.text.split("\n"):
            channels = tuple(dict.fromkeys(_CHANNEL.findall(line)))
            if not channels:
                continue
            path = (*passage.heading, *_key(line))
            about = f"{' '.join(passage.heading)} {line}".lower()
            levels = material.scale.levels(line) or _levels_of(path, material.scale)
            if asked and levels and asked.isdisjoint(levels):
                continue
            services = sum(1 for service in brief.services if service.lower() in about)
            words = len(wanted & set(_WORD.findall(about.replace("_", " "))))
            unowned = 4 * (_speaks_of_nobody(material) and speaks_of_unowned(about.replace("_", " ")))
            yield Mention(
                channels=channels,
                about=" / ".join(part.replace("_", " ") for part in dict.fromkeys(path) if not part.startswith("#")),
                score=4 * (not asked.isdisjoint(levels)) + 4 * services + unowned + words,
                citation=excerpt.cite(passage, line),
            )


def _record(material: Material, excerpt: ReferenceExcerpt, passage: Passage) -> list[Mention] | None:
    """A record that is about one channel, such as `{name: "#ops", used_for: outages}`, as one mention; None for anything else."""
    data = passage.data
    if not isinstance(data, dict) or passage.block != "mapping":
        return None
    named = next(
        (key for key in _CHANNEL_KEYS if isinstance(value := data.get(key), str) and _CHANNEL.fullmatch(value)), None
    )
    if named is None:
        return None
    brief = material.brief
    others = {key: _flat(value) for key, value in data.items() if key != named}
    about = f"{' '.join(passage.heading)} {' '.join(others.values())}".lower()
    asked, levels = _levels_in_question(material), material.scale.levels(" ".join(others.values()))
    if asked and levels and asked.isdisjoint(levels):
        return []
    wanted = set(_WORD.findall(material.request.text.lower())) | {"incident", "escalation"}
    shown = "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in others.items() if value)
    services = sum(1 for service in brief.services if service.lower() in about)
    if brief.services and not services and any(name.lower() in about for name in brief.dependencies):
        return []  # the channel of others, on whom the service depends
    unowned = 4 * (_speaks_of_nobody(material) and speaks_of_unowned(about))
    words = len(wanted & set(_WORD.findall(about.replace("_", " "))))
    score = 4 * (not asked.isdisjoint(levels)) + 4 * services + unowned + words
    channel = str(data[named])
    return [
        Mention(channels=(channel,), about=gist(shown, MAX_ABOUT_CHARS), score=score, citation=excerpt.cite(passage))
    ]


def _levels_in_question(material: Material) -> frozenset[int]:
    """The severity of the task, else those of the tickets that it asks for."""
    level = material.scale.level(material.brief.severity)
    if level is not None:
        return frozenset((level,))
    if Intent.TICKETS not in material.brief.intents or material.tickets is None:
        return frozenset()
    found = (material.scale.level(ticket.severity) for ticket in material.tickets.tickets)
    return frozenset(level for level in found if level is not None)


def _speaks_of_nobody(material: Material) -> bool:
    """Whether the task is about something unowned, or asks for tickets of which one has no assignee."""
    tickets = material.tickets.tickets if material.tickets and Intent.TICKETS in material.brief.intents else ()
    return material.brief.unowned or any(ticket.assignee is None for ticket in tickets)


def _flat(value: Json) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else "" if value is None else str(value)


def _levels_of(keys: Sequence[str], scale: Scale) -> frozenset[int]:
    """The severities that the keys above a line name, each by itself: `incident_channels`, `critical`."""
    return frozenset(level for key in keys for level in scale.levels(key.replace("_", " ")))


def _key(line: str) -> tuple[str, ...]:
    """The key of a line of YAML, where it has one."""
    match = re.match(r"\s*(?:-\s+)?([\w-]{1,60}):", line)
    return (match[1],) if match else ()


def _policy(material: Material, policy: ReferenceExcerpt, draft: Draft) -> None:
    asked = _levels_in_question(material)
    level = next(iter(asked)) if len(asked) == 1 else None
    duties = [
        item
        for item in material.obligations
        if item.topic is Topic.COMMUNICATION and item.holds_for(level) and not item.unowned
    ]
    for duty in list(distinct(duties))[:MAX_DUTIES]:
        scope = listed(
            material.severity_names[name]
            for name in sorted(duty.levels)
            if level is None and name in material.severity_names
        )
        holds = f" ({scope})" if scope else ""
        when = "" if list(durations(duty.text)) else f", {'every ' if duty.recurring else '+'}{duty.limit}"
        draft.fact(f"{policy.source}{holds}{when}: {gist(duty.text, MAX_TEXT_CHARS)}", duty.cite(), headline=True)
    for passage in _nearest(material, policy):
        draft.fact(f"{policy.source} says: {gist(passage.text, MAX_TEXT_CHARS)}", policy.cite(passage), headline=True)


def _nearest(material: Material, policy: ReferenceExcerpt) -> list[Passage]:
    """The two passages that name a channel and share most words with the task, ownership counting as a word of it."""
    wanted = {_stem(word) for word in _WORD.findall(material.request.text.lower())}
    level = material.scale.level(material.brief.severity)

    def fit(passage: Passage) -> int:
        levels = material.scale.levels(passage.text[:24]) or material.scale.levels(" ".join(passage.heading))
        if level is not None and levels and level not in levels:
            return 0
        return len(wanted & {_stem(word) for word in _WORD.findall(passage.text.lower())})

    naming = [passage for passage in policy.passages if _CHANNEL.search(passage.text)]
    best = sorted(naming, key=lambda passage: (-fit(passage), passage.start_line))[:2]
    return [passage for passage in best if fit(passage) > 0]


def _stem(word: str) -> str:
    return word[:5]
