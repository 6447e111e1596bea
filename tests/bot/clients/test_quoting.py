import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.clients.quoting import clean, clean_text, quote_go, quote_jql
from company_details.company_sim.mock_systems.jira.jql import Clause, Value, parse_jql
from company_details.company_sim.mock_systems.literals import unquote
from company_details.company_sim.mock_systems.logs.logql import parse_query
from company_details.company_sim.mock_systems.metrics.promql import parse_selector
from company_details.company_sim.mock_systems.selectors import Matcher
from core.errors import ToolRefusedError

words = st.text(st.characters(exclude_categories=["Cs"]))
NASTY = [
    '"',
    "\\",
    '\\"',
    '"} or up{a="',
    "a\nb",
    "`",
    "'",
    "\x00",
    "\ufeff",
    "\u200b",
    "\U000e0001",
    "#{",
    '" OR key = "X',
]


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("a", '"a"'),
        ('a"b', r'"a\"b"'),
        ("a\\", r'"a\\"'),
        ("\n\x00", r'"\n\u0000"'),
        ("ü😀", '"ü😀"'),
        ("\U000e0001", r'"\U000e0001"'),
    ],
)
def test_text_becomes_a_literal_of_go(text: str, literal: str) -> None:
    assert quote_go(text) == literal


@given(words)
@example("".join(NASTY))
def test_a_literal_of_go_reads_back_as_the_text(text: str) -> None:
    literal = quote_go(text)
    assert unquote(literal) == text
    assert "\n" not in literal


@given(words.filter(bool))
@example(NASTY[3])
def test_any_service_name_is_one_matcher_of_promql(service: str) -> None:
    selector = parse_selector(f"{{service={quote_go(service)}}}[60001ms]")
    assert selector.matchers == (Matcher("service", "=", service),)
    assert selector.range_ms == 60_001


@given(words.filter(bool))
@example(NASTY[3])
def test_any_service_name_is_one_matcher_of_logql(service: str) -> None:
    query = parse_query(f"{{service={quote_go(service)}}}")
    assert query.matchers == (Matcher("service", "=", service),)
    assert not query.filters


@given(words)
@example('" or key = "X')
@example("".join(NASTY))
def test_any_text_is_one_value_of_jql(text: str) -> None:
    query = parse_jql(f"project = {quote_jql(text)} ORDER BY created DESC")
    assert query.condition == Clause("project", "=", (Value(text),))


@pytest.mark.parametrize("quote", [quote_go, quote_jql])
def test_half_a_character_is_refused_by_its_place(quote: object) -> None:
    assert callable(quote)
    with pytest.raises(ToolRefusedError, match=r"character 2 of the text is U\+D83D"):
        quote("ab\ud83d")


def test_what_no_database_holds_is_replaced() -> None:
    assert clean_text("a\x00b\udfff") == "a\ufffdb\ufffd"
    assert clean({"\x00": ["\ud800", 1, None, {"k": True}]}) == {"\ufffd": ["\ufffd", 1, None, {"k": True}]}
