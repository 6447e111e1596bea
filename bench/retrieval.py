"""`make bench-retrieval FILES=…`: the index of earlier issues and other engines, over labelled sets.

Each engine runs in a process of its own. Latency is that of a whole search: words, ranking, snippets and, for orch, opening
the file.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.fallback_advice import measure_advice
from bench.labelled_set import LabelledSet, Quality, quality, read_set
from bench.yardsticks import YARDSTICKS
from retrieval.build import build_issue_index
from retrieval.encoder import Encoder, installed_encoder
from retrieval.issues import IssueSearch
from retrieval.sources import source_records
from tools.deps import IssueFilters

TOP_K = 11  # ten, and the document that a query was taken from
MAX_SNIPPET_CHARS = 300

type Search = Callable[[str, int], list[str]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one engine did with one set; `memory_mb` is the peak of its process, `index_mb` is that of its files, 0 for one in memory."""

    set_name: str
    engine: str
    documents: int
    queries: int
    quality: Quality
    p50_ms: float
    p95_ms: float
    build_s: float
    index_mb: float
    memory_mb: float


def _words(labelled: LabelledSet, folder: Path) -> Search:
    return _orch(labelled, folder, None)


def _dense(labelled: LabelledSet, folder: Path) -> Search:
    return _orch(labelled, folder, installed_encoder())


def _orch(labelled: LabelledSet, folder: Path, encoder: Encoder | None) -> Search:
    path = folder / "index.sqlite"
    records = [found for _, found in source_records(labelled.corpus_path) if not isinstance(found, ValueError)]
    build_issue_index(path, records, encoder=encoder)
    index = IssueSearch(path, encoder=encoder, dense=False)
    loop = asyncio.new_event_loop()

    def search(query: str, count: int) -> list[str]:
        found = loop.run_until_complete(
            index.search(query, IssueFilters(), top_k=count, max_snippet_chars=MAX_SNIPPET_CHARS, index_path=None)
        )
        return [hit.source_id for hit in found.hits]

    return search


ENGINES: dict[str, Callable[[LabelledSet, Path], Search]] = {
    "orch": _words,
    **({} if installed_encoder() is None else {"orch dense": _dense}),
    **YARDSTICKS,
}


def measure(name: str, folder: Path) -> Outcome:
    """What the engine of that name does with the set in a folder."""
    labelled = read_set(folder)
    with TemporaryDirectory() as place:
        started = perf_counter()
        search = ENGINES[name](labelled, Path(place))
        build_s = perf_counter() - started
        ranked: dict[str, list[str]] = {}
        times_ms: list[float] = []
        for query in labelled.queries:
            asked = perf_counter()
            found = search(query.text, TOP_K)
            times_ms.append(1000 * (perf_counter() - asked))
            ranked[query.query_id] = [document for document in found if document != query.own]
        size = sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file())
    cuts = quantiles(times_ms, n=20) if len(times_ms) > 1 else times_ms * 19
    return Outcome(
        set_name=labelled.name,
        engine=name,
        documents=len(labelled.documents),
        queries=len(labelled.queries),
        quality=quality(labelled, ranked),
        p50_ms=cuts[9],
        p95_ms=cuts[18],
        build_s=build_s,
        index_mb=size / 1e6,
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    )


def main(
    folders: Annotated[list[Path], typer.Argument(help="Folders with corpus.jsonl, queries.jsonl and qrels.tsv.")],
    engine: Annotated[list[str] | None, typer.Option(help="Only these engines.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of tables.")] = False,
) -> None:
    """Measures engines over labelled sets."""
    console = Console(width=120)
    for folder in folders:
        if not (folder / "corpus.jsonl").is_file():
            typer.echo(
                f"{folder} has no corpus.jsonl: name folders with corpus.jsonl, queries.jsonl and qrels.tsv", err=True
            )
            raise typer.Exit(2)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            outcomes = list(pool.map(measure, engine or list(ENGINES), [folder] * len(engine or ENGINES)))
        if as_json:
            sys.stdout.writelines(json.dumps(asdict(outcome)) + "\n" for outcome in outcomes)
        else:
            console.print(_table(outcomes))
            others = [other for other in folders if other != folder]
            advice = measure_advice(folder, others)
            console.print(
                f"fallback advised {advice.advised} times, right {advice.right} times;"
                f" {advice.missing} of {advice.questions} questions (those of the other sets too) had no answer\n"
            )


def _table(outcomes: list[Outcome]) -> Table:
    first = outcomes[0]
    table = Table(title=f"{first.set_name}: {first.documents} documents, {first.queries} queries")
    for title in (
        "engine",
        "nDCG@10",
        "MRR@10",
        "Recall@10",
        "hit@1",
        "p50 ms",
        "p95 ms",
        "build s",
        "index MB",
        "peak MB",
    ):
        table.add_column(title, justify="left" if title == "engine" else "right")
    for outcome in outcomes:
        measures = outcome.quality
        table.add_row(
            outcome.engine,
            *(
                f"{value:.3f}"
                for value in (measures.ndcg_at_10, measures.mrr_at_10, measures.recall_at_10, measures.hit_at_1)
            ),
            f"{outcome.p50_ms:.1f}",
            f"{outcome.p95_ms:.1f}",
            f"{outcome.build_s:.1f}",
            f"{outcome.index_mb:.1f}",
            f"{outcome.memory_mb:.0f}",
        )
    return table


if __name__ == "__main__":
    typer.run(main)
