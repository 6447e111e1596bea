"""One task through the whole program, with the simulated company, asked for as Slack asks."""

import asyncio
import hashlib
import hmac
import os
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import httpx

from bot.app import create_app
from bot.settings import Settings
from docs.pictures.recorder import Posted, open_recorder

ASKED = (
    "P1 alert: Checkout API latency and errors increased on saas-api from 2026-02-14T10:00:00Z to 10:30:00Z. "
    "Analyze metrics/logs and propose escalation with citations of policy_v2, oncall_rota and slack_config."
)
_SECRET = "a-secret-of-this-run-alone"  # noqa: S105 -- both sides of it are here
_PATIENCE_S = 120.0


async def record_thread(asked: str = ASKED) -> list[Posted]:
    """Every message of the thread as it stands when verdict and chart are there."""
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
                    await _send_command(client, asked)
                    async with asyncio.timeout(_PATIENCE_S):
                        while not {"verdict", "chart"} <= recorder.roles:  # noqa: ASYNC110 -- Slack tells nobody of a message
                            await asyncio.sleep(0.1)
            # Closing has written what was still to come: further pages of the verdict.
            return list(recorder.messages.values())


async def _send_command(client: httpx.AsyncClient, asked: str) -> None:
    """See https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
    form = {
        "command": "/orch",
        "text": f"analyze {asked}",
        "user_id": "U0MIREILLE",
        "team_id": "T1",
        "channel_id": "C1",
    }
    body = urlencode({**form, "trigger_id": "picture"}).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest.hexdigest()}",
    }
    answer = await client.post("/slack/events", content=body, headers=headers)
    answer.raise_for_status()
