"""What a document says on a question that no other section answers: the words nearest to it, quoted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import gist, listed
from core.evidence import KnowledgeHits, ReferenceExcerpt
from core.report import Citation

MAX_SHOWN = 2
MAX_LINES = 3
MAX_LINE_CHARS = 260
ENOUGH = 0.6
"""A passage answers where it has at least this share of the words of the question."""
MISSING_PART = 3
"""With one word of so many in no source at all, nothing that was found answers the question."""
IDENTIFIER_WEIGHT = 3
"""A name such as `max_connections` tells more than a word."""

_WORD = re.compile(r"[^\W_][\w-]*")
_STEM_CHARS = 5
_ASKING = frozenset(
    "what which who whom whose when where why how is are was were be been being do does did has have had must should shall can could"
    " may will would the a an of for to in on at by with from and or not we us our you your i it its they them their this that these"
    " those there any all use used using say says tell cite source about get got long much many often soon quickly please according"
    " need needs than then into per as if currently".split()
)


@dataclass(frozen=True, kw_only=True)
class Find:
    """A piece of a source that may answer, its lines, and what it is called by."""

    source: str
    title: str
    text: str
    citation: Citation


def compose(material: Material, draft: Draft) -> None:
    """Quotes the passages that have the words of the question; says which of its words no passage has."""
    brief = material.brief
    looks_up = bool({Intent.LOOKUP, Intent.DUTY}.intersection(brief.intents))
    if not looks_up and (Intent.OWNERS not in brief.intents or brief.services):
        return
    if not draft.is_silent or draft.open_questions:
        return
    wanted = content_words(material.request.text)
    finds = list(_finds(material))
    if not wanted or not finds:
        return
    services = [service.lower() for service in brief.services]
    about = [find for find in finds if all(name in f"{find.title} {find.text}".lower() for name in services)]
    weights = _weights(wanted, finds)
    scored = sorted(((_share(weights, find), find) for find in about), key=lambda item: -item[0])
    held = {stem for find in finds for stem in _held(f"{find.title} {find.text}")}
    missing = [word for word, stem in wanted.items() if stem not in held and word.isalpha()]
    answers = len(missing) * MISSING_PART < len(wanted)  # what the question is about stands somewhere at all
    good = [find for share, find in scored if share >= ENOUGH and answers][:MAX_SHOWN]
    for find in good:
        draft.fact(f"{find.source} says: {_nearest_lines(find, wanted)}", find.citation, headline=True)
    if not good and missing:
        draft.gap(
            "an answer", f"no source that was found speaks of {listed(f'“{word}”' for word in missing[:4])}",
            "name a service, a window, a severity or a document", essential=True,
        )  # fmt: skip


def content_words(text: str) -> dict[str, str]:
    """The words that a text is about, with what of each is compared: its beginning, all of a name with `_` or `-` in it."""
    words = (word.lower() for word in _WORD.findall(text))
    return {
        word: word if "_" in word or "-" in word else word.removesuffix("s")[:_STEM_CHARS]
        for word in words
        if word not in _ASKING and len(word) > 1
    }


def _finds(material: Material) -> Iterator[Find]:
    for excerpt in material.outputs(ReferenceExcerpt):
        for passage in excerpt.passages:
            if passage.block != "heading":
                title = f"{excerpt.source.replace('_', ' ')} {' '.join(passage.heading)}"
                yield Find(source=excerpt.source, title=title, text=passage.text, citation=excerpt.cite(passage))
    for found in material.outputs(KnowledgeHits):
        if not found.recommend_fallback:
            for hit in found.hits:
                title = hit.metadata.get("title")
                yield Find(
                    source=hit.citation_source,
                    title=f"{hit.citation_source} {title or ''}",
                    text=hit.snippet,
                    citation=hit.cite(),
                )


def _held(text: str) -> set[str]:
    """The stems of a text, names such as `max_connections` by their parts too."""
    return {*content_words(text).values(), *content_words(re.sub(r"(?<=\w)[_-](?=\w)", " ", text)).values()}


def _weights(wanted: dict[str, str], finds: Sequence[Find]) -> dict[str, float]:
    """What each word of the question weighs: more the fewer of the texts have it, and more for a name."""
    held = [_held(f"{find.title} {find.text}") for find in finds]
    weights: dict[str, float] = {}
    for stem in wanted.values():
        having = sum(stem in words for words in held)
        weights[stem] = log(1 + len(finds) / max(having, 1)) * (IDENTIFIER_WEIGHT if "_" in stem else 1)
    return weights


def _share(weights: dict[str, float], find: Find) -> float:
    held = _held(f"{find.title} {find.text}")
    return sum(weight for stem, weight in weights.items() if stem in held) / sum(weights.values())


def _nearest_lines(find: Find, wanted: dict[str, str]) -> str:
    """The lines of the text with most words of the question, in its order."""
    lines = [line for line in find.text.split("\n") if line.strip()]
    stems = set(wanted.values())
    fits = [len(stems & _held(line)) for line in lines]
    ranked = sorted(range(len(lines)), key=lambda at: (-fits[at], at))
    kept = sorted(at for at in ranked[:MAX_LINES] if fits[at]) or ranked[:1]
    return " / ".join(gist(lines[at], MAX_LINE_CHARS) for at in kept)
