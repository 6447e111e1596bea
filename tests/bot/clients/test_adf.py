import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients.adf import render_text
from core.base import Json, JsonObject


def text(words: str) -> JsonObject:
    return {"type": "text", "text": words}


def block(kind: str, *content: Json, **attrs: Json) -> JsonObject:
    return {"type": kind, "content": list(content), "attrs": dict(attrs)}


def paragraph(*words: str) -> JsonObject:
    return block("paragraph", *map(text, words))


DOCUMENTS: list[tuple[Json, str]] = [
    (block("doc", paragraph("one ", "line"), paragraph("two")), "one line\ntwo"),
    (block("doc", block("heading", text("Impact"), level=2), paragraph("none")), "Impact\nnone"),
    (block("doc", block("paragraph", text("a"), {"type": "hardBreak"}, text("b"))), "a\nb"),
    (
        block(
            "doc",
            block("bulletList", block("listItem", paragraph("x")), block("listItem", paragraph("y"), paragraph("z"))),
        ),
        "- x\n- y\n  z",
    ),
    (
        block(
            "doc",
            block(
                "orderedList", block("listItem", paragraph("x"), block("bulletList", block("listItem", paragraph("y"))))
            ),
        ),
        "- x\n  - y",
    ),
    (block("doc", block("taskList", block("taskItem", text("do it"), state="TODO"))), "- do it"),
    (block("doc", block("codeBlock", text("p95: 3\nerrors: 4"))), "p95: 3\nerrors: 4"),
    (block("doc", block("panel", paragraph("careful"))), "careful"),
    (
        block(
            "doc",
            block("table", block("tableRow", block("tableHeader", paragraph("a")), block("tableCell", paragraph("b")))),
        ),
        "a | b",
    ),
    (
        block(
            "doc", block("paragraph", text("ask "), block("mention", text="@Rui"), block("emoji", shortName=":fire:"))
        ),
        "ask @Rui:fire:",
    ),
    (block("doc", block("paragraph", block("inlineCard", url="https://x/1"))), "https://x/1"),
    (block("doc", block("blockCard", url="https://x/2")), "https://x/2"),
    (block("doc", block("newKind", paragraph("still read"))), "still read"),
    (" plain ", "plain"),
    (None, ""),
    (5, ""),
    ([paragraph("x")], ""),
    ({"type": "doc", "content": "odd"}, ""),
    ({"type": "doc", "content": [None, 5, "x", {"type": "text"}, {"type": "text", "text": 7}]}, ""),
]


@pytest.mark.parametrize(("document", "expected"), DOCUMENTS)
def test_a_document_becomes_its_words(document: Json, expected: str) -> None:
    assert render_text(document) == expected


def test_nesting_without_end_is_left_out() -> None:
    document: Json = paragraph("deep")
    for _ in range(5_000):
        document = block("panel", document)
    assert render_text(block("doc", paragraph("top"), document)) == "top"


nodes = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    ["doc", "paragraph", "text", "listItem", "tableRow", "hardBreak", "mention", "odd"]
                )
            },
            optional={"content": st.lists(inner, max_size=3), "text": inner, "attrs": inner},
        )
    ),
    max_leaves=12,
)


@given(nodes)
def test_any_document_has_words(document: Json) -> None:
    assert isinstance(render_text(document), str)
