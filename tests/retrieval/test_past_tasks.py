from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.evidence import IssueHits
from retrieval.build import build_issue_index
from retrieval.issues import IssueSearch
from retrieval.past_tasks import Investigation, PastTasks
from retrieval.text_records import TextRecord
from tests.retrieval.test_issues import Filters

MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)
ISSUES = [
    TextRecord(record_id=f"OPS-{number}", source="jira", title=title, text=text).record()
    for number, (title, text) in enumerate(
        [
            ("Checkout times out", "The pool of connections is exhausted since the release."),
            ("Label printer is silent", "Its certificate had expired."),
            ("Disk full on the queue", "Old segments were kept for ever."),
            ("Checkout shows a blank page", "The release left out a file."),
        ]
    )
]


def investigation(task_id: str = "11111111-2222-3333-4444-555555555555", **options: Any) -> Investigation:
    defaults: dict[str, Any] = {
        "asked": "Why does checkout answer slowly since 08:00? Shoppers see spinning wheels.",
        "verdict": "not_confirmed",
        "passed": True,
        "service": "checkout",
        "created": MORNING,
    }
    return Investigation(task_id=task_id, **(defaults | options))


@pytest.fixture
def search(tmp_path: Path) -> IssueSearch:
    build_issue_index(tmp_path / "index", ISSUES)
    return IssueSearch(tmp_path / "index", dense=False)


async def ask(search: IssueSearch, query: str, filters: Filters | None = None, top_k: int = 5) -> IssueHits:
    return await search.search(query, filters or Filters(), top_k=top_k, max_snippet_chars=80, index_path=None)


async def test_an_earlier_investigation_is_a_hit_that_cites_its_task(search: IssueSearch) -> None:
    search.past.put(investigation())

    found = await ask(search, "spinning wheels in checkout")

    first = found.hits[0]
    assert first.citation_source == "11111111-2222-3333-4444-555555555555"
    assert first.metadata["kind"] == "past_task"
    assert first.metadata["verdict"] == "not_confirmed"
    assert first.metadata["cause"] == "not confirmed"
    assert first.locator == "tasks/11111111-2222-3333-4444-555555555555"
    assert {hit.source_id for hit in found.hits[1:]} >= {"OPS-0", "OPS-3"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cause": "the release of 07:58", "verdict": "confirmed"}, "Cause confirmed then: the release of 07:58"),
        ({}, "No cause was confirmed then."),
        ({"cause": "a full disk", "passed": False, "verdict": "failed"}, "Its report did not pass verification."),
    ],
)
def test_a_cause_is_in_its_words_only_where_it_was_confirmed(options: dict[str, Any], says: str) -> None:
    (chunk,) = investigation(**options).record().chunks

    assert chunk.text.split("\n")[-1] == says


async def test_past_tasks_never_take_most_of_the_hits(search: IssueSearch) -> None:
    for number in range(10):
        search.past.put(
            investigation(task_id=f"t{number}", asked=f"Checkout is slow, page blank, case {number} {'x' * number}")
        )

    found = await ask(search, "checkout blank page slow release")

    kinds = [hit.metadata["kind"] for hit in found.hits]
    assert kinds.count("past_task") <= 2
    assert "OPS-3" in {hit.source_id for hit in found.hits}


@pytest.mark.parametrize(
    ("filters", "is_found"),
    [
        (Filters(source="past_tasks"), True),
        (Filters(source="jira"), False),
        (Filters(project="SHOP"), True),
        (Filters(priority="SEV2"), True),
        (Filters(created_from=MORNING), True),
        (Filters(created_to=datetime(2026, 2, 1, tzinfo=UTC)), False),
        (Filters(opened_from=MORNING), False),
    ],
)
async def test_filters_hold_for_them_too(search: IssueSearch, filters: Filters, *, is_found: bool) -> None:
    search.past.put(investigation(task_id="t", project="SHOP", severity="P2"))

    found = await ask(search, "spinning wheels in checkout", filters)

    assert ("t" in {hit.source_id for hit in found.hits} and not found.relaxed_filters) is is_found


async def test_what_is_removed_is_not_found_and_what_changed_is_found_as_it_is_now(search: IssueSearch) -> None:
    search.past.put(investigation(task_id="t"))
    search.past.put(investigation(task_id="t", verdict="confirmed", cause="a full disk"))
    assert len(search.past) == 1
    assert (await ask(search, "spinning wheels")).hits[0].metadata["verdict"] == "confirmed"

    search.past.remove("t")
    search.past.remove("t")

    assert (await ask(search, "spinning wheels")).hits == ()


async def test_another_index_knows_nothing_of_them(search: IssueSearch, tmp_path: Path) -> None:
    build_issue_index(tmp_path / "other", ISSUES)
    search.past.put(investigation())

    found = await search.search(
        "spinning wheels", Filters(), top_k=5, max_snippet_chars=80, index_path=str(tmp_path / "other")
    )

    assert found.hits == ()


def test_places_of_what_was_replaced_are_given_back() -> None:
    past = PastTasks()
    for number in range(2_500):
        past.put(investigation(task_id="t", asked=f"Checkout is slow again and again, try {number}"))

    assert len(past) == 1
    assert past.places < 1_100
