"""Events: a row of the inbox each."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.intake import Intake
from bot.slack.intake_arrivals import read_event

EVENTS = ("message", "app_mention", "app_home_opened", "member_joined_channel", "app_uninstalled", "tokens_revoked")
"""https://docs.slack.dev/reference/events"""


def register(app: AsyncApp, intake: Intake) -> None:
    """Listen to each of `EVENTS`."""

    async def take(body: dict[str, Any]) -> None:
        await intake.take(read_event(body))

    for name in EVENTS:
        listen: Any = app.event(name)  # pyright: ignore[reportUnknownMemberType] -- Bolt does not type its decorators
        listen(take)
