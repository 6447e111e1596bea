"""Opens forms: in the listener itself, since a `trigger_id` is good for three seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.access import Asker
from bot.slack.client import call
from bot.slack.commands.answers import Answer, say
from bot.slack.errors import SlackCallError
from bot.slack.interactions.form import View, analyze_form, reject_form
from core.errors import StorageError
from core.landscape import Landscape

_log = structlog.stdlib.get_logger(__name__)

_OPEN_TIMEOUT_S = 2.0
"""https://docs.slack.dev/interactivity/implementing-slash-commands#modals"""


class Forms:
    """`views.open`, once: a second try would come too late."""

    def __init__(self, landscape: Landscape, client_of: Callable[[str | None], Awaitable[AsyncWebClient]]) -> None:
        self._landscape = landscape
        self._client_of = client_of

    async def open_analyze(self, payload: Mapping[str, Any], asker: Asker, *, response_url: str = "") -> Answer | None:
        """The form for a task; an answer where Slack did not open it."""
        view = analyze_form(self._landscape, asker, response_url=response_url)
        if await self._open(payload, asker, view):
            return None
        return say(
            "form_not_opened",
            "I could not open the form. Type what to look into instead: /orch analyze checkout errors of the last 30 min",
            refused=True,
        )

    async def open_reject(self, payload: Mapping[str, Any], asker: Asker, task_id: str) -> None:
        """Asks why; that it was rejected is kept without it, too."""
        place = {"channel": asker.channel, "thread_ts": asker.thread_ts}
        await self._open(payload, asker, reject_form(task_id, place))

    async def _open(self, payload: Mapping[str, Any], asker: Asker, view: View) -> bool:
        trigger_id = payload.get("trigger_id")
        if not trigger_id:
            return False
        try:
            async with asyncio.timeout(_OPEN_TIMEOUT_S):
                client = await self._client_of(asker.team)
                await call(client, "views.open", {"trigger_id": trigger_id, "view": view})
        except (SlackCallError, StorageError, TimeoutError) as error:
            _log.warning("slack.form_not_opened", form=view["callback_id"], error=str(error) or type(error).__name__)
            return False
        return True
