"""What a question costs in collections of growing size: `make bench-scale`, or `python -m bench.retrieval_scale 10000 100000`.

Collections are made: words in Zipf's frequencies, a few of each text from a topic of its own, with projects, types and times.
With `--dense` they get vectors that are random, for it is the time that is measured; questions are encoded by the real model.
"""

import asyncio
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from retrieval.build import Engine, build_issue_index
from retrieval.encoder import MAX_PIECES, Encoder, installed_encoder
from retrieval.issues import IssueSearch
from retrieval.records import IssueRecord
from retrieval.text_records import TextRecord
from tools.deps import IssueFilters

_WORDS = 200_000
_TITLE_WORDS, _TEXT_WORDS, _TOPIC_WORDS = 8, 60, 12
_QUESTION_WORDS = 12
_START = datetime(2020, 1, 1, tzinfo=UTC)
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "ol")]


class StandIn:
    """Random vectors for what is indexed, the real model for questions: of its name, so that both belong together."""

    def __init__(self, real: Encoder) -> None:
        self._real = real
        self._random = np.random.default_rng(7)
        self.name = real.name

    def encode(self, text: str, max_pieces: int = MAX_PIECES) -> Any:
        if max_pieces != MAX_PIECES:
            return self._real.encode(text, max_pieces)
        vector = self._random.standard_normal(384).astype(np.float32)
        return vector / np.linalg.norm(vector)


def make_texts(count: int, seed: int = 1) -> Iterator[list[str]]:
    """The words of each text."""
    random = np.random.default_rng(seed)
    ranks = np.arange(1, _WORDS + 1)
    share = 1 / (ranks + 2.7)  # Zipf and Mandelbrot
    bounds = np.cumsum(share / share.sum())
    names = np.array(list(_names()))
    for first in range(0, count, 10_000):
        some = min(10_000, count - first)
        drawn = np.searchsorted(bounds, random.random((some, _TITLE_WORDS + _TEXT_WORDS)))
        topics = random.integers(0, 2_000, some)
        places = random.integers(0, drawn.shape[1], (some, _TOPIC_WORDS))
        drawn[np.arange(some)[:, None], places] = (
            500 + (topics[:, None] * 37 + random.integers(0, 60, places.shape)) % 50_000
        )
        yield from names[np.minimum(drawn, _WORDS - 1)].tolist()


def _names() -> Iterator[str]:
    for number in range(_WORDS):
        left, name = number + len(_SYLLABLES), ""
        while left:
            left, at = divmod(left, len(_SYLLABLES))
            name += _SYLLABLES[at]
        yield name


def make_records(count: int) -> Iterator[IssueRecord]:
    """Tickets of forty projects over six years."""
    for number, words in enumerate(make_texts(count)):
        yield TextRecord(
            record_id=f"P{number % 40}-{number}",
            source="jira",
            title=" ".join(words[:_TITLE_WORDS]),
            text=" ".join(words[_TITLE_WORDS:]),
            project=f"P{number % 40}",
            issue_type=("Bug", "Incident", "Task")[number % 3],
            created=_START + timedelta(minutes=number * 3_000_000 // count),
        ).record()


def questions(count: int, documents: int) -> list[str]:
    """A dozen words of texts of the collection each."""
    random = np.random.default_rng(3)
    wanted = set(random.integers(0, min(documents, 20_000), count).tolist())
    found: list[str] = []
    for number, words in enumerate(make_texts(min(documents, 20_000))):
        if number in wanted:
            found.append(" ".join(random.choice(words, _QUESTION_WORDS, replace=False).tolist()))
    return found


_FILTERS = {
    "no filter": IssueFilters(),
    "project": IssueFilters(project="P7"),
    "type and time": IssueFilters(issue_type="Incident", created_from=_START + timedelta(days=700)),
}


def measure(
    path: Path, engine: Engine, encoder: Encoder | None, asked: list[str]
) -> dict[str, tuple[float, float, float]]:
    """Filter → p50, p95, and p95 of the processor's time alone, in milliseconds, through the door that the tool uses."""
    search = IssueSearch(path, engine=engine, encoder=encoder, dense=encoder is not None)
    taken: dict[str, tuple[float, float, float]] = {}
    with asyncio.Runner() as loop:
        for name, filters in _FILTERS.items():
            times: list[float] = []
            worked: list[float] = []
            for number, question in enumerate(asked):
                started, begun = perf_counter(), process_time()
                loop.run(search.search(question, filters, top_k=10, max_snippet_chars=300, index_path=None))
                if number >= len(asked) // 10:  # the first ones read the file
                    times.append(1000 * (perf_counter() - started))
                    worked.append(1000 * (process_time() - begun))
            cuts = quantiles(times, n=20)
            taken[name] = cuts[9], cuts[18], quantiles(worked, n=20)[18]
    return taken


def main(
    sizes: Annotated[list[int] | None, typer.Argument(help="Numbers of documents; 10000 100000 by default.")] = None,
    engine: Annotated[list[str] | None, typer.Option(help="sqlite, large; both by default.")] = None,
    *,
    dense: Annotated[bool, typer.Option("--dense", help="With vectors.")] = False,
    count: Annotated[int, typer.Option("--questions", min=20)] = 200,
    folder: Annotated[Path | None, typer.Option(help="Where to keep the indexes, to ask them again later.")] = None,
) -> None:
    """Measures questions over collections that are made for it."""
    real = installed_encoder(threads=1) if dense else None
    table = Table(title="milliseconds, p50 / p95 / p95 of processor time" + (", with meaning" if dense else ""))
    for title in ("documents", "engine", *_FILTERS, "per tenfold", "build s", "index MB", "peak MB"):
        table.add_column(title, justify="right")
    before: dict[str, tuple[int, float]] = {}
    for size in sizes or (10_000, 100_000):
        with TemporaryDirectory() as place:
            path = (folder or Path(place)) / f"{size}{'-dense' if dense else ''}.sqlite"
            engines = engine or ["sqlite", "large"]
            encoder = None if real is None else StandIn(real)
            started = perf_counter()
            if not path.exists():
                build_issue_index(
                    path, make_records(size), encoder=encoder, engine="large" if "large" in engines else "sqlite"
                )
            build_s = perf_counter() - started
            asked = questions(count, size)
            for name in engines:
                taken = measure(path, "large" if name == "large" else "sqlite", encoder, asked)
                growth = "–"
                if name in before:
                    small, then = before[name]
                    growth = f"×{(taken['no filter'][0] / then) ** (1 / np.log10(size / small)):.1f}"
                before[name] = size, taken["no filter"][0]
                folders = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}.large-*/*"))
                size_mb = (path.stat().st_size + (folders if name == "large" else 0)) / 1e6
                table.add_row(
                    f"{size:,}",
                    name,
                    *(f"{p50:.1f} / {p95:.1f} / {work:.1f}" for p50, p95, work in taken.values()),
                    growth,
                    f"{build_s:.0f}",
                    f"{size_mb:.0f}",
                    f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f}",
                )
    Console(width=170).print(table)


if __name__ == "__main__":
    typer.run(main)
