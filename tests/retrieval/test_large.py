"""The large engine answers as the file's own postings do, and its absence or damage never ends a search."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.errors import ToolBrokenError
from core.evidence import IssueHits
from retrieval.build import build_issue_index
from retrieval.issues import IssueSearch
from retrieval.records import IssueRecord
from retrieval.text_records import TextRecord
from tests.retrieval.test_issues import Filters

WORDS = (
    "pool timeout checkout cart disk full latency node replica queue broker certificate expired deploy rollback".split()
)


def records(count: int = 300) -> list[IssueRecord]:
    random = Random(5)
    return [
        TextRecord(
            record_id=f"R{number}",
            source="jira",
            title=" ".join(random.choices(WORDS, k=4)),
            text=" ".join([*random.choices(WORDS, k=20), f"mark{number}"]),
            project=("OPS", "WEB")[number % 2],
            issue_type=("Bug", "Incident", "Task", "Story", "Epic", "Spike", "Chore", "Risk")[number % 8],
            priority=("P1", "High", "Low")[number % 3],
            created=datetime(2025, 1 + number % 12, 1, tzinfo=UTC),
        ).record()
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "index.sqlite"
    build_issue_index(path, records(), engine="large")
    return path


async def ask(path: Path, engine: Any, query: str, filters: Filters | None = None) -> IssueHits:
    search = IssueSearch(path, engine=engine, dense=False)
    return await search.search(query, filters or Filters(), top_k=10, max_snippet_chars=200, index_path=None)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(project="web"),
        Filters(issue_type="incident"),
        Filters(priority="SEV-1"),
        Filters(issue_type="Risk", created_from=datetime(2025, 6, 1, tzinfo=UTC)),
        Filters(created_to=datetime(2025, 2, 1, tzinfo=UTC)),
        Filters(project="OPS", issue_type="Incident"),
    ],
)
@pytest.mark.parametrize("query", ["pool timeout checkout", "mark17 certificate", "disk full disk full on a replica"])
async def test_both_engines_give_the_same_answer(path: Path, query: str, filters: Filters) -> None:
    own, large = await ask(path, "sqlite", query, filters), await ask(path, "large", query, filters)

    # Words in every text score alike: what is level may stand in another order.
    assert [hit.score for hit in large.hits] == pytest.approx([hit.score for hit in own.hits], rel=1e-3)
    assert large.relaxed_filters == own.relaxed_filters
    assert large.confidence == pytest.approx(own.confidence, abs=0.01)


async def test_filters_that_leave_nothing_are_relaxed(path: Path) -> None:
    found = await ask(path, "large", "pool timeout", Filters(project="NONE"))

    assert found.hits
    assert found.relaxed_filters == ("project",)


@pytest.mark.parametrize("query", ["giraffe", "", "the of and"])
async def test_what_nothing_holds_is_no_hit(path: Path, query: str) -> None:
    assert (await ask(path, "large", query)).hits == ()


def folder_of(path: Path) -> Path:
    (folder,) = path.parent.glob("index.sqlite.large-*")
    return folder


def damage_manifest(folder: Path) -> None:
    (folder / "orch.json").unlink()


def damage_size(folder: Path) -> None:
    next(folder.glob("*.idx")).write_bytes(b"")


def damage_content(folder: Path) -> None:
    for file in (*folder.glob("*.idx"), *folder.glob("*.term"), *folder.glob("*.fast")):
        file.write_bytes(b"\xff" * file.stat().st_size)


def remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


@pytest.mark.parametrize("harm", [damage_manifest, damage_size, damage_content, remove])
async def test_a_damaged_folder_is_told_of_and_the_files_own_postings_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: Any
) -> None:
    path = tmp_path / "index.sqlite"
    build_issue_index(path, records(20), engine="large")
    harm(folder_of(path))

    with caplog.at_level(logging.WARNING, "retrieval"):
        found = await ask(path, "large", "mark17 certificate")

    assert found.hits[0].source_id == "R17"
    assert "cannot be used" in caplog.text
    assert "build the index anew" in caplog.text


async def test_an_index_without_the_folder_says_so_where_the_engine_is_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build_issue_index(tmp_path / "index", records(20), engine="sqlite")

    found = await ask(tmp_path / "index", "large", "mark17")

    assert found.hits[0].source_id == "R17"
    assert "--engine large" in caplog.text


def test_a_new_build_leaves_one_folder_and_equal_ones_the_same(tmp_path: Path) -> None:
    path = tmp_path / "index"
    build_issue_index(path, records(20), engine="large")
    first = sorted(file.name for file in tmp_path.iterdir())
    build_issue_index(path, records(20), engine="large")

    assert sorted(file.name for file in tmp_path.iterdir()) == first

    build_issue_index(path, records(21), engine="large")
    second = sorted(file.name for file in tmp_path.iterdir())
    assert len(second) == 2
    assert second != first

    build_issue_index(path, records(21), engine="sqlite")
    assert [file.name for file in tmp_path.iterdir()] == ["index"]


def test_auto_takes_it_for_large_collections_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build_issue_index(tmp_path / "index", records(20)).engine == "sqlite"
    monkeypatch.setattr("retrieval.build.LARGE_FROM", 20)
    assert build_issue_index(tmp_path / "index", records(20)).engine == "large"


def test_without_the_extra_it_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.build.is_installed", lambda: False)

    with pytest.raises(ToolBrokenError, match="extra `large`"):
        build_issue_index(tmp_path / "index", records(5), engine="large")
    assert list(tmp_path.iterdir()) == []
