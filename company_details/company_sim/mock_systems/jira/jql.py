"""JQL: its grammar, and queries as data.

https://support.atlassian.com/jira-software-cloud/docs/jql-operators/
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

type Operator = Literal["=", "!=", "~", "!~", ">", ">=", "<", "<=", "in", "not in", "is", "is not"]

_WORD = r"[^\s\"'\\,()\[\]=!~<>|&;{}*+?%\/^$#@`]"
_END = rf"(?!{_WORD})"
_PARSER = Lark(
    rf"""
    start: any_of? order?
    any_of: all_of (OR all_of)*
    all_of: _one (AND _one)*
    _one: not | "(" any_of ")" | clause
    not: NOT _one
    clause: field COMPARE _operand -> compare
        | field IN list -> in
        | field NOT IN list -> not_in
        | field IS EMPTY -> is_empty
        | field IS NOT EMPTY -> is_not_empty
    list: "(" _operand ("," _operand)* ")"
    _operand: value | empty | call
    value: WORD | STRING
    empty: EMPTY
    call: WORD "(" [value ("," value)*] ")"
    field: WORD | STRING | CUSTOM
    order: ORDER BY sort ("," sort)*
    sort: field [ASC | DESC]

    COMPARE: "!=" | "!~" | ">=" | "<=" | "=" | "~" | ">" | "<"
    CUSTOM.3: /cf\s*\[\s*\d+\s*\]/i
    AND.2: /and{_END}|&&?/i
    OR.2: /or{_END}|\|\|?/i
    NOT.2: /not{_END}|!(?![=~])/i
    IN.2: /in{_END}/i
    IS.2: /is{_END}/i
    EMPTY.2: /(empty|null){_END}/i
    ORDER.2: /order{_END}/i
    BY.2: /by{_END}/i
    ASC.2: /asc{_END}/i
    DESC.2: /desc{_END}/i
    STRING: /"(?:[^"\\]|\\.)*"/s | /'(?:[^'\\]|\\.)*'/s
    WORD: /{_WORD}+/
    %import common.WS
    %ignore WS
    """,
    parser="lalr",
)
_OPERATORS = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'"
_OPPOSITE: dict[Operator, Operator] = {
    "=": "!=",
    "!=": "=",
    "~": "!~",
    "!~": "~",
    ">": "<=",
    "<=": ">",
    "<": ">=",
    ">=": "<",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
}
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\", "'": "'", '"': '"', " ": " "}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_DEEPEST = 100


class JqlError(ValueError):
    """A query that is refused, in Jira's words."""


@dataclass(frozen=True)
class Value:
    """A text, as written in the query without its quotes."""

    text: str


@dataclass(frozen=True)
class Empty:
    """`EMPTY` or `NULL`."""


@dataclass(frozen=True)
class Call:
    """A function, such as `startOfDay("-1d")`."""

    name: str
    arguments: tuple[str, ...]


type Operand = Value | Empty | Call


@dataclass(frozen=True)
class Clause:
    """One condition on one field."""

    field: str
    op: Operator
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class AllOf:
    """Conditions that must all hold."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """Conditions of which one must hold."""

    parts: tuple["Condition", ...]


type Condition = Clause | AllOf | AnyOf


@dataclass(frozen=True)
class Sort:
    """One field of `ORDER BY`."""

    field: str
    descending: bool


@dataclass(frozen=True)
class Query:
    """What to find (None: everything) and in which order."""

    condition: Condition | None
    order: tuple[Sort, ...]


def parse_jql(jql: str) -> Query:
    """The query that the text is; JqlError, worded as Jira does, where it is none.

    `NOT` is carried down to the clauses: in Jira `NOT labels = x` is `labels != x`, which an issue without labels does not
    meet either.
    """
    try:
        tree = _PARSER.parse(jql)  # pyright: ignore[reportUnknownMemberType] - lark types its text as bare TextSlice
    except UnexpectedCharacters as error:
        place = f"(line {error.line}, character {error.column})"
        raise JqlError(_explain_character(jql[error.pos_in_stream or 0 :], place)) from None
    except UnexpectedToken as error:
        token = cast("Token", error.token)
        got = None if token.type == "$END" else str(token)
        place = f"(line {error.line}, character {error.column})"
        raise JqlError(_explain_token(got, _expected(error.expected), place)) from None
    condition: Condition | None = None
    order: tuple[Sort, ...] = ()
    for node in _trees(tree):
        if node.data == "order":
            order = tuple(_read_sort(sort) for sort in _trees(node))
        else:
            condition = _read_condition(node, negated=False, depth=0)
    return Query(condition, order)


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [node for node in tree.children if isinstance(node, Tree)]


def _read_condition(tree: Tree[Token], *, negated: bool, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise JqlError(f"Error in the JQL Query: The query is nested more than {_DEEPEST} levels deep.")
    if tree.data == "not":
        (inner,) = _trees(tree)
        return _read_condition(inner, negated=not negated, depth=depth + 1)
    if tree.data in {"any_of", "all_of"}:
        parts = tuple(_read_condition(node, negated=negated, depth=depth + 1) for node in _trees(tree))
        if len(parts) == 1:
            return parts[0]
        return AnyOf(parts) if (tree.data == "any_of") is not negated else AllOf(parts)
    clause = _read_clause(tree)
    return replace(clause, op=_OPPOSITE[clause.op]) if negated else clause


def _read_clause(tree: Tree[Token]) -> Clause:
    field, *rest = _trees(tree)
    name = _read_field(field)
    match tree.data:
        case "is_empty":
            return Clause(name, "is", (Empty(),))
        case "is_not_empty":
            return Clause(name, "is not", (Empty(),))
        case "in" | "not_in":
            return Clause(name, "in" if tree.data == "in" else "not in", tuple(map(_read_operand, _trees(rest[0]))))
        case _:
            operand = _read_operand(rest[0])
            op = next(str(node) for node in tree.children if isinstance(node, Token))
            if isinstance(operand, Empty) and op in {"=", "!="}:
                return Clause(name, "is" if op == "=" else "is not", (operand,))
            return Clause(name, next(known for known in _OPPOSITE if known == op), (operand,))


def _read_operand(tree: Tree[Token]) -> Operand:
    match tree.data:
        case "empty":
            return Empty()
        case "call":
            name = next(str(node) for node in tree.children if isinstance(node, Token))
            return Call(name, tuple(_read_text(node) for node in _trees(tree)))
        case _:
            return Value(_read_text(tree))


def _read_field(tree: Tree[Token]) -> str:
    (token,) = tree.children
    if isinstance(token, Token) and token.type == "CUSTOM":
        return re.sub(r"\s", "", str(token)).lower()
    return _read_text(tree)


def _read_sort(tree: Tree[Token]) -> Sort:
    field, *direction = tree.children
    assert isinstance(field, Tree)
    return Sort(_read_field(field), any(isinstance(one, Token) and one.type == "DESC" for one in direction))


def _read_text(tree: Tree[Token]) -> str:
    (token,) = tree.children
    assert isinstance(token, Token)
    if token.type != "STRING":
        return str(token)

    def unescape(match: re.Match[str]) -> str:
        code = match[1]
        if code in _ESCAPES:
            return _ESCAPES[code]
        if len(code) > 1:
            return chr(int(code[1:], 16))
        raise JqlError(
            f"Error in the JQL Query: '\\{code}' is an illegal JQL escape sequence. The valid escape sequences are "
            f"\\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. (line {token.line}, character {token.column})"
        )

    return _ESCAPE.sub(unescape, str(token)[1:-1])


def _explain_character(rest: str, place: str) -> str:
    if rest[0] in "\"'":
        return f"Error in the JQL Query: The quoted string '{rest[1:]}' has not been completed. {place}"
    return (
        f"Error in the JQL Query: The character '{rest[0]}' is a reserved JQL character. You must enclose it in a "
        f"string or use the escape '\\u{ord(rest[0]):04x}' instead. {place}"
    )


def _explain_token(got: str | None, expected: str, place: str) -> str:
    if got is None:
        end = "at the end" if expected == "a field name" else "before the end"
        return f"Error in the JQL Query: Expecting {expected} {end} of the query."
    tail = f" The valid operators are {_OPERATORS}." if expected == "operator" else ""
    return f"Error in the JQL Query: Expecting {expected} but got '{got}'.{tail} {place}"


def _expected(terminals: Iterable[str]) -> str:
    names = set(terminals)
    for name, words in (
        ("COMPARE", "operator"),
        ("CUSTOM", "a field name"),
        ("EMPTY", "either a value, list or function"),
        ("AND", "either 'OR' or 'AND'"),
        ("OR", "either 'OR' or 'AND'"),
        ("RPAR", "')'"),
        ("LPAR", "'('"),
        ("BY", "'BY'"),
        ("IN", "'IN'"),
    ):
        if name in names:
            return words
    return "either a value, list or function" if "WORD" in names else "','"
