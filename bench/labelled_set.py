"""Labelled sets for retrieval (corpus, queries, relevance) and the measures over them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import cast

from core.base import JsonObject


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question; `own` is the document that it was taken from, which is left out of its results."""

    query_id: str
    text: str
    own: str | None


@dataclass(frozen=True, kw_only=True)
class LabelledSet:
    """`relevant`: query → document → grade, from 1."""

    name: str
    corpus_path: Path
    documents: tuple[JsonObject, ...]
    queries: tuple[Query, ...]
    relevant: dict[str, dict[str, int]]


@dataclass(frozen=True, kw_only=True)
class Quality:
    ndcg_at_10: float
    mrr_at_10: float
    recall_at_10: float
    hit_at_1: float


def read_set(folder: Path) -> LabelledSet:
    """The set of a folder with corpus.jsonl, queries.jsonl and qrels.tsv; queries without labels are left out."""
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(query, {})[document] = int(grade)
    queries = (
        Query(query_id=str(row["_id"]), text=str(row["text"]), own=str(row["self"]) if row.get("self") else None)
        for row in _rows(folder / "queries.jsonl")
    )
    return LabelledSet(
        name=folder.name,
        corpus_path=folder / "corpus.jsonl",
        documents=tuple(_rows(folder / "corpus.jsonl")),
        queries=tuple(query for query in queries if query.query_id in relevant),
        relevant=relevant,
    )


def quality(labelled: LabelledSet, ranked: Mapping[str, Sequence[str]]) -> Quality:
    """The means over all queries; `ranked` holds the documents of a query, best first, its own left out.

    nDCG with gain 2^grade - 1 and discount log2(rank + 1): Burges et al., 10.1145/1102351.1102363.
    """
    sums = [0.0, 0.0, 0.0, 0.0]
    for query in labelled.queries:
        grades = labelled.relevant[query.query_id]
        found = [grades.get(document, 0) for document in ranked[query.query_id][:10]]
        ideal = _gain(sorted(grades.values(), reverse=True)[:10])
        first = next((place for place, grade in enumerate(found, start=1) if grade), 0)
        sums[0] += _gain(found) / ideal
        sums[1] += 1 / first if first else 0.0
        sums[2] += sum(1 for grade in found if grade) / len(grades)
        sums[3] += first == 1
    count = len(labelled.queries) or 1
    ndcg, mrr, recall, hit = (value / count for value in sums)
    return Quality(ndcg_at_10=ndcg, mrr_at_10=mrr, recall_at_10=recall, hit_at_1=hit)


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / log2(place + 1) for place, grade in enumerate(grades, start=1))


def _rows(path: Path) -> list[JsonObject]:
    with path.open(encoding="utf-8") as lines:
        return [cast("JsonObject", json.loads(line)) for line in lines if line.strip()]
