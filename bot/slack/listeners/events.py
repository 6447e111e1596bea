"""Messages in channels: an inbox row each, whatever their subtype."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.intake import Intake


def register(app: AsyncApp, intake: Intake) -> None:
    """Listen to messages: https://docs.slack.dev/reference/events/message."""
    listen: Any = app.event("message")  # pyright: ignore[reportUnknownMemberType] -- Bolt does not type its decorators

    @listen
    async def message(body: dict[str, Any]) -> None:
        await intake.take_message(body)
