"""Where a company's Jira keeps the severity of an issue, read out of its description of its Jira."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

_FIELD_ID = re.compile(r"customfield_\d+")
_WORD = "severity"


def find_severity_field(config: object) -> str | None:
    """The id, `customfield_10041`, of the severity field in a parsed config; None when it names none.

    It may stand under keys that speak of severity (`fields: {severity: customfield_10041}`), be such a key itself
    (`customfield_10041: Severity`), or share a mapping with the word (`{name: Severity, id: customfield_10041}`).
    """
    return next(iter(_find(config, under_severity=False)), None)


def _find(node: object, *, under_severity: bool) -> list[str]:
    if isinstance(node, str):
        return [node.strip()] if under_severity and _FIELD_ID.fullmatch(node.strip()) else []
    if isinstance(node, Mapping):
        return _find_in_mapping(cast("Mapping[object, object]", node), under_severity=under_severity)
    if isinstance(node, Sequence) and not isinstance(node, bytes):
        items = cast("Sequence[object]", node)
        return [found for item in items for found in _find(item, under_severity=under_severity)]
    return []


def _find_in_mapping(node: Mapping[object, object], *, under_severity: bool) -> list[str]:
    # A name that is the word itself speaks for its neighbours; a sentence that mentions it does not.
    named = any(isinstance(value, str) and value.strip().lower() == _WORD for value in node.values())
    found: list[str] = []
    for key, value in node.items():
        name = str(key)
        if _FIELD_ID.fullmatch(name) and _is_called_severity(value):
            found.append(name)
        spoken = under_severity or _WORD in name.lower() or (named and isinstance(value, str))
        found += _find(value, under_severity=spoken)
    return found


def _is_called_severity(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_is_called_severity(inner) for inner in cast("Mapping[object, object]", value).values())
    return isinstance(value, str) and _WORD in value.lower()
