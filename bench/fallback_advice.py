"""Whether the advice to fall back is right: asked what a set answers, and what only another set answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.labelled_set import read_set
from retrieval.build import build_issue_index
from retrieval.issues import IssueSearch
from retrieval.sources import source_records
from tools.deps import IssueFilters

_FOREIGN = 100  # questions of each other set


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`advised` fallbacks, `right` of them: no relevant document among ten hits; `missing` counts questions without any."""

    questions: int
    missing: int
    advised: int
    right: int


def measure_advice(folder: Path, others: Sequence[Path]) -> Advice:
    """The advice over a set's own questions (their own document left out of the hits) and those of other sets."""
    labelled = read_set(folder)
    asked = [(query.text, query.own, labelled.relevant[query.query_id]) for query in labelled.queries]
    for other in others:
        queries = read_set(other).queries
        asked.extend((query.text, None, {}) for query in queries[:: max(1, len(queries) // _FOREIGN)])
    missing = advised = right = 0
    with TemporaryDirectory() as place, asyncio.Runner() as loop:
        path = Path(place) / "index.sqlite"
        found = [record for _, record in source_records(labelled.corpus_path) if not isinstance(record, ValueError)]
        build_issue_index(path, found)
        index = IssueSearch(path, dense=False)
        for text, own, relevant in asked:
            hits = loop.run(index.search(text, IssueFilters(), top_k=11, max_snippet_chars=100, index_path=None))
            names = [hit.source_id for hit in hits.hits if hit.source_id != own][:10]
            nothing = not any(name in relevant for name in names)
            missing += nothing
            advised += hits.recommend_fallback
            right += hits.recommend_fallback and nothing
    return Advice(questions=len(asked), missing=missing, advised=advised, right=right)
