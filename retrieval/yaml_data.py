"""YAML as nodes with their lines, and nodes as plain JSON values. Nothing is ever constructed from a tag."""

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.base import Json

MAX_VALUES = 50_000
MAX_VALUE_CHARS = 5_000_000
MAX_DEPTH = 60
_PREFIX = "tag:yaml.org,2002:"
_NO_LINE_ENDS = dict.fromkeys(map(ord, "\x85\u2028\u2029"), " ")  # PyYAML counts them as lines, editors do not
_TRUE = frozenset({"true", "yes"})
_FALSE = frozenset({"false", "no"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]{0,30})")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F_]{1,30}")
_DECIMAL = re.compile(r"[-+]?(?:[0-9][0-9_]{0,30})?\.?[0-9_]{0,30}(?:[eE][-+]?[0-9]{1,3})?")


class YamlProblem(Exception):  # noqa: N818 - translated by whoever knows the file's name
    """A text is not YAML that can be taken; `line` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"line {line}: {reason}")
        self.reason = reason
        self.line = line


class AliasNode(Node):
    """The place where an alias (`*name`) stands, and the node it stands for."""

    id = "alias"

    def __init__(self, target: Node, start_mark: Any, end_mark: Any) -> None:  # Node's own is untyped
        self.tag = target.tag
        self.value = None
        self.start_mark = start_mark
        self.end_mark = end_mark
        self.target = target


class _Loader(yaml.SafeLoader):
    """Composes nodes and keeps the place of aliases, which PyYAML's own composer forgets."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            event = cast("Any", self.peek_event())  # pyright: ignore[reportUnknownMemberType] - untyped in the stubs
            target = Composer.compose_node(self, parent, index)
            return None if target is None else AliasNode(target, event.start_mark, event.end_mark)
        return Composer.compose_node(self, parent, index)


def documents(text: str) -> list[Node]:
    """The root nodes of the documents of a YAML text. Raises YamlProblem."""
    loader = None
    try:
        loader = _Loader(text.translate(_NO_LINE_ENDS))
        roots: list[Node] = []
        while loader.check_node():
            if (root := loader.get_node()) is not None:
                roots.append(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem(error.problem or "not YAML", mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        position = getattr(error, "position", 0)
        raise YamlProblem(str(error).split("\n", maxsplit=1)[0], text.count("\n", 0, position) + 1) from None
    except RecursionError:
        raise YamlProblem("nested too deep to be read", 1) from None
    finally:
        if loader is not None:
            loader.dispose()
    return roots


def plain_data(text: str) -> Json:
    """The value of the first document of a YAML text; None when it is empty. Raises YamlProblem."""
    roots = documents(text)
    return PlainValues().of(roots[0]) if roots else None


class PlainValues:
    """Nodes as plain JSON values, at most MAX_VALUES of them a file, however often aliases repeat them.

    Keys are their own text, so the `on:` of a workflow stays `on`. Plain `true`, `false`, `yes`, `no` are booleans; `on`
    and `off` stay text, and so do clock times (`09:30`) and numbers with leading zeros. Dates are ISO 8601 text.
    """

    def __init__(self) -> None:
        self._values = 0
        self._chars = 0

    def of(self, node: Node, depth: int = 0) -> Json:
        """The value of a node, its aliases and merge keys followed. Raises YamlProblem where that has no end."""
        self._count(node, depth)
        if isinstance(node, AliasNode):
            return self.of(node.target, depth + 1)
        if isinstance(node, SequenceNode):
            return [self.of(item, depth + 1) for item in _items(node)]
        if isinstance(node, MappingNode):
            return self._mapping(node, depth)
        return _scalar(node)

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Json]:
        merged: dict[str, Json] = {}
        own: dict[str, Json] = {}
        for key, value in pairs(node):
            if key.tag == f"{_PREFIX}merge":
                found = self.of(value, depth + 1)
                for base in reversed(found) if isinstance(found, list) else [found]:
                    merged.update(base if isinstance(base, dict) else {})
            else:
                own[key_text(key)] = self.of(value, depth + 1)
        return merged | own

    def _count(self, node: Node, depth: int) -> None:
        self._values += 1
        self._chars += len(node.value) if isinstance(node, ScalarNode) else 0
        if self._values > MAX_VALUES or self._chars > MAX_VALUE_CHARS or depth > MAX_DEPTH:
            raise YamlProblem("aliases or nesting make the value too large to be read", node.start_mark.line + 1)


def pairs(node: MappingNode) -> Iterable[tuple[Node, Node]]:
    """The keys of a mapping with their values."""
    return cast("list[tuple[Node, Node]]", node.value)


def items(node: SequenceNode) -> list[Node]:
    """The items of a sequence."""
    return cast("list[Node]", node.value)


_items = items


def key_text(key: Node) -> str:
    """A key as it is written; a key that is no scalar, by the text of its values."""
    if isinstance(key, AliasNode):
        return key_text(key.target)
    if isinstance(key, ScalarNode):
        return str(key.value)
    return "?"


def _scalar(node: Node) -> Json:
    text = str(node.value)
    kind = node.tag.removeprefix(_PREFIX)
    if kind == "null":
        return None
    if kind == "bool":
        lower = text.lower()
        return True if lower in _TRUE else False if lower in _FALSE else text
    if kind == "int":
        if _INTEGER.fullmatch(text):
            return int(text)
        return int(text, 16) if _HEXADECIMAL.fullmatch(text) else text
    if kind == "float":
        return _float(text)
    return _iso(text) if kind == "timestamp" else text


def _float(text: str) -> Json:
    try:
        number = float(text.replace("_", "")) if _DECIMAL.fullmatch(text) else math.nan
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _iso(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if len(text) == len("2026-01-01") else _moment(text)
    except ValueError:
        return text


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()
