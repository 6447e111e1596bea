"""Tickets from Jira Cloud: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/."""

import re
from collections.abc import Sequence

import httpx
from pydantic import BaseModel, Field

from bot.clients.breaker import Breaker
from bot.clients.edge import BadQuestionError, Edge
from bot.clients.issue import FIELDS, read_issue
from bot.clients.quoting import quote_jql, whole
from core.base import Json
from core.errors import ToolRefusedError
from core.evidence import Ticket, TicketList

MAX_TICKETS = 200
"""Tickets brought in for one question, at most, unless the constructor says otherwise; our own bound."""

PAGE_TICKETS = 100
_MAX_PAGES = 50

_OPEN_WORDS = frozenset({"open", "unresolved"})
_CLOSED_WORDS = frozenset({"closed"})
_CUSTOM_FIELD = re.compile(r"customfield_(\d+)")
_WORD = re.compile(r"\w+")
_KEY = re.compile(r"(?<![\w-])[A-Z][A-Z0-9_]{1,9}-\d{1,7}(?![\w-])")
_SEARCHED = re.compile(r"\b(?:and|or)\b|[\s,;]", re.IGNORECASE)
_MAX_KEYS = 20


class _Page(BaseModel):
    issues: list[Json]
    next_page: str | None = Field(default=None, alias="nextPageToken")
    is_last: bool = Field(default=False, alias="isLast")


class IssueReader:
    """Reads issues by JQL, as they come."""

    def __init__(
        self, client: httpx.AsyncClient, severity_field: str | None, *, breaker: Breaker | None = None
    ) -> None:
        self._edge = Edge(client, system="Jira", setting="COMPANY_JIRA_BASE_URL", breaker=breaker)
        self._severity_field = severity_field

    @property
    def base_url(self) -> str:
        return self._edge.base_url

    async def read(self, jql: str, *, limit: int, extra_fields: Sequence[str] = ()) -> tuple[list[Json], bool]:
        """The issues, at most `limit`, and whether there are more. Raises as `core.errors` says of tools."""
        fields = [*FIELDS, *extra_fields, *([self._severity_field] if self._severity_field else [])]
        parameters = {"jql": jql, "fields": ",".join(fields), "maxResults": str(PAGE_TICKETS)}
        issues: list[Json] = []
        for _ in range(_MAX_PAGES):
            page = await self._edge.get("/rest/api/3/search/jql", parameters, _Page)
            issues += page.issues
            more = page.next_page is not None and not page.is_last
            if len(issues) > limit or not more:
                return issues[:limit], len(issues) > limit
            if len(issues) == limit:
                break
            assert page.next_page is not None
            parameters["nextPageToken"] = page.next_page
        return issues, True


class JiraTickets:
    """TicketSource over a Jira Cloud site.

    `severity_field` is the id of the custom field that holds the severity; without one, labels such as `sev-p1` and the
    priority stand in for it.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        severity_field: str | None = None,
        max_tickets: int = MAX_TICKETS,
        breaker: Breaker | None = None,
    ) -> None:
        self._reader = IssueReader(client, severity_field, breaker=breaker)
        self._severity_field = severity_field
        self._max_tickets = max_tickets

    async def search(
        self, *, project_key: str | None, status: str | None, severity: str | None, text: str | None
    ) -> TicketList:
        """The tickets that meet all that is given, newest first.

        `status` is the name of a status, or `open` / `unresolved` / `closed` for its category; `text` is words that all
        occur, or keys of tickets: they are looked up, and one that the tracker does not have is left out. `truncated` when there are more than the limit, or when a record could not be read. Raises as `core.errors`
        says of tools.
        """
        conditions = [
            *([f"project = {quote_jql(project_key)}"] if project_key else []),
            *([_status_condition(status)] if status else []),
        ]
        keys = tuple(dict.fromkeys(_KEY.findall(text or "")))[:_MAX_KEYS]
        known = await self._known(keys) if keys else ()
        if known:
            conditions.append(_with_keys(known))
        elif keys and not _SEARCHED.sub(
            "", _KEY.sub("", text or "")
        ):  # nothing but keys, and no ticket has one of them
            return TicketList(query=_with_keys(keys), tickets=(), truncated=False)
        elif text and text.strip():
            conditions.append(f"text ~ {quote_jql(_search_words(text))}")
        if not severity:
            return await self._search(conditions)
        if self._severity_field is not None:
            return await self._search([*conditions, f"{_jql_field(self._severity_field)} = {quote_jql(severity)}"])
        labels = f"labels in ({', '.join(quote_jql(label) for label in _severity_labels(severity))})"
        try:
            return await self._search([*conditions, f"({labels} OR priority = {quote_jql(severity)})"])
        except ToolRefusedError:
            # Jira refuses a priority that it does not have; labels it has never seen it takes.
            return await self._search([*conditions, labels])

    async def _known(self, keys: Sequence[str]) -> Sequence[str]:
        """Those of the keys that the tracker has: Jira refuses a search for keys of which it does not have one."""
        try:
            await self._reader.read(_with_keys(keys), limit=1)
        except BadQuestionError:
            return [key for key in keys if await self._known((key,))] if len(keys) > 1 else ()
        return keys

    async def _search(self, conditions: list[str]) -> TicketList:
        # Jira refuses a search that nothing bounds.
        jql = " AND ".join(conditions or ['created >= "1970-01-02"']) + " ORDER BY created DESC"
        raw, truncated = await self._reader.read(jql, limit=self._max_tickets)
        base_url = self._reader.base_url
        read = [read_issue(one, base_url=base_url, severity_field=self._severity_field) for one in raw]
        unique: dict[str, Ticket] = {}
        for ticket in read:
            if ticket is not None:
                unique.setdefault(ticket.key, ticket)
        return TicketList(query=jql, tickets=tuple(unique.values()), truncated=truncated or None in read)


def _with_keys(keys: Sequence[str]) -> str:
    return f"key in ({', '.join(quote_jql(key) for key in keys)})"


def _status_condition(status: str) -> str:
    word = status.strip().lower()
    if word in _OPEN_WORDS:
        return "statusCategory != Done"
    return "statusCategory = Done" if word in _CLOSED_WORDS else f"status = {quote_jql(status.strip())}"


def _search_words(text: str) -> str:
    # Everything but words is an operator of Jira's text search, and so are AND, OR and NOT in capitals:
    # https://support.atlassian.com/jira-software-cloud/docs/search-syntax-for-text-fields/
    words = _WORD.findall(whole(text))
    if not words:
        raise ToolRefusedError(f"the text {text!r} has no word to search for: give words, or leave it out")
    return " ".join(words).lower()


def _severity_labels(severity: str) -> tuple[str, ...]:
    level = re.sub(r"\s+", "-", severity.strip().lower())
    short = re.sub(r"^sev(?:erity)?[-_:.]?", "", level) or level
    return tuple(dict.fromkeys((level, f"sev-{short}", f"sev{short}", f"severity-{short}")))


def _jql_field(field: str) -> str:
    match = _CUSTOM_FIELD.fullmatch(field)
    return f"cf[{match[1]}]" if match else quote_jql(field)
