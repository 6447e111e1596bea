"""What Slack sends, kept before it is acknowledged."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from bot.alerts.message import read_message
from core.errors import InvalidInputError, StorageError
from storage.slack_inbox import SlackInbox

_log = structlog.stdlib.get_logger(__name__)

_STORE_TIMEOUT_S = 2.0
"""Slack waits three seconds: https://docs.slack.dev/apis/events-api/#responding"""
_KEY_CHARS = 300


class Intake:
    """Writes events into the inbox; `wake` is called for each new one. Own messages are counted in `ignored`, not kept."""

    def __init__(self, inbox: SlackInbox, ignored: Counter[str], wake: Callable[[], None]) -> None:
        self._inbox = inbox
        self._ignored = ignored
        self._wake = wake

    async def take_message(self, envelope: Mapping[str, Any]) -> None:
        """Keep a message event. StorageError when it could not be kept: then there is nothing to acknowledge."""
        message = read_message(envelope)
        event_id = str(envelope.get("event_id") or "")[:_KEY_CHARS]
        if message is None or not event_id or not message.channel or not _is_timestamp(message.ts) or not message.at:
            self._ignore("no message that can be told from others")
            return
        if message.is_own:
            self._ignore("own_message")
            return
        team = envelope.get("team_id")
        try:
            async with asyncio.timeout(_STORE_TIMEOUT_S):
                is_new = await self._inbox.put(
                    event_id,
                    kind="message",
                    team=None if team is None else str(team),
                    channel=message.channel,
                    payload=envelope,
                )
        except TimeoutError:
            raise StorageError(f"the event was not stored within {_STORE_TIMEOUT_S:g} s: see GET /health") from None
        except InvalidInputError as error:  # it will not be storable the next time either
            _log.warning("slack.not_storable", error=str(error))
            self._ignore("not_storable")
            return
        if is_new:
            self._wake()
        else:
            self._ignore("delivered_again")

    def _ignore(self, reason: str) -> None:
        self._ignored[reason] += 1
        _log.info("slack.ignored", reason=reason)


def _is_timestamp(text: str) -> bool:
    """Whether it names a message: https://docs.slack.dev/messaging/retrieving-messages#individual_messages."""
    seconds, _, order = text.partition(".")
    return text.isascii() and seconds.isdecimal() and (not order or order.isdecimal())
