"""The engine for large collections: tantivy (the extra `large`), in a folder beside the index file.

It finds the chunks that may be best, filters included; they are then scored as in `word_index`, from the file's own figures,
so that every score means the same whichever engine found it.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from threading import Lock
from typing import Any, cast
from uuid import uuid4

from core.errors import ToolBrokenError
from retrieval.columns import COMPARED, condition_values
from retrieval.issue_filters import Conditions
from retrieval.postings import TITLE_WEIGHT, Rows
from retrieval.records import IssueRecord

LARGE_FROM = 200_000  # chunks from which the setting `auto` takes this engine
_HEAP_BYTES = 256_000_000
_KEPT = 2
_MANIFEST = "orch.json"
_TIMES = ("created", "opened")

type Asked = Sequence[tuple[int, float]]  # numbers of words with how much more each counts for being repeated


class EngineDamagedError(Exception):
    """The folder of the large engine is missing or cannot be read; the message says how."""


def is_installed() -> bool:
    """Whether the extra `large` is there."""
    return find_spec("tantivy") is not None


def folder_of(path: Path, name: str) -> Path:
    """Where an index file at `path` keeps the engine's folder of that name."""
    return path.with_name(f"{path.name}.{name}")


def write_large(path: Path, name: str, records: Iterable[IssueRecord], texts: Iterable[Rows]) -> None:
    """Writes the engine's folder beside the index file to be, whole or not at all; `texts` are the `chunk_words` of each row.

    Raises ToolBrokenError where that fails. The name stands for the records: a whole folder of that name is left as it is.
    """
    folder = folder_of(path, name)
    if _is_whole(folder):
        return
    if folder.exists():
        rmtree(folder)
    temporary = folder.with_name(f".{folder.name}.{uuid4().hex}.part")
    temporary.mkdir(parents=True)
    try:
        with _failures():
            _write(temporary, records, iter(texts))
        sizes = {
            file.name: file.stat().st_size for file in sorted(temporary.iterdir()) if not file.name.startswith(".")
        }
        (temporary / _MANIFEST).write_text(json.dumps(sizes), encoding="utf-8")
        temporary.replace(folder)
    except EngineDamagedError as error:
        raise ToolBrokenError(f"the large engine's folder {folder} cannot be written: {error}") from None
    finally:
        rmtree(temporary, ignore_errors=True)


def drop_others(path: Path, name: str | None) -> None:
    """Removes the folders of earlier builds."""
    keep = None if name is None else folder_of(path, name).name
    for found in path.parent.glob(f"{path.name}.large-*"):
        if found.name != keep and found.is_dir():
            rmtree(found, ignore_errors=True)


class LargeEngine:
    """Asks the folders of the engine; those asked last stay open. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[Path, tuple[Any, Any]] = {}

    def rows(self, path: Path, name: str, asked: Asked, conditions: Conditions, limit: int) -> list[int]:
        """Rows of the chunks that may be best, best first. Raises EngineDamagedError."""
        engine: Any = import_module("tantivy")
        with _failures():
            index, searcher = self._opened(folder_of(path, name))
            query = _query(engine, index.schema, asked, conditions)
            found = searcher.search(query, limit, count=False).hits
            return cast("list[int]", searcher.fast_field_values("row", [address for _, address in found]))

    def _opened(self, folder: Path) -> tuple[Any, Any]:
        with self._lock:
            found = self._open.get(folder)
            if found is None or not folder.is_dir():
                self._open.pop(folder, None)
                if not _is_whole(folder):
                    raise EngineDamagedError(f"{folder} is missing or was changed")
                while len(self._open) >= _KEPT:
                    del self._open[next(iter(self._open))]
                index: Any = _registered(import_module("tantivy").Index.open(str(folder)))
                found = self._open[folder] = index, index.searcher()
            return found


@contextmanager
def _failures() -> Generator[None]:
    """Every failure of the engine as EngineDamagedError: it tells of damaged files with panics, which are no Exception."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise EngineDamagedError(str(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineDamagedError(str(error)) from None


def _is_whole(folder: Path) -> bool:
    """Whether every file that was written is there in its size."""
    try:
        sizes = cast("dict[str, int]", json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def _registered(index: Any) -> Any:
    engine: Any = import_module("tantivy")
    index.register_tokenizer("words", engine.TextAnalyzerBuilder(engine.Tokenizer.whitespace()).build())
    return index


def _write(folder: Path, records: Iterable[IssueRecord], texts: Iterator[Rows]) -> None:
    engine: Any = import_module("tantivy")
    schema = engine.SchemaBuilder()
    schema.add_text_field("words", tokenizer_name="words", index_option="freq")
    schema.add_integer_field("row", fast=True)
    for name in dict.fromkeys(column for columns in COMPARED.values() for column in columns):
        if name in _TIMES:
            schema.add_float_field(name, indexed=True, fast=True)
        else:
            schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    writer = _registered(engine.Index(schema.build(), path=str(folder))).writer(heap_size=_HEAP_BYTES, num_threads=1)
    row = 0
    for record in records:
        values: dict[str, Any] = {name: value for name, value in condition_values(record).items() if value}
        values |= {name: moment.timestamp() for name in _TIMES if (moment := getattr(record, name)) is not None}
        for _ in record.chunks:
            row += 1
            titled, *numbers = next(texts).tolist()
            numbers = [*numbers[:titled] * TITLE_WEIGHT, *numbers[titled:]]
            writer.add_document(engine.Document(words=" ".join(map(str, numbers)), row=row, **values))
    writer.commit()
    writer.wait_merging_threads()


def _query(engine: Any, schema: Any, asked: Asked, conditions: Conditions) -> Any:
    should, must = engine.Occur.Should, engine.Occur.Must
    terms = [(should, _boosted(engine, schema, str(number), more)) for number, more in asked]
    filters = [(must, _filter(engine, schema, name, values)) for name, values in conditions.items()]
    by_words = engine.Query.boolean_query(terms)
    return engine.Query.boolean_query([(must, by_words), *filters]) if filters else by_words


def _boosted(engine: Any, schema: Any, word: str, more: float) -> Any:
    return engine.Query.boost_query(engine.Query.term_query(schema, "words", word, index_option="freq"), more)


def _filter(engine: Any, schema: Any, name: str, values: Sequence[str | float]) -> Any:
    query: Any = engine.Query
    parts: list[Any] = []
    for column, value in zip(COMPARED[name], values, strict=True):
        if isinstance(value, str):
            if value:
                parts.append(query.term_query(schema, column, value.casefold(), index_option="basic"))
            continue
        ends = {"lower_bound": value} if name.endswith("_from") else {"upper_bound": value}
        parts.append(query.range_query(schema, column, engine.FieldType.Float, **ends))
    either = query.boolean_query([(engine.Occur.Should, part) for part in parts])
    return query.const_score_query(either, 0.0)
