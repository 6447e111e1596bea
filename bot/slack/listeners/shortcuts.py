"""“Investigate this message” in a message's menu, and the form from anywhere."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.intake_arrivals import read_interaction
from bot.slack.interactions import INVESTIGATE, INVESTIGATE_ANEW
from bot.slack.interactions.forms import Forms
from bot.slack.interactions.handler import asker_of
from bot.slack.listeners.recording import Recorder


def register(app: AsyncApp, recorder: Recorder, forms: Forms) -> None:
    """Listen to both: https://docs.slack.dev/interactivity/implementing-shortcuts ."""
    # Bolt does not type its decorators.
    on_message: Any = app.message_shortcut(INVESTIGATE)  # pyright: ignore[reportUnknownMemberType]
    anywhere: Any = app.global_shortcut(INVESTIGATE_ANEW)  # pyright: ignore[reportUnknownMemberType]

    @on_message
    async def investigate(ack: AsyncAck, body: dict[str, Any]) -> None:
        await recorder.record(read_interaction(body, "shortcut"), response_url=str(body.get("response_url") or ""))
        await ack()

    @anywhere
    async def investigate_anew(ack: AsyncAck, body: dict[str, Any]) -> None:
        if await recorder.record(read_interaction(body, "shortcut", reason="form_opened")):
            await forms.open_analyze(body, asker_of(body))
        await ack()
