"""Whether this was seen before, and which runbook fits."""

from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import shortened
from core.evidence import IssueHits, KnowledgeHits

MAX_EARLIER = 3
MAX_DOCUMENTS = 3
MAX_SNIPPET_CHARS = 180


def compose(material: Material, draft: Draft) -> None:
    """Names the closest earlier issues and documents; says so when nothing is close."""
    for found in material.outputs(IssueHits):
        for hit in found.hits[:MAX_EARLIER] if not found.recommend_fallback else ():
            draft.fact(f"Seen before: {hit.citation_source} — {shortened(hit.snippet, MAX_SNIPPET_CHARS)}", hit.cite())
        if found.hits and found.recommend_fallback:
            draft.gap(
                "an earlier issue like this one",
                f"the closest hit, {found.hits[0].citation_source}, is not close: {found.fallback_reason}",
                "search the tracker with other words",
            )
    for found in material.outputs(KnowledgeHits):
        for hit in found.hits[:MAX_DOCUMENTS] if not found.recommend_fallback else ():
            draft.fact(
                f"Worth reading: {hit.citation_source} — {shortened(hit.snippet, MAX_SNIPPET_CHARS)}", hit.cite()
            )
            if "runbook" in hit.citation_source:
                draft.action(f"Follow {hit.citation_source} ({hit.locator})", hit.cite())
        if found.hits and found.recommend_fallback:
            draft.gap(
                "a document that fits",
                f"the closest hit, {found.hits[0].citation_source}, is not close: {found.fallback_reason}",
                "look through the runbooks by hand",
            )
