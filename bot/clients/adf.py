"""Atlassian Document Format as plain text: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/."""

from core.base import Json, JsonObject

_MAX_DEPTH = 60
"""Deeper nesting is left out; Jira's own editor stays far below."""

_INLINE = frozenset({"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "inlineExtension"})
_ATTRIBUTE_TEXTS = ("text", "shortName", "url", "title")


def render_text(document: Json) -> str:
    """The words of a document, a block a line; a plain string is itself, anything else is empty."""
    if isinstance(document, str):
        return document.strip()
    return "\n".join(line for line in _lines(document, 0) if line.strip())


def _lines(node: Json, depth: int) -> list[str]:
    if not isinstance(node, dict) or depth > _MAX_DEPTH:
        return []
    children = _children(node)
    match node.get("type"):
        case "tableRow":
            cells = (" ".join(_lines(cell, depth + 1)) for cell in children)
            return [" | ".join(cells)]
        case "listItem" | "taskItem" | "decisionItem":
            first, *rest = _block_lines(children, depth) or [""]
            return [f"- {first}", *(f"  {line}" for line in rest)]
        case kind if kind in _INLINE:
            return _inline(node).split("\n")
        case "blockCard" | "embedCard" | "media":
            return [_attribute_text(node)]
        case _:
            return _block_lines(children, depth)


def _block_lines(children: list[Json], depth: int) -> list[str]:
    """The lines of a block: neighbouring inline nodes run together, blocks stand apart."""
    lines: list[str] = []
    run = ""
    for child in children:
        if isinstance(child, dict) and child.get("type") in _INLINE:
            run += _inline(child)
            continue
        lines += run.split("\n") if run else []
        run = ""
        lines += _lines(child, depth + 1)
    return lines + (run.split("\n") if run else [])


def _inline(node: JsonObject) -> str:
    if node.get("type") == "hardBreak":
        return "\n"
    text = node.get("text")
    return text if isinstance(text, str) else _attribute_text(node)


def _attribute_text(node: JsonObject) -> str:
    attributes = node.get("attrs")
    if not isinstance(attributes, dict):
        return ""
    values = (attributes.get(name) for name in _ATTRIBUTE_TEXTS)
    return next((value for value in values if isinstance(value, str) and value), "")


def _children(node: JsonObject) -> list[Json]:
    content = node.get("content")
    return content if isinstance(content, list) else []
