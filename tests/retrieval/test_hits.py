from retrieval.chunks import Chunk
from retrieval.confidence import confidence
from retrieval.hits import list_hits
from retrieval.snippets import best_snippet
from retrieval.word_index import Terms

TERMS = Terms(weights={"disk": 2.0, "full": 1.0}, asked=("disk", "full"))
SAME = "The disk of the build host is full since the release of Monday morning"


def chunk(name: str, text: str) -> Chunk:
    return Chunk(source_id=name, title=name, text=text, first_line=1)


def test_a_repetition_is_named_in_the_hit_and_is_none_itself() -> None:
    ranked = [(chunk("A", SAME), 3.0), (chunk("B", f"{SAME}!"), 2.9), (chunk("C", "disk full"), 1.0)]

    hits = list_hits(ranked, TERMS, top_k=5, max_snippet_chars=100).hits

    assert [hit.source_id for hit in hits] == ["A", "C"]
    assert hits[0].metadata["also_in"] == ["B"]


def test_short_texts_are_never_folded() -> None:
    ranked = [(chunk("A", "disk full"), 3.0), (chunk("B", "disk full"), 2.9)]

    assert len(list_hits(ranked, TERMS, top_k=5, max_snippet_chars=100).hits) == 2


def test_confidence_rises_with_what_the_best_hit_covers() -> None:
    values = [confidence(TERMS, best, [4.0, 1.0]).value for best in (set[str](), {"full"}, {"disk"}, {"disk", "full"})]

    assert values == sorted(values)
    assert len(set(values)) == 4


def test_nothing_like_it_advises_a_fallback() -> None:
    sure = confidence(TERMS, set(), [0.1])

    assert sure.recommends_fallback
    assert sure.reason == "nothing like this is known: 0 of 2 query words occur in the best hit"


def test_the_part_of_a_long_line_that_holds_the_words_is_quoted() -> None:
    line = "x" * 90 + " " + "word " * 80 + "the disk is full " + "word " * 80

    snippet = best_snippet(line, TERMS, 40)

    assert "disk is full" in snippet.text
    assert snippet.text in line
    assert len(snippet.text) <= 40
