"""Arbitrary text as string literals of the query languages, so that a value can never become syntax."""

import re

from core.base import Json
from core.errors import ToolRefusedError

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LAST_OF_FOUR = 0xFFFF


def quote_go(text: str) -> str:
    r"""The text as a double-quoted literal of PromQL and LogQL, which read strings as Go does.

    Whatever does not print is escaped: Go's scanners refuse raw NUL and byte order marks. Raises ToolRefusedError for half
    of a surrogate pair, which no literal can spell. https://go.dev/ref/spec#String_literals
    """
    return f'"{"".join(_ESCAPES.get(character) or _escape(character) for character in whole(text))}"'


def quote_jql(text: str) -> str:
    r"""The text as a double-quoted literal of JQL, which knows `\\ \" \n \r \t` and `\uXXXX`.

    Raises ToolRefusedError for half of a surrogate pair. https://docs.atlassian.com/jira/server/com/atlassian/jira/jql/util/JqlStringSupportImpl.html
    """
    return f'"{"".join(_ESCAPES.get(character) or _escape_in_four(character) for character in whole(text))}"'


def whole(text: str) -> str:
    """The text itself; ToolRefusedError when it cannot be sent because it holds half of a surrogate pair."""
    for position, character in enumerate(text):
        if "\ud800" <= character <= "\udfff":
            raise ToolRefusedError(
                f"character {position} of the text is U+{ord(character):04X}, half of a character: remove it"
            )
    return text


def clean(value: Json) -> Json:
    """The value with characters that neither UTF-8 nor PostgreSQL can hold replaced by U+FFFD."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(name): clean(item) for name, item in value.items()}
    return value


def clean_text(text: str) -> str:
    """The text with NUL and halves of surrogate pairs replaced by U+FFFD."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def _escape(character: str) -> str:
    return (
        f"\\U{ord(character):08x}"
        if ord(character) > _LAST_OF_FOUR and not character.isprintable()
        else _escape_in_four(character)
    )


def _escape_in_four(character: str) -> str:
    return character if character.isprintable() or ord(character) > _LAST_OF_FOUR else f"\\u{ord(character):04x}"
