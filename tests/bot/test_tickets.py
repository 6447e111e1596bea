"""A tracker that hangs while the search indexes are to be made from its tickets: nobody else waits for it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bot.clients.jira import JiraTickets
from bot.company import open_company
from bot.indexes import Indexes
from bot.settings import Settings
from bot.sources import CompanySources, open_sources
from bot.tickets import TicketFeed
from core.errors import ToolUnavailableError
from core.evidence import KnowledgeHits
from core.plan import ToolCall
from core.result import CallStatus
from tools.catalog import TOOLS
from tools.registry import CallLimits, Registry

LIMIT_S = 1.0
ISSUE = {"key": "OPS-7", "fields": {"summary": "zebra crossing timeout", "created": "2026-02-14T10:00:00.000+0000"}}
KNOWLEDGE = ToolCall(tool="search_incident_knowledge", arguments={"query": "zebra crossing timeout"})
ISSUES = ToolCall(tool="search_previous_issues", arguments={"query": "zebra crossing timeout"})
POLICY = ToolCall(tool="fetch_company_reference", arguments={"source": "policy_v2"})


@dataclass
class Tracker:
    """Answers searches once it is told to, and holds them until then."""

    answers: bool = False
    held: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.held.append(writer)
        while await reader.readline() not in {b"\r\n", b""}:
            pass
        if self.answers:
            body = json.dumps({"issues": [ISSUE], "isLast": True}).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
            writer.close()


@pytest.fixture
async def tracker() -> AsyncGenerator[tuple[Tracker, str]]:
    tracker = Tracker()
    server = await asyncio.start_server(tracker.take, "127.0.0.1", 0)
    yield tracker, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in tracker.held:
        writer.close()


@asynccontextmanager
async def opened(settings: Settings, url: str, folder: Path) -> AsyncGenerator[tuple[CompanySources, Registry]]:
    changed = settings.model_copy(
        update={
            "jira_base_url": url,
            "company_tool_timeout_s": LIMIT_S,
            "company_root": Settings().company_root,
            "rag_index_path": folder / "index.sqlite",
        }
    )
    async with open_company(changed) as company, open_sources(changed, company) as sources:
        limits = CallLimits(company_timeout_s=20.0, max_retries=0, backoff_s=0.01)
        yield sources, Registry(TOOLS, sources.sources, limits)


async def test_searches_that_wait_for_tickets_hold_no_thread(
    settings: Settings, tracker: tuple[Tracker, str], tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as one_thread:
        asyncio.get_running_loop().set_default_executor(one_thread)
        async with opened(settings, tracker[1], tmp_path) as (sources, registry), Indexes(sources.prepare):
            waiting = [asyncio.create_task(registry.call(call)) for call in (KNOWLEDGE, ISSUES) * 4]
            await asyncio.sleep(0.05)
            assert (await registry.call(POLICY)).status is CallStatus.OK
            assert not any(search.done() for search in waiting)
            await asyncio.gather(*waiting)


async def test_while_the_tracker_is_silent_documents_are_searched_and_the_answer_says_what_is_left_out(
    settings: Settings, tracker: tuple[Tracker, str], tmp_path: Path
) -> None:
    async with opened(settings, tracker[1], tmp_path) as (_, registry):
        found, issues = await asyncio.gather(registry.call(KNOWLEDGE), registry.call(ISSUES))
    assert found.status is CallStatus.PARTIAL
    assert isinstance(found.output, KnowledgeHits)
    assert found.output.hits
    assert "the tickets, which could not be read: Jira at http://127.0.0.1:" in (found.output.left_out or "")
    assert (issues.status, issues.error.kind if issues.error else None) == (CallStatus.FAILED, "unavailable")
    assert issues.error is not None
    assert "Jira at" in issues.error.message


async def test_once_the_tracker_answers_its_tickets_are_found(
    settings: Settings, tracker: tuple[Tracker, str], tmp_path: Path
) -> None:
    tracker[0].answers = True
    async with opened(settings, tracker[1], tmp_path) as (_, registry):
        found = await registry.call(KNOWLEDGE)
    assert found.status is CallStatus.OK
    assert isinstance(found.output, KnowledgeHits)
    assert [hit.source_id for hit in found.output.hits][:1] == ["OPS-7"]


async def test_a_feed_asks_again_until_it_could_read_and_never_waits_when_it_is_asked(
    tracker: tuple[Tracker, str],
) -> None:
    async with (
        httpx.AsyncClient(base_url=tracker[1], timeout=0.1) as client,
        TicketFeed(JiraTickets(client), rest_s=0.05) as feed,
    ):
        with pytest.raises(ToolUnavailableError, match="still being read"):
            feed.load()
        await feed.tried()
        with pytest.raises(ToolUnavailableError, match="did not answer in time"):
            feed.load()
        tracker[0].answers = True
        for _ in range(200):
            if feed.problem is None:
                break
            await asyncio.sleep(0.02)
        assert [ticket.key for ticket in feed.load()] == ["OPS-7"]


async def test_an_index_that_could_not_be_prepared_is_prepared_later_and_told_as_ready() -> None:
    tried = 0

    async def prepare() -> None:
        nonlocal tried
        tried += 1
        if tried < 3:
            raise ToolUnavailableError("Jira is away")

    async with Indexes({"issues": prepare}, again_s=0.01) as indexes:
        await asyncio.sleep(0)
        part = await indexes.probe()
        assert (part.status, part.detail) == ("failed", "issues: Jira is away")
        for _ in range(200):
            if (await indexes.probe()).status == "ok":
                break
            await asyncio.sleep(0.01)
        assert (await indexes.probe()).status == "ok"
