"""Which handler deals with what: messages go to the desk, people's words to the commander, presses to the interactions."""

from collections.abc import Sequence
from typing import Any

import structlog

from bot.slack.channels import AlertChannels
from bot.slack.commands.commander import Commander, asker_of_command
from bot.slack.desk import Desk
from bot.slack.errors import SlackCallError
from bot.slack.intake_arrivals import own_users
from bot.slack.interactions.form import read_place
from bot.slack.interactions.handler import Interactions, asker_of
from bot.slack.outbox import Outgoing, Private
from bot.slack.render.pages import render_message
from bot.slack.render.parts import paragraph
from bot.slack.triage import Handler, Outcome
from storage.slack_inbox import InboxItem

_log = structlog.stdlib.get_logger(__name__)

_PEOPLE = frozenset({"command", "action", "shortcut", "view_submission"})
_TRY_AGAIN = (
    "I could not deal with this, though I tried again and again. Once more may help; the log of orch says what broke, "
    "under {key}."
)
_GAVE_UP = (
    "I could not deal with this message, though I tried again and again: it is not looked into. Try “Investigate this "
    "message” in its menu; the log of orch says what broke, under {key}."
)


class Reception:
    """The handlers of every kind of row but those that other parts bring along."""

    def __init__(self, desk: Desk, channels: AlertChannels, commander: Commander, interactions: Interactions) -> None:
        self._desk = desk
        self._channels = channels
        self._commander = commander
        self.handlers: dict[str, Handler] = {
            "message": self._take_message,
            "mention": commander.take_mention,
            "dm": commander.take_direct,
            "command": commander.take_command,
            "action": interactions.take_action,
            "shortcut": interactions.take_shortcut,
            "view_submission": interactions.take_submission,
        }

    async def tell_given_up(self, item: InboxItem) -> Sequence[Outgoing]:
        """What is said of a row that is given up, once: to whoever typed or pressed something, in the thread of a message.

        Of messages only where orch is to look at them. Raises StorageError.
        """
        if item.kind in _PEOPLE:
            return _tell_privately(item)
        event: Any = item.payload.get("event") or {}
        ts = str(event.get("ts") or "")
        if item.kind not in {"message", "mention", "dm"} or not ts or event.get("subtype") == "message_deleted":
            return ()
        try:
            if item.kind == "message" and not await self._channels.watches(item.channel, item.team):
                return ()
        except SlackCallError:
            return ()
        thread = str(
            (event.get("message") or event).get("thread_ts") or (event.get("message") or event).get("ts") or ts
        )
        return (
            Outgoing(
                key=f"given-up:{item.key}",
                channel=item.channel,
                team=item.team,
                thread=thread,
                message=render_message([paragraph(_GAVE_UP.format(key=item.key))]),
                role="given_up",
            ),
        )

    async def _take_message(self, item: InboxItem) -> Outcome | None:
        event: Any = item.payload.get("event") or {}
        deleted = event.get("deleted_ts")
        if deleted:
            stopped = await self._commander.withdraw(item, item.channel, str(deleted))
            if stopped is not None:
                return Outcome(reason="question_deleted", task_id=stopped)
        if not event.get("message") and not event.get("bot_id") and _mentions(event, own_users(item.payload)):
            return Outcome(reason="mention", refused=True)  # the event of its own is what is answered
        await self._desk.decide(item)
        return None


def _tell_privately(item: InboxItem) -> Sequence[Outgoing]:
    payload = item.payload
    place = read_place(payload.get("view") or {})
    asker = asker_of_command(payload) if item.kind == "command" else asker_of(payload, place)
    if not asker.user or not asker.channel:
        return ()
    message = render_message([paragraph(_TRY_AGAIN.format(key=item.key))])
    return (
        Outgoing(
            key=f"given-up:{item.key}",
            channel=asker.channel,
            team=item.team,
            thread=asker.thread_ts,
            message=message if asker.is_direct else Private(user=asker.user, message=message),
            role="given_up",
            response_url=str(payload.get("response_url") or place.get("response_url") or "") or None,
        ),
    )


def _mentions(event: Any, own: frozenset[str]) -> bool:
    return any(f"<@{user}>" in str(event.get("text") or "") for user in own)
