"""What orch says when it is invited to a channel: once, short, and true for that channel."""

from typing import Any

import structlog

from bot.slack.channels import AlertChannels
from bot.slack.intake_arrivals import own_users
from bot.slack.manifest import COMMAND
from bot.slack.outbox import Outbox, Outgoing
from bot.slack.render.pages import render_message
from bot.slack.render.parts import paragraph, text
from bot.slack.triage import Outcome
from storage.slack_greetings import SlackGreetings
from storage.slack_inbox import InboxItem

_log = structlog.stdlib.get_logger(__name__)

_WATCHED = "Alerts that are posted here I look into by myself, and answer in their threads."
_NOT_WATCHED = (
    "Alerts that are posted here I leave alone: ORCHESTRATOR_SLACK_ALERT_CHANNELS names other channels. Ask whoever runs me "
    "to add this one."
)


class Welcome:
    """Handles the kind `member_joined` of the inbox."""

    def __init__(self, channels: AlertChannels, greetings: SlackGreetings, outbox: Outbox) -> None:
        self._channels = channels
        self._outbox = outbox
        self._greetings = greetings

    async def handle(self, item: InboxItem) -> Outcome:
        """A hello, unless somebody else joined or it was said before; and what could not be said here until now.

        Raises SlackCallError, StorageError.

        https://docs.slack.dev/reference/events/member_joined_channel
        """
        event: Any = item.payload.get("event") or {}
        channel = str(event.get("channel") or "")
        if event.get("user") not in own_users(item.payload) or not channel:
            return Outcome(reason="somebody_else_joined", refused=True)
        watched = await self._channels.watches(channel, item.team)
        _log.info("slack.invited", channel=channel, team=item.team, by=event.get("inviter"), takes_alerts=watched)
        revived = await self._outbox.revive(channel=channel)
        if revived:
            _log.info("slack.tried_again", channel=channel, messages=revived)
        if not await self._greetings.is_first(f"channel:{item.team}:{channel}"):
            return Outcome(reason="greeted_before", refused=True)
        message = render_message(
            [
                paragraph(f"Hello, I look into incidents. {_WATCHED if watched else _NOT_WATCHED}"),
                paragraph(
                    "Ask me with ",
                    text(f"{COMMAND} analyze …", code=True),
                    " or by my name; ",
                    text(f"{COMMAND} help", code=True),
                    " says more.",
                ),
            ]
        )
        outgoing = Outgoing(
            key=f"hello:{item.team}:{channel}", channel=channel, team=item.team, message=message, role="hello"
        )
        return Outcome(reason="greeted", outgoing=(outgoing,))
