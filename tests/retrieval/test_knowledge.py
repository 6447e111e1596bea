import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ToolBrokenError
from core.evidence import KnowledgeHits, Ticket
from retrieval.company_records import CompanyRecords
from retrieval.knowledge import KnowledgeSearch
from retrieval.reference_files import CompanyReferenceFiles
from tests.retrieval.conftest import POLICY, REVIEW, RUNBOOK, Clock


@pytest.fixture
async def search(company: CompanyRecords, clock: Clock) -> AsyncIterator[KnowledgeSearch]:
    found = KnowledgeSearch(company, seconds=clock)
    yield found
    found.close()


async def ask(search: KnowledgeSearch, query: str, **options: Any) -> KnowledgeHits:
    defaults: dict[str, Any] = {
        "service": None,
        "severity": None,
        "time_start": None,
        "time_end": None,
        "top_k": 5,
        "max_snippet_chars": 200,
    }
    return await search.search(query, **(defaults | options))


@pytest.mark.parametrize(
    ("query", "source"),
    [
        ("Is a rollback mandatory when the error rate rises?", "policy_v2"),
        ("PoolTimeoutError E4012 symptoms runbook", "runbook_pool"),
        ("what to do with db.pool.active", "runbook_pool"),
        ("review of the label printer gateway", "review_2025-11-03_labels"),
        ("SHIP-1", "SHIP-1"),
        ("parcel tracker times out after the release", "SHIP-1"),
    ],
)
async def test_the_source_that_answers_is_first(search: KnowledgeSearch, query: str, source: str) -> None:
    found = await ask(search, query)

    assert found.hits[0].source_id == source
    assert found.hits[0].citation_source == source
    assert not found.recommend_fallback


async def test_a_hit_of_a_file_cites_the_lines_of_its_snippet(search: KnowledgeSearch) -> None:
    hit = (await ask(search, "restart one replica", top_k=1, max_snippet_chars=25)).hits[0]

    assert hit.locator == "docs/runbook_pool.md:12-12"
    assert hit.citation_id == "runbook_pool:L12-L12"
    assert hit.snippet == "1. Restart one replica."
    assert hit.metadata["kind"] == "runbook"


async def test_a_hit_of_a_ticket_cites_its_page(search: KnowledgeSearch) -> None:
    hit = (await ask(search, "PoolTimeoutError customers see a blank page", service="parcel-tracker", top_k=1)).hits[0]

    assert hit.locator == "https://jira.example/browse/SHIP-1"
    assert hit.metadata["status"] == "Open"
    assert hit.metadata["services"] == ["parcel-tracker"]


async def test_a_service_rules_out_what_is_about_others_and_keeps_the_policies(search: KnowledgeSearch) -> None:
    everything = await ask(search, "error certificate expired printer tracker", top_k=50)
    narrowed = await ask(search, "error certificate expired printer tracker", top_k=50, service="parcel-tracker")

    assert {"SHIP-2", "policy_v2"} <= {hit.source_id for hit in everything.hits}
    assert "SHIP-2" not in {hit.source_id for hit in narrowed.hits}
    assert "policy_v2" in {hit.source_id for hit in narrowed.hits}


async def test_severities_of_one_rank_are_the_same(search: KnowledgeSearch) -> None:
    found = await ask(search, "label printer certificate", top_k=50, severity="P2")

    sources = {hit.source_id for hit in found.hits}
    assert "review_2025-11-03_labels" in sources  # SEV-2
    assert "SHIP-2" not in sources  # P1


async def test_a_span_of_time_rules_out_what_is_older(search: KnowledgeSearch) -> None:
    start = datetime(2025, 11, 1, tzinfo=UTC)

    found = await ask(search, "label printer certificate", top_k=50, time_start=start)

    sources = {hit.source_id for hit in found.hits}
    assert "review_2025-11-03_labels" in sources
    assert "SHIP-2" not in sources


async def test_little_in_common_advises_a_fallback_in_words(search: KnowledgeSearch) -> None:
    found = await ask(search, "giraffes and zebras and lions eat the customers of a distant zoo")

    assert found.recommend_fallback
    assert found.fallback_reason is not None
    assert re.fullmatch(
        r"nothing like this is known: \d of \d query words occur in the best hit", found.fallback_reason
    )
    assert found.confidence < 0.2


@pytest.mark.parametrize("query", ["giraffe", "", "   ", "the of and"])
async def test_nothing_found_is_no_error(search: KnowledgeSearch, query: str) -> None:
    found = await ask(search, query)

    assert found.hits == ()
    assert found.confidence == 0
    assert found.fallback_reason == "nothing was found with any word of the query"


async def test_equal_questions_have_equal_answers(search: KnowledgeSearch, company: CompanyRecords) -> None:
    other = KnowledgeSearch(company)

    assert await ask(search, "certificate of the printer") == await ask(other, "certificate of the printer")
    other.close()


async def test_a_changed_file_is_found_after_a_moment(search: KnowledgeSearch, pack: Path, clock: Clock) -> None:
    await search.prepare()
    (pack / "docs/giraffes.md").write_text("# Giraffes\n\nThe giraffe is fed at noon.\n", encoding="utf-8")

    assert (await ask(search, "giraffe")).hits == ()
    clock.now += 10

    assert (await ask(search, "giraffe")).hits[0].locator == "docs/giraffes.md:1-3"


async def test_callers_at_the_same_time_share_one_build(files: CompanyReferenceFiles) -> None:
    reads: list[int] = []

    class Counted(CompanyRecords):
        def read(self) -> Any:
            reads.append(1)
            return super().read()

    search = KnowledgeSearch(Counted(files))
    answers = await asyncio.gather(*(ask(search, "rollback") for _ in range(8)))

    assert len(reads) == 1
    assert all(answer == answers[0] for answer in answers)
    search.close()


async def test_tickets_can_come_from_elsewhere(files: CompanyReferenceFiles) -> None:
    moment = datetime(2025, 11, 5, tzinfo=UTC)
    ticket = Ticket(
        key="ZOO-1",
        url="https://zoo.example/ZOO-1",
        summary="Giraffe escaped",
        description="Over the fence.\r\nAt noon.",
        issue_type="Bug",
        status="Open",
        is_open=True,
        severity=None,
        priority=None,
        assignee=None,
        components=(),
        labels=(),
        created=moment,
        updated=moment,
        resolved=None,
    )

    def load() -> Iterable[Ticket]:
        return [ticket]

    search = KnowledgeSearch(CompanyRecords(files, load))
    hits = (await ask(search, "giraffe")).hits

    assert [hit.snippet for hit in hits] == ["Giraffe escaped\nOver the fence.\nAt noon."]
    search.close()


async def test_an_unreadable_ticket_file_leaves_the_documents(pack: Path, search: KnowledgeSearch) -> None:
    (pack / "mock_systems/data/jira_tickets.json").write_text("[{", encoding="utf-8")

    assert (await ask(search, "rollback")).hits
    assert "is not JSON" in search.problems()[0]


async def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    search = KnowledgeSearch(CompanyRecords(CompanyReferenceFiles(tmp_path)))

    with pytest.raises(ToolBrokenError, match="holds nothing to search"):
        await search.prepare()


TEXTS = {"policies/policy_v2.md": POLICY, "docs/runbook_pool.md": RUNBOOK, "docs/review_2025-11-03_labels.md": REVIEW}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    query=st.text(max_size=60)
    | st.lists(st.sampled_from(f"{POLICY} {RUNBOOK} {REVIEW}".split()), max_size=12).map(" ".join),
    room=st.integers(1, 400),
)
async def test_every_snippet_stands_verbatim_at_the_lines_of_its_locator(
    search: KnowledgeSearch, query: str, room: int
) -> None:
    found = await ask(search, query, max_snippet_chars=room, top_k=20)

    for hit in found.hits:
        assert len(hit.snippet) <= max(room, 20)
        assert found.supports(hit.cite())
        if not hit.locator.startswith("https:"):
            path, _, span = hit.locator.rpartition(":")
            first, last = map(int, span.split("-"))
            assert hit.snippet in "\n".join(TEXTS[path].split("\n")[first - 1 : last])
            assert hit.citation_id == f"{hit.source_id}:L{first}-L{last}"
