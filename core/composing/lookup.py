"""What a document says on a question that no other section answers: the lines nearest to it, quoted."""

import re

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import gist, listed
from core.evidence import KnowledgeHits, SearchHit

MAX_HITS = 2
MAX_LINES = 3
MAX_LINE_CHARS = 260
ENOUGH = 0.6
"""A passage answers where it has at least this share of the words of the question."""

_WORD = re.compile(r"[^\W_][\w-]*")
_STEM_CHARS = 5
_ASKING = frozenset(
    "what which who whom whose when where why how is are was were be been being do does did has have had must should shall can could"
    " may will would the a an of for to in on at by with from and or not we us our you your i it its they them their this that these"
    " those there any all use used using say says tell cite source about get got long much many often soon quickly please according"
    " need needs than then into per as if".split()
)


def compose(material: Material, draft: Draft) -> None:
    """Quotes the passages that have the words of the question; says which of its words no passage has."""
    if not {Intent.LOOKUP, Intent.DUTY}.intersection(material.brief.intents):
        return
    if not draft.is_silent or draft.open_questions:
        return
    wanted = _content(material.request.text)
    hits = [hit for found in material.outputs(KnowledgeHits) for hit in found.hits if not found.recommend_fallback]
    if not wanted or not hits:
        return
    services = [service.lower() for service in material.brief.services]
    scored = [(_share(wanted, hit), hit) for hit in hits if all(name in hit.snippet.lower() for name in services)]
    good = [hit for share, hit in sorted(scored, key=lambda item: -item[0]) if share >= ENOUGH][:MAX_HITS]
    for hit in good:
        lines = _nearest_lines(hit, wanted)
        draft.fact(f"{hit.citation_source} says: {lines}", hit.cite(), headline=True)
    if not good:
        held = {stem for hit in hits for stem in _content(hit.snippet).values()}
        missing = [word for word, stem in wanted.items() if stem not in held]
        if missing:
            draft.gap(
                "an answer", f"no source that was found speaks of {listed(f'“{word}”' for word in missing[:4])}",
                "name a service, a window, a severity or a document", essential=True,
            )  # fmt: skip


def _content(text: str) -> dict[str, str]:
    """The words that a text is about, with what of each is compared."""
    words = (word.lower() for word in _WORD.findall(text))
    return {word: word[:_STEM_CHARS] for word in words if word not in _ASKING and len(word) > 1}


def _share(wanted: dict[str, str], hit: SearchHit) -> float:
    title = hit.metadata.get("title")
    held = set(_content(f"{hit.citation_source} {title or ''} {hit.snippet}").values())
    return sum(stem in held for stem in wanted.values()) / len(wanted)


def _nearest_lines(hit: SearchHit, wanted: dict[str, str]) -> str:
    """The lines of the snippet with most words of the question, in its order."""
    lines = [line for line in hit.snippet.split("\n") if line.strip()]
    stems = set(wanted.values())
    ranked = sorted(range(len(lines)), key=lambda at: (-len(stems & set(_content(lines[at]).values())), at))
    kept = sorted(at for at in ranked[:MAX_LINES] if stems & set(_content(lines[at]).values()))
    return " / ".join(gist(lines[at], MAX_LINE_CHARS) for at in kept)
