"""`POST /slack/events`: what is not Slack's is refused before anything reads it."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_log = structlog.stdlib.get_logger(__name__)

router = APIRouter(include_in_schema=False)


@router.post("/slack/events")
async def take(request: Request) -> Response:
    """Everything that Slack sends: events, commands, interactions."""
    door: Door = request.app.state.runtime.slack.door  # this route is there only with a signing secret
    return await door.take(request)


class Door:
    """Verifies requests and hands them to Bolt."""

    def __init__(self, bolt: AsyncApp, signing_secret: str) -> None:
        self._handler = AsyncSlackRequestHandler(bolt)
        self._verifier = SignatureVerifier(signing_secret)

    async def take(self, request: Request) -> Response:
        """Bolt's answer; 401 unless the request is signed and no older than five minutes, 400 when it cannot be read.

        https://docs.slack.dev/authentication/verifying-requests-from-slack
        """
        body = await request.body()
        if _is_ssl_check(body):
            return PlainTextResponse("")
        if not self._is_signed(body, request.headers):
            _log.warning("slack.refused", reason=_why_unsigned(request.headers))
            return PlainTextResponse("this request is not signed by Slack, or too old", HTTPStatus.UNAUTHORIZED)
        try:
            return await self._handler.handle(request)
        except ValueError as error:  # Bolt reads the body as JSON or a form before anything else
            _log.warning("slack.refused", reason="unreadable body", error=type(error).__name__)
            return PlainTextResponse("this body is neither JSON nor a form", HTTPStatus.BAD_REQUEST)

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            return self._verifier.is_valid_request(body, dict(headers))
        except (
            ValueError,
            TypeError,
        ):  # a time that is no number, a body that is no UTF-8, a signature that is no ASCII
            return False


def _is_ssl_check(body: bytes) -> bool:
    """Slack sends it unsigned, to see that the certificate is good; there is nothing to do about it."""
    return len(body) < 500 and parse_qs(body).get(b"ssl_check") == [b"1"]  # noqa: PLR2004 -- it holds a token and no more


def _why_unsigned(headers: Mapping[str, str]) -> str:
    if "x-slack-signature" not in headers or "x-slack-request-timestamp" not in headers:
        return "no signature"
    return "bad signature or time"
