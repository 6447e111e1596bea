"""JSON and JSONL files as objects."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from core.base import Json
from core.errors import ToolBrokenError

MAX_FILE_BYTES = 1_000_000_000
_LISTS = ("issues", "items", "values", "records", "result")


def json_objects(path: Path) -> Iterator[tuple[str, Json | ValueError]]:
    """The objects of a file with their place; a line that is no JSON comes as a ValueError.

    A JSON file holds a list, or an object with one under `issues`, `items`, `values`, `records`, `result`; a JSONL file an
    object a line. `.gz` is unpacked. Raises ToolBrokenError when the file cannot be read.
    """
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            if suffix in {".jsonl", ".ndjson"}:
                for number, line in enumerate(stream, start=1):
                    if line.strip():
                        yield f"line {number}", _parsed(line)
                return
            content = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError) as error:
        raise ToolBrokenError(f"{path} cannot be read ({error}): write the file anew") from None
    if len(content) > MAX_FILE_BYTES:
        raise ToolBrokenError(f"{path} holds more than {MAX_FILE_BYTES:,} bytes: write it as JSONL")
    found = _parsed(content)
    if isinstance(found, ValueError):
        raise ToolBrokenError(f"{path} is not JSON ({found}): write a list of issues")
    if isinstance(found, dict):
        found = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), [found])
    for number, value in enumerate(found if isinstance(found, list) else [found]):
        yield f"record {number}", value


def _parsed(content: bytes) -> Json | ValueError:
    try:
        return cast("Json", json.loads(content.decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:
        return ValueError(f"it is not JSON ({error})")
