"""The newest tickets of a real tracker, for the search indexes, read so that nobody who builds or asks one waits for it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Self

import structlog

from bot.clients.jira import JiraTickets
from core.errors import ToolError, ToolUnavailableError
from core.evidence import IssueHits, KnowledgeHits, Ticket
from tools.deps import IssueFilters, IssueIndex, KnowledgeIndex

MAX_INDEXED_TICKETS = 5_000
_READ_TIMEOUT_S = 120.0
_REREAD_S = 3600.0
_REST_S = 5.0
_LONGEST_REST_S = 60.0
_PATIENCE_S = 5.0
_STILL_READING = "the tickets of the tracker are still being read"

_log = structlog.stdlib.get_logger(__name__)


class TicketFeed:
    """Reads the tickets in the background while its context is open: again and again until it could, then every hour.

    Indexes are built in threads, which all calls of the program share: one that waited there for a tracker which hangs would
    hold up whoever needs a thread for anything else. So `load` never waits.
    """

    def __init__(
        self,
        tickets: JiraTickets,
        *,
        timeout_s: float = _READ_TIMEOUT_S,
        rest_s: float = _REST_S,
        reread_s: float = _REREAD_S,
    ) -> None:
        self._tickets = tickets
        self._timeout_s = timeout_s
        self._rest_s = rest_s
        self._reread_s = reread_s
        self._read: tuple[Ticket, ...] | None = None
        self._problem = _STILL_READING
        self._tried = asyncio.Event()
        self._job: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._job = asyncio.create_task(self._keep_reading(), name="tickets for the indexes")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._job is not None:
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)

    @property
    def problem(self) -> str | None:
        """Why there are no tickets yet, in a sentence; None where they were read."""
        return None if self._read is not None else self._problem

    def load(self) -> Sequence[Ticket]:
        """The tickets as they were last read; ToolUnavailableError, at once, where they never were. For any thread."""
        read = self._read
        if read is None:
            raise ToolUnavailableError(self._problem)
        return read

    async def tried(self, timeout_s: float = _PATIENCE_S) -> None:
        """Returns when the first reading has ended, well or not, or after the time-out."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._tried.wait()
        except TimeoutError:
            return

    async def _keep_reading(self) -> None:
        rest_s = self._rest_s
        while True:
            began = monotonic()
            try:
                async with asyncio.timeout(self._timeout_s):
                    found = await self._tickets.search(project_key=None, status=None, severity=None, text=None)
            except (ToolError, TimeoutError) as error:
                self._problem = str(error) or f"the tracker has not given its tickets within {self._timeout_s:g} s"
                _log.warning("tickets.not_read", error=self._problem, again_in_s=rest_s)
                self._tried.set()
                await asyncio.sleep(rest_s)
                rest_s = min(rest_s * 2, _LONGEST_REST_S)
                continue
            self._read = found.tickets
            self._tried.set()
            _log.info("tickets.read", number=len(found.tickets), took_s=round(monotonic() - began, 1))
            rest_s = self._rest_s
            await asyncio.sleep(self._reread_s)


class FedKnowledge:
    """A `KnowledgeIndex` over documents and the tracker's tickets; as long as these cannot be read, over documents alone.

    Then each answer says so: runbooks and policies are wanted most when systems are down.
    """

    def __init__(self, whole: KnowledgeIndex, documents: KnowledgeIndex, feed: TicketFeed) -> None:
        self._whole = whole
        self._documents = documents
        self._feed = feed

    async def search(
        self,
        query: str,
        *,
        service: str | None,
        severity: str | None,
        time_start: datetime | None,
        time_end: datetime | None,
        top_k: int,
        max_snippet_chars: int,
    ) -> KnowledgeHits:
        await self._feed.tried()
        problem = self._feed.problem
        index = self._whole if problem is None else self._documents
        found = await index.search(
            query,
            service=service,
            severity=severity,
            time_start=time_start,
            time_end=time_end,
            top_k=top_k,
            max_snippet_chars=max_snippet_chars,
        )
        if problem is None:
            return found
        return found.model_copy(update={"left_out": f"the tickets, which could not be read: {problem}"})


class FedIssues:
    """An `IssueIndex` that gives the first reading of the tickets a moment, where the index may have to be built from them."""

    def __init__(self, issues: IssueIndex, feed: TicketFeed) -> None:
        self._issues = issues
        self._feed = feed

    async def search(
        self, query: str, filters: IssueFilters, *, top_k: int, max_snippet_chars: int, index_path: str | None
    ) -> IssueHits:
        if index_path is None:
            await self._feed.tried()
        return await self._issues.search(
            query, filters, top_k=top_k, max_snippet_chars=max_snippet_chars, index_path=index_path
        )
