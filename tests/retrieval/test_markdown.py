from hypothesis import given, settings
from hypothesis import strategies as st

from core.evidence import Passage
from retrieval.markdown import lines_of, markdown_passages, read_markdown
from tests.retrieval.conftest import POLICY

FRAGMENTS = (
    "",
    "",
    "# Title",
    "### Third",
    "Setext",
    "===",
    "---",
    "plain words",
    "**Bold label**",
    "leads to:",
    "- item",
    "  - nested item",
    "    continued",
    "1. first",
    "> quoted",
    "> - item in a quote",
    "| a | b |",
    "| --- | --- |",
    "| 1 | 2 |",
    "```",
    "    indented code",
    "<!-- comment -->",
    "key: value",
    "[x]: http://example.org",
    "\ttabbed",
    "\x0bodd\x85ends\u2028here",
)


def found(text: str, words: str) -> Passage:
    return next(passage for passage in markdown_passages(text) if words in passage.text)


def test_a_table_gives_one_passage_a_row_with_its_cells_by_column() -> None:
    rows = [passage for passage in markdown_passages(POLICY) if passage.block == "row"]

    assert rows[0].text == "| **P1** | 5 minutes | duty manager |"
    assert rows[0].data == {"Severity": "P1", "Acknowledge": "5 minutes", "Then page": "duty manager"}
    assert rows[0].heading == ("Rules for incidents", "Severity")
    assert [row.start_line for row in rows] == [12, 13, 14]


def test_columns_without_or_with_the_same_title_stay_apart() -> None:
    row = found("| a | a | |\n|---|---|---|\n| 1 | 2 | 3 |", "1")

    assert row.data == {"a": "1", "a (2)": "2", "column 3": "3"}


def test_nested_items_carry_their_parents_text_and_a_list_what_introduces_it() -> None:
    assert found(POLICY, "by phone").heading == (
        "Rules for incidents",
        "Rollback",
        "For unowned incidents",
        "After 20 minutes the secondary is paged",
    )
    assert found(POLICY, "After 20").text == "- After 20 minutes the secondary is paged:"


def test_a_line_in_bold_serves_as_a_heading_until_the_next() -> None:
    text = "# T\n\n**First:**\n\none\n\n- two\n\n**Second**\n\nthree\n\n## Next\n\nfour"

    assert found(text, "one").heading == ("T", "First")
    assert found(text, "two").heading == ("T", "First")
    assert found(text, "three").heading == ("T", "Second")
    assert found(text, "four").heading == ("T", "Next")


def test_a_heading_with_nothing_below_is_a_passage() -> None:
    passages = markdown_passages("# A\n## P3 has no rule\n## P4\ntext")

    assert [(passage.block, passage.text) for passage in passages] == [
        ("heading", "## P3 has no rule"),
        ("paragraph", "text"),
    ]


def test_code_and_quotes_are_whole_passages() -> None:
    text = "```sh\nrun\n\nagain\n```\n\n> one\n> two\n"

    assert [(passage.block, passage.text) for passage in markdown_passages(text)] == [
        ("code", "```sh\nrun\n\nagain\n```"),
        ("quote", "> one\n> two"),
    ]


def test_front_matter_is_data_and_no_prose() -> None:
    first = markdown_passages(POLICY)[0]

    assert (first.block, first.data, first.end_line) == ("front_matter", {"version": 3}, 3)


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert [passage.text for passage in markdown_passages("---\nwords\n\n---\nmore")] == ["words", "more"]


def test_line_ends_of_windows_change_neither_words_nor_numbers() -> None:
    assert markdown_passages(POLICY.replace("\n", "\r\n")) == markdown_passages(POLICY)


def test_sections_name_the_line_of_every_heading() -> None:
    sections = read_markdown(POLICY)[1]

    assert [(section.start_line, section.heading[-1]) for section in sections] == [
        (4, "Rules for incidents"),
        (8, "Severity"),
        (16, "Rollback"),
    ]


def check(text: str) -> None:
    lines = lines_of(text)
    before = 0
    for passage in markdown_passages(text):
        assert passage.text == "\n".join(lines[passage.start_line - 1 : passage.end_line])
        assert passage.start_line > before
        assert passage.text.strip()
        before = passage.end_line


@settings(deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25), st.sampled_from(["\n", "\r\n", "\r"]))
def test_passages_are_the_lines_they_name(fragments: list[str], end: str) -> None:
    check(end.join(fragments))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_passages_of_any_text_are_the_lines_they_name(text: str) -> None:
    check(text)
