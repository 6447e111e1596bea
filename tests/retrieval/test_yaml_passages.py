import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evidence import Passage
from retrieval.markdown import lines_of
from retrieval.yaml_data import YamlProblem, plain_data
from retrieval.yaml_passages import yaml_passages
from tests.retrieval.conftest import ROTA, WORKFLOW


def found(text: str, words: str) -> Passage:
    passages, problem = yaml_passages(text)
    assert problem is None
    return next(passage for passage in passages if words in passage.text)


def test_items_of_a_list_are_records_with_their_lines_comments_and_data() -> None:
    week = found(ROTA, "2025-11-10")

    assert week.text == "  # swapped with Odd\n  - week_start: 2025-11-10\n    primary: Odd\n    secondary: Ida"
    assert (week.start_line, week.end_line) == (7, 10)
    assert week.heading == ("weeks", "2025-11-10")
    assert week.data == {"week_start": "2025-11-10", "primary": "Odd", "secondary": "Ida"}


def test_a_value_at_the_top_is_an_entry_with_the_comment_above() -> None:
    entry = found(ROTA, "timezone")

    assert entry.text == "# Weeks start on Monday.\ntimezone: Europe/Oslo"
    assert (entry.heading, entry.data, entry.block) == (("timezone",), "Europe/Oslo", "entry")


def test_the_key_on_of_a_workflow_stays_on() -> None:
    assert found(WORKFLOW, "branches").heading == ("on", "push")


def test_a_step_is_named_by_its_name() -> None:
    assert found(WORKFLOW, "guard").heading == ("jobs", "ship", "steps", "guard")


def test_a_mapping_of_mappings_gives_each_inner_mapping() -> None:
    text = "rules:\n  p1:\n    ack: 5\n    page: [a, b]\n  p2:\n    ack: 15\n"

    assert found(text, "p1").data == {"ack": 5, "page": ["a", "b"]}
    assert found(text, "p2").heading == ("rules", "p2")


def test_records_that_share_a_line_are_quoted_together() -> None:
    record = found("rota: [{week: 1, who: ana}, {week: 2, who: bo}]", "bo")

    assert record.data == [{"week": 1, "who": "ana"}, {"week": 2, "who": "bo"}]


def test_an_item_too_long_for_one_passage_is_divided() -> None:
    inner = "".join(f"      - {{name: n{number}, value: {number}}}\n" for number in range(60))
    text = f"teams:\n  - name: blue\n    lead: ana\n    members:\n{inner}"

    assert found(text, "lead").heading == ("teams", "blue", "lead")
    assert found(text, "n17,").heading == ("teams", "blue", "members", "n17")


def test_anchors_and_merge_keys_are_followed_and_stay_in_their_place() -> None:
    text = "base: &base\n  retries: 3\n  zone: a\nweb:\n  <<: *base\n  zone: b\nalias: *base\n"

    web, alias = found(text, "<<"), found(text, "alias")
    assert web.data == {"retries": 3, "zone": "b"}
    assert (alias.text, alias.start_line, alias.data) == ("alias: *base", 7, {"retries": 3, "zone": "a"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("False", False),
        ("on", "on"),
        ("off", "off"),
        ("~", None),
        ("09:30", "09:30"),
        ("10:30", "10:30"),
        ("007", "007"),
        ("1_000", 1000),
        ("0x1f", 31),
        ("2.5", 2.5),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2026-01-05", "2026-01-05"),
        ("2026-01-05 10:00:00", "2026-01-05T10:00:00"),
        ("2026-13-45", "2026-13-45"),
        ("'123'", "123"),
        ("!!python/object:os.system x", "x"),
        ("!secret x", "x"),
        ("9" * 500, "9" * 500),
    ],
)
def test_values_are_plain_json(text: str, value: object) -> None:
    assert plain_data(f"key: {text}") == {"key": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: [1, 2\nc: 3\n", 3), ("a: 1\n  b: 2\n", 2), ("a: *nowhere", 1), ("a: \x01", 1), ("[" * 5000, 1)],
)
def test_what_is_no_yaml_comes_as_plain_paragraphs_with_the_line_of_the_fault(text: str, line: int) -> None:
    passages, problem = yaml_passages(text)

    assert problem is not None
    assert problem.line == line
    assert passages[0].text == text.rstrip("\n")
    assert passages[0].data is None


def test_aliases_that_multiply_without_end_are_refused() -> None:
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))

    passages, problem = yaml_passages(laughs)

    assert problem is not None
    assert "too large" in problem.reason
    assert passages


def test_an_alias_inside_its_own_anchor_is_refused() -> None:
    with pytest.raises(YamlProblem, match="too large"):
        plain_data("a: &a [*a]")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.dates() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz_on", min_size=1, max_size=6), inner, max_size=4)
    ),
    max_leaves=25,
)


def check(text: str) -> None:
    lines = lines_of(text)
    passages, _ = yaml_passages(text)
    for passage in passages:
        assert passage.text == "\n".join(lines[passage.start_line - 1 : passage.end_line])
        json.dumps(passage.data, allow_nan=False)


@settings(deadline=None)
@given(VALUES, st.booleans())
def test_passages_of_any_data_are_the_lines_they_name(value: object, flow: bool) -> None:  # noqa: FBT001 - drawn
    text = yaml.safe_dump(value, default_flow_style=flow or None, allow_unicode=True, sort_keys=False)

    assert yaml_passages(text)[1] is None
    check(text)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-#&*[]{}|> \n\r\t'\"!<1.\u2028\x85"), max_size=60))
def test_any_text_is_passages_and_never_an_error(text: str) -> None:
    check(text)
