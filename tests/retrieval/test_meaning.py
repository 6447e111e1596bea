from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.evidence import IssueHits
from retrieval.build import build_issue_index
from retrieval.company_records import CompanyRecords
from retrieval.encoder import MAX_PIECES
from retrieval.fusion import Ranked, fuse
from retrieval.issues import IssueSearch
from retrieval.text_records import TextRecord
from tests.retrieval.conftest import Clock
from tests.retrieval.test_issues import Filters

CONCEPTS = (
    ("slow", "latency", "sluggish"),
    ("payment", "checkout", "purchase"),
    ("certificate", "tls"),
    ("disk", "full"),
)


class Concepts:
    """Knows a few words by what they mean, and counts what it was asked to encode."""

    name = "concepts-1"

    def __init__(self, fails_after: int | None = None) -> None:
        self.asked: list[str] = []
        self._fails_after = fails_after

    def encode(self, text: str, max_pieces: int = MAX_PIECES) -> Any:
        self.asked.append(text)
        if self._fails_after is not None and len(self.asked) > self._fails_after:
            raise KeyboardInterrupt
        counts = [float(sum(word in concept for word in text.lower().split())) for concept in CONCEPTS] + [0.1]
        vector = np.array(counts, dtype=np.float32)
        return vector / np.linalg.norm(vector)


RECORDS = [
    TextRecord(record_id=name, source="jsonl", title=title, text=text, project=name[0]).record()
    for name, title, text in (
        ("A1", "checkout latency", "since the release"),
        ("A2", "expired tls", "renew it"),
        ("B1", "disk full", "rotate the logs"),
        ("B2", "purchase sluggish", "customers wait"),
    )
]


async def ask(search: IssueSearch, query: str, filters: Filters | None = None) -> IssueHits:
    return await search.search(query, filters or Filters(), top_k=10, max_snippet_chars=200, index_path=None)


def built(path: Path, encoder: Concepts, records: Any = None) -> Any:
    return build_issue_index(path, RECORDS if records is None else records, encoder=encoder)


async def test_what_means_the_same_is_found_without_a_word_in_common(tmp_path: Path) -> None:
    built(tmp_path / "index", Concepts())

    found = await ask(IssueSearch(tmp_path / "index", encoder=Concepts()), "slow payment")

    assert {hit.source_id for hit in found.hits[:2]} == {"A1", "B2"}
    assert found.recommend_fallback  # no word of it is known: the caller is told


async def test_filters_hold_for_meaning_too(tmp_path: Path) -> None:
    built(tmp_path / "index", Concepts())

    found = await ask(IssueSearch(tmp_path / "index", encoder=Concepts()), "slow payment", Filters(project="B"))

    assert {hit.source_id for hit in found.hits} == {"B1", "B2"}
    assert found.relaxed_filters == ()


@pytest.mark.parametrize("query", ["slow payment"])
async def test_an_index_without_vectors_is_searched_by_words_alone(tmp_path: Path, query: str) -> None:
    build_issue_index(tmp_path / "index", RECORDS)

    assert (await ask(IssueSearch(tmp_path / "index", encoder=Concepts()), query)).hits == ()


async def test_vectors_without_their_model_are_passed_over(tmp_path: Path) -> None:
    built(tmp_path / "index", Concepts())

    assert (await ask(IssueSearch(tmp_path / "index", dense=False), "slow payment")).hits == ()


def test_only_what_is_new_is_encoded_and_the_counts_tell(tmp_path: Path) -> None:
    built(tmp_path / "index", Concepts())
    second = Concepts()
    changed = TextRecord(record_id="A2", source="jsonl", title="expired certificate", text="renew it").record()

    report = built(tmp_path / "index", second, [RECORDS[0], changed, RECORDS[2], *RECORDS[:0]])

    assert second.asked == ["expired certificate", "expired certificate\nexpired certificate\nrenew it"]
    assert (report.new, report.changed, report.deleted) == (0, 1, 1)


def test_a_build_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    many = [TextRecord(record_id=f"N{n}", source="jsonl", title=f"disk {n}").record() for n in range(40)]
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path / "index", Concepts(fails_after=70), many)
    second = Concepts()

    report = built(tmp_path / "index", second, many)

    assert report.vectors == 80
    assert len(second.asked) == 10
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_equal_builds_with_vectors_are_equal_bytes(tmp_path: Path) -> None:
    built(tmp_path / "one", Concepts())
    built(tmp_path / "two", Concepts(), reversed(RECORDS))

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


async def test_the_running_program_makes_few_vectors_and_leaves_many_to_the_builder(
    company: CompanyRecords, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = IssueSearch(tmp_path / "few", company, encoder=Concepts())
    await few.prepare()
    monkeypatch.setattr("retrieval.issues.MAX_NEW_VECTORS", 1)
    many = IssueSearch(tmp_path / "many", company, encoder=Concepts())
    await many.prepare()

    assert few.report is not None
    assert many.report is not None
    assert few.report.vectors > 0
    assert many.report.vectors == 0


def ranking(*scores: float, first: int = 0) -> list[Ranked]:
    return [Ranked(record=first + n, row=first + n, score=score) for n, score in enumerate(scores)]


def test_words_that_cover_the_question_outweigh_meaning() -> None:
    by_words = ranking(9.0, 9.0, 1.0, 0.5)
    by_meaning = ranking(0.9, 0.2, 0.1, first=2)

    assert fuse(by_words, by_meaning, 1.0)[0].record == 0
    assert fuse(by_words, by_meaning, 0.001)[0].record == 2


def test_a_ranking_alone_is_the_ranking() -> None:
    assert fuse(ranking(2.0, 1.0), [], 0.5) == ranking(2.0, 1.0)
    assert fuse([], ranking(2.0, 1.0), 0.5) == ranking(2.0, 1.0)
