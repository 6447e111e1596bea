"""LogQL as far as a stream selector and line filters go: `{service="checkout"} |= "timeout" !~ "retry [0-9]+"`."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lark import Lark, Token, Tree

from company_details.company_sim.mock_systems.selectors import (
    MATCHERS_GRAMMAR,
    Matcher,
    SelectorError,
    compile_regex,
    parse_tree,
    read_matchers,
    read_string,
)

_PARSER = Lark(
    r"""
    start: braces filter*
    filter: FILTER string
    FILTER: "|=" | "!=" | "|~" | "!~"
    """
    + MATCHERS_GRAMMAR.replace("DOUBLE | SINGLE | RAW", "DOUBLE | RAW"),
    parser="lalr",
)
_NEEDS_A_MATCHER = (
    "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
    'For instance, app=~".*" does not meet this requirement, but app=~".+" will'
)
_SUPPORTED = "this server answers stream selectors and line filters"
_CASE_BLIND = "(?i)"
_LOWER = re.compile(r"(?:[^\\A-Z\[\]{]|\\[bdsw.-]|\[(?:[^\\A-Z\[\]-]|a-z|0-9)+-?\])*")
"""Letters in lower case, classes without other ranges, plain escapes: what means the same of a line in lower case."""


@dataclass(frozen=True)
class LineFilter:
    """A condition on the whole line: it contains (`|=`, `!=`) or a regular expression finds something in it (`|~`, `!~`)."""

    op: str
    text: str

    def keeps(self, line: str) -> bool:
        """Whether a line passes."""
        match self.op:
            case "|=":
                return self.text in line
            case "!=":
                return self.text not in line
            case "|~":
                return self._finds(line)
            case _:
                return not self._finds(line)

    def _finds(self, line: str) -> bool:
        if self._hint is not None and line.isascii() and self._hint.search(line.lower()) is None:
            return False
        return self._regex.search(line) is not None

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return compile_regex(self.text)

    @cached_property
    def _hint(self) -> re.Pattern[str] | None:
        """What a line in lower case must have for the expression to find something; None where that is not known.

        Python tries a case-blind expression at each place of a line, and one with an alternative that begins at a word's
        edge, too: ten times as long as it takes to look for their first letters.
        """
        plain = self.text.removeprefix(_CASE_BLIND)
        if plain == self.text or "(?" in plain or not _LOWER.fullmatch(plain):
            return None
        return compile_regex(plain.replace(r"\b", ""))


@dataclass(frozen=True)
class LogQuery:
    """Which streams, and which of their lines."""

    matchers: tuple[Matcher, ...]
    filters: tuple[LineFilter, ...]


@lru_cache(maxsize=256)
def parse_query(query: str) -> LogQuery:
    """The log query that the text is; SelectorError, worded as Loki does, for any other.

    https://grafana.com/docs/loki/latest/query/log_queries/
    """
    try:
        tree = parse_tree(_PARSER, query)
        braces, *filters = (node for node in tree.children if isinstance(node, Tree))
        parsed = LogQuery(read_matchers(braces), tuple(_read_filter(node) for node in filters))
    except SelectorError as error:
        hint = f" ({_SUPPORTED})" if error.message.startswith("syntax error") else ""
        raise SelectorError(f"parse error at line {error.line}, col {error.column}: {error.message}{hint}") from None
    if not any(matcher.op in {"=", "=~"} and not matcher.matches("") for matcher in parsed.matchers):
        raise SelectorError(f"parse error : {_NEEDS_A_MATCHER}")
    return parsed


def _read_filter(tree: Tree[Token]) -> LineFilter:
    op, string = tree.children
    assert isinstance(op, Token)
    assert isinstance(string, Tree)
    line_filter = LineFilter(str(op), read_string(string))
    if "~" in line_filter.op:
        try:
            compile_regex(line_filter.text)
        except SelectorError as error:
            raise SelectorError(error.message, op.line or 1, op.column or 1) from None
    return line_filter
