"""Posts and rewrites messages: paced, and plainer where Slack refuses the richer blocks."""

import asyncio
from time import monotonic
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import call
from bot.slack.errors import SlackCallError
from bot.slack.render.pages import Message
from bot.slack.render.rich import Block

_log = structlog.stdlib.get_logger(__name__)

_BLOCKS_REFUSED = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch", "unsupported_block_type"}
)
_MANY = 1000
_QUIET: dict[str, Any] = {"parse": "none", "link_names": False}
"""Slack is to find no mention and no link in the text: https://docs.slack.dev/reference/methods/chat.postMessage"""


class Pacer:
    """Lets callers through in their order, at most one per key in each interval."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._free_at: dict[str, float] = {}

    async def wait(self, key: str) -> None:
        now = monotonic()
        if len(self._free_at) > _MANY:
            self._free_at = {known: at for known, at in self._free_at.items() if at > now}
        at = max(now, self._free_at.get(key, now))
        self._free_at[key] = at + self._interval_s
        if at > now:
            await asyncio.sleep(at - now)


class Poster:
    """Sends messages. Raises SlackCallError."""

    def __init__(self, client: AsyncWebClient, *, post_s: float = 1.0) -> None:
        self._client = client
        self._posts = Pacer(post_s)

    async def post(
        self, channel: str, message: Message, *, metadata: dict[str, Any], thread_ts: str | None = None
    ) -> str:
        """The `ts` of the new message."""
        await self._posts.wait(channel)
        arguments = {
            **_QUIET,
            "channel": channel,
            "thread_ts": thread_ts,
            "metadata": metadata,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        answer = await self._send("chat.postMessage", arguments, message)
        return str(answer["ts"])

    async def _send(self, method: str, arguments: dict[str, Any], message: Message) -> dict[str, Any]:
        refused: SlackCallError | None = None
        for blocks in (message.rich, message.plain, None):
            try:
                return await self._call(method, {**arguments, "text": message.text}, blocks)
            except SlackCallError as error:
                if error.code not in _BLOCKS_REFUSED:
                    raise
                _log.warning("slack.blocks_refused", method=method, error=error.code)
                refused = error
        assert refused is not None
        raise refused

    async def _call(self, method: str, arguments: dict[str, Any], blocks: list[Block] | None) -> dict[str, Any]:
        given = {**arguments, "blocks": blocks}
        return await call(self._client, method, {name: value for name, value in given.items() if value is not None})
