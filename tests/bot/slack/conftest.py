import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from bot.api.root import create_api
from bot.oncall import RotaBook
from bot.runtime import Runtime
from bot.settings import Settings
from bot.slack.app import open_slack
from bot.slack.commands.facilities import Facilities
from bot.slack.outbox_sender import SenderTimes
from bot.slack.pacing import ThreadTimes
from bot.slack.socket_mode import SocketTimes
from bot.slack.triage import TriageTimes
from core.landscape import Landscape, Service
from retrieval.reference_files import CompanyReferenceFiles
from storage.database import Database
from storage.slack_outbox_claims import Rates
from storage.task_store import PostgresTaskStore
from tests.bot.conftest import serve
from tests.bot.fakes import Script, open_test_runtime
from tests.bot.slack.fake_slack import TOKEN, FakeSlack, serve_fake_slack

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
FAST = Rates(channel_s=0.02, post_s=0.001, update_s=0.001, other_s=0.001)
PROMPT = TriageTimes(lease_s=1.0, poll_s=0.05, rest_s=0.02, most_rest_s=0.05, most_attempts=6)
LANDSCAPE = Landscape(services=(Service(name="saas-api", aliases=("Checkout API",)), Service(name="billing-worker")))
QUICK = ThreadTimes(
    gather_s=0.02, every_s=0.05, retry_s=0.02, most_retry_s=0.05, sweep_s=0.05, settled_s=0.3, overtakes_s=60.0
)
HASTY = SenderTimes(
    lease_s=2.0, call_s=1.0, poll_s=0.05, rest_s=0.02, most_rest_s=0.05, drain_s=3.0, sweep_s=0.05, file_rest_s=0.05
)


@dataclass
class SlackSide:
    """What Slack does: signs and sends."""

    client: httpx.AsyncClient
    response_url: str = ""

    async def send(
        self, body: str | bytes, *, content_type: str = "application/x-www-form-urlencoded", **changed: str
    ) -> httpx.Response:
        """`changed` are headers to set otherwise than Slack would, with `_` for `-`."""
        raw = body.encode() if isinstance(body, str) else body
        headers = {
            "content-type": content_type,
            **sign(raw),
            **{key.replace("_", "-"): it for key, it in changed.items()},
        }
        return await self.client.post("/slack/events", content=raw, headers=headers)

    async def event(self, envelope: object, **changed: str) -> httpx.Response:
        return await self.send(json.dumps(envelope), content_type="application/json", **changed)

    async def command(self, text: str, **fields: str) -> httpx.Response:
        return await self.send(urlencode(self.form(text, **fields)))

    def form(self, text: str, **fields: str) -> dict[str, str]:
        return {
            "token": "legacy",
            "team_id": "T1",
            "team_domain": "test",
            "channel_id": "C1",
            "channel_name": "incidents",
            "user_id": "U1",
            "user_name": "ada",
            "command": "/orch",
            "text": text,
            "api_app_id": "A1",
            "is_enterprise_install": "false",
            "response_url": self.response_url,
            "trigger_id": uuid4().hex,
            **fields,
        }


def sign(body: bytes, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


async def until(condition: Callable[[], Any], *, timeout_s: float = 30.0) -> Any:
    """What the condition answers as soon as it is true."""
    async with asyncio.timeout(timeout_s):
        while not (found := condition()):  # noqa: ASYNC110 -- what it waits for has no event
            await asyncio.sleep(0.01)
    return found


@pytest.fixture
async def slack() -> AsyncGenerator[FakeSlack]:
    """Slack; a test fails when it was sent something it would refuse, cut or misread."""
    async with serve_fake_slack() as fake:
        yield fake
        assert fake.violations == []


@pytest.fixture
def settings(tmp_path: Path, slack: FakeSlack) -> Settings:
    return Settings.model_validate(
        {
            "ORCHESTRATOR_DATA_DIR": tmp_path / "data",
            "ORCHESTRATOR_COMPANY_SIM_ROOT": tmp_path,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{slack.url}/api",
        }
    )


class OpenApp(Protocol):
    """Starts the app anew on the same database, as a new process would."""

    def __call__(
        self, times: ThreadTimes = QUICK, *, settings: Settings | None = None, socket_times: SocketTimes | None = None
    ) -> AbstractAsyncContextManager[tuple[httpx.AsyncClient, Runtime]]: ...


@pytest.fixture
def open_app(settings: Settings, database: Database, script: Script) -> OpenApp:
    usual = settings

    @asynccontextmanager
    async def open_runtime(
        given: Settings, times: ThreadTimes, socket_times: SocketTimes | None
    ) -> AsyncGenerator[Runtime]:
        store = PostgresTaskStore(database)
        async with (
            open_slack(
                given,
                database,
                rates=FAST,
                times=times,
                sender_times=HASTY,
                triage_times=PROMPT,
                socket_times=socket_times,
            ) as slack,
            open_test_runtime(given, database, store, script) as runtime,
        ):
            assert slack is not None
            runtime.observers.add(slack.threads)
            slack.listen(
                runtime.service,
                Facilities(
                    landscape=LANDSCAPE,
                    rota=RotaBook(CompanyReferenceFiles(given.company_root)),
                    feedback=runtime.feedback,
                    health=runtime.health.report,
                    clock=lambda: datetime.now(UTC),
                ),
            )
            runtime.health.add("slack", slack.probe)
            yield replace(runtime, slack=slack)

    @asynccontextmanager
    async def start(
        times: ThreadTimes = QUICK, *, settings: Settings | None = None, socket_times: SocketTimes | None = None
    ) -> AsyncGenerator[tuple[httpx.AsyncClient, Runtime]]:
        app: FastAPI = create_api(settings or usual, lambda given: open_runtime(given, times, socket_times))
        async with serve(app) as client:
            yield client, app.state.runtime

    return start


@pytest.fixture
async def app_client(open_app: OpenApp) -> AsyncGenerator[httpx.AsyncClient]:
    async with open_app() as (client, _):
        yield client


@pytest.fixture
def slack_side(app_client: httpx.AsyncClient, slack: FakeSlack) -> SlackSide:
    return SlackSide(app_client, f"{slack.url}/response")
