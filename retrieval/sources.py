"""What a file or folder holds, as records: the one list of formats."""

from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import ToolBrokenError
from retrieval.readers.csv_files import csv_records
from retrieval.readers.jira_xml import xml_records
from retrieval.readers.json_files import json_objects
from retrieval.readers.markdown_trees import markdown_records, page_record
from retrieval.readers.shapes import json_record
from retrieval.records import IssueRecord

type Found = tuple[str, IssueRecord | ValueError]


def _json_records(path: Path) -> Iterator[Found]:
    for place, value in json_objects(path):
        if isinstance(value, ValueError):
            yield place, value
            continue
        try:
            yield place, json_record(value)
        except ValueError as error:
            yield place, error


def _page(path: Path) -> Iterator[Found]:
    try:
        yield path.name, page_record(path.name, path.read_text(encoding="utf-8-sig", errors="replace"))
    except OSError as error:
        raise ToolBrokenError(f"{path} cannot be read ({error.strerror}): check the file and its rights") from None
    except ValueError as error:
        yield path.name, error


FORMATS: dict[str, Callable[[Path], Iterator[Found]]] = {
    ".json": _json_records,
    ".jsonl": _json_records,
    ".ndjson": _json_records,
    ".csv": csv_records,
    ".xml": xml_records,
    ".md": _page,
    ".markdown": _page,
}


def source_records(path: Path) -> Iterator[Found]:
    """The records of an export (by its ending, `.gz` aside) or of a folder: its pages, then its exports.

    Each comes with its place; what cannot be read comes as a ValueError with the reason. Raises ToolBrokenError for a
    file that is missing, unreadable as a whole, or of no known ending.
    """
    if path.is_dir():
        yield from markdown_records(path)
        for file in sorted(name for name in path.iterdir() if name.is_file() and _ending(name) in FORMATS):
            if _ending(file) not in {".md", ".markdown"}:
                yield from ((f"{file.name}, {place}", found) for place, found in source_records(file))
        return
    read = FORMATS.get(_ending(path))
    if read is None:
        raise ToolBrokenError(f"{path} has no ending of a known format: give {', '.join(FORMATS)} or a folder")
    if not path.is_file():
        raise ToolBrokenError(f"there is no file {path}: name an export or a folder of Markdown pages")
    yield from read(path)


def _ending(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
