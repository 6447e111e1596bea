"""Atlassian Document Format, in which Jira Cloud writes descriptions and comments, as text.

Format: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from datetime import UTC, datetime
from typing import cast

from core.base import Json, JsonObject

MAX_DEPTH = 60
_LINES = frozenset({"paragraph", "heading", "codeBlock", "rule", "mediaSingle", "mediaGroup", "blockCard", "taskItem"})


def adf_text(value: Json) -> str:
    """The text of a document, a block a line, list items with `- `, table cells between bars; a string as it is.

    What the format does not know is passed over, never an error.
    """
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    lines: list[str] = []
    _blocks(value, lines, "", 0)
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _blocks(value: Json, lines: list[str], prefix: str, depth: int) -> None:
    if depth > MAX_DEPTH or not isinstance(value, dict):
        return
    kind = str(value.get("type"))
    children = _children(value)
    if kind in _LINES:
        lines.extend((prefix + _inline(value, depth)).split("\n"))
    elif kind == "tableRow":
        lines.append(prefix + "| " + " | ".join(_cell(cell, depth) for cell in children) + " |")
    elif kind == "listItem":
        inner: list[str] = []
        for child in children:
            _blocks(child, inner, "", depth + 1)
        lines.extend(f"{prefix}{'- ' if number == 0 else '  '}{line}" for number, line in enumerate(inner))
    elif kind in {"text", "mention", "emoji", "inlineCard", "date", "status", "hardBreak"}:
        lines.append(prefix + _inline(value, depth))
    else:
        for child in children:
            _blocks(child, lines, prefix, depth + 1)


def _cell(value: Json, depth: int) -> str:
    inner: list[str] = []
    for child in _children(value):
        _blocks(child, inner, "", depth + 1)
    return " ".join(" ".join(inner).split())


def _inline(value: Json, depth: int) -> str:
    if depth > MAX_DEPTH or not isinstance(value, dict):
        return ""
    attributes = value.get("attrs")
    given: JsonObject = attributes if isinstance(attributes, dict) else {}
    match value.get("type"):
        case "text":
            return str(value.get("text") or "")
        case "hardBreak":
            return "\n"
        case "mention" | "status" | "emoji":
            return str(given.get("text") or given.get("shortName") or "")
        case "inlineCard" | "blockCard":
            return str(given.get("url") or "")
        case "date":
            return _day(given.get("timestamp"))
        case _:
            return "".join(_inline(child, depth + 1) for child in _children(value))


def _day(timestamp: Json) -> str:
    """A date node's milliseconds since 1970 as an ISO 8601 date."""
    try:
        return datetime.fromtimestamp(int(cast("str", timestamp)) / 1000, UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def _children(value: Json) -> list[Json]:
    content = value.get("content") if isinstance(value, dict) else None
    return content if isinstance(content, list) else []
