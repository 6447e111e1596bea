"""Keys with their values out of the texts of a post."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.alerts.markup import plain

MAX_VALUE_CHARS = 300
MAX_HEAD_CHARS = 80
MAX_PAIRS_A_TEXT = 200

_KEY = r"[A-Za-z@_][\w .@/()-]{0,38}?"
# `*Key:* value`, `*Key*: value`, `• *Key:* value`, `- key = value`, `Key: value`, a line of its own
_BOLD_LINE = re.compile(rf"[\s\-•●·*>]{{0,8}}\*({_KEY})(?::\*|\*\s?[:=])\s*(\S.*)")
_LINE = re.compile(rf"[\s\-•●·>]{{0,8}}({_KEY})\s?(?:=|:(?!//|\w+:))\s+(\S.*)")
_TIGHT = re.compile(r"[\s\-•●·>]{0,8}([A-Za-z_][\w.]{0,38})[=:](?!//)(\S{1,200})")
# several on a line: `*Severity:* `critical``, `key: `value``, and `● key `value``
_CODED = re.compile(r"(?:\*([A-Za-z_][\w .-]{0,30}?)(?::\*|\*:)|([A-Za-z_][\w.-]{0,30}):)\s?`([^`\n]{1,200})`")
_BULLET_CODED = re.compile(r"[•●]\s*([A-Za-z_][\w.-]{0,38})\s+`([^`\n]{1,200})`")
_INLINE_BOLD = re.compile(r"\*([A-Za-z][\w -]{0,30}?)(?::\*|\*:)\s?([^*\n]{1,200})")
_INLINE = re.compile(r"(?:(?<=\s{2})|^)([A-Z][\w -]{0,30}?):\s?([^\s:][^\n]{0,200}?)(?=\s{2,}|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    key: str
    value: str

    @property
    def name(self) -> str:
        """The key as keys are compared: lower case, separators gone."""
        return normal(self.key)


def normal(key: str) -> str:
    """A key without case and separators: `Start time`, `start_time` and `startTime` are one."""
    return re.sub(r"[^a-z0-9]", "", key.casefold())


def field_pairs(text: str) -> Iterator[Pair]:
    """The pairs of a section field: `*Key*` and its value on the next line, or beside it."""
    head, newline, rest = text.strip().partition("\n")
    if newline and rest.strip() and len(head) <= MAX_HEAD_CHARS:
        yield Pair(key=plain(head).rstrip(": "), value=plain(rest)[:MAX_VALUE_CHARS])
        return
    yield from text_pairs(text)


def text_pairs(text: str) -> list[Pair]:
    """The pairs of a text, at most 200: lines of `key: value` or `key = value`, and code or bold ones within lines."""
    found: list[Pair] = []
    for line in text.split("\n")[:MAX_PAIRS_A_TEXT]:
        found.extend(_line_pairs(line[:1_000]))
        if len(found) >= MAX_PAIRS_A_TEXT:
            break
    return [pair for pair in found if pair.value and pair.key][:MAX_PAIRS_A_TEXT]


def _line_pairs(line: str) -> Iterator[Pair]:
    several = [*_CODED.finditer(line)]
    if several:
        for match in several:
            yield _pair(match.group(1) or match.group(2), match.group(3))
        return
    coded = [*_BULLET_CODED.finditer(line)]
    if coded:
        for match in coded:
            yield _pair(match.group(1), match.group(2))
        return
    bold = [*_INLINE_BOLD.finditer(line)]
    if len(bold) > 1:
        for match in bold:
            yield _pair(match.group(1), match.group(2))
        return
    apart = [*_INLINE.finditer(line.strip())]
    if len(apart) > 1:
        for match in apart:
            yield _pair(match.group(1), match.group(2))
        return
    match = _BOLD_LINE.match(line) or _LINE.match(line) or _TIGHT.fullmatch(line.rstrip())
    if match:
        yield _pair(match.group(1), match.group(2))


def _pair(key: str, value: str) -> Pair:
    return Pair(key=plain(key), value=plain(value)[:MAX_VALUE_CHARS])


def find_value(pairs: Iterable[Pair], *keys: str) -> str | None:
    """The value of the first of these keys that the pairs have; keys as `normal` writes them, best first."""
    by_name: dict[str, str] = {}
    for pair in pairs:
        if pair.value and pair.value != "-":
            by_name.setdefault(pair.name, pair.value)
    return next((by_name[key] for key in keys if key in by_name), None)


def shared_labels(pairs: Iterable[Pair]) -> dict[str, str]:
    """The pairs as labels; a key that stands there with different values (several alerts listed) is no shared label."""
    values: dict[str, dict[str, str]] = {}
    keys: dict[str, str] = {}
    for pair in pairs:
        if pair.key and pair.value:
            keys.setdefault(pair.name, pair.key)
            values.setdefault(pair.name, {})[pair.value.casefold()] = pair.value
    return {keys[name]: next(iter(found.values())) for name, found in values.items() if len(found) == 1 and name}
