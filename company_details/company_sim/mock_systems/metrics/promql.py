"""PromQL's plain selectors: `name`, `name{label="value"}`, `{__name__=~"cpu_.*"}`; nothing else of PromQL is answered."""

from dataclasses import dataclass
from functools import lru_cache

from lark import Lark, Token, Tree

from company_details.company_sim.mock_systems.selectors import (
    MATCHERS_GRAMMAR,
    Matcher,
    SelectorError,
    parse_tree,
    read_matchers,
)

_PARSER = Lark(
    r"""
    start: NAME braces? | braces
    NAME: /[a-zA-Z_:][a-zA-Z0-9_:]*/
    """
    + MATCHERS_GRAMMAR,
    parser="lalr",
)
_SUPPORTED = "this server answers plain selectors with matchers"


@dataclass(frozen=True)
class Selector:
    """The matchers of a selector; the metric's name is the matcher of `__name__`."""

    matchers: tuple[Matcher, ...]


@lru_cache(maxsize=256)
def parse_selector(query: str) -> Selector:
    """The selector that the query is; SelectorError, worded as Prometheus does, for any other query.

    https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors
    """
    if not query.strip():
        raise SelectorError("1:1: parse error: no expression found in input")
    try:
        selector = Selector(_read(parse_tree(_PARSER, query)))
    except SelectorError as error:
        message = error.message.removeprefix("syntax error: ")
        hint = f" ({_SUPPORTED})" if message != error.message else ""
        raise SelectorError(f"{error.line}:{error.column}: parse error: {message}{hint}") from None
    if all(matcher.matches("") for matcher in selector.matchers):
        raise SelectorError("1:1: parse error: vector selector must contain at least one non-empty matcher")
    return selector


def _read(tree: Tree[Token]) -> tuple[Matcher, ...]:
    name = next((str(node) for node in tree.children if isinstance(node, Token)), None)
    braces = next((node for node in tree.children if isinstance(node, Tree)), None)
    matchers = read_matchers(braces) if braces else ()
    if name is None:
        return matchers
    if second := next((matcher for matcher in matchers if matcher.name == "__name__"), None):
        raise SelectorError(f'metric name must not be set twice: "{name}" or "{second.value}"')
    return (Matcher("__name__", "=", name), *matchers)
