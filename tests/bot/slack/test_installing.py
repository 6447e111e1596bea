"""Many workspaces: installed by OAuth, refused where they are not, and left where they leave."""

import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.runtime import Runtime
from bot.settings import Settings
from bot.slack.departures import Departures
from bot.slack.errors import SlackCallError
from bot.slack.manifest import BOT_SCOPES
from bot.slack.oauth import STATE_COOKIE
from bot.slack.workspaces import Workspaces
from storage.database import Database
from storage.slack_inbox import InboxItem
from tests.bot.slack.conftest import SECRET, OpenApp, SlackSide
from tests.bot.slack.fake_slack import FakeSlack
from tests.bot.slack.test_alerts import FIRING, post, states

CLIENT_SECRET = "client-secret-0123456789"
TOKEN = "xoxb-of-T9"


class OAuthSlack:
    """Slack's side of oauth.v2.access: a code is good once, from the app that knows its secret."""

    def __init__(self, slack: FakeSlack) -> None:
        self.answer: dict[str, Any] = {
            "ok": True,
            "token_type": "bot",
            "access_token": TOKEN,
            "scope": ",".join(BOT_SCOPES),
            "bot_user_id": "U0BOT",
            "app_id": "A1",
            "team": {"id": "T9", "name": "<Acme>"},
            "enterprise": None,
            "authed_user": {"id": "U9"},
            "is_enterprise_install": False,
        }
        self.codes = {"good"}
        slack.others["oauth.v2.access"] = self.access

    async def access(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if (form["client_id"], form["client_secret"]) != ("1.2", CLIENT_SECRET):
            return web.json_response({"ok": False, "error": "bad_client_secret"})
        if form["code"] not in self.codes:
            return web.json_response({"ok": False, "error": "invalid_code"})
        self.codes.discard(str(form["code"]))
        return web.json_response(self.answer)


@pytest.fixture
def oauth(slack: FakeSlack) -> OAuthSlack:
    return OAuthSlack(slack)


@pytest.fixture
def settings(settings: Settings, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # Bolt reads these by itself, and must not make installations of its own out of them.
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", CLIENT_SECRET)
    return Settings.model_validate(
        {
            "ORCHESTRATOR_DATA_DIR": settings.data_dir,
            "ORCHESTRATOR_COMPANY_SIM_ROOT": settings.company_root,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_CLIENT_ID": "1.2",
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "ORCHESTRATOR_SECRET_KEY": "k" * 32,
            "SLACK_API_URL": f"{slack.url}/api",
        }
    )


@pytest.fixture
async def opened(open_app: OpenApp, settings: Settings) -> AsyncGenerator[tuple[httpx.AsyncClient, Runtime]]:
    async with open_app(settings=settings) as pair:
        yield pair


def workspaces(runtime: Runtime) -> Workspaces:
    assert runtime.slack is not None
    return runtime.slack.workspaces


async def begin(client: httpx.AsyncClient) -> tuple[str, dict[str, list[str]]]:
    """The state in the browser's cookie, and what Slack's page is asked for."""
    answer = await client.get("/slack/install")
    assert answer.status_code == 302
    place = urlsplit(answer.headers["location"])
    assert place.path == "/oauth/v2/authorize"
    cookie = answer.headers["set-cookie"]
    assert {"Secure", "HttpOnly", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    return cookie.split(";")[0].removeprefix(f"{STATE_COOKIE}="), parse_qs(place.query)


async def end(client: httpx.AsyncClient, cookie: str | None, **query: str) -> httpx.Response:
    headers = {} if cookie is None else {"cookie": f"{STATE_COOKIE}={cookie}"}
    client.cookies.clear()
    return await client.get("/slack/oauth_redirect", params=query, headers=headers)


async def test_a_workspace_that_installs_orch_is_served_with_its_own_token(
    opened: tuple[httpx.AsyncClient, Runtime], oauth: OAuthSlack, database: Database
) -> None:
    client, runtime = opened
    with pytest.raises(SlackCallError) as refused:
        await workspaces(runtime).client("T9")
    assert refused.value.code == "not_installed"
    with capture_logs() as logs:
        state, asked = await begin(client)
        assert set(asked["scope"][0].split(",")) >= BOT_SCOPES.keys()
        assert asked["state"] == [state]
        page = await end(client, state, state=state, code="good")
    assert page.status_code == 200
    assert "&lt;Acme&gt;" in page.text
    assert (await workspaces(runtime).client("T9")).token == TOKEN
    secrets = (TOKEN, CLIENT_SECRET, state)
    assert not any(secret in str(logs) + page.text for secret in secrets)
    assert any(line["event"] == "slack.installed" and line["team"] == "T9" for line in logs)
    (row,) = await database.fetch_all("select token from slack_installations", {})
    assert TOKEN.encode() not in row["token"]


async def test_a_state_is_good_once_in_the_browser_that_began(
    opened: tuple[httpx.AsyncClient, Runtime], oauth: OAuthSlack
) -> None:
    client, _ = opened
    state, _ = await begin(client)
    for cookie, query in ((None, {"state": state}), ("other", {"state": state}), (state, {}), (state, {"state": "x"})):
        assert (await end(client, cookie, code="good", **query)).status_code == 400
    assert (await end(client, state, state=state, code="good")).status_code == 200
    oauth.codes.add("good")
    again = await end(client, state, state=state, code="good")
    assert (again.status_code, "finished before" in again.text) == (400, True)


async def test_an_old_state_is_refused(
    opened: tuple[httpx.AsyncClient, Runtime], oauth: OAuthSlack, database: Database
) -> None:
    client, _ = opened
    state, _ = await begin(client)
    await database.execute("update slack_install_states set expires_at = now() - interval '1 second'", {})
    assert (await end(client, state, state=state, code="good")).status_code == 400


@pytest.mark.parametrize(
    ("query", "changed", "told"),
    [
        ({"error": "access_denied"}, {}, "access_denied"),
        ({"error": "<script>"}, {}, "&lt;script&gt;"),
        ({}, {}, "no code"),
        ({"code": "stale"}, {}, "invalid_code"),
        ({"code": "good"}, {"is_enterprise_install": True}, "each workspace"),
        ({"code": "good"}, {"expires_in": 43200}, "token rotation"),
        ({"code": "good"}, {"token_type": "user"}, "no bot token"),
    ],
)
async def test_what_cannot_be_installed_says_why(
    opened: tuple[httpx.AsyncClient, Runtime],
    oauth: OAuthSlack,
    query: dict[str, str],
    changed: dict[str, Any],
    told: str,
) -> None:
    client, runtime = opened
    oauth.answer |= changed
    state, _ = await begin(client)
    page = await end(client, state, state=state, **query)
    assert page.status_code in {400, 502}
    assert told in page.text
    assert not await workspaces(runtime).is_installed("T9")


async def test_only_the_workspaces_of_the_setting_may_install(
    open_app: OpenApp, settings: Settings, oauth: OAuthSlack
) -> None:
    for allowed, status in ((frozenset({"T1"}), 403), (frozenset({"T1", "T9"}), 200)):
        oauth.codes = {"good"}
        async with open_app(settings=settings.model_copy(update={"slack_workspaces": allowed})) as (client, runtime):
            state, _ = await begin(client)
            assert (await end(client, state, state=state, code="good")).status_code == status
            assert await workspaces(runtime).is_installed("T9") is (status == 200)


async def test_scopes_that_were_not_granted_are_told(
    opened: tuple[httpx.AsyncClient, Runtime], oauth: OAuthSlack
) -> None:
    oauth.answer["scope"] = ",".join(sorted(BOT_SCOPES.keys() - {"files:write"}))
    state, _ = await begin(opened[0])
    assert "files:write" in (await end(opened[0], state, state=state, code="good")).text


async def test_what_comes_from_a_workspace_without_orch_is_refused_by_name(
    opened: tuple[httpx.AsyncClient, Runtime], database: Database
) -> None:
    client, runtime = opened
    side = SlackSide(client)
    assert (await side.event(post(FIRING))).status_code == 200
    answer = await side.command("analyze x")
    assert (answer.status_code, "not installed" in answer.text) == (200, True)
    assert await states(database) == {}
    assert runtime.slack is not None
    assert runtime.slack.ignored["not_installed"] == 2


async def test_what_comes_from_a_workspace_with_orch_is_kept(
    opened: tuple[httpx.AsyncClient, Runtime], oauth: OAuthSlack, database: Database
) -> None:
    client, _ = opened
    oauth.answer["team"]["id"] = "T1"
    state, _ = await begin(client)
    await end(client, state, state=state, code="good")
    assert (await SlackSide(client).event(post(FIRING))).status_code == 200
    assert set(await states(database)) == {"Ev1"}


async def test_the_token_of_the_environment_serves_its_own_workspace_beside_the_installed_ones(
    open_app: OpenApp, settings: Settings, slack: FakeSlack
) -> None:
    async def who(_: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True, "team_id": "T1", "user_id": "U1"})

    slack.others["auth.test"] = who
    both = settings.model_copy(update={"slack_bot_token": settings.slack_client_secret})
    async with open_app(settings=both) as (_, runtime):
        found = workspaces(runtime)
        assert (await found.client("T1")).token == (await found.client(None)).token == CLIENT_SECRET
        assert not await found.is_installed("T2")


def left(kind: str, *, at: int, **event: object) -> InboxItem:
    payload = {"event": {"type": kind, **event}, "event_time": at, "team_id": "T9"}
    return InboxItem(
        key="Ev9",
        kind=kind,
        team="T9",
        channel="",
        lane="",
        payload=payload,
        received_at=datetime.now(UTC),
        attempt=1,
        failures=0,
    )


@pytest.mark.parametrize(
    ("kind", "event"), [("app_uninstalled", {}), ("tokens_revoked", {"tokens": {"bot": ["U0BOT"], "oauth": []}})]
)
async def test_a_workspace_that_leaves_is_not_written_to_any_more(
    opened: tuple[httpx.AsyncClient, Runtime], oauth: OAuthSlack, kind: str, event: dict[str, object]
) -> None:
    client, runtime = opened
    state, _ = await begin(client)
    await end(client, state, state=state, code="good")
    found = workspaces(runtime)
    assert await found.is_installed("T9")
    departures = Departures(found)
    now = int(time.time())
    assert (await departures.handle(left(kind, at=now - 60, **event))).reason == "no_such_installation"
    assert await found.is_installed("T9")
    assert (await departures.handle(left(kind, at=now + 5, **event))).reason == "installation_removed"
    with pytest.raises(SlackCallError, match="not_installed"):
        await found.client("T9")


async def test_tokens_of_people_that_are_revoked_change_nothing(
    opened: tuple[httpx.AsyncClient, Runtime], oauth: OAuthSlack
) -> None:
    client, runtime = opened
    state, _ = await begin(client)
    await end(client, state, state=state, code="good")
    item = left("tokens_revoked", at=int(time.time()) + 5, tokens={"oauth": ["U1"]})
    assert (await Departures(workspaces(runtime)).handle(item)).refused
    assert await workspaces(runtime).is_installed("T9")
