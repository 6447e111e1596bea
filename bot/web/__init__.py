from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from bot.web.page import render_page

_STATIC = Path(__file__).parent / "static"


def add_web(app: FastAPI) -> None:
    """Serve the page at `/` and its files below `/static`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(render_page(), headers={"Cache-Control": "no-cache"})

    app.include_router(router)
    if _STATIC.is_dir():
        app.mount("/static", StaticFiles(directory=_STATIC), name="static")
