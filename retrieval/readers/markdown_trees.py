"""Trees of Markdown pages (runbooks, reviews) as records."""

from collections.abc import Iterator
from pathlib import Path

from retrieval.chunks import pieces_of
from retrieval.markdown import lines_of, read_markdown
from retrieval.metadata import moment
from retrieval.records import IssueRecord
from retrieval.text_records import TextRecord

MAX_PAGE_CHARS = 5_000_000
DOCUMENTS = "documents"


def markdown_pages(folder: Path) -> list[Path]:
    """The Markdown files below a folder in order, those in hidden folders left out."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in {".md", ".markdown"} and path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def markdown_records(folder: Path) -> Iterator[tuple[str, IssueRecord | ValueError]]:
    """Every page below a folder, with its path from there, which is its id too."""
    for path in markdown_pages(folder):
        name = path.relative_to(folder).as_posix()
        try:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            yield name, page_record(name, text)
        except (OSError, ValueError) as error:
            yield name, ValueError(str(error))


def page_record(name: str, text: str) -> IssueRecord:
    """A page as the record of a document; its pieces are its sections, quoted with their lines."""
    if len(text) > MAX_PAGE_CHARS:
        raise ValueError(f"it has more than {MAX_PAGE_CHARS:,} characters")
    lines = lines_of(text)
    passages, sections = read_markdown(text)
    first = passages[0].data if passages and passages[0].block == "front_matter" else None
    given = first if isinstance(first, dict) else {}
    title = str(given.get("title") or "") or (sections[0].heading[-1] if sections else Path(name).stem)
    pieces = tuple(pieces_of(lines, passages, sections))
    if not pieces:
        raise ValueError("it is empty")
    return TextRecord(
        record_id=name,
        source="documents",
        kind="document",
        collection=DOCUMENTS,
        title=f"{title} {Path(name).with_suffix('').as_posix()}",
        path=name,
        created=moment(given.get("date")),
    ).record(pieces)
