from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.chunks import MAX_CHUNK_CHARS, document_pieces, text_pieces
from retrieval.reference_files import CompanyReferenceFiles
from retrieval.snippets import best_snippet
from retrieval.word_index import Terms
from retrieval.words import query_words


def terms(query: str) -> Terms:
    found = query_words(query)
    return Terms(weights=dict.fromkeys(found, 1.0), asked=tuple(found))


def test_sections_are_pieces_from_their_heading_on(files: CompanyReferenceFiles) -> None:
    pieces = list(document_pieces(files.document("docs/runbook_pool.md")))

    assert [(piece.first_line, piece.heading[-1]) for piece in pieces] == [
        (1, "Runbook: connection pool exhausted"),
        (5, "Symptoms"),
        (10, "Steps"),
    ]
    assert pieces[1].text.startswith("## Symptoms\n")


def test_a_long_section_is_divided_between_blocks(pack: Path) -> None:
    lines = [f"- item {number} {'word ' * 20}".rstrip() for number in range(60)]
    (pack / "docs/long.md").write_text("# Long\n\n" + "\n".join(lines), encoding="utf-8")
    document = CompanyReferenceFiles(pack).document("docs/long.md")

    pieces = list(document_pieces(document))

    assert all(len(piece.text) <= MAX_CHUNK_CHARS for piece in pieces)
    assert "\n".join(piece.text for piece in pieces) == "# Long\n\n" + "\n".join(lines)
    for piece in pieces:
        count = piece.text.count("\n") + 1
        assert piece.text == "\n".join(document.lines[piece.first_line - 1 : piece.first_line - 1 + count])


@settings(deadline=None)
@given(st.lists(st.text("ab \t", max_size=700), max_size=12))
def test_pieces_of_a_text_stand_at_their_lines(lines: list[str]) -> None:
    for piece in text_pieces("\n".join(lines), "title"):
        count = piece.text.count("\n") + 1
        assert piece.text == "\n".join(lines[piece.first_line - 1 : piece.first_line - 1 + count])


def test_a_snippet_is_the_lines_that_answer() -> None:
    text = "first line\n\nthe pool was empty\nnobody saw it\n\n\nlast line about nothing"

    snippet = best_snippet(text, terms("empty pool seen by nobody"), 34)

    assert snippet.text == "the pool was empty\nnobody saw it"
    assert (snippet.start, snippet.end) == (3, 4)


def test_a_snippet_of_one_long_line_is_the_part_that_answers() -> None:
    line = "filler " * 60 + "the pool was empty " + "filler " * 60

    snippet = best_snippet(line, terms("pool empty"), 60)

    assert "pool was empty" in snippet.text
    assert len(snippet.text) <= 60
    assert snippet.text in line


@settings(deadline=None)
@given(
    st.lists(st.text("pool empty |-:x", min_size=1, max_size=80), min_size=1, max_size=10).filter(
        lambda lines: bool(lines[0].strip())
    ),
    st.integers(20, 200),
)
def test_a_snippet_stands_verbatim_at_its_lines(lines: list[str], room: int) -> None:
    snippet = best_snippet("\n".join(lines), terms("pool empty"), room)

    assert len(snippet.text) <= room
    assert snippet.text
    assert snippet.text in "\n".join(lines[snippet.start - 1 : snippet.end])
