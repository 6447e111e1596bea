"""Text search as Jira's `~` does it: words by their stems, prefixes with `*`, phrases in quotes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

_WORD = re.compile(r"[^\W_]+")
_TERM = re.compile(r'(?P<sign>[-+!]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>(?:[^\s"\\]|\\.)+))', re.DOTALL)
_STOP_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of"}
    | {
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
    }
)
_SHORTEST_STEM = 3


class TextQueryError(ValueError):
    """A text to search for that is no query."""


def read_text(value: Any) -> str:
    """The plain text of a field: of a string, or of every text node of an Atlassian document.

    https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
    """
    pieces: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, list):
            waiting.extend(reversed(cast("list[Any]", node)))
        elif isinstance(node, dict):
            parts = cast("dict[str, Any]", node)
            attributes = parts.get("attrs")
            shown = cast("dict[str, Any]", attributes).get("text") if isinstance(attributes, dict) else None
            waiting.extend([parts.get("content"), parts.get("text"), shown])
            if parts.get("type") in {"paragraph", "heading", "listItem", "hardBreak", "codeBlock"}:
                pieces.append("\n")
    return " ".join(pieces)


def stem(word: str) -> str:
    """The word without its commonest English endings, so that `timeouts` meets `timeout`, and `failed` meets `failing`."""
    for ending, replacement in (("sses", "ss"), ("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending) + replacement
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


@dataclass(frozen=True)
class Text:
    """A text made ready for searching."""

    source: str

    @cached_property
    def words(self) -> frozenset[str]:
        """The words in lower case."""
        return frozenset(_WORD.findall(self.source.lower()))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of the words."""
        return frozenset(map(stem, self.words))

    @cached_property
    def sequence(self) -> str:
        """The stems in their order, each between two spaces."""
        return f" {' '.join(map(stem, _WORD.findall(self.source.lower())))} "

    def prepare(self) -> None:
        """Work out now what the common searches need."""
        _ = self.stems


type TextTest = Callable[[Text], bool]


def compile_text_query(query: str) -> TextTest:
    """A test for what follows `~`: all words (by stem; `time*` by prefix), phrases in quotes, `OR`, `NOT` and `-`.

    Raises TextQueryError for quotes that are not closed and for words that begin with a wildcard.
    https://support.atlassian.com/jira-software-cloud/docs/search-for-issues-using-the-text-field/
    """
    alternatives: list[list[tuple[bool, TextTest]]] = [[]]
    negate_next = False
    for term in _read_terms(query):
        word, phrase = term["word"], term["phrase"]
        if word in {"AND", "&&"}:
            continue
        if word in {"OR", "||"}:
            alternatives.append([])
            continue
        if word == "NOT":
            negate_next = True
            continue
        test = _test_phrase(phrase) if phrase is not None else _test_word(word, query)
        if test is not None:
            alternatives[-1].append((negate_next or term["sign"] in {"-", "!"}, test))
        negate_next = False
    groups = [group for group in alternatives if group]
    return lambda text: any(all(test(text) is not negated for negated, test in group) for group in groups)


def _read_terms(query: str) -> list[re.Match[str]]:
    terms: list[re.Match[str]] = []
    position = 0
    while rest := query[position:].lstrip():
        position = len(query) - len(rest)
        term = _TERM.match(query, position)
        if term is None:
            raise TextQueryError(query)
        terms.append(term)
        position = term.end()
    return terms


def _test_phrase(phrase: str) -> TextTest | None:
    words = _WORD.findall(_unescape(phrase).lower())
    if not words:
        return None
    wanted = f" {' '.join(map(stem, words))} "
    stems = frozenset(map(stem, words))
    return lambda text: stems <= text.stems and wanted in text.sequence


def _test_word(word: str, query: str) -> TextTest | None:
    if word[0] in "*?":
        raise TextQueryError(query)
    if re.search(r"(?<!\\)[*?]", word):
        return _test_wildcards(word)
    stems = frozenset(stem(one) for one in _WORD.findall(_unescape(word).lower()) if one not in _STOP_WORDS)
    return (lambda text: stems <= text.stems) if stems else None


def _test_wildcards(word: str) -> TextTest:
    prefix = re.match(r"(?:[^*?\\]|\\.)*", word)
    assert prefix is not None
    if word[prefix.end() :] == "*" and (start := _unescape(prefix[0]).lower()) and _WORD.fullmatch(start):
        return lambda text: any(one.startswith(start) for one in text.words)
    parts = (("." * (part == "?") or ".*") if part in {"*", "?"} else re.escape(part) for part in _split(word.lower()))
    pattern = re.compile("".join(parts))
    return lambda text: any(pattern.fullmatch(one) for one in text.words)


def _split(word: str) -> list[str]:
    return re.findall(r"[*?]|[^*?]+", _unescape(word))


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
