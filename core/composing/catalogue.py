"""Who owns a service and what it needs, from the catalogue that the search brought in."""

import re
from collections.abc import Iterator

from core.brief import Intent
from core.composing.draft import Draft
from core.composing.material import Material
from core.composing.words import gist
from core.evidence import SearchHit

MAX_FACT_CHARS = 320

_ABOUT_OWNERS = re.compile(
    r"owner|owned|team|crew|squad|lead|captain|contact|responsible|depend|relies|rely|needs|upstream|channel|slack|called by",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"\s*[-*]\s+\**(?P<label>[A-Z][\w ]{2,30})\**\s*:")


def compose(material: Material, draft: Draft) -> None:
    """States for each service the row of a table that begins with it, else the labelled lines under its heading."""
    if Intent.OWNERS not in material.brief.intents:
        return
    for service in material.brief.services:
        found = next((item for hit in material.knowledge_hits if (item := _of_service(hit, service))), None)
        if found is None:
            draft.gap(
                f"who owns {service}, and what it needs", "no document that was found lists it", "look into the catalogue of services",
                essential=True,
            )  # fmt: skip
            continue
        hit, words = found
        draft.fact(f"{hit.citation_source} on {service}: {gist(words, MAX_FACT_CHARS)}", hit.cite(), headline=True)


def _of_service(hit: SearchHit, service: str) -> tuple[SearchHit, str] | None:
    facts = "; ".join(_row(hit.snippet, service)) or " ".join(_lines(hit, service))
    return (hit, facts) if facts else None


def _row(snippet: str, service: str) -> Iterator[str]:
    """The cells of the service's row with their columns, where the snippet has both."""
    columns: list[str] = []
    lines = [line.strip() for line in snippet.split("\n")]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        cells = (
            [cell.replace("`", "").strip(" *") for cell in line.strip("|").split("|")] if line.startswith("|") else []
        )
        if cells and re.fullmatch(r"[|\s:-]+", following):
            columns = cells
        elif columns and len(cells) == len(columns) and cells[0].lower() == service.lower():
            yield from (f"{column} {cell}" for column, cell in zip(columns[1:], cells[1:], strict=True) if cell)


def _lines(hit: SearchHit, service: str) -> Iterator[str]:
    """The labelled lines on owners and needs of a section that is headed with the service."""
    heading = hit.metadata.get("heading")
    headed = isinstance(heading, list) and any(str(title).strip("`* ").lower() == service.lower() for title in heading)
    if headed:
        for line in hit.snippet.split("\n"):
            label = _LABELLED.match(line)
            if label and _ABOUT_OWNERS.search(label["label"]):
                yield line.strip().lstrip("-* ").rstrip(".") + "."
