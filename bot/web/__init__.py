"""The page at `/` to create, run and read tasks, and the files it needs."""

from http import HTTPStatus
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from bot.web.assets import Assets, etag_of
from bot.web.page import render_page

STATIC: Final = Path(__file__).parent / "static"
_KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME = "no-cache"


def add_web(app: FastAPI) -> None:
    """Serve the page at `/` and its files below `/static/<version>/`."""
    assets = Assets(STATIC)
    html = render_page(assets.version).encode()
    html_etag = etag_of(html)
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        return _answer(request, html, "text/html; charset=utf-8", html_etag, _ASKED_EACH_TIME)

    @router.api_route("/static/{version}/{name}", methods=["GET", "HEAD"])
    async def asset(request: Request, version: str, name: str) -> Response:
        found = assets.get(name)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        # Another release's page may ask here while a new one is rolled out: today's file serves, but is not to be kept.
        kept = _KEPT_FOR_GOOD if version == assets.version else _ASKED_EACH_TIME
        return _answer(request, found.body, found.media_type, found.etag, kept)

    app.include_router(router)


def _answer(request: Request, body: bytes, media_type: str, etag: str, kept: str) -> Response:
    headers = {"ETag": etag, "Cache-Control": kept}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
