import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.adf import adf_text


def node(kind: str, *content: Any, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), "attrs": attributes}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words, "marks": [{"type": "strong"}]}


def paragraph(*content: Any) -> dict[str, Any]:
    return node("paragraph", *content)


def test_blocks_become_lines() -> None:
    document = node(
        "doc",
        node("heading", text("Impact"), level=2),
        paragraph(text("Pages "), text("time out"), {"type": "hardBreak"}, text("since nine")),
        node(
            "bulletList",
            node("listItem", paragraph(text("one")), node("bulletList", node("listItem", paragraph(text("inner"))))),
            node("listItem", paragraph(text("two"))),
        ),
        node("codeBlock", text("SELECT 1;\nSELECT 2;")),
        node(
            "table",
            node("tableRow", node("tableHeader", paragraph(text("who"))), node("tableCell", paragraph(text("Ida")))),
        ),
        paragraph(
            node("mention", text="@Odd"),
            text(" by "),
            node("date", timestamp="1762128000000"),
            text(" see "),
            node("inlineCard", url="https://example.org/x"),
        ),
        node("unknownBlock", paragraph(text("kept"))),
    )

    assert adf_text(document).split("\n") == [
        "Impact",
        "Pages time out",
        "since nine",
        "- one",
        "  - inner",
        "- two",
        "SELECT 1;",
        "SELECT 2;",
        "| who | Ida |",
        "@Odd by 2025-11-03 see https://example.org/x",
        "kept",
    ]


def test_a_plain_description_stays_as_it_is() -> None:
    assert adf_text("one\r\ntwo") == "one\ntwo"


def test_nothing_is_no_text() -> None:
    assert adf_text(None) == ""


def test_nesting_without_end_is_cut() -> None:
    deep: Any = text("x")
    for _ in range(500):
        deep = node("blockquote", deep)

    assert adf_text(deep) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "content", "text", "attrs", "timestamp"]), inner, max_size=4)
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["doc", "paragraph", "listItem", "tableRow", "date", "text"]), "content": inner}
        )
    ),
    max_leaves=15,
)


@settings(deadline=None)
@given(JSON)
def test_any_json_has_a_text(value: Any) -> None:
    assert isinstance(adf_text(json.loads(json.dumps(value))), str)
