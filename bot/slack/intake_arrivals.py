"""What Slack sends → a row of the inbox, or the reason for not keeping it. Cheap: it runs before the acknowledgement."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal, cast
from uuid import uuid4

from bot.slack.render.escaping import clean
from storage.slack_inbox import MESSAGES, PEOPLE, Arrival

type Kind = Literal[
    "message",
    "mention",
    "dm",
    "command",
    "action",
    "shortcut",
    "view_submission",
    "home_opened",
    "member_joined",
    "app_uninstalled",
    "tokens_revoked",
]

NO_MESSAGE = "no message that can be told from others"
_KEY_CHARS = 300
_EVENTS: dict[str, Kind] = {
    "app_home_opened": "home_opened",
    "member_joined_channel": "member_joined",
    "app_uninstalled": "app_uninstalled",
    "tokens_revoked": "tokens_revoked",
}
_CHANGES = frozenset({"message_changed", "message_deleted"})


def read_event(envelope: Mapping[str, Any]) -> Arrival | str:
    """An event of https://docs.slack.dev/apis/events-api ; its key is Slack's own `event_id`."""
    event = _object(envelope.get("event"))
    event_id = _text(envelope.get("event_id"))[:_KEY_CHARS]
    name = _text(event.get("type"))
    if name in _EVENTS:
        kind = _EVENTS[name]
        place = _text(event.get("channel")) or _text(event.get("user"))
        return _arrival(envelope, event_id, kind, place, f"{kind}:{place}") if event_id else "no event_id"
    return _read_message(envelope, event, event_id)


def _read_message(envelope: Mapping[str, Any], event: Mapping[str, Any], event_id: str) -> Arrival | str:
    """A message in a channel, a mention, or what somebody writes to orch alone.

    https://docs.slack.dev/reference/events/message , https://docs.slack.dev/reference/events/app_mention
    """
    body = _object(event.get("message")) or event
    channel = _text(event.get("channel"))
    ts = _text(event.get("deleted_ts")) or _text(body.get("ts")) or _text(event.get("ts"))
    at = _text(event.get("event_ts")) or _text(event.get("ts"))
    if not event_id or not channel or not is_timestamp(ts) or not is_timestamp(at):
        return NO_MESSAGE
    if _is_own(envelope, body):
        return "own_message"
    thread = _text(body.get("thread_ts")) or ts
    if event.get("type") == "app_mention":
        if _is_bot(body):
            return "mentioned_by_a_bot"
        return _arrival(envelope, event_id, "mention", channel, f"{channel}:{thread}")
    if event.get("channel_type") == "im" and event.get("subtype") not in _CHANGES:
        if _is_bot(body):
            return "dm_of_a_bot"
        return _arrival(envelope, event_id, "dm", channel, f"{channel}:{thread}")
    return _arrival(envelope, event_id, "message", channel, channel, urgency=MESSAGES)


def read_command(command: Mapping[str, Any], *, reason: str | None = None) -> Arrival:
    """A slash command, whose key is its `trigger_id`, since Slack gives it no other id.

    https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
    """
    own = _text(command.get("trigger_id")) or _text(command.get("response_url")) or uuid4().hex
    channel, user = _text(command.get("channel_id")), _text(command.get("user_id"))
    kept = {name: value for name, value in command.items() if name != "token"}
    kept["text"] = clean(_text(command.get("text")))
    return Arrival(
        key=f"command:{_short(own)}",
        kind="command",
        team=_text(command.get("team_id")) or None,
        channel=channel,
        lane=f"{channel}:{user}",
        urgency=PEOPLE,
        payload=kept,
        reason=reason,
    )


def read_interaction(payload: Mapping[str, Any], kind: Kind, *, reason: str | None = None) -> Arrival:
    """A button, a shortcut or a submitted view, keyed by its `trigger_id`, else by who did what when.

    https://docs.slack.dev/reference/interaction-payloads
    """
    user = _text(_object(payload.get("user")).get("id"))
    container = _object(payload.get("container"))
    view = _object(payload.get("view"))
    actions = payload.get("actions")
    action = _object(cast("list[object]", actions)[0]) if isinstance(actions, list) and actions else {}
    channel = _text(_object(payload.get("channel")).get("id")) or _text(container.get("channel_id"))
    own = _text(payload.get("trigger_id")) or ":".join(
        (
            _text(action.get("action_ts")) or _text(payload.get("action_ts")) or _text(view.get("hash")) or uuid4().hex,
            user,
            _text(action.get("action_id")) or _text(payload.get("callback_id")) or _text(view.get("id")),
        )
    )
    ts = _text(container.get("message_ts")) or _text(_object(payload.get("message")).get("ts"))
    kept = {name: value for name, value in payload.items() if name != "token"}
    return Arrival(
        key=f"{kind}:{_short(own)}",
        kind=kind,
        team=_text(_object(payload.get("team")).get("id")) or None,
        channel=channel,
        lane=f"{channel}:{ts}" if ts else f"{channel}:{user}",
        urgency=PEOPLE,
        payload=kept,
        reason=reason,
    )


def is_timestamp(text: str) -> bool:
    """Whether it names a message: https://docs.slack.dev/messaging/retrieving-messages#individual_messages."""
    seconds, dot, order = text.partition(".")
    return text.isascii() and seconds.isdecimal() and int(seconds[:12]) > 0 and (not dot or order.isdecimal())


def own_users(envelope: Mapping[str, Any]) -> frozenset[str]:
    """The users that this app is in the workspace: https://docs.slack.dev/apis/events-api/#authorizations."""
    grants = envelope.get("authorizations")
    items = [_object(grant) for grant in cast("list[object]", grants)] if isinstance(grants, list) else []
    return frozenset(_text(item.get("user_id")) for item in items if item.get("is_bot")) - {""}


def _arrival(
    envelope: Mapping[str, Any], key: str, kind: Kind, channel: str, lane: str, *, urgency: int = PEOPLE
) -> Arrival:
    team = envelope.get("team_id")
    return Arrival(
        key=key,
        kind=kind,
        team=None if team is None else str(team),
        channel=channel,
        lane=lane,
        urgency=urgency,
        payload=envelope,
    )


def _is_own(envelope: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    app_id = envelope.get("api_app_id")
    return (bool(app_id) and body.get("app_id") == app_id) or body.get("user") in own_users(envelope)


def _is_bot(body: Mapping[str, Any]) -> bool:
    return bool(body.get("bot_id") or body.get("bot_profile")) or not body.get("user")


def _short(text: str) -> str:
    """The text, or its digest where it is long: a key is unique, and of bounded length."""
    return text if len(text) <= _KEY_CHARS else sha256(text.encode("utf-8", "replace")).hexdigest()


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
