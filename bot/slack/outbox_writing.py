"""Writes one claimed message to Slack: posted, rewritten, or found where an earlier sender had posted it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import call
from bot.slack.errors import Fault, SlackCallError
from bot.slack.outbox_traces import describe, find_trace
from bot.slack.render import limits
from bot.slack.render.rich import Block
from storage.slack_outbox_claims import Claimed, OutboxClaims

_log = structlog.stdlib.get_logger(__name__)

type ClientOf = Callable[[str | None], Awaitable[AsyncWebClient]]
"""The client that acts in a workspace; None: the only one."""

_SHAPES = ("rich", "plain", "text")
_BLOCKS_REFUSED = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch", "unsupported_block_type"}
)
_QUIET: dict[str, Any] = {"parse": "none", "link_names": False}
"""Slack is to find no mention and no link in the text: https://docs.slack.dev/reference/methods/chat.postMessage"""
_POST: dict[str, Any] = {**_QUIET, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


@dataclass(frozen=True, kw_only=True)
class Written:
    """It stands in Slack under `ts` (None: Slack names none) in this version and shape."""

    ts: str | None
    version: int
    shape: str


class Writer:
    """Raises SlackCallError, whose fault says whether the message may stand there all the same; StorageError."""

    def __init__(self, client_of: ClientOf, claims: OutboxClaims) -> None:
        self._client_of = client_of
        self._claims = claims

    async def write(self, claimed: Claimed, *, send_by: float) -> Written:
        """Nothing is posted after `send_by`, on the loop's clock: then the claim may be another sender's soon."""
        client = await self._client_of(claimed.team or None)
        if claimed.doubted_at is not None and claimed.ts is None and claimed.kind != "ephemeral":
            trace = await find_trace(client, claimed, claimed.doubted_at)
            if trace is not None:
                _log.info("slack.own_message_found", key=claimed.key, channel=claimed.channel, ts=trace.ts)
                return Written(ts=trace.ts, version=trace.version, shape=claimed.shape)
        match claimed.kind:
            case "file":
                await self._upload(client, claimed, send_by)
                return Written(ts=None, version=claimed.version, shape=claimed.shape)
            case "ephemeral":
                arguments = {**_QUIET, "user": claimed.wanted["user"], "thread_ts": claimed.thread_ts}
                _, shape = await self._send(client, "chat.postEphemeral", claimed, arguments, send_by)
                return Written(ts=None, version=claimed.version, shape=shape)
            case _ if claimed.ts is not None:
                arguments = {**_QUIET, "ts": claimed.ts, "metadata": describe(claimed)}
                _, shape = await self._send(client, "chat.update", claimed, arguments, send_by)
                return Written(ts=claimed.ts, version=claimed.version, shape=shape)
            case _:
                arguments = {**_POST, "thread_ts": claimed.thread_ts, "metadata": describe(claimed)}
                answer, shape = await self._send(client, "chat.postMessage", claimed, arguments, send_by)
                return Written(ts=str(answer["ts"]), version=claimed.version, shape=shape)

    async def _send(
        self, client: AsyncWebClient, method: str, claimed: Claimed, arguments: dict[str, Any], send_by: float
    ) -> tuple[dict[str, Any], str]:
        """The answer, and the shape in which Slack took the message: plainer where it refuses the richer one."""
        refused: SlackCallError | None = None
        for shape in _SHAPES[_SHAPES.index(claimed.shape) :]:
            blocks = _blocks(claimed, shape)
            if blocks is None:
                continue
            # A rewriting that names no blocks leaves those that stand there, and shows nothing new:
            # https://github.com/slackapi/python-slack-sdk/issues/523
            none: list[Block] | None = [] if claimed.ts is not None else None
            whole = {**arguments, "channel": claimed.channel, "text": _text(claimed), "blocks": blocks or none}
            _check_time(method, send_by)
            try:
                answer = await call(client, method, {name: value for name, value in whole.items() if value is not None})
            except SlackCallError as error:
                if error.code not in _BLOCKS_REFUSED:
                    raise
                _log.warning("slack.blocks_refused", method=method, key=claimed.key, shape=shape, error=error.code)
                refused = error
            else:
                return answer, shape
        assert refused is not None
        raise refused

    async def _upload(self, client: AsyncWebClient, claimed: Claimed, send_by: float) -> None:
        """See https://docs.slack.dev/messaging/working-with-files#uploading_files ; only the last step shows it."""
        content = claimed.content or b""
        wanted = claimed.wanted
        try:
            named = {"filename": wanted["name"], "length": len(content)}
            shown = {"alt_txt": wanted["alt_text"]} if wanted["alt_text"] else {"snippet_type": "text"}
            place = await call(client, "files.getUploadURLExternal", {**named, **shown})
            file_id = str(place["file_id"])
            await _carry(client, str(place["upload_url"]), content)
        except SlackCallError as error:
            if error.fault is Fault.IN_DOUBT:  # nothing is shown yet
                error.fault = Fault.UNSENT
            raise
        await self._claims.note_file(claimed, file_id)
        method = "files.completeUploadExternal"
        _check_time(method, send_by)
        arguments = {
            "files": [{"id": file_id, "title": wanted["title"]}],
            "channel_id": claimed.channel,
            "thread_ts": claimed.thread_ts,
        }
        await call(client, method, {name: value for name, value in arguments.items() if value is not None})


async def _carry(client: AsyncWebClient, url: str, content: bytes) -> None:
    """Give the bytes to the address that Slack named, which needs no token."""
    assert client.session is not None
    method = "the upload of a file"
    try:
        async with client.session.post(url, data=content, proxy=client.proxy) as answer:
            if answer.status != 200:  # noqa: PLR2004 -- what Slack's page says it answers
                raise SlackCallError(method, f"status {answer.status}", "it is tried again", fault=Fault.UNSENT)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SlackCallError(method, type(error).__name__, "it is tried again", fault=Fault.UNSENT) from None


def _check_time(method: str, send_by: float) -> None:
    if asyncio.get_running_loop().time() >= send_by:
        raise SlackCallError(
            method, "too_late", "this process stood still for too long: another one writes it", fault=Fault.UNSENT
        )


def _blocks(claimed: Claimed, shape: str) -> list[Block] | None:
    """The blocks of this shape, each control under a name that is new with every version; None where they are too many.

    https://docs.slack.dev/reference/block-kit/blocks/actions-block says so of `block_id`.
    """
    blocks: list[Block] = [] if shape == "text" else claimed.wanted.get(shape) or []
    if len(blocks) > limits.MESSAGE_BLOCKS or len(json.dumps(blocks, ensure_ascii=False)) > limits.REFUSED_JSON_CHARS:
        _log.warning("slack.blocks_too_long", key=claimed.key, shape=shape, blocks=len(blocks))
        return None
    return [
        {**block, "block_id": f"{block['block_id']}:{claimed.version}"} if "block_id" in block else block
        for block in blocks
    ]


def _text(claimed: Claimed) -> str:
    return limits.cut(str(claimed.wanted.get("text") or ""), limits.TEXT_CHARS) or limits.NOTHING
