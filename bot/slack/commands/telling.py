"""Says something to one person alone: by the `response_url` that Slack gave, else by a message only they see."""

from collections.abc import Sequence
from typing import Any

import aiohttp
import structlog

from bot.slack.access import Asker
from bot.slack.outbox import Outbox, Outgoing, Private
from bot.slack.render.pages import Message

_log = structlog.stdlib.get_logger(__name__)

_TIMEOUT_S = 3.0
_REFUSED = 400


def private_body(message: Message) -> dict[str, Any]:
    """What an acknowledgement or a `response_url` takes, for the asker's eyes alone.

    https://docs.slack.dev/interactivity/implementing-slash-commands#responding_to_commands
    """
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": message.text,
        "blocks": message.rich,
    }


class Teller:
    """A `response_url` works five times within 30 minutes; what it does not take goes out as an ephemeral message."""

    def __init__(self, session: aiohttp.ClientSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def tell(self, asker: Asker, messages: Sequence[Message], *, key: str, response_url: str = "") -> None:
        """Returns when it is said, or is kept to be said. Raises StorageError when it could not even be kept."""
        for number, message in enumerate(messages):
            if response_url and await self._respond(response_url, message):
                continue
            await self._outbox.put(self.privately(asker, message, key=f"{key}:{number}"))

    async def put(self, *outgoing: Outgoing) -> None:
        """Have it posted. Raises StorageError when it could not be kept."""
        await self._outbox.put(*outgoing)

    def privately(self, asker: Asker, message: Message, *, key: str) -> Outgoing:
        """The message for the outbox; in a conversation with orch alone everything is private."""
        return Outgoing(
            key=f"private:{key}",
            channel=asker.channel,
            team=asker.team,
            thread=asker.thread_ts,
            message=message if asker.is_direct else Private(user=asker.user, message=message),
            role="answer",
        )

    async def _respond(self, response_url: str, message: Message) -> bool:
        """Whether it was taken; blocks that Slack refuses are left out, richest first."""
        body = private_body(message)
        for blocks in (message.rich, message.plain, None):
            shown = {**body, "blocks": blocks} if blocks else {k: v for k, v in body.items() if k != "blocks"}
            try:
                async with self._session.post(
                    response_url, json=shown, timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)
                ) as answer:
                    if answer.status < _REFUSED:
                        return True
                    refusal = (await answer.text())[:200]
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                _log.warning("slack.asker_not_told", error=type(error).__name__)
                return False
            _log.warning("slack.response_refused", status=answer.status, refusal=refusal)
            if "blocks" not in refusal:
                return False
        return False
