"""Markdown as passages: verbatim lines with the headings, list items and table columns that give them their meaning."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from core.base import Json, JsonObject
from core.evidence import Passage
from retrieval.yaml_data import YamlProblem, plain_data

_LISTS = frozenset({"bullet_list", "ordered_list"})
_MAX_LABEL_CHARS = 120
_MAX_NESTING = 40

type Heading = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with the headings above it, and the line (from 1) on which it stands."""

    heading: Heading
    start_line: int


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends. A CRLF or a lone CR ends a line too, as in an editor.

    Passages join these lines with LF, so a quote of a CRLF file holds its words and line numbers, not its CR characters:
    it is found again in the text as `Path.read_text` returns it.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def markdown_passages(text: str) -> tuple[Passage, ...]:
    r"""The passages of a Markdown text (CommonMark with tables), in its order.

    One passage a paragraph, list item, table row (`data`: column → cell, as plain text), code block, block quote. Always
    `text == "\n".join(lines_of(file)[start_line - 1 : end_line])`. `heading` holds the headings above, then whatever
    introduces the block: the item around a nested item, a paragraph that ends with a colon, a line all in bold. A heading
    with nothing below it is a passage of its own (`block="heading"`), front matter too (`block="front_matter"`).
    """
    return read_markdown(text)[0]


def read_markdown(text: str) -> tuple[tuple[Passage, ...], tuple[Section, ...]]:
    """The passages of a Markdown text, as `markdown_passages`, and its sections, both in its order."""
    lines = lines_of(text)
    body = list(lines)
    passages: list[Passage] = []
    end = _front_matter_end(lines)
    if end and isinstance(data := _front_matter("\n".join(lines[1 : end - 1])), dict):
        passages.append(_passage(lines, (0, end), (), "front_matter", data))
        body[:end] = [""] * end
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    reader = _Reader(lines)
    found = reader.document(SyntaxTreeNode(parser.parse("\n".join(body))).children)
    passages.extend(passage for passage in found if passage.text.strip())
    return tuple(passages), tuple(reader.sections)


def paragraph_passages(text: str) -> tuple[Passage, ...]:
    """The passages of a text of no known format: runs of lines between blank lines."""
    lines = lines_of(text)
    passages: list[Passage] = []
    start = 0
    for number in range(len(lines) + 1):
        if number == len(lines) or not lines[number].strip():
            if number > start:
                passages.append(_passage(lines, (start, number), (), "paragraph"))
            start = number + 1
    return tuple(passages)


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.sections: list[Section] = []

    def document(self, nodes: Iterable[SyntaxTreeNode]) -> Iterator[Passage]:
        """The passages of the blocks of the document, whose headings divide it into sections."""
        headings: list[tuple[int, str]] = []
        bare: Passage | None = None  # the last heading, while nothing stands below it
        below: list[SyntaxTreeNode] = []
        for node in nodes:
            if node.type != "heading":
                below.append(node)
                continue
            level = int(node.tag[1])
            yield from self.blocks(below, tuple(title for _, title in headings))
            if bare is not None and not below and level <= headings[-1][0]:
                yield bare
            below = []
            while headings and headings[-1][0] >= level:
                headings.pop()
            bare = self._of(node, tuple(title for _, title in headings), "heading")
            headings.append((level, _plain(node)))
            path = tuple(title for _, title in headings)
            self.sections.append(Section(heading=path, start_line=_span(node)[0] + 1))
        yield from self.blocks(below, tuple(title for _, title in headings))
        if bare is not None and not below:
            yield bare

    def blocks(self, nodes: Iterable[SyntaxTreeNode], heading: Heading) -> Iterator[Passage]:
        """The passages of blocks that follow each other under one heading."""
        label: Heading = ()
        lead: Heading = ()
        for node in nodes:
            if node.type in _LISTS:
                for item in node.children:
                    yield from self._item(item, heading + label + lead)
            elif node.type == "table":
                yield from self._rows(node, heading + label + lead)
            elif node.type == "blockquote" and any(child.type != "paragraph" for child in node.children):
                yield from self.blocks(node.children, heading + label + lead)
            elif node.type == "paragraph":
                plain = _plain(node)
                lead = ()
                if _is_label(node) and len(plain) <= _MAX_LABEL_CHARS:
                    label = (plain.rstrip(":"),)
                    yield self._of(node, heading, "paragraph")
                else:
                    yield self._of(node, heading + label, "paragraph")
                    lead = (plain.rstrip(":"),) if plain.endswith(":") else ()
                continue
            elif node.map is not None and node.type != "hr":
                kind = {"fence": "code", "code_block": "code", "blockquote": "quote", "html_block": "html"}
                yield self._of(node, heading + label, kind.get(node.type, "paragraph"))
            lead = ()

    def _item(self, item: SyntaxTreeNode, heading: Heading) -> Iterator[Passage]:
        children = list(item.children)
        own = 0
        while own < len(children) and children[own].type not in _LISTS | {"table", "blockquote", "heading"}:
            own += 1
        inner = heading
        if own:
            span = (_span(item)[0], _span(children[own - 1])[1])
            yield _passage(self._lines, span, heading, "item")
            inner = (*heading, _plain(children[0]).rstrip(":"))
        yield from self.blocks(children[own:], inner)

    def _rows(self, table: SyntaxTreeNode, heading: Heading) -> Iterator[Passage]:
        columns: list[str] = []
        for part in table.children:
            for row in part.children:
                cells = [_plain(cell) for cell in row.children]
                if part.type == "thead":
                    columns = _distinct(cells)
                else:
                    data: JsonObject = dict(zip(columns, cells, strict=False))
                    yield _passage(self._lines, _span(row), heading, "row", data)

    def _of(self, node: SyntaxTreeNode, heading: Heading, block: str) -> Passage:
        return _passage(self._lines, _span(node), heading, block)


def _passage(lines: list[str], span: tuple[int, int], heading: Heading, block: str, data: Json = None) -> Passage:
    """The lines from `span[0]` (counted from 0) up to but not `span[1]`, without blank ones at the end."""
    start, end = span
    end = min(end, len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return Passage(
        text="\n".join(lines[start:end]), start_line=start + 1, end_line=end, heading=heading, block=block, data=data
    )


def _span(node: SyntaxTreeNode) -> tuple[int, int]:
    assert node.map is not None, f"a {node.type} block has lines"
    return node.map


def _plain(node: SyntaxTreeNode) -> str:
    """The words of a block without its marks, on one line."""
    if node.type in {"text", "code_inline"}:
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    if node.type in {"fence", "code_block", "html_block", "html_inline"}:
        return " ".join(node.content.split())
    return " ".join("".join(_plain(child) for child in node.children).split())


def _is_label(node: SyntaxTreeNode) -> bool:
    """Whether a paragraph is one piece of bold text: what people write in place of a heading."""
    inline = [child for child in node.children[0].children if child.type != "text" or child.content.strip(" :")]
    return len(inline) == 1 and inline[0].type == "strong"


def _distinct(titles: list[str]) -> list[str]:
    """Column titles as keys: an empty one by its position, a second one of the same words with a number."""
    seen: dict[str, int] = {}
    keys: list[str] = []
    for position, title in enumerate(titles, start=1):
        name = title or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        keys.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return keys


def _front_matter_end(lines: list[str]) -> int:
    """The number of lines that front matter would have, its two rules included; 0 without any."""
    if lines[0].rstrip() == "---":
        for number, line in enumerate(lines[1:], start=2):
            if line.rstrip() in {"---", "..."}:
                return number
    return 0


def _front_matter(text: str) -> Json:
    try:
        return plain_data(text)
    except YamlProblem:
        return None
