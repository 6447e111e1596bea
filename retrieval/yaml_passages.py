"""YAML as passages: the records of a file with their lines, their path of keys and their plain values."""

from collections.abc import Iterator
from itertools import pairwise

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.evidence import Passage
from retrieval.markdown import lines_of, paragraph_passages
from retrieval.yaml_data import AliasNode, PlainValues, YamlProblem, documents, items, key_text, pairs

MAX_MAPPING_LINES = 12
MAX_ITEM_LINES = 40
_NAMES = ("name", "id", "key", "title", "slug", "handle", "service", "channel", "team", "role", "date", "start", "week")

type Keys = tuple[str, ...]
type Entry = tuple[Node, Node]


def yaml_passages(text: str) -> tuple[tuple[Passage, ...], YamlProblem | None]:
    """The passages of a YAML text, in its order, and what is wrong with it, if anything.

    One passage a record: an item of a list of mappings (`block="mapping"`, up to MAX_ITEM_LINES), a mapping that holds
    values (`"mapping"`, up to MAX_MAPPING_LINES and without a list of mappings inside), any other value (`"entry"`).
    `heading` is the path of keys, an item by its name (or its position from 0); `data` is the record's plain value.
    Comments directly above a record belong to its text. What is no YAML comes as paragraphs without data: it can still be
    quoted.
    """
    lines = lines_of(text)
    try:
        reader = _Reader(lines)
        passages = tuple(passage for root in documents("\n".join(lines)) for passage in reader.root(root))
    except YamlProblem as problem:
        return paragraph_passages(text), problem
    return passages, None


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._values = PlainValues()
        self._taken = 0  # lines before this one (counted from 0) belong to earlier passages

    def root(self, node: Node) -> Iterator[Passage]:
        yield from self._inside(node, ())

    def _inside(self, node: Node, path: Keys) -> Iterator[Passage]:
        """The passages of what a node holds."""
        if isinstance(node, MappingNode):
            for key, value in pairs(node):
                yield from self._entry(key, value, (*path, key_text(key)))
        elif isinstance(node, SequenceNode) and any(isinstance(item, MappingNode) for item in items(node)):
            for position, item in enumerate(items(node)):
                inner = (*path, self._name(item, position))
                if _divides(item) and _last_line(item) - item.start_mark.line >= MAX_ITEM_LINES:
                    yield from self._inside(item, inner)
                else:
                    yield self._passage(item, item, inner, "mapping" if isinstance(item, MappingNode) else "entry")
        else:
            yield self._passage(node, node, path, "entry")

    def _entry(self, key: Node, value: Node, path: Keys) -> Iterator[Passage]:
        holds_more = isinstance(value, MappingNode | SequenceNode) and _divides(value)
        if holds_more and not self._is_record(key, value):
            yield from self._inside(value, path)
        else:
            yield self._passage(key, value, path, "mapping" if isinstance(value, MappingNode) else "entry")

    def _is_record(self, key: Node, value: Node) -> bool:
        if isinstance(value, SequenceNode):
            return not any(isinstance(item, MappingNode) for item in items(value))
        if not isinstance(value, MappingNode) or _last_line(value) - key.start_mark.line >= MAX_MAPPING_LINES:
            return False
        holds_values = any(not isinstance(inner, MappingNode) for _, inner in pairs(value))
        return holds_values and not _has_records(value)

    def _name(self, item: Node, position: int) -> str:
        if isinstance(item, MappingNode):
            named = {key_text(key): value.value for key, value in pairs(item) if isinstance(value, ScalarNode)}
            for name in (*_NAMES, *named):
                if named.get(name):
                    return str(named[name])
        return str(position)

    def _passage(self, first: Node, value: Node, path: Keys, block: str) -> Passage:
        start = first.start_mark.line
        end = min(max(_last_line(first), _last_line(value)) + 1, len(self._lines))
        while end > start + 1 and not self._lines[end - 1].strip():
            end -= 1
        while start > self._taken and self._lines[start - 1].lstrip().startswith("#"):
            start -= 1
        self._taken = max(self._taken, end)
        return Passage(
            text="\n".join(self._lines[start:end]),
            start_line=start + 1,
            end_line=end,
            heading=path,
            block=block,
            data=self._values.of(value),
        )


def _has_records(node: Node) -> bool:
    """Whether a list of mappings is somewhere inside."""
    if isinstance(node, MappingNode):
        return any(_has_records(value) for _, value in pairs(node))
    return isinstance(node, SequenceNode) and any(isinstance(item, MappingNode) for item in items(node))


def _divides(node: Node) -> bool:
    """Whether a node has parts that share no line, so that each can be quoted alone."""
    if isinstance(node, MappingNode):
        parts: list[Entry] = list(pairs(node))
    elif isinstance(node, SequenceNode):
        parts = [(item, item) for item in items(node)]
    else:
        return False
    spans = [(first.start_mark.line, max(_last_line(first), _last_line(last))) for first, last in parts]
    return bool(spans) and all(before[1] < after[0] for before, after in pairwise(spans))


def _last_line(node: Node) -> int:
    """The line (counted from 0) on which a node ends; a block ends with its last part, not with blanks and comments."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        key, value = node.value[-1]
        return max(_last_line(key), _last_line(value))
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1])
    if isinstance(node, AliasNode) or node.end_mark.column or node.end_mark.line == node.start_mark.line:
        return node.end_mark.line
    return node.end_mark.line - 1
