import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ToolBrokenError, ToolRefusedError
from core.evidence import IssueHits
from retrieval.build import build_issue_index
from retrieval.company_records import CompanyRecords
from retrieval.issues import IssueSearch
from tests.retrieval.conftest import ISSUES, Clock, issue


@dataclass(frozen=True, kw_only=True)
class Filters:
    source: str | None = None
    collection: str | None = None
    issue_type: str | None = None
    priority: str | None = None
    project: str | None = None
    incident_state: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None


@pytest.fixture
def search(company: CompanyRecords, tmp_path: Path, clock: Clock) -> IssueSearch:
    return IssueSearch(tmp_path / "data" / "index.sqlite", company, seconds=clock, dense=False)


async def ask(search: IssueSearch, query: str, filters: Filters | None = None, **options: Any) -> IssueHits:
    defaults: dict[str, Any] = {"top_k": 10, "max_snippet_chars": 200, "index_path": None}
    return await search.search(query, filters or Filters(), **(defaults | options))


ALL = "parcel tracker label printer certificate blank page"


async def test_the_index_is_built_when_it_is_missing(search: IssueSearch, tmp_path: Path) -> None:
    found = await ask(search, "PoolTimeoutError since the release")

    assert (tmp_path / "data" / "index.sqlite").is_file()
    assert search.report is not None
    assert search.report.records == 4
    hit = found.hits[0]
    assert (hit.source_id, hit.locator) == ("SHIP-1", "https://jira.example/browse/SHIP-1")
    assert "PoolTimeoutError E4012" in hit.snippet
    assert hit.metadata["project"] == "SHIP"
    assert found.supports(hit.cite())


async def test_a_review_is_an_incident_with_its_lines(search: IssueSearch) -> None:
    hit = (await ask(search, "certificate of the gateway had expired", top_k=1, max_snippet_chars=80)).hits[0]

    assert hit.locator == "docs/review_2025-11-03_labels.md:9-9"
    assert hit.metadata["opened"] == "2025-11-03T00:00:00Z"
    assert hit.metadata["incident_state"] == "resolved"


@pytest.mark.parametrize(
    ("filters", "sources"),
    [
        (Filters(), {"SHIP-1", "SHIP-2", "HELP-7", "review_2025-11-03_labels"}),
        (Filters(source="Jira"), {"SHIP-1", "SHIP-2", "HELP-7"}),
        (Filters(source="reviews"), {"review_2025-11-03_labels"}),
        (Filters(collection="incidents"), {"SHIP-1", "SHIP-2", "review_2025-11-03_labels"}),
        (Filters(collection="issues"), {"HELP-7"}),
        (Filters(issue_type="task"), {"HELP-7"}),
        (Filters(priority="high"), {"SHIP-1", "SHIP-2", "HELP-7"}),
        (Filters(priority="P2"), {"SHIP-1", "review_2025-11-03_labels"}),
        (Filters(project="ship"), {"SHIP-1", "SHIP-2"}),
        (Filters(incident_state="in progress"), {"SHIP-1"}),
        (Filters(incident_state="Closed"), {"SHIP-2", "review_2025-11-03_labels"}),
        (Filters(created_from=datetime(2025, 11, 4, 8, 30, tzinfo=UTC)), {"SHIP-1", "HELP-7"}),
        (Filters(created_to=datetime(2025, 9, 1, tzinfo=UTC)), {"SHIP-2"}),
        (Filters(opened_from=datetime(2025, 11, 4, tzinfo=UTC)), {"SHIP-1"}),
        (Filters(opened_to=datetime(2025, 11, 3, tzinfo=UTC)), {"SHIP-2", "review_2025-11-03_labels"}),
        (Filters(project="SHIP", incident_state="resolved"), {"SHIP-2"}),
    ],
)
async def test_filters_are_strict(search: IssueSearch, filters: Filters, sources: set[str]) -> None:
    found = await ask(search, ALL, filters)

    assert {hit.source_id for hit in found.hits} == sources
    assert found.relaxed_filters == ()


async def test_filters_that_leave_nothing_give_way_one_by_one_and_are_named(search: IssueSearch) -> None:
    filters = Filters(project="HELP", incident_state="open", opened_from=datetime(2030, 1, 1, tzinfo=UTC))

    found = await ask(search, ALL, filters)

    assert found.relaxed_filters == ("opened_from", "incident_state")
    assert {hit.source_id for hit in found.hits} == {"HELP-7"}


async def test_nothing_gives_way_for_words_that_nothing_holds(search: IssueSearch) -> None:
    found = await ask(search, "giraffe", Filters(project="HELP", priority="P4"))

    assert (found.hits, found.relaxed_filters) == ((), ())
    assert found.recommend_fallback


@pytest.mark.parametrize(("top_k", "count"), [(-3, 1), (1, 1), (2, 2), (10_000, 4)])
async def test_the_number_of_hits_is_bounded(search: IssueSearch, top_k: int, count: int) -> None:
    found = await ask(search, ALL, top_k=top_k)

    assert len({hit.source_id for hit in found.hits}) == count


async def test_a_changed_company_has_its_index_built_anew(search: IssueSearch, pack: Path, clock: Clock) -> None:
    await search.prepare()
    (pack / "docs/review_zoo.md").write_text("# Review: giraffe escaped\n\nOn 2025-10-01.\n", encoding="utf-8")
    clock.now += 10

    assert (await ask(search, "giraffe")).hits[0].metadata["opened"] == "2025-10-01T00:00:00Z"


async def test_an_index_of_the_same_files_is_kept(company: CompanyRecords, tmp_path: Path) -> None:
    await IssueSearch(tmp_path / "index.sqlite", company).prepare()
    second = IssueSearch(tmp_path / "index.sqlite", company)
    await second.prepare()

    assert second.report is None


async def test_another_index_can_be_named(search: IssueSearch, tmp_path: Path) -> None:
    path = tmp_path / "odd name?#%20.sqlite"
    build_issue_index(path, [issue("ZOO-1", "Giraffe escaped")])

    found = await ask(search, "giraffe", index_path=str(path))

    assert [hit.source_id for hit in found.hits] == ["ZOO-1"]


async def test_a_named_index_that_is_missing_is_refused_with_the_remedy(search: IssueSearch, tmp_path: Path) -> None:
    with pytest.raises(ToolRefusedError, match="python -m retrieval build"):
        await ask(search, "giraffe", index_path=str(tmp_path / "none.sqlite"))


async def test_without_a_company_a_missing_index_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ToolBrokenError, match="python -m retrieval build"):
        await ask(IssueSearch(tmp_path / "none.sqlite"), "giraffe")


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, but long enough to be looked at" * 40, b"SQLite format 3\0" * 99]
)
async def test_a_file_that_is_no_index_is_an_error_with_the_remedy_and_stays(
    search: IssueSearch, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "data" / "index.sqlite"
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(ToolBrokenError, match="delete it"):
        await ask(search, "giraffe")
    with pytest.raises(ToolBrokenError, match="delete it"):
        await ask(search, "giraffe", index_path=str(path))
    assert path.read_bytes() == content


async def test_a_damaged_index_is_an_error_with_the_remedy(search: IssueSearch, tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    build_issue_index(path, ISSUES)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)

    with pytest.raises(ToolBrokenError, match="delete it"):
        await ask(search, "parcel", index_path=str(path))


async def test_an_index_of_another_format_is_an_error_with_the_remedy(search: IssueSearch, tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE about (name, value)")

    with pytest.raises(ToolBrokenError, match="build it with"):
        await ask(search, "parcel", index_path=str(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(['"', "NEAR(", "AND", "OR", "NOT", "*", "title:", "^printer", "-", "(", "page"])).map(
        " ".join
    )
)
async def test_any_text_is_a_safe_query(search: IssueSearch, query: str) -> None:
    found = await ask(search, query, Filters(project=query, incident_state=query))

    assert found.query == query


async def test_a_long_task_text_is_a_query(search: IssueSearch) -> None:
    found = await ask(search, "irrelevant " * 500 + " ".join(f"w{n}" for n in range(500)) + " certificate expired")

    assert found.hits
