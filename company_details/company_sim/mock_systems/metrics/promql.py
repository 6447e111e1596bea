"""PromQL's plain selectors, `name{label="value"}`, and with a range, `name{label="value"}[5m]`; nothing else of PromQL."""

from dataclasses import dataclass
from functools import lru_cache

from lark import Lark, Token, Tree

from company_details.company_sim.mock_systems.literals import parse_duration_ms
from company_details.company_sim.mock_systems.selectors import (
    MATCHERS_GRAMMAR,
    Matcher,
    SelectorError,
    parse_tree,
    read_matchers,
)

_PARSER = Lark(
    r"""
    start: (NAME braces? | braces) RANGE?
    NAME: /[a-zA-Z_:][a-zA-Z0-9_:]*/
    RANGE: /\[[^\]]*\]/
    """
    + MATCHERS_GRAMMAR,
    parser="lalr",
)
_SUPPORTED = "this server answers plain selectors with matchers"


@dataclass(frozen=True)
class Selector:
    """The matchers of a selector, the metric's name being the matcher of `__name__`, and the range where it has one."""

    matchers: tuple[Matcher, ...]
    range_ms: int | None = None


@lru_cache(maxsize=256)
def parse_selector(query: str) -> Selector:
    """The selector that the query is; SelectorError, worded as Prometheus does, for any other query.

    https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors
    """
    if not query.strip():
        raise SelectorError("1:1: parse error: no expression found in input")
    try:
        selector = _read(parse_tree(_PARSER, query))
    except SelectorError as error:
        message = error.message.removeprefix("syntax error: ")
        hint = f" ({_SUPPORTED})" if message != error.message else ""
        raise SelectorError(f"{error.line}:{error.column}: parse error: {message}{hint}") from None
    if all(matcher.matches("") for matcher in selector.matchers):
        raise SelectorError("1:1: parse error: vector selector must contain at least one non-empty matcher")
    return selector


def _read(tree: Tree[Token]) -> Selector:
    tokens = {node.type: node for node in tree.children if isinstance(node, Token)}
    braces = next((node for node in tree.children if isinstance(node, Tree)), None)
    matchers = read_matchers(braces) if braces else ()
    range_ms = _read_range(tokens["RANGE"]) if "RANGE" in tokens else None
    if "NAME" not in tokens:
        return Selector(matchers, range_ms)
    name = str(tokens["NAME"])
    if second := next((matcher for matcher in matchers if matcher.name == "__name__"), None):
        raise SelectorError(f'metric name must not be set twice: "{name}" or "{second.value}"')
    return Selector((Matcher("__name__", "=", name), *matchers), range_ms)


def _read_range(token: Token) -> int:
    text = token[1:-1].strip()
    line, column = token.line or 1, (token.column or 1) + 1
    if not text or text.isdecimal():
        raise SelectorError("missing unit character in duration", line, column)
    try:
        range_ms = parse_duration_ms(text)
    except ValueError as error:
        raise SelectorError(str(error), line, column) from None
    if not range_ms:
        raise SelectorError("duration must be greater than 0", line, column)
    return range_ms
