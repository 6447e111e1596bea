"""Buttons below orch's messages."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.intake_arrivals import read_interaction
from bot.slack.interactions import FEEDBACK
from bot.slack.interactions.forms import Forms
from bot.slack.interactions.handler import asker_of, first_action, task_of
from bot.slack.listeners.recording import Recorder

_OURS = re.compile("^orch_")


def register(app: AsyncApp, recorder: Recorder, forms: Forms) -> None:
    """Listen to every button of ours: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload ."""
    listen: Any = app.action(_OURS)  # pyright: ignore[reportUnknownMemberType] -- Bolt does not type its decorators

    @listen
    async def pressed(ack: AsyncAck, body: dict[str, Any]) -> None:
        url = str(body.get("response_url") or "")
        is_new = await recorder.record(read_interaction(body, "action"), response_url=url)
        action = first_action(body)
        task_id = task_of(body)
        rejects = action.get("action_id") == FEEDBACK and "rejected" in str(action.get("value"))
        if is_new and rejects and task_id is not None:
            await forms.open_reject(body, asker_of(body), str(task_id))
        await ack()
