"""Other engines with their stock settings, each over whole documents (title and text)."""

import sqlite3
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from re import findall
from typing import Any

from bench.labelled_set import LabelledSet

type Search = Callable[[str, int], list[str]]

# These packages ship no types; their values stay inside this module.


def bm25s(labelled: LabelledSet, _folder: Path) -> Search:
    """Stop words, no stemming."""
    engine: Any = import_module("bm25s")
    names, texts = _texts(labelled)
    index = engine.BM25()
    index.index(engine.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    def search(query: str, count: int) -> list[str]:
        tokens = engine.tokenize([query], stopwords="en", show_progress=False)
        found, scores = index.retrieve(tokens, k=min(count, len(names)), show_progress=False)
        return [names[at] for at, score in zip(found[0], scores[0], strict=True) if score > 0]

    return search


def rank_bm25(labelled: LabelledSet, _folder: Path) -> Search:
    """Words parted at blanks."""
    engine: Any = import_module("rank_bm25")
    names, texts = _texts(labelled)
    index = engine.BM25Okapi([text.lower().split() for text in texts])

    def search(query: str, count: int) -> list[str]:
        scores = index.get_scores(query.lower().split())
        best = sorted(range(len(names)), key=lambda at: (-scores[at], at))[:count]
        return [names[at] for at in best if scores[at] > 0]

    return search


def fts5(labelled: LabelledSet, folder: Path) -> Search:
    """SQLite's own, on disk."""
    names, texts = _texts(labelled)
    database = sqlite3.connect(folder / "fts5.sqlite")
    database.execute("CREATE VIRTUAL TABLE documents USING fts5(text)")
    database.executemany("INSERT INTO documents (rowid, text) VALUES (?, ?)", enumerate(texts))
    database.commit()

    def search(query: str, count: int) -> list[str]:
        match = " OR ".join(f'"{word}"' for word in findall(r"\w+", query))
        rows = database.execute(
            "SELECT rowid FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT ?", (match, count)
        )
        return [names[row] for (row,) in rows]

    return search


def tantivy(labelled: LabelledSet, folder: Path) -> Search:
    """On disk."""
    engine: Any = import_module("tantivy")
    names, texts = _texts(labelled)
    schema = engine.SchemaBuilder()
    schema.add_text_field("text")
    schema.add_integer_field("at", stored=True)
    place = folder / "tantivy"
    place.mkdir()
    index = engine.Index(schema.build(), path=str(place))
    writer = index.writer()
    for at, text in enumerate(texts):
        writer.add_document(engine.Document(text=text, at=at))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(query: str, count: int) -> list[str]:
        parsed = index.parse_query(" ".join(findall(r"\w+", query)).lower(), ["text"])
        return [names[searcher.doc(place)["at"][0]] for _, place in searcher.search(parsed, count).hits]

    return search


YARDSTICKS: dict[str, Callable[[LabelledSet, Path], Search]] = {
    "bm25s": bm25s,
    "rank_bm25": rank_bm25,
    "FTS5": fts5,
    "tantivy": tantivy,
}


def _texts(labelled: LabelledSet) -> tuple[list[str], list[str]]:
    names = [str(document["_id"]) for document in labelled.documents]
    return names, [f"{document.get('title') or ''}\n{document.get('text') or ''}" for document in labelled.documents]
