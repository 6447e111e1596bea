"""Label matchers, `{service="checkout", level=~"warn|error"}`, which PromQL and LogQL share."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from company_details.company_sim.mock_systems.literals import unquote

type Operator = Literal["=", "!=", "=~", "!~"]

MATCHERS_GRAMMAR = r"""
    braces: "{" [matcher ("," matcher)* [","]] "}"
    matcher: LABEL OP string
    OP: "=~" | "!~" | "!=" | "="
    LABEL: /[a-zA-Z_][a-zA-Z0-9_]*/
    string: DOUBLE | SINGLE | RAW
    DOUBLE: /"(?:[^"\\\n]|\\[^\n])*"/
    SINGLE: /'(?:[^'\\\n]|\\[^\n])*'/
    RAW: /`[^`]*`/
    COMMENT: /#[^\n]*/
    %import common.WS
    %ignore WS
    %ignore COMMENT
"""

# Escapes and classes are stepped over; the rest is syntax that Python has and RE2 refuses: look-around, back references,
# conditions, atomic groups, possessive repetition.
_STEP = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:[=!>(]|<[=!]|P=)|[*+?}]\+", re.DOTALL)


class SelectorError(ValueError):
    """A selector that does not parse, with the place where it stops making sense."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@lru_cache(maxsize=512)
def compile_regex(pattern: str) -> re.Pattern[str]:
    """The pattern under RE2's rules, as near as Python's engine comes; SelectorError for one that RE2 refuses.

    https://github.com/google/re2/wiki/Syntax
    """
    for step in _STEP.finditer(pattern):
        text = step[0]
        if text[0] not in "\\[" or (text[0] == "\\" and text[1] in "123456789"):
            raise SelectorError(f"error parsing regexp: invalid or unsupported Perl syntax: `{text}`")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise SelectorError(f"error parsing regexp: {error}: `{pattern}`") from None


@dataclass(frozen=True)
class Matcher:
    """One condition on a label; a label that a series does not have is the empty string."""

    name: str
    op: Operator
    value: str

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return compile_regex(self.value)

    def matches(self, value: str) -> bool:
        """Whether a label of this value meets the condition; regular expressions must match all of it."""
        match self.op:
            case "=":
                return value == self.value
            case "!=":
                return value != self.value
            case "=~":
                return self._regex.fullmatch(value) is not None
            case "!~":
                return self._regex.fullmatch(value) is None

    def matches_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels meets the condition."""
        return self.matches(labels.get(self.name, ""))


def parse_tree(parser: Lark, query: str) -> Tree[Token]:
    """The syntax tree of a query; SelectorError with line and column where it does not parse."""
    try:
        return parser.parse(query)  # pyright: ignore[reportUnknownMemberType] - lark types its text as bare TextSlice
    except UnexpectedToken as error:
        token = cast("Token", error.token)
        if token.type == "$END":
            raise SelectorError("syntax error: unexpected end of input", *_end_of(query)) from None
        raise SelectorError(f'syntax error: unexpected "{token}"', error.line, error.column) from None
    except UnexpectedEOF:
        raise SelectorError("syntax error: unexpected end of input", *_end_of(query)) from None
    except UnexpectedCharacters as error:
        character = query[error.pos_in_stream or 0]
        raise SelectorError(f"syntax error: unexpected character: {character!r}", error.line, error.column) from None
    except UnexpectedInput as error:
        raise SelectorError("syntax error", error.line, error.column) from None


def _end_of(query: str) -> tuple[int, int]:
    return query.count("\n") + 1, len(query) - (query.rfind("\n") + 1) + 1


def read_matchers(tree: Tree[Token]) -> tuple[Matcher, ...]:
    """The matchers of a `braces` tree, in the order written; a bad escape or regular expression is a SelectorError."""
    matchers: list[Matcher] = []
    for node in tree.children:
        if isinstance(node, Tree):
            label, op, string = node.children
            assert isinstance(label, Token)
            assert isinstance(string, Tree)
            matchers.append(read_matcher(label, str(op), read_string(string)))
    return tuple(matchers)


def read_matcher(label: Token, op: str, value: str) -> Matcher:
    """One matcher, its regular expression tried."""
    matcher = Matcher(str(label), cast("Operator", op), value)
    if "~" in op:
        try:
            compile_regex(value)
        except SelectorError as error:
            raise SelectorError(error.message, label.line or 1, label.column or 1) from None
    return matcher


def read_string(tree: Tree[Token]) -> str:
    """The text of a `string` tree; an unknown escape is a SelectorError."""
    (literal,) = tree.children
    assert isinstance(literal, Token)
    try:
        return unquote(str(literal))
    except ValueError as error:
        raise SelectorError(str(error), literal.line or 1, literal.column or 1) from None
