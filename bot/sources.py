"""The sources that tools ask: clients of the company's systems, its files, and the two search indexes."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.clients.breaker import Breaker, BreakerLimits
from bot.clients.jira import JiraTickets
from bot.clients.loki import LokiLogs
from bot.clients.prometheus import PrometheusMetrics
from bot.clients.severity_field import find_severity_field
from bot.company import Company
from bot.llm.client import ModelAccess, ModelClient, is_silence
from bot.llm.reranking import ModelReranker
from bot.settings import Settings
from bot.tickets import MAX_INDEXED_TICKETS, FedIssues, FedKnowledge, TicketFeed
from core.base import Json
from core.errors import ToolError
from retrieval.company_records import CompanyRecords
from retrieval.issues import IssueSearch
from retrieval.knowledge import KnowledgeSearch
from retrieval.past_tasks import PastTasks
from retrieval.reference_files import CompanyReferenceFiles
from tools.deps import IssueIndex, KnowledgeIndex, Sources

_TRACKER_CONFIG = "jira_config"
_MODEL_LIMITS = BreakerLimits(calls=8, queue_share=0.25)
"""A model bills each question and limits them by the minute; and hits in our own order are better than hits that come late."""


@dataclass(frozen=True, kw_only=True)
class CompanySources:
    """What tools ask, the company's files by themselves, the earlier investigations that searches find, and what prepares each index ahead of the first task."""

    sources: Sources
    reranker: ModelReranker
    references: CompanyReferenceFiles
    past: PastTasks
    prepare: Mapping[str, Callable[[], Awaitable[object]]]


@asynccontextmanager
async def open_sources(settings: Settings, company: Company) -> AsyncGenerator[CompanySources]:
    """The sources of a company whose systems are open; the indexes are built when they are prepared or first asked."""
    references = CompanyReferenceFiles(settings.company_root)
    severity_field = await asyncio.to_thread(read_severity_field, references)
    async with AsyncExitStack() as stack:
        feed: TicketFeed | None = None
        if settings.jira_base_url is not None:  # else the company's tickets lie in its folder
            tickets = JiraTickets(
                company.jira.client,
                severity_field=severity_field,
                max_tickets=MAX_INDEXED_TICKETS,
                breaker=company.jira.breaker,
            )
            feed = await stack.enter_async_context(TicketFeed(tickets))
        records = CompanyRecords(references, feed.load if feed is not None else None)
        knowledge = KnowledgeSearch(records)
        stack.push_async_callback(asyncio.to_thread, knowledge.close)
        issues = IssueSearch(settings.rag_index_path, records, engine=settings.rag_engine)
        reranker = build_reranker(settings)
        stack.push_async_callback(reranker.close)
        prepare = {"knowledge": knowledge.prepare, "issues": issues.prepare}
        asked: tuple[KnowledgeIndex, IssueIndex] = (knowledge, issues)
        if feed is not None:
            documents = KnowledgeSearch(CompanyRecords(references, tuple))
            stack.push_async_callback(asyncio.to_thread, documents.close)
            asked = FedKnowledge(knowledge, documents, feed), FedIssues(issues, feed)
            prepare = {name: _after(feed, work) for name, work in prepare.items()}
        yield CompanySources(
            sources=Sources(
                metrics=PrometheusMetrics(company.metrics.client, breaker=company.metrics.breaker),
                logs=LokiLogs(company.logs.client, breaker=company.logs.breaker),
                tickets=JiraTickets(company.jira.client, severity_field=severity_field, breaker=company.jira.breaker),
                references=references,
                knowledge=asked[0],
                issues=asked[1],
                reranker=reranker,
            ),
            reranker=reranker,
            references=references,
            past=issues.past,
            prepare=prepare,
        )


def _after(feed: TicketFeed, work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
    """The work, once the tickets that it needs have been asked for."""

    async def prepare() -> None:
        await feed.tried()
        await work()

    return prepare


def build_reranker(settings: Settings) -> ModelReranker:
    """What puts hits in the order of a model, where a key is configured; it leaves the tool a second for the search itself."""
    key = settings.openai_api_key
    access = (
        None
        if key is None
        else ModelAccess(
            api_key=key.get_secret_value(),
            base_url=settings.llm_base_url,
            model=settings.llm_model,
            max_retries=settings.llm_max_retries,
            backoff_s=settings.llm_backoff_s,
        )
    )
    timeout_s = max(0.5, min(settings.rag_rerank_timeout_s, settings.company_tool_timeout_s - 1.0))
    breaker = Breaker(f"the model {settings.llm_model}", timeout_s=timeout_s, limits=_MODEL_LIMITS, counts=is_silence)
    return ModelReranker(
        settings.rag_rerank_mode,
        None if access is None else ModelClient(access, breaker=breaker),
        timeout_s=timeout_s,
    )


def read_severity_field(references: CompanyReferenceFiles) -> str | None:
    """The custom field that holds a ticket's severity, where the tracker's config names one; blocking."""
    try:
        passages = references.passages(_TRACKER_CONFIG)
    except ToolError:  # a task that needs the file is told so by the tool that reads it
        return None
    config: dict[str, Json] = {"/".join(passage.heading): passage.data for passage in passages}
    return find_severity_field(config)
