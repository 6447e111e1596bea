"""No request is held for ever: where nothing answers it in time, it is told so, whatever it waits for."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.preferences import MAX_WAIT_S
from bot.api.problems import answer

ANSWER_S: Final = 15.0
"""A database without a free connection is told after five seconds; a statement of ours takes milliseconds. What takes longer
hangs: a server that is frozen, or cut off, takes what it is sent and neither answers nor refuses."""
_PATIENT_ENDS: Final = ("/run", "/digest", "/charts")
_PATIENT_BEGINNINGS: Final = ("/manual",)
"""Of the paths of what waits for a run, for pictures to be drawn, or for company systems."""
_RETRY_AFTER_S: Final = "5"
_log = structlog.stdlib.get_logger(__name__)


class Deadline:
    """Answers 503 for a request that has not begun to be answered, and stops the work on it.

    A timer a request, not a task: most requests end in milliseconds.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answer_s = ANSWER_S
        self._patient_s = ANSWER_S + MAX_WAIT_S
        self._refusals: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit_s = self._limit_s(scope["path"])
        began = overdue = False
        work = asyncio.current_task()
        assert work is not None

        async def watched(message: Message) -> None:
            nonlocal began
            if not overdue:
                began = True
                await send(message)

        async def refuse() -> None:
            _log.error("api.overdue", path=scope["path"], method=scope["method"], limit_s=limit_s)
            await _refusal(Request(scope), limit_s)(scope, receive, send)

        def give_up() -> None:
            nonlocal overdue
            if not began:
                overdue = True
                self._begin(refuse)
                work.cancel()

        timer = asyncio.get_running_loop().call_later(limit_s, give_up)
        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            if overdue and work.uncancel() == 0:
                return
            if not began:
                # The server's own grace for requests is over: whoever waits is not left with a broken connection.
                began = True
                await _stopping(Request(scope))(scope, receive, send)
            raise
        finally:
            timer.cancel()

    def _limit_s(self, path: str) -> float:
        is_patient = path.endswith(_PATIENT_ENDS) or path.startswith(_PATIENT_BEGINNINGS)
        return self._patient_s if is_patient else self._answer_s

    def _begin(self, refuse: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await refuse()

        task = asyncio.create_task(run(), name="refusal of an overdue request")
        self._refusals.add(task)
        task.add_done_callback(self._refusals.discard)


def _stopping(request: Request) -> ASGIApp:
    detail = "orch is stopping and waits for nothing any more: ask again in a moment, what was begun goes on"
    headers = {"Retry-After": _RETRY_AFTER_S}
    return answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "stopping", detail, headers=headers)


def _refusal(request: Request, limit_s: float) -> ASGIApp:
    detail = (
        f"nothing answered within {limit_s:g} s, most likely the database: GET /health tells of each part. What was asked "
        "for may have been done all the same: look before you send it again, or send it with an Idempotency-Key"
    )
    headers = {"Retry-After": _RETRY_AFTER_S}
    return answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "overdue", detail, headers=headers)
