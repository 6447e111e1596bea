"""The Bolt app: Slack's requests, dispatched to listeners."""

import logging
from collections import Counter
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.web.async_client import AsyncWebClient

from core.errors import StorageError

_log = structlog.stdlib.get_logger(__name__)


def build_bolt(client: AsyncWebClient, signing_secret: str | None, ignored: Counter[str]) -> AsyncApp:
    """An app without listeners. What none of them takes is answered 200, and counted in `ignored` by its reason.

    `process_before_response`: with Bolt's default an event whose listener fails is acknowledged, and lost.
    """
    logger = logging.getLogger("slack_bolt.orch")
    logger.setLevel(logging.ERROR)  # it warns of the token at every start, and repeats what `answer_error` logs

    async def authorize(**context: Any) -> AuthorizeResult:
        """One workspace, one token: nothing to ask Slack before a command can be acknowledged."""
        return AuthorizeResult(
            enterprise_id=context.get("enterprise_id"), team_id=context.get("team_id"), bot_token=client.token
        )

    app = AsyncApp(
        name="orch",
        logger=logger,
        client=client,
        signing_secret=signing_secret or "",  # without one there is no door over HTTP
        authorize=authorize,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
    )

    @app.error
    async def answer_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            reason = f"no listener for {_kind(body)}"
            ignored[reason] += 1
            _log.info("slack.ignored", reason=reason)
            return BoltResponse(status=200, body="")
        if isinstance(error, StorageError):
            _log.warning("slack.not_stored", kind=_kind(body), error=str(error))
            return BoltResponse(status=503, body="")
        _log.error("slack.listener_broke", kind=_kind(body), exc_info=error)
        return BoltResponse(status=500, body="")

    return app


def _kind(body: dict[str, Any]) -> str:
    """What sort of request it is, such as `event message`, `command /other` or `block_actions`."""
    event: Any = body.get("event")
    if isinstance(event, dict):
        return f"event {str(event.get('type'))[:60]}"  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] -- JSON
    if "command" in body:
        return f"command {str(body['command'])[:40]}"
    return str(body.get("type", "a request of no known kind"))[:60]
