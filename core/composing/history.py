"""Whether this was seen before, and which runbook fits."""

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import gist
from core.evidence import IssueHits, KnowledgeHits, SearchHit

MAX_EARLIER = 2
MAX_DOCUMENTS = 2
MAX_SNIPPET_CHARS = 180
MAX_TITLE_CHARS = 100


def compose(material: Material, draft: Draft) -> None:
    """Names the closest earlier issues and documents; says so when nothing is close."""
    for found in material.outputs(IssueHits):
        for hit in found.hits[:MAX_EARLIER] if not found.recommend_fallback else ():
            draft.fact(f"Seen before: {_named(hit)}", hit.cite())
        if found.hits and found.recommend_fallback:
            draft.gap(
                "an earlier issue like this one",
                f"the closest hit, {found.hits[0].citation_source}, is not close: {found.fallback_reason}",
                "search the tracker with other words",
            )
    for found in material.outputs(KnowledgeHits):
        for hit in found.hits[:MAX_DOCUMENTS] if not found.recommend_fallback else ():
            draft.fact(f"Worth reading: {_named(hit)}", hit.cite())
            if "runbook" in hit.citation_source and Intent.INVESTIGATE in material.brief.intents:
                draft.action(f"Follow {hit.citation_source}", hit.cite())
        if found.hits and found.recommend_fallback:
            draft.gap(
                "a document that fits",
                f"the closest hit, {found.hits[0].citation_source}, is not close: {found.fallback_reason}",
                "look through the runbooks by hand",
            )


def _named(hit: SearchHit) -> str:
    """The source with its title, and what the passage says."""
    title = hit.metadata.get("title")
    snippet = hit.snippet.removeprefix(title).lstrip() if isinstance(title, str) else hit.snippet
    passage = gist(snippet or hit.snippet, MAX_SNIPPET_CHARS)
    named = (
        f"{hit.citation_source} on “{gist(title, MAX_TITLE_CHARS)}”"
        if isinstance(title, str) and title
        else hit.citation_source
    )
    return f"{named}: {passage}"
