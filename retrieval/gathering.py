"""Every record of several exports and folders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import ToolBrokenError
from retrieval.records import IssueRecord
from retrieval.sources import source_records


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """`problems` has a sentence for each record, or whole source, that could not be read."""

    records: tuple[IssueRecord, ...]
    problems: tuple[str, ...]


def gather(sources: Sequence[Path], told: Callable[[str], None]) -> Gathered:
    """The records of all sources, in their order. `told` hears the name of each before it is read."""
    records: list[IssueRecord] = []
    problems: list[str] = []
    for source in sources:
        told(source.name)
        try:
            for place, found in source_records(source):
                if isinstance(found, ValueError):
                    problems.append(f"{source}, {place} is left out: {found}")
                else:
                    records.append(found)
        except ToolBrokenError as error:
            problems.append(str(error))
    return Gathered(records=tuple(records), problems=tuple(problems))
