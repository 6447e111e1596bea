"""The ASGI app: REST, the page, the manual proxy, and the hook of the Slack door."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api import charts, control, digest, feedback, metrics, status, tasks
from bot.api.bodies import MAX_BODY_BYTES
from bot.api.deadline import Deadline
from bot.api.docs import add_docs
from bot.api.limits import BodyLimit, SecurityHeaders
from bot.api.problems import ProblemError, add_problems
from bot.api.schema import add_schemas
from bot.manual import create_mounted_app
from bot.runtime import Runtime
from bot.settings import Settings
from bot.slack.door import router as slack_door
from bot.slack.oauth import router as slack_installing
from bot.web import add_web
from core.errors import OrchError

type Opener = Callable[[Settings], AbstractAsyncContextManager[Runtime]]


def create_api(settings: Settings, opener: Opener) -> FastAPI:
    """The app; `opener` brings its resources, which live as long as its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        try:
            async with opener(settings) as runtime:
                app.state.runtime = runtime
                yield
        except OrchError as error:
            app.state.failure = str(error)
            raise

    app = FastAPI(
        title="orch",
        summary="An incident investigator: hand in a task, run it, read the cited and verified answer.",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.failure = None
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY_BYTES)
    app.add_middleware(Deadline)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ReadableFailure, failure=lambda: app.state.failure)
    add_problems(app)
    app.include_router(tasks.router)
    app.include_router(control.router)
    app.include_router(charts.router)
    app.include_router(feedback.router)
    app.include_router(digest.router)
    app.include_router(status.router)
    app.include_router(metrics.router)
    add_docs(app)
    add_schemas(app)
    add_web(app)
    reason = settings.slack_http_closed_because
    app.include_router(slack_door if reason is None else _closed_slack_door(reason))
    if settings.slack_client_id is not None:
        app.include_router(slack_installing)
    app.mount(
        "/manual", create_mounted_app(lambda: app.state.runtime.company, timeout_s=settings.manual_tool_timeout_s)
    )
    return app


class ReadableFailure:
    """Tells the server why the start failed in the words of our own error, where there is one, not as a traceback."""

    def __init__(self, app: ASGIApp, failure: Callable[[], str | None]) -> None:
        self._app = app
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def readable(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed" and (failure := self._failure()):
                message = {**message, "message": failure}
            await send(message)

        await self._app(scope, receive, readable if scope["type"] == "lifespan" else send)


def _closed_slack_door(reason: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.post("/slack/events")
    async def closed() -> None:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "slack-closed",
            f"the Slack door is closed: {reason}; set it and start orch again",
        )

    return router
