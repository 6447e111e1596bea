"""What Slack is going to send: alerts that fire, repeat and end in many channels, and people who talk between them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_ALERTS_APART_S = 1800
"""Further apart than alerts that could share a thread: each makes a task."""
_TALK = 2
_DISORDER = 300
"""So many events that came later may overtake one; a second delivery comes within three times as many."""
_RULES = ("HighErrorRate", "HighLatency", "QueueBacklog", "DiskAlmostFull", "PodCrashLooping", "CertificateExpiresSoon")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`deliveries` in the order they are sent, duplicates among them; `unique` counts the different events."""

    deliveries: tuple[dict[str, Any], ...]
    unique: int
    channels: tuple[str, ...]


def plan_events(
    count: int, *, repeats: int, duplicates: float, seed: int, now: float, services: tuple[str, ...]
) -> Plan:
    """`count` deliveries of which that share are duplicates, shuffled; their times lie before `now`, a unix time.

    Each alert is told again so many times before it ends: the fewer, the more tasks.
    """
    dice = random.Random(seed)
    unique = round(count * (1 - duplicates))
    channels = tuple(f"C{number:03}" for number in range(max(4, unique // 200)))
    streams = [_channel(channel, number, repeats, services, now) for number, channel in enumerate(channels)]
    events: list[dict[str, Any]] = []
    while len(events) < unique:
        events += [next(stream) for stream in streams[: unique - len(events)]]
    turns = [(number + dice.uniform(0, _DISORDER), event) for number, event in enumerate(events)]
    turns += [(turn + dice.uniform(0, 3 * _DISORDER), event) for turn, event in dice.choices(turns, k=count - unique)]
    deliveries = [event for _, event in sorted(turns, key=lambda turn: turn[0])]
    return Plan(deliveries=tuple(deliveries), unique=unique, channels=channels)


def _channel(
    channel: str, number: int, repeats: int, services: tuple[str, ...], now: float
) -> Iterator[dict[str, Any]]:
    """Events of one channel without end: an alert with its repeats and its end, then talk, then the next alert."""
    begins = now - 30 * 86_400
    for episode in range(1_000_000):
        at = begins + episode * _ALERTS_APART_S
        rule = _RULES[episode % len(_RULES)]
        service = services[(number + episode) % len(services)]
        values = f"{rule} {service} run-{number}-{episode}"
        ident = f"{channel}-{episode}"
        yield _alert(channel, f"Ev{ident}-0", f"[FIRING:1] {values} (critical)", "a30200", at)
        for repeat in range(1, repeats + 1):
            title = f"[FIRING:1] {values} (critical)"
            yield _alert(channel, f"Ev{ident}-{repeat}", title, "a30200", at + 60 * repeat)
        for talk in range(_TALK):
            yield _talk(channel, f"Ev{ident}-t{talk}", "has anybody looked at this yet?", at + 30 + talk)
        yield _alert(channel, f"Ev{ident}-r", f"[RESOLVED] {values} (critical)", "2eb886", at + 900)


def _alert(channel: str, event_id: str, title: str, colour: str, at: float) -> dict[str, Any]:
    attachment = {"id": 1, "color": colour, "title": title, "text": "", "fallback": f"{title} | http://alertmanager"}
    event = {
        "subtype": "bot_message",
        "text": "",
        "bot_id": "B0AM",
        "username": "Alertmanager",
        "attachments": [attachment],
    }
    return _envelope(channel, event_id, event, at)


def _talk(channel: str, event_id: str, text: str, at: float) -> dict[str, Any]:
    return _envelope(channel, event_id, {"text": text, "user": "U0SAM"}, at)


def _envelope(channel: str, event_id: str, event: dict[str, Any], at: float) -> dict[str, Any]:
    ts = f"{at:.6f}"
    whole = {"type": "message", "ts": ts, "event_ts": ts, "channel": channel, "channel_type": "channel", **event}
    return {
        "token": "unused",
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A0US",
        "event_id": event_id,
        "event_time": int(at),
        "authorizations": [{"team_id": "T1", "user_id": "U0US", "is_bot": True}],
        "event": whole,
    }
