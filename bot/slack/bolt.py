"""The Bolt app: Slack's requests, dispatched to listeners."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.workspaces import NOT_INSTALLED
from core.errors import StorageError

_log = structlog.stdlib.get_logger(__name__)

type IsInstalled = Callable[[str | None], Awaitable[bool]]

_TELL_OF_LEAVING = frozenset({"event app_uninstalled", "event tokens_revoked"})
_NOT_INSTALLED = "orch is not installed in this workspace (any more): ask its admins to install it again."


def build_bolt(
    client: AsyncWebClient, signing_secret: str | None, ignored: Counter[str], is_installed: IsInstalled | None = None
) -> AsyncApp:
    """An app without listeners. What none of them takes is answered 200, and counted in `ignored` by its reason.

    `is_installed` is asked of each request's workspace, where there may be many. `process_before_response`: with Bolt's default an event whose listener fails is acknowledged, and lost.
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

    if is_installed is not None:
        _refuse_strangers(app, is_installed, ignored)

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


def _refuse_strangers(app: AsyncApp, is_installed: IsInstalled, ignored: Counter[str]) -> None:
    """What comes from a workspace that has not installed orch, or not any more, goes no further."""
    use = cast("Any", app).middleware  # Bolt does not type its decorators

    @use
    async def only_installed(
        context: Any,
        body: dict[str, Any],
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 -- Bolt gives it by this name
    ) -> BoltResponse:
        if _kind(body) in _TELL_OF_LEAVING or await is_installed(context.team_id):
            return await next()
        ignored[NOT_INSTALLED] += 1
        _log.warning("slack.ignored", reason=NOT_INSTALLED, team=context.team_id, kind=_kind(body))
        return BoltResponse(status=200, body=_NOT_INSTALLED if "command" in body else "")


def _kind(body: dict[str, Any]) -> str:
    """What sort of request it is, such as `event message`, `command /other` or `block_actions`."""
    event: Any = body.get("event")
    if isinstance(event, dict):
        return f"event {str(event.get('type'))[:60]}"  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] -- JSON
    if "command" in body:
        return f"command {str(body['command'])[:40]}"
    return str(body.get("type", "a request of no known kind"))[:60]
