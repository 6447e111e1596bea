"""Careful hands for JSON of unknown shape: what is not of the wanted type is as good as absent."""

from typing import cast

MAX_STRING_CHARS = 8_000
MAX_ITEMS = 100
_MAX_NUMBER = 1e18


def as_object(value: object) -> dict[str, object]:
    """The JSON object, or an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def as_items(value: object, limit: int | None = MAX_ITEMS) -> list[object]:
    """The first items of the JSON array, 100 unless told otherwise, or none."""
    return cast("list[object]", value)[:limit] if isinstance(value, list) else []


def as_text(value: object) -> str:
    """The string, cut at 8,000 characters; a number in its decimal form (PagerDuty and GitLab send some); else ""."""
    if isinstance(value, str):
        return value[:MAX_STRING_CHARS]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:MAX_STRING_CHARS] if abs(value) < _MAX_NUMBER else ""
    return ""


def field(value: object, *path: str) -> object:
    """What lies at the end of a path of keys, None where it breaks off."""
    for key in path:
        value = as_object(value).get(key)
    return value
