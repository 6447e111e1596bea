"""“Investigate this message”: a posted message → what to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bot.alerts import understand
from bot.alerts.message import read_message
from bot.slack.commands.answers import Answer, say
from bot.slack.desk import AFTER, BEFORE
from bot.slack.intake_arrivals import is_timestamp
from bot.slack.render.alert import render_task
from bot.slack.render.escaping import clean
from bot.slack.render.limits import cut
from core.alert import Alert
from core.reading.times import read_window

_TEXT_CHARS = 4000
_OLDEST_START = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A task for a message: `read_as` tells the asker what it was taken for."""

    text: str
    context: dict[str, Any]
    key: str
    thread_ts: str
    read_as: str


def read_shortcut(payload: Mapping[str, Any], now: datetime) -> Wanted | Answer:
    """What to look into, or why there is nothing: https://docs.slack.dev/interactivity/implementing-shortcuts ."""
    message = _object(payload.get("message"))
    channel = str(_object(payload.get("channel")).get("id") or "")
    team = str(_object(payload.get("team")).get("id") or "")
    ts = str(message.get("ts") or payload.get("message_ts") or "")
    if not channel or not is_timestamp(ts):
        return say("no_message", "I cannot tell which message this is: open its menu again.", refused=True)
    event = {**message, "type": "message", "channel": channel, "ts": ts, "event_ts": ts}
    envelope = {"event": event}
    reading = understand(envelope)
    posted = datetime.fromtimestamp(int(ts.partition(".")[0]), UTC)
    thread_ts = str(message.get("thread_ts") or ts)
    key = f"slack:shortcut:{team}:{channel}:{ts}"
    if isinstance(reading, Alert):
        began = reading.starts_at
        if began is None or began.tzinfo is None or not posted - _OLDEST_START <= began <= posted:
            began = posted
        context: dict[str, Any] = {
            "service": _short(reading.service, 200),
            "severity": _short(reading.severity, 40),
            "start_time": began.astimezone(UTC) - BEFORE,
            "end_time": min(posted + AFTER, max(now.replace(microsecond=0), posted)),
            "alert_time": posted,
        }
        kept = {name: value for name, value in context.items() if value is not None}
        return Wanted(
            text=render_task(reading), context=kept, key=key, thread_ts=thread_ts, read_as=f"an alert: {reading.title}"
        )
    shown = read_message(envelope)
    words = clean(shown.body).strip() if shown is not None else ""
    if not words:
        return say("empty_message", "There is no text in this message that I could look into.", refused=True)
    text = f"Investigate this message: {cut(words, _TEXT_CHARS)}"
    context = {}
    if read_window(words, now) is None:
        context = {
            "start_time": posted - BEFORE,
            "end_time": min(posted + AFTER, max(now.replace(microsecond=0), posted)),
        }
    return Wanted(text=text, context=context, key=key, thread_ts=thread_ts, read_as="a text that is no alert")


def _short(text: str | None, limit: int) -> str | None:
    return (" ".join(clean(text).split())[:limit] or None) if text else None


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
