"""Whether this was seen before, and which runbook fits."""

import re

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import gist, shortened
from core.evidence import IssueHits, KnowledgeHits, SearchHit

MAX_EARLIER = 2
MAX_DOCUMENTS = 2
MAX_SNIPPET_CHARS = 180
MAX_TITLE_CHARS = 100
PAST_TASK = "past_task"
"""The kind of a hit that is an earlier task of this program, not a record of the company."""

_CONFIRMED = re.compile(r"^Cause confirmed then: .+$", re.MULTILINE)


def compose(material: Material, draft: Draft) -> None:
    """Names the closest earlier issues and documents; says so when nothing is close."""
    for found in material.outputs(IssueHits):
        for hit in found.hits[:MAX_EARLIER] if not found.recommend_fallback else ():
            if hit.metadata.get("kind") == PAST_TASK:
                draft.fact(_investigation(hit), hit.cite())
            else:
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


def _investigation(hit: SearchHit) -> str:
    """An earlier task by what it was asked and how it ended; its cause only where that was confirmed then."""
    verdict = str(hit.metadata.get("verdict") or "unknown").replace("_", " ")
    passed = "" if hit.metadata.get("passed") is True else ", and its report did not pass verification"
    asked = gist(str(hit.metadata.get("title") or hit.snippet.split("\n")[0]), MAX_TITLE_CHARS)
    confirmed = _CONFIRMED.search(hit.snippet) if not passed and hit.metadata.get("cause") == "confirmed" else None
    cause = f" {shortened(confirmed[0], MAX_SNIPPET_CHARS)}" if confirmed else ""
    return f"Earlier investigation (task {hit.source_id}): verdict {verdict}{passed}; asked: “{asked}”.{cause}"


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
