"""The Swagger page, under a content security policy of its own."""

import base64
import hashlib
import re

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

_ASSETS = "https://cdn.jsdelivr.net"
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def add_docs(app: FastAPI) -> None:
    """Serve `/docs`. FastAPI's own page is made without a policy, so `docs_url` of the app is None."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        prefix = request.scope.get("root_path", "").rstrip("/")
        page = get_swagger_ui_html(
            openapi_url=f"{prefix}{app.openapi_url}", title=app.title, swagger_favicon_url="data:image/png;base64,"
        )
        return HTMLResponse(page.body, headers={"Content-Security-Policy": _policy(bytes(page.body).decode())})

    app.include_router(router)


def _policy(page: str) -> str:
    """What the page needs and no more: its inline script goes by its digest."""
    digests = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _INLINE_SCRIPT.findall(page)
    ]
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {_ASSETS} {scripts}; style-src {_ASSETS} 'unsafe-inline'; "
        f"img-src 'self' data: {_ASSETS}; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
