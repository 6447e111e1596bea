"""Socket Mode against a local server that plays Slack's side of it."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from bot.runtime import Runtime
from bot.settings import Settings
from bot.slack.socket_mode import SocketMode, SocketTimes
from storage.database import Database
from tests.bot.slack.conftest import OpenApp, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack
from tests.bot.slack.fake_sockets import APP_TOKEN, FakeSockets, Link
from tests.bot.slack.test_alerts import CHANNEL, FIRING, TS, post, states

SOON = SocketTimes(silence_s=0.4, hello_s=1.0, rest_s=0.02, most_rest_s=0.05, steady_s=0.1, drain_s=1.0)


@pytest.fixture
def sockets(slack: FakeSlack) -> FakeSockets:
    slack.hold_post(CHANNEL, TS)
    return FakeSockets(slack)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"slack_app_token": type(settings.slack_bot_token)(APP_TOKEN)})  # type: ignore[misc]


@pytest.fixture
async def opened(
    open_app: OpenApp, settings: Settings, sockets: FakeSockets
) -> AsyncGenerator[tuple[httpx.AsyncClient, Runtime]]:
    async with open_app(settings=settings, socket_times=SOON) as (client, runtime):
        await until(lambda: sockets.links and mode(runtime).state.connected_since)
        yield client, runtime


def mode(runtime: Runtime) -> SocketMode:
    assert runtime.slack is not None
    assert runtime.slack.socket_mode is not None
    return runtime.slack.socket_mode


async def acknowledged(link: Link, envelope_id: str) -> object:
    await until(lambda: envelope_id in link.acknowledged)
    return link.acknowledged[envelope_id]


async def test_an_event_is_acknowledged_once_it_is_a_row_of_the_inbox(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets, database: Database
) -> None:
    assert sockets.tokens == [f"Bearer {APP_TOKEN}"]
    (link,) = sockets.links
    await acknowledged(link, await link.send("events_api", post(FIRING)))
    assert set(await states(database)) == {"Ev1"}


async def test_a_command_is_answered_in_its_acknowledgement(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets
) -> None:
    (link,) = sockets.links
    form = SlackSide(opened[0], "").form("help")
    payload = await acknowledged(link, await link.send("slash_commands", dict(form), accepts=True))
    assert isinstance(payload, dict)
    assert payload["response_type"] == "ephemeral"


async def test_what_cannot_be_written_is_not_acknowledged_until_it_can(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets, database: Database
) -> None:
    (link,) = sockets.links
    await database.execute("alter table slack_inbox rename to slack_inbox_away", {})
    try:
        with capture_logs() as logs:
            envelope_id = await link.send("events_api", post(FIRING))
            await until(lambda: any(line["event"] == "slack.envelope_not_taken" for line in logs))
    finally:
        await database.execute("alter table slack_inbox_away rename to slack_inbox", {})
    assert link.acknowledged == {}
    await acknowledged(link, await link.send("events_api", post(FIRING), envelope_id=envelope_id))
    assert set(await states(database)) == {"Ev1"}


async def test_an_interaction_that_nobody_listens_to_is_acknowledged(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets
) -> None:
    (link,) = sockets.links
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "actions": [{"action_id": "x", "block_id": "y", "type": "button"}],
    }
    await acknowledged(link, await link.send("interactive", payload))


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_socket_that_is_to_close_is_left_only_when_the_next_one_is_there(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets, database: Database, reason: str
) -> None:
    (old,) = sockets.links
    await old.disconnect(reason)
    await until(lambda: len(sockets.links) == 2)
    assert sockets.most_open == 2
    assert not old.closed.is_set()
    await acknowledged(old, await old.send("events_api", post(FIRING)))
    new = sockets.links[1]
    await acknowledged(new, await new.send("events_api", post(FIRING, ts="1794000002.000100", event_id="Ev2")))
    assert set(await states(database)) == {"Ev1", "Ev2"}
    await old.ws.close()
    await asyncio.sleep(0.1)
    assert len(sockets.links) == 2
    assert mode(opened[1]).state.rebuilds == 1


async def test_the_same_event_over_two_sockets_and_http_does_nothing_twice(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets, database: Database
) -> None:
    client, runtime = opened
    (old,) = sockets.links
    await old.disconnect("warning")
    await until(lambda: len(sockets.links) == 2)
    new = sockets.links[1]
    for link in (old, new):
        await acknowledged(link, await link.send("events_api", post(FIRING)))
    assert (await SlackSide(client).event(post(FIRING))).status_code == 200
    assert set(await states(database)) == {"Ev1"}
    assert len((await client.get("/tasks")).json()["tasks"]) <= 1
    assert runtime.slack is not None
    assert runtime.slack.ignored["delivered_again"] == 2


@pytest.mark.parametrize("how", ["answers no more", "reads no more"])
async def test_a_socket_that_falls_silent_without_closing_is_rebuilt(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets, how: str
) -> None:
    (old,) = sockets.links
    old.deaf.set()
    transport = old.ws._req.transport  # type: ignore[union-attr] -- no other way to a half-open connection
    if how == "reads no more":
        transport.pause_reading()  # type: ignore[union-attr] -- likewise
    await until(lambda: len(sockets.links) == 2)
    state = mode(opened[1]).state
    await until(lambda: state.connected_since)
    assert (state.rebuilds, state.last_reason) == (1, "silent")
    new = sockets.links[1]
    await acknowledged(new, await new.send("events_api", post(FIRING)))
    transport.resume_reading()  # type: ignore[union-attr] -- likewise: or the server would wait for it when it ends


async def test_a_quiet_socket_that_answers_pings_is_kept(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets
) -> None:
    (link,) = sockets.links
    await asyncio.sleep(SOON.silence_s * 2.5)
    assert len(sockets.links) == 1
    assert link.pings >= 4


async def test_a_socket_that_closes_is_rebuilt(opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets) -> None:
    await sockets.links[0].ws.close()
    await until(lambda: len(sockets.links) == 2)
    await until(lambda: mode(opened[1]).state.connected_since)


async def test_slack_refusing_or_saying_no_hello_is_tried_again(
    open_app: OpenApp, settings: Settings, sockets: FakeSockets
) -> None:
    sockets.refusals = ["internal_error", "ratelimited"]
    sockets.mute = 1
    times = replace(SOON, hello_s=0.2)
    async with open_app(settings=settings, socket_times=times) as (client, runtime):
        await until(lambda: mode(runtime).state.problem)
        await until(lambda: mode(runtime).state.connected_since)
        assert len(sockets.tokens) == 4
        detail = (await client.get("/health")).json()["parts"]["slack"]["detail"]
    assert "socket mode: connected since" in detail


async def test_health_says_what_keeps_the_socket_shut(
    open_app: OpenApp, settings: Settings, sockets: FakeSockets
) -> None:
    sockets.refusals = ["invalid_auth"] * 1000
    async with open_app(settings=settings, socket_times=SOON) as (client, runtime):
        await until(lambda: mode(runtime).state.problem)
        part = (await client.get("/health")).json()["parts"]["slack"]
    assert part["status"] == "failed"
    assert "SLACK_APP_TOKEN" in part["detail"]
    assert APP_TOKEN not in part["detail"]


@pytest.mark.parametrize(
    ("reason", "last", "told"),
    [("link_disabled", "disabled", "Socket Mode"), ("too_many_websockets", "refused", "at most ten")],
)
async def test_what_somebody_must_mend_is_told_and_not_asked_for_without_rest(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets, reason: str, last: str, told: str
) -> None:
    sockets.refusals = ["internal_error"] * 1000
    await sockets.links[0].disconnect(reason)
    state = mode(opened[1]).state
    await until(lambda: state.last_reason == last)
    assert told in state.problem


async def test_a_slack_that_ends_every_socket_at_once_is_asked_ever_less_often(
    open_app: OpenApp, settings: Settings, sockets: FakeSockets
) -> None:
    times = replace(SOON, rest_s=0.05, most_rest_s=10.0, steady_s=5.0)
    async with open_app(settings=settings, socket_times=times):
        for number in range(3):
            await until(lambda: len(sockets.links) > number)  # noqa: B023 -- awaited within the round
            await sockets.links[number].disconnect("refresh_requested")
        opened = len(sockets.tokens)
        await asyncio.sleep(0.1)
        assert len(sockets.tokens) <= opened + 1


@pytest.mark.parametrize("sent", ["", "not json", "[]", "{}", '{"type": "news"}', '{"envelope_id": "e1"}'])
async def test_what_is_no_envelope_breaks_nothing(
    opened: tuple[httpx.AsyncClient, Runtime], sockets: FakeSockets, database: Database, sent: str
) -> None:
    (link,) = sockets.links
    await link.ws.send_str(sent)
    await acknowledged(link, await link.send("events_api", post(FIRING)))
    assert set(await states(database)) == {"Ev1"}


async def test_what_came_before_the_stop_is_written_and_acknowledged(
    open_app: OpenApp, settings: Settings, sockets: FakeSockets, database: Database
) -> None:
    async with open_app(settings=settings, socket_times=SOON) as (_, runtime):
        await until(lambda: sockets.links and mode(runtime).state.connected_since)
        (link,) = sockets.links
        envelope_id = await link.send("events_api", post(FIRING))
        await asyncio.sleep(0.02)
    await until(link.closed.is_set)
    assert (envelope_id in link.acknowledged) == ("Ev1" in await states(database))
    assert sockets.open_at_once == 0
