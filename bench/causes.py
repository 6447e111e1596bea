"""How often the service where a fault began is the first, or among the first three, that the product suspects.

`uv run --with pyarrow python -m bench.causes FOLDER …`: the ranking is `core.findings.propagation.rank_suspects`, which the
report's causes use; beside it stand robust z-scores with a floored spread, of the median and of the farthest sample, which
know nothing of calls or of what a metric measures.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.cause_cases import FaultCase, read_cases
from core.findings.propagation import rank_suspects

TOP = 3
FLOOR = 0.05
_MAD_TO_SIGMA = 1.4826

type Ranking = Callable[[FaultCase], Sequence[str]]


def product(case: FaultCase) -> list[str]:
    """The services as the product ranks them."""
    suspects = rank_suspects(case.measured, case.calls, subject=case.subject, seen_by_callers=case.seen_by_callers)
    return [item.service for item in suspects]


def z_of(statistic: Callable[[list[float], float], float]) -> Ranking:
    """A ranking by each service's largest robust z-score."""

    def rank(case: FaultCase) -> list[str]:
        scales: dict[str, float] = {}
        for item in case.measured.values():
            for series in item.before.series:
                if usual := item.usual[series.selector]:
                    scales[series.metric] = max(scales.get(series.metric, 0.0), abs(median(usual)))
        scores: dict[str, float] = {}
        for service, item in case.measured.items():
            for series in item.during.series:
                usual = item.usual.get(series.selector, [])
                since = [value for value in series.values if value is not None]
                if usual and since:
                    centre = median(usual)
                    spread = _MAD_TO_SIGMA * median(abs(value - centre) for value in usual)
                    floor = FLOOR * max(abs(centre), scales.get(series.metric, 0.0))
                    score = abs(statistic(since, centre) - centre) / max(spread, floor, 1e-12)
                    scores[service] = max(scores.get(service, 0.0), score)
        return sorted(scores, key=lambda name: -scores[name])

    return rank


RANKINGS: tuple[tuple[str, Ranking], ...] = (
    ("orch", product),
    ("floored robust z, median", z_of(lambda since, _: median(since))),
    ("floored robust z, farthest", z_of(lambda since, centre: max(since, key=lambda value: abs(value - centre)))),
)


def main(folders: Annotated[list[Path], typer.Argument(help="Folders of labelled faults.")]) -> None:
    """Print the hits of each ranking by folder, and what kinds of fault the product missed."""
    console = Console(width=120)
    for folder in folders:
        try:
            cases = list(read_cases(folder))
        except (OSError, ValueError, KeyError) as error:
            raise SystemExit(f"bench.causes: {folder} cannot be read: {error}") from None
        table = Table(title=f"{folder.name}: {len(cases)} faults, fault time given")
        for column in ("ranking", "top-1", f"top-{TOP}", "missed at top-1, by kind"):
            table.add_column(column)
        for name, rank in RANKINGS:
            order = [(case, list(rank(case))) for case in cases]
            first = sum(ranked[:1] == [case.truth] for case, ranked in order)
            among = sum(case.truth in ranked[:TOP] for case, ranked in order)
            missed = Counter(case.kind for case, ranked in order if ranked[:1] != [case.truth])
            table.add_row(
                name, f"{first / len(cases):.0%}", f"{among / len(cases):.0%}",
                ", ".join(f"{kind} {count}" for kind, count in missed.most_common()),
            )  # fmt: skip
        console.print(table)


if __name__ == "__main__":
    typer.run(main)
