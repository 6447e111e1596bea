"""Finds a message of ours in Slack, of which nobody knows whether it was posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import call
from bot.slack.errors import CALL_ERRORS, Fault, SlackCallError, explain
from storage.slack_outbox_claims import Claimed

_log = structlog.stdlib.get_logger(__name__)

METADATA_EVENT = "orch_message"
"""https://docs.slack.dev/messaging/message-metadata"""
_SKEW_S = 300.0
"""So far apart may Slack's clock and the database's be."""
_PAGE = 200
"""Slack advises no more: https://docs.slack.dev/reference/methods/conversations.history"""
_PAGES = 5


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Our message as it stands in Slack; `version` is that of the outbox's row."""

    ts: str
    version: int


def describe(claimed: Claimed) -> dict[str, Any]:
    """The metadata by which it is found again, and by which programs tell what it is."""
    payload: dict[str, Any] = {"key": claimed.key, "role": claimed.role, "version": claimed.version}
    if claimed.task_id is not None:
        payload["task_id"] = str(claimed.task_id)
    return {"event_type": METADATA_EVENT, "event_payload": payload}


async def find_trace(client: AsyncWebClient, claimed: Claimed, since: datetime) -> Trace | None:
    """The message, if it was posted since then; None where it was not, or where Slack does not let orch look.

    SlackCallError when Slack cannot tell just now.
    """
    arguments: dict[str, Any] = {
        "channel": claimed.channel,
        "oldest": f"{since.timestamp() - _SKEW_S:.6f}",
        "limit": _PAGE,
        "include_all_metadata": True,
    }
    method = "conversations.history"
    if claimed.thread_ts is not None:
        method = "conversations.replies"
        arguments["ts"] = claimed.thread_ts
    try:
        for _ in range(_PAGES):
            answer = await _read(client, method, arguments)
            for message in cast("list[dict[str, Any]]", answer.get("messages") or []):
                if (found := _match(message, claimed)) is not None and await _is_own(client, message, claimed):
                    return found
            cursor = cast("dict[str, Any]", answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            arguments["cursor"] = cursor
        _log.warning(
            "slack.own_message_not_found",
            key=claimed.key,
            channel=claimed.channel,
            messages=_PAGES * _PAGE,
            consequence="there are more since then: it is posted again, and may stand there twice",
        )
    except SlackCallError as error:
        if error.fault not in {Fault.FINAL, Fault.REFUSED}:
            raise
        _log.warning(
            "slack.cannot_look_for_own_message",
            key=claimed.key,
            channel=claimed.channel,
            error=str(error),
            consequence="it is posted again, and may stand there twice",
        )
    return None


async def _read(client: AsyncWebClient, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Reading methods take their arguments in the query: https://docs.slack.dev/reference/methods/conversations.replies ."""
    untyped = cast("Any", client)  # slack_sdk types neither side of a call
    try:
        data: object = (await untyped.api_call(method, http_verb="GET", params=dict(arguments))).data
    except CALL_ERRORS as error:
        raise explain(method, error) from None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}


async def _is_own(client: AsyncWebClient, message: Mapping[str, Any], claimed: Claimed) -> bool:
    """Whether this app wrote it: any other may write what it likes into the metadata of its messages.

    https://docs.slack.dev/reference/methods/auth.test
    """
    author = message.get("bot_id")
    if author is None:
        return True
    own = (await call(client, "auth.test", {})).get("bot_id")
    if own is None or author == own:
        return True
    _log.warning("slack.not_an_own_message", key=claimed.key, channel=claimed.channel, bot_id=author)
    return False


def _match(message: Mapping[str, Any], claimed: Claimed) -> Trace | None:
    if claimed.kind == "file":
        files = cast("list[dict[str, Any]]", message.get("files") or [])
        is_it = claimed.file_id is not None and any(file.get("id") == claimed.file_id for file in files)
        return Trace(ts=str(message.get("ts")), version=claimed.version) if is_it else None
    metadata = cast("dict[str, Any]", message.get("metadata") or {})
    payload = cast("dict[str, Any]", metadata.get("event_payload") or {})
    if metadata.get("event_type") != METADATA_EVENT or payload.get("key") != claimed.key:
        return None
    version = payload.get("version")
    return Trace(ts=str(message.get("ts")), version=version if isinstance(version, int) else 0)
