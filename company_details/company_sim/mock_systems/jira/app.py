"""The reading half of the Jira Cloud REST API v3: https://developer.atlassian.com/cloud/jira/platform/rest/v3/."""

import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from company_details.company_sim.mock_systems.answers import Json
from company_details.company_sim.mock_systems.files import Once
from company_details.company_sim.mock_systems.jira.data import Ticket, Tickets, load_tickets
from company_details.company_sim.mock_systems.jira.fields import Catalogue
from company_details.company_sim.mock_systems.jira.jql import JqlError, parse_jql
from company_details.company_sim.mock_systems.jira.paging import Page, read_token
from company_details.company_sim.mock_systems.jira.search import Searcher
from company_details.company_sim.mock_systems.jira.shapes import (
    read_fields,
    shape_fields,
    shape_issue,
    shape_names,
    shape_project,
)

DEFAULT_PAGE = 50
MAX_IDS = 5_000
"""Issues on a page where only ids and keys are asked for."""
MAX_ISSUES = 100
"""Issues on a page where fields are asked for."""
_ACCOUNT_ID = "5b10ac8d82e05b22cc7d4ef5"
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_RANGE = "The max results parameter has to be between 1 and 5,000."


class _RefusedError(Exception):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class _Loaded:
    tickets: Tickets
    catalogue: Catalogue


def create_app(data_dir: Path, *, now_s: Callable[[], float] = time.time) -> Starlette:
    """The server over `jira_tickets.json` in `data_dir`, which is read once, on first use.

    `now_s` tells the moment from which dates such as `-7d` count.
    """

    def load() -> _Loaded:
        tickets = load_tickets(data_dir)
        return _Loaded(tickets, Catalogue(tickets))

    api = _Api(Once(load), now_s)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        api.loaded.start()
        yield

    both, get = ["GET", "POST"], ["GET"]
    return Starlette(
        routes=[
            Route("/rest/api/3/search/jql", api.search_by_token, methods=both),
            Route("/rest/api/3/search/approximate-count", api.count, methods=["POST"]),
            Route("/rest/api/3/search", api.search_by_offset, methods=both),
            Route("/rest/api/3/issue/{key}", api.issue, methods=get),
            Route("/rest/api/3/issue/{key}/comment", api.comments, methods=get),
            Route("/rest/api/3/project/search", api.projects, methods=get),
            Route("/rest/api/3/project/{key}", api.project, methods=get),
            Route("/rest/api/3/field", api.fields, methods=get),
            Route("/rest/api/3/myself", _myself, methods=get),
            Route("/health", api.health, methods=get),
        ],
        exception_handlers={_RefusedError: _refuse, JqlError: _refuse, HTTPException: _refuse_address},
        lifespan=lifespan,
    )


@dataclass(frozen=True)
class _Api:
    loaded: Once[_Loaded]
    now_s: Callable[[], float]

    async def search_by_token(self, request: Request) -> Response:
        asked = await _read_search(request)
        query = parse_jql(asked.jql)
        if query.condition is None:
            raise _RefusedError(_UNBOUNDED)
        limit = DEFAULT_PAGE if asked.max_results is None else asked.max_results
        if not 1 <= limit <= MAX_IDS:
            raise _RefusedError(_RANGE)
        fields = asked.fields or ["id"]
        if not set(fields) <= {"id", "key"}:
            limit = min(limit, MAX_ISSUES)
        page = Page(0, self._now())
        if asked.token:
            if (continued := read_token(asked.token, asked.jql)) is None:
                raise _RefusedError("The provided next page token is invalid or does not match the query.")
            page = continued
        found = await self._find(asked.jql, page.now)
        until = page.offset + limit
        answer: dict[str, Any] = {
            "issues": [
                shape_issue(ticket, fields, _base_url(request), asked.expand) for ticket in found[page.offset : until]
            ]
        }
        if "names" in asked.expand:
            answer["names"] = shape_names((await self.loaded.get()).tickets)
        if until < len(found):
            answer["nextPageToken"] = Page(until, page.now).token(asked.jql)
        return Json(answer | {"isLast": until >= len(found)})

    async def search_by_offset(self, request: Request) -> Response:
        asked = await _read_search(request)
        limit = DEFAULT_PAGE if asked.max_results is None else min(asked.max_results, MAX_ISSUES)
        if limit < 0 or asked.start_at < 0:
            raise _RefusedError("The values of startAt and maxResults must not be negative.")
        found = await self._find(asked.jql, self._now())
        shown = found[asked.start_at : asked.start_at + limit]
        fields = asked.fields or ["*navigable"]
        answer: dict[str, Any] = {
            "expand": "schema,names",
            "startAt": asked.start_at,
            "maxResults": limit,
            "total": len(found),
            "issues": [shape_issue(ticket, fields, _base_url(request), asked.expand) for ticket in shown],
        }
        if "names" in asked.expand:
            answer["names"] = shape_names((await self.loaded.get()).tickets)
        return Json(answer)

    async def count(self, request: Request) -> Response:
        asked = await _read_search(request)
        if parse_jql(asked.jql).condition is None:
            raise _RefusedError(_UNBOUNDED)
        return Json({"count": len(await self._find(asked.jql, self._now()))})

    async def issue(self, request: Request) -> Response:
        ticket = await self._ticket(request)
        fields = read_fields(request.query_params.getlist("fields")) or ["*all"]
        expand = request.query_params.get("expand", "")
        issue = shape_issue(ticket, fields, _base_url(request), expand)
        if "names" in expand:
            issue["names"] = shape_names((await self.loaded.get()).tickets)
        return Json(issue)

    async def comments(self, request: Request) -> Response:
        comments = (await self._ticket(request)).comments
        start, limit = _read_window(request, default=5_000, most=5_000)
        shown = comments[start : start + limit]
        return Json({"startAt": start, "maxResults": limit, "total": len(comments), "comments": shown})

    async def projects(self, request: Request) -> Response:
        projects = (await self.loaded.get()).tickets.projects
        if keys := request.query_params.getlist("keys"):
            projects = [one for one in projects if one["key"] in keys]
        wanted = request.query_params.get("query", "").casefold()
        projects = [one for one in projects if wanted in f"{one['key']} {one['name']}".casefold()]
        start, limit = _read_window(request, default=50, most=100)
        shown = [shape_project(one, _base_url(request)) for one in projects[start : start + limit]]
        return Json(
            {
                "self": str(request.url),
                "maxResults": limit,
                "startAt": start,
                "total": len(projects),
                "isLast": start + limit >= len(projects),
                "values": shown,
            }
        )

    async def project(self, request: Request) -> Response:
        key = request.path_params["key"]
        for one in (await self.loaded.get()).tickets.projects:
            if key.casefold() in {str(one["key"]).casefold(), str(one["id"])}:
                return Json(shape_project(one, _base_url(request)))
        raise _RefusedError(f"No project could be found with key '{key}'.", 404)

    async def fields(self, _: Request) -> Response:
        return Json(shape_fields((await self.loaded.get()).tickets))

    async def health(self, _: Request) -> Response:
        tickets = (await self.loaded.get()).tickets
        return Json(
            {
                "status": "ok",
                "system": "jira",
                "issues": len(tickets.tickets),
                "projects": [project["key"] for project in tickets.projects],
                "files": [report.as_json() for report in tickets.reports],
            }
        )

    async def _find(self, jql: str, now: datetime) -> list[Ticket]:
        loaded = await self.loaded.get()
        return Searcher(loaded.tickets, loaded.catalogue, now, _ACCOUNT_ID).run(parse_jql(jql))

    async def _ticket(self, request: Request) -> Ticket:
        ticket = (await self.loaded.get()).tickets.find(request.path_params["key"])
        if ticket is None:
            raise _RefusedError("Issue does not exist or you do not have permission to see it.", 404)
        return ticket

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.now_s(), UTC)


@dataclass(frozen=True)
class _Search:
    jql: str
    fields: list[str]
    expand: str
    max_results: int | None
    start_at: int
    token: str


async def _read_search(request: Request) -> _Search:
    if request.method == "POST":
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise _RefusedError("There was an error parsing JSON. Check that your request body is valid.")
        values = cast("dict[str, Any]", body)
    else:
        values = dict(request.query_params) | {"fields": request.query_params.getlist("fields")}
    return _Search(
        jql=_read_text(values, "jql"),
        fields=read_fields(_read_texts(values, "fields")),
        expand=",".join(_read_texts(values, "expand")),
        max_results=_read_integer(values, "maxResults"),
        start_at=_read_integer(values, "startAt") or 0,
        token=_read_text(values, "nextPageToken"),
    )


def _read_text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise _RefusedError(f"Invalid request payload: '{name}' must be a string.")
    return value or ""


def _read_texts(values: dict[str, Any], name: str) -> list[str]:
    value = values.get(name)
    texts = cast("list[Any]", value) if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(text, str) for text in texts):
        raise _RefusedError(f"Invalid request payload: '{name}' must be an array of strings.")
    return texts


def _read_integer(values: dict[str, Any], name: str) -> int | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    text = str(value)
    if isinstance(value, bool) or not text.removeprefix("-").isdecimal() or len(text) > len("-2147483648"):
        raise _RefusedError(f"'{value}' is not a valid value for '{name}': a whole number is expected.")
    return int(text)


def _read_window(request: Request, default: int, most: int) -> tuple[int, int]:
    values = dict(request.query_params)
    start, limit = _read_integer(values, "startAt") or 0, _read_integer(values, "maxResults")
    return max(start, 0), min(max(default if limit is None else limit, 0), most)


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _errors(message: str, status: int) -> Response:
    return Json({"errorMessages": [message], "errors": {}}, status_code=status)


def _refuse(_: Request, error: Exception) -> Response:
    return _errors(str(error), error.status if isinstance(error, _RefusedError) else 400)


def _refuse_address(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _errors(f"{error.detail}: this server answers a part of the REST API v3.", error.status_code)


async def _myself(request: Request) -> Response:
    return Json(
        {
            "self": f"{_base_url(request)}/rest/api/3/user?accountId={_ACCOUNT_ID}",
            "accountId": _ACCOUNT_ID,
            "accountType": "app",
            "emailAddress": "",
            "displayName": "Incident investigator",
            "active": True,
            "timeZone": "Etc/UTC",
            "locale": "en_US",
        }
    )
