"""What Slack sends when people speak, press and submit."""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from tests.bot.slack.conftest import SlackSide
from tests.bot.slack.test_alerts import envelope

CHANNEL = "C1"
TS = "1794000100.000100"


def mention(
    text: str, *, ts: str = TS, thread_ts: str | None = None, event_id: str = "Ev1", **parts: object
) -> dict[str, Any]:
    event = {
        "type": "app_mention",
        "user": "U1",
        "text": f"<@U0US> {text}",
        "ts": ts,
        "event_ts": ts,
        "channel": CHANNEL,
        **({"thread_ts": thread_ts} if thread_ts else {}),
        **parts,
    }
    return envelope(event, event_id)


def message(text: str, *, ts: str = TS, event_id: str = "Ev2", **parts: object) -> dict[str, Any]:
    event = {
        "type": "message",
        "user": "U1",
        "text": text,
        "ts": ts,
        "event_ts": ts,
        "channel": CHANNEL,
        "channel_type": "channel",
        **parts,
    }
    return envelope(event, event_id)


def direct(text: str, *, ts: str = TS, event_id: str = "Ev1", **parts: object) -> dict[str, Any]:
    return message(text, ts=ts, event_id=event_id, channel="D1", channel_type="im", **parts)


def deletion(ts: str, *, event_id: str = "Ev9") -> dict[str, Any]:
    at = "1794000999.000100"
    event = {
        "type": "message",
        "subtype": "message_deleted",
        "channel": CHANNEL,
        "channel_type": "channel",
        "ts": at,
        "event_ts": at,
        "deleted_ts": ts,
    }
    return envelope(event, event_id)


def pressed(side: SlackSide, action: dict[str, Any], *, user: str = "U1", **parts: Any) -> dict[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
    return {
        "type": "block_actions",
        "user": {"id": user, "username": "ada", "team_id": "T1"},
        "team": {"id": "T1", "domain": "test"},
        "api_app_id": "A0US",
        "token": "legacy",
        "trigger_id": uuid4().hex,
        "response_url": side.response_url,
        "container": {"type": "message", "message_ts": "1.5", "channel_id": CHANNEL, "thread_ts": "1.0"},
        "channel": {"id": CHANNEL, "name": "incidents"},
        "actions": [{"type": "button", "action_ts": "1.6", "block_id": "b", **action}],
        **parts,
    }


def shortcut(side: SlackSide, text: str, *, ts: str = TS, **parts: Any) -> dict[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload"""
    return {
        "type": "message_action",
        "callback_id": "orch_investigate",
        "user": {"id": "U1", "name": "ada", "team_id": "T1"},
        "team": {"id": "T1"},
        "channel": {"id": CHANNEL, "name": "incidents"},
        "trigger_id": uuid4().hex,
        "response_url": side.response_url,
        "message_ts": ts,
        "message": {"type": "message", "user": "U2", "text": text, "ts": ts, **parts},
    }


def submitted(view: dict[str, Any], values: dict[str, dict[str, Any]], *, user: str = "U1") -> dict[str, Any]:
    """https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload"""
    state = {block: {"value": value} for block, value in values.items()}
    return {
        "type": "view_submission",
        "user": {"id": user, "username": "ada", "team_id": "T1"},
        "team": {"id": "T1"},
        "trigger_id": uuid4().hex,
        "view": {
            "id": "V1",
            "hash": "1.a",
            "type": "modal",
            "callback_id": view["callback_id"],
            "private_metadata": view["private_metadata"],
            "state": {"values": state},
        },
    }


async def interact(side: SlackSide, payload: dict[str, Any]) -> httpx.Response:
    return await side.send(urlencode({"payload": json.dumps(payload)}))
