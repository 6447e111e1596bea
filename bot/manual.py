"""The manual proxy: asks the three company systems by hand, with a Swagger page of the useful questions."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from string import Formatter
from typing import Any, Final, Literal
from urllib.parse import quote

import httpx
from fastapi import FastAPI, Request, Response

from bot.api.bodies import MAX_BODY_BYTES
from bot.api.docs import add_docs
from bot.api.limits import BodyLimit, SecurityHeaders
from bot.api.problems import ProblemError, add_problems
from bot.company import Company, CompanySystem, open_company
from bot.settings import Settings

MANUAL_PORT = 8010
_METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_FORWARDED: Final = {"accept", "accept-language", "content-type"}
"""Request headers that are passed on: no cookies, no credentials of the caller's, nothing hop-by-hop."""
_RETURNED: Final = {"content-type", "retry-after", "last-modified", "etag", "cache-control", "allow", "warning"}
_PATH_SAFE: Final = "/:@!$&'()*+,;=~-._"

type Systems = Callable[[], Company]


@dataclass(frozen=True, kw_only=True)
class Useful:
    """A question worth a place on the Swagger page; `parameters` maps each query parameter to an example."""

    system: Literal["jira", "metrics", "logs"]
    path: str
    summary: str
    parameters: Mapping[str, str]


_WINDOW: Final = {"start": "2026-02-14T10:00:00Z", "end": "2026-02-14T10:30:00Z"}
USEFUL: Final = (
    Useful(
        system="jira",
        path="rest/api/3/search/jql",
        summary="Search tickets by JQL",
        parameters={"jql": "statusCategory != Done ORDER BY created DESC", "fields": "*all", "maxResults": "50"},
    ),
    Useful(system="jira", path="rest/api/3/issue/{key}", summary="One ticket", parameters={}),
    Useful(
        system="metrics",
        path="api/v1/query_range",
        summary="Series in a window",
        parameters={"query": '{service="saas-api"}', **_WINDOW, "step": "60s"},
    ),
    Useful(system="metrics", path="api/v1/label/{name}/values", summary="The values of a label", parameters={}),
    Useful(
        system="logs",
        path="loki/api/v1/query_range",
        summary="Log lines in a window",
        parameters={"query": '{service="saas-api"} |~ "timeout"', **_WINDOW, "limit": "100"},
    ),
    Useful(system="jira", path="health", summary="Whether it lives", parameters={}),
    Useful(system="metrics", path="health", summary="Whether it lives", parameters={}),
    Useful(system="logs", path="health", summary="Whether it lives", parameters={}),
)


def create_manual_app(settings: Settings) -> FastAPI:
    """The proxy alone, with clients of its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_company(settings, timeout_s=settings.manual_tool_timeout_s) as company:
            app.state.company = company
            yield

    app = FastAPI(title="orch: manual proxy", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES)
    app.add_middleware(SecurityHeaders)
    add_proxy(app, lambda: app.state.company, timeout_s=settings.manual_tool_timeout_s)
    return app


def create_mounted_app(company: Systems, *, timeout_s: float) -> FastAPI:
    """The proxy as a part of the program, which owns the clients and limits the bodies."""
    app = FastAPI(title="orch: manual proxy", docs_url=None, redoc_url=None)
    add_proxy(app, company, timeout_s=timeout_s)
    return app


def add_proxy(app: FastAPI, company: Systems, *, timeout_s: float) -> None:
    """Add the routes: the useful ones for Swagger, and everything else below each system's name."""
    add_problems(app)
    add_docs(app)

    for useful in USEFUL:
        app.add_api_route(**_route(useful, company, timeout_s))

    def add_rest(name: str, system: Callable[[], CompanySystem]) -> None:
        async def rest(request: Request, path: str) -> Response:
            return await forward(request, system(), path, timeout_s)

        app.add_api_route(
            f"/{name}/{{path:path}}", rest, methods=_METHODS, include_in_schema=False, name=f"{name} rest"
        )

    for name in ("jira", "metrics", "logs"):
        add_rest(name, lambda name=name: getattr(company(), name))


def _route(useful: Useful, company: Systems, timeout_s: float) -> dict[str, Any]:
    """The arguments of `add_api_route`. The parameters are described and not checked: that is the system's to do."""

    async def ask(request: Request) -> Response:
        path = useful.path.format_map(request.path_params)
        return await forward(request, getattr(company(), useful.system), path, timeout_s)

    names = [name for _, name, _, _ in Formatter().parse(useful.path) if name]
    parameters = [
        *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names),
        *(
            {"name": name, "in": "query", "schema": {"type": "string"}, "example": example}
            for name, example in useful.parameters.items()
        ),
    ]
    return {
        "path": f"/{useful.system}/{useful.path}",
        "endpoint": ask,
        "methods": ["GET"],
        "tags": [useful.system],
        "summary": useful.summary,
        "name": f"{useful.system} {useful.path}",
        "openapi_extra": {"parameters": parameters},
    }


async def forward(request: Request, system: CompanySystem, path: str, timeout_s: float) -> Response:
    """The system's own answer. ProblemError 504 when none came in time, 502 when the system cannot be reached."""
    outgoing = system.client.build_request(
        request.method,
        _target(system, path, request.scope["query_string"]),
        content=await request.body(),
        headers={name: value for name, value in request.headers.items() if name in _FORWARDED},
    )
    try:
        async with asyncio.timeout(timeout_s):
            answer = await system.client.send(outgoing)
    except (TimeoutError, httpx.TimeoutException):
        raise ProblemError(
            HTTPStatus.GATEWAY_TIMEOUT,
            "system-timeout",
            f"{system.place} has not answered for {timeout_s:g} s: ask for less, or raise MANUAL_TOOL_TIMEOUT_S",
        ) from None
    except httpx.HTTPError as error:
        raise ProblemError(
            HTTPStatus.BAD_GATEWAY,
            "system-unreachable",
            f"{system.place} cannot be reached ({str(error) or type(error).__name__}): start it, or correct "
            f"COMPANY_{system.name.upper()}_BASE_URL",
        ) from None
    headers = {name: value for name, value in answer.headers.items() if name in _RETURNED}
    # What the system sends runs under our origin: no script in it may.
    return Response(answer.content, answer.status_code, {**headers, "Content-Security-Policy": "sandbox"})


def _target(system: CompanySystem, path: str, query: bytes) -> httpx.URL:
    """The URL at the system, and at no other host: a path such as `//host/` or `../` must not lead away."""
    if any(part in {".", ".."} for part in path.split("/")):
        raise ProblemError(
            HTTPStatus.NOT_FOUND, "not-found", f"the path {path!r} leads out of the system: write it plainly"
        )
    base = system.client.base_url
    raw_path = base.raw_path.rstrip(b"/") + b"/" + quote(path, safe=_PATH_SAFE).encode()
    options: dict[str, Any] = {"raw_path": raw_path + (b"?" + query if query else b"")}
    return base.copy_with(**options)
