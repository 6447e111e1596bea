"""A question, a storm of alerts and a digest through the whole program, with the simulated company, as Slack sends them."""

import asyncio
import hashlib
import hmac
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.app import create_app
from bot.settings import Settings
from docs.pictures.recorder import Posted, Recorder, open_recorder

ASKED = (
    "P1 alert: Checkout API latency and errors increased on saas-api from 2026-02-14T10:00:00Z to 10:30:00Z. "
    "Analyze metrics/logs and propose escalation with citations of policy_v2, oncall_rota and slack_config."
)
WEEK = "2026-W07"
STORM_AT = datetime(2026, 2, 14, 10, 5, tzinfo=UTC)
STORM = (
    ("HighErrorRate", "saas-api", "critical"),
    ("HighLatencyP95", "saas-api", "critical"),
    ("HighLatencyP95", "edge-gateway", "critical"),
    ("ConnectionPoolSaturated", "saas-api", "warning"),
    ("HighErrorRate", "edge-gateway", "warning"),
    ("CheckoutTimeoutRatio", "checkout-worker", "warning"),
    ("ErrorRateAfterDeployment", "saas-api", "critical"),
    ("ConnectionPoolSaturated", "checkout-worker", "warning"),
    ("HighLatencyP95", "checkout-worker", "warning"),
    ("SyntheticCheckoutFails", "edge-gateway", "critical"),
)
"""What rules might send of the company's incident: rule, service, severity."""
RESOLVED = (1, 3, 6)
_ASKING, _ALERTS = "C1", "C2"
_SECRET = "a-secret-of-this-run-alone"  # noqa: S105 -- both sides of it are here
_PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Every message of the question's thread, of the storm's, and the digest, as they stand in the end."""

    thread: list[Posted]
    storm: list[Posted]
    digest: list[Posted]


async def record() -> Recorded:
    """Returns when all answers are there."""
    for field in Settings.model_fields.values():  # whoever runs this may have set up a real database or company
        os.environ.pop(str(field.validation_alias), None)
    with tempfile.TemporaryDirectory() as folder:
        async with open_recorder() as recorder:
            settings = Settings.model_validate(
                {
                    "ORCHESTRATOR_DATA_DIR": Path(folder),
                    "SLACK_BOT_TOKEN": "xoxb-1-picture",
                    "SLACK_SIGNING_SECRET": _SECRET,
                    "SLACK_API_URL": recorder.url,
                }
            )
            app = create_app(settings)
            async with app.router.lifespan_context(app):
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(transport=transport, base_url="http://orch.test") as client:
                    await _play(client, recorder)
            # Closing has written what was still to come: further pages of the verdict.
            parent = Posted(ts="0", thread_ts=None, role="post", at=STORM_AT, blocks=[], alert=_title(*STORM[0]))
            return Recorded(thread=recorder.of(_ASKING), storm=[parent, *recorder.of(_ALERTS)], digest=recorder.private)


async def _play(client: httpx.AsyncClient, recorder: Recorder) -> None:
    await _send_command(client, f"analyze {ASKED}")
    await _until(lambda: {"verdict", "chart"} <= {message.role for message in recorder.of(_ASKING)})
    for number, alert in enumerate(STORM):
        await _send_alert(client, number, alert, at_s=number * 20)
    for number in RESOLVED:
        await _send_alert(client, number, STORM[number], at_s=600 + number, is_over=True)
    listed = f"{len(STORM)} alerts of", f"{len(RESOLVED)} resolved"
    await _until(lambda: all(words in _said(recorder, "alerts") for words in listed))
    await _until(lambda: "checks passed" in _said(recorder, "verdict"))
    await _send_command(client, f"digest {WEEK}", response_url=recorder.private_url)
    await _until(lambda: recorder.private)


def _said(recorder: Recorder, role: str) -> str:
    """The words of the storm's message of this role."""
    return json.dumps([message.blocks for message in recorder.of(_ALERTS) if message.role == role])


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not condition():  # noqa: ASYNC110 -- Slack tells nobody of a message
            await asyncio.sleep(0.1)


def _title(rule: str, service: str, severity: str) -> str:
    return f"[FIRING:1] {rule} {service} ({severity})"


async def _send_alert(
    client: httpx.AsyncClient, number: int, alert: tuple[str, str, str], *, at_s: float, is_over: bool = False
) -> None:
    """Alertmanager's default post: an attachment, and no text."""
    rule, service, severity = alert
    title = _title(*alert).replace("FIRING:1", "RESOLVED") if is_over else _title(*alert)
    ts = f"{STORM_AT.timestamp() + at_s:.6f}"
    details = {"alertname": rule, "service": service, "severity": severity}
    words = "*Details:*\n" + "\n".join(f" • *{name}:* `{value}`" for name, value in details.items())
    color = "good" if is_over else "danger"
    event = {
        "type": "message",
        "subtype": "bot_message",
        "text": "",
        "bot_id": "B1",
        "ts": ts,
        "event_ts": ts,
        "channel": _ALERTS,
        "channel_type": "channel",
        "attachments": [{"id": 1, "color": color, "title": title, "text": words, "fallback": title}],
    }
    envelope: dict[str, Any] = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event": event}
    envelope |= {"event_id": f"Ev{number}{color}", "event_time": int(float(ts))}
    await _send(client, json.dumps(envelope).encode(), "application/json")


async def _send_command(client: httpx.AsyncClient, words: str, *, response_url: str = "") -> None:
    form = {
        "command": "/orch",
        "text": words,
        "user_id": "U0MIREILLE",
        "team_id": "T1",
        "channel_id": _ASKING,
        "response_url": response_url,
        "trigger_id": f"picture-{words[:8]}",
    }
    await _send(client, urlencode(form).encode(), "application/x-www-form-urlencoded")


async def _send(client: httpx.AsyncClient, body: bytes, content_type: str) -> None:
    """See https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
    stamp = str(int(time.time()))
    digest = hmac.new(_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    headers = {
        "content-type": content_type,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest.hexdigest()}",
    }
    answer = await client.post("/slack/events", content=body, headers=headers)
    answer.raise_for_status()
