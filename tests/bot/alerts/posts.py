"""Message events as the Events API delivers them, built of the parts a case is about."""

from typing import Any

from core.base import JsonObject

CHANNEL = "C0ALERTS"


def event(**parts: object) -> JsonObject:
    """A post of a program; `parts` replace or add keys of the event."""
    inner: dict[str, Any] = {"type": "message", "bot_id": "B1", "ts": "1794000001.000100", "channel": CHANNEL}
    inner |= {"text": "", "event_ts": inner["ts"], **parts}
    return {
        "type": "event_callback",
        "event_id": "Ev1",
        "api_app_id": "A0US",
        "authorizations": [{"user_id": "U0US", "is_bot": True}],
        "event": inner,
    }


def attachment(**parts: object) -> JsonObject:
    """A post whose words are all in one attachment."""
    username = parts.pop("username", "poster")
    text = parts.pop("top", "")
    return event(username=username, text=text, attachments=[{"id": 1, "fallback": "[no preview available]", **parts}])


def blocks(*items: JsonObject, text: str = "", username: str = "poster") -> JsonObject:
    return event(text=text, username=username, blocks=list(items))


def header(text: str) -> JsonObject:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def section(text: str) -> JsonObject:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def fields(*texts: str) -> JsonObject:
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": text} for text in texts]}


def old_fields(**pairs: str) -> list[JsonObject]:
    return [{"title": key.replace("_", " "), "value": value, "short": True} for key, value in pairs.items()]


def edited(now: JsonObject, before: JsonObject) -> JsonObject:
    """The event of an edit from one post to the other."""
    return event(
        subtype="message_changed", hidden=True, message=now["event"], previous_message=before["event"], bot_id=None
    )


def human(text: str, **parts: object) -> JsonObject:
    return event(text=text, user="U1", bot_id=None, client_msg_id="c1", **parts)
