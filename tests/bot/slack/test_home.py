"""App Home and the greetings, against a Slack that holds views to its own limits."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.models.views import View

from bot.health import HealthReport, Part
from bot.oncall import RotaBook
from bot.settings import Settings
from bot.slack.channels import AlertChannels
from bot.slack.commands.facilities import Facilities
from bot.slack.errors import SlackCallError
from bot.slack.home import Home, describe_settings
from bot.slack.home_view import VIEW_BLOCKS, HomeState, render_home
from bot.slack.outbox import Outbox, Outgoing
from bot.slack.render.pages import Message, render_message
from bot.slack.render.parts import paragraph
from bot.slack.triage import Outcome
from bot.slack.welcome import Welcome
from bot.slack.workspaces import Workspaces
from core.landscape import Landscape
from core.task import Context, Origin, Request
from retrieval.reference_files import CompanyReferenceFiles
from storage.database import Database
from storage.feedback import FeedbackStore
from storage.slack_greetings import SlackGreetings
from storage.slack_home import RecentTask, SlackHome
from storage.slack_inbox import InboxItem
from storage.slack_outbox import SlackOutbox
from storage.task_store import PostgresTaskStore
from tests.bot.slack.conftest import SlackSide, until
from tests.bot.slack.fake_slack import TOKEN, FakeSlack
from tests.bot.slack.test_alerts import settled
from tests.bot.test_oncall import ROTA

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOSTILE = "<!channel> *bold* <https://evil.example|here> `code` & <@U1>"


@dataclass
class HomeSlack:
    """Takes views, and tells whose channels are which."""

    fake: FakeSlack
    published: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    channels: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    error: str = ""

    def __post_init__(self) -> None:
        self.fake.others["views.publish"] = self.publish
        self.fake.others["users.conversations"] = self.conversations

    async def publish(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        body = await request.json()
        assert body.keys() <= {"user_id", "view", "hash"}
        check_view(body["view"])
        if self.error:
            return web.json_response({"ok": False, "error": self.error})
        self.published.append(body)
        return web.json_response({"ok": True, "view": {"id": "V1", "hash": "new"}})

    async def conversations(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        listed = [{"id": channel} for channel in self.channels.get(str(form["user"]), [])]
        return web.json_response({"ok": True, "channels": listed})


def check_view(view: dict[str, Any]) -> None:
    """https://docs.slack.dev/reference/views/home-tab-views"""
    assert view["type"] == "home"
    assert 0 < len(view["blocks"]) <= VIEW_BLOCKS
    cast("Any", View(**view)).to_dict()
    for block in view["blocks"]:
        texts = [block["text"]] if "text" in block else block["elements"]
        assert len(texts) <= 10
        for text in texts:
            assert 0 < len(text["text"]) <= (150 if block["type"] == "header" else 3000)
    ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]
    assert len(ids) == len(set(ids))


@pytest.fixture
def home_slack(slack: FakeSlack) -> HomeSlack:
    return HomeSlack(slack)


@pytest.fixture
async def workspaces(slack: FakeSlack) -> AsyncGenerator[Workspaces]:
    async with aiohttp.ClientSession() as session:
        yield Workspaces(session, token=TOKEN, api_url=f"{slack.url}/api")


@pytest.fixture
def facilities(tmp_path: Path, database: Database) -> Facilities:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/oncall_rota.yaml").write_text(ROTA)

    async def health() -> HealthReport:
        return HealthReport(status="degraded", parts={"logs": Part(status="failed", detail="away")})

    return Facilities(
        landscape=Landscape(),
        rota=RotaBook(CompanyReferenceFiles(tmp_path)),
        feedback=FeedbackStore(database),
        health=health,
        clock=lambda: NOW,
    )


@dataclass
class Clock:
    at: float = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home(
    home_slack: HomeSlack, workspaces: Workspaces, facilities: Facilities, database: Database, clock: Clock
) -> Home:
    settings = describe_settings(Settings.model_validate({"ORCHESTRATOR_SLACK_ALERT_CHANNELS": "alerts"}))
    return Home(workspaces, facilities, SlackHome(database), SlackGreetings(database), settings, now_s=clock)


def row(kind: str, event: dict[str, Any], *, team: str = "T1") -> InboxItem:
    authorizations = [{"team_id": team, "user_id": "U0US", "is_bot": True}]
    return InboxItem(
        key="Ev1",
        kind=kind,
        team=team,
        channel="",
        lane="",
        payload={"event": event, "team_id": team, "authorizations": authorizations},
        received_at=NOW,
        attempt=1,
        failures=0,
    )


def opened(tab: str = "home", user: str = "U1", **more: Any) -> InboxItem:
    return row("home_opened", {"type": "app_home_opened", "user": user, "tab": tab, "channel": "D1", **more})


def told(view: dict[str, Any]) -> str:
    return json.dumps(view, ensure_ascii=False)


def words(outcome: Outcome) -> str:
    (outgoing,) = outcome.outgoing
    assert isinstance(outgoing, Outgoing)
    assert isinstance(outgoing.message, Message)
    return outgoing.message.text


async def ask_for(store: PostgresTaskStore, text: str, **origin: str) -> None:
    given = Origin.model_validate({"door": "slack", "team": "T1", **origin})
    await store.add(Request(text=text, context=Context.model_validate({"service": "edge-api"}), origin=given))


async def test_home_shows_who_is_on_call_what_was_asked_and_the_settings(
    home: Home, home_slack: HomeSlack, task_store: PostgresTaskStore
) -> None:
    await ask_for(task_store, HOSTILE, user="U1", channel="C1")
    assert (await home.handle(opened(view={"hash": "h1"}))).reason == "home_published"
    (published,) = home_slack.published
    assert (published["user_id"], published["hash"]) == ("U1", "h1")
    shown = told(published["view"])
    assert "Ada Byron" in shown
    assert "Cy Dahl" in shown
    assert "Some parts do not work: logs" in shown
    assert "*Alerts are taken in*: alerts" in shown
    (block,) = [block for block in published["view"]["blocks"] if "accessory" in block]
    assert block["accessory"]["action_id"] == "orch_show"
    assert "edge" in block["text"]["text"]
    assert "<!channel>" not in shown
    assert "<https:" not in shown
    assert "<@U1>" not in shown


async def test_nobody_reads_of_a_channel_that_they_are_not_in(
    home: Home, home_slack: HomeSlack, task_store: PostgresTaskStore
) -> None:
    home_slack.channels = {"U1": ["C1"]}
    await ask_for(task_store, "theirs in a shared channel", user="U2", channel="C1")
    await ask_for(task_store, "an alert in a shared channel", channel="C1")
    await ask_for(task_store, "secret of another channel", user="U2", channel="G9")
    await ask_for(task_store, "secret of another workspace", user="U1", channel="C1", team="T2")
    await ask_for(task_store, "my own elsewhere", user="U1", channel="G8")
    await home.handle(opened())
    shown = told(home_slack.published[0])
    assert "secret" not in shown
    assert all(words in shown for words in ("theirs in", "an alert in", "my own"))


async def test_where_slack_does_not_tell_the_channels_ones_own_tasks_are_shown(
    home: Home, home_slack: HomeSlack, task_store: PostgresTaskStore
) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": False, "error": "missing_scope"})

    home_slack.fake.others["users.conversations"] = refuse
    await ask_for(task_store, "my own", user="U1", channel="C1")
    await ask_for(task_store, "an alert", channel="C1")
    await home.handle(opened())
    shown = told(home_slack.published[0])
    assert ("my own" in shown, "an alert" in shown) == (True, False)


async def test_opening_it_again_at_once_publishes_nothing(home: Home, home_slack: HomeSlack, clock: Clock) -> None:
    await home.handle(opened())
    assert (await home.handle(opened())).reason == "published_just_now"
    assert (await home.handle(opened(user="U2"))).reason == "home_published"
    clock.at += 6
    assert (await home.handle(opened())).reason == "home_published"


async def test_a_newer_view_is_left_alone_and_what_slack_refuses_is_tried_again(
    home: Home, home_slack: HomeSlack
) -> None:
    home_slack.error = "hash_conflict"
    assert (await home.handle(opened())).reason == "hash_conflict"
    home_slack.error = "ratelimited"
    with pytest.raises(SlackCallError):
        await home.handle(opened())


async def test_the_messages_tab_is_greeted_once_a_person(home: Home) -> None:
    first = await home.handle(opened("messages"))
    assert first.outgoing[0].channel == "D1"
    assert "Who is on call now" in words(first)
    assert (await home.handle(opened("messages"))).outgoing == ()
    assert (await home.handle(opened("messages", user="U2"))).reason == "greeted"
    assert (await home.handle(opened("about"))).refused


def test_the_longest_view_keeps_to_slacks_limits() -> None:
    task = RecentTask(
        task_id=uuid4(),
        text=HOSTILE * 100,
        status="succeeded",
        outcome="odd",
        service="s" * 500,
        channel="C1",
        created_at=NOW,
    )
    tasks = [replace(task, task_id=uuid4()) for _ in range(200)]
    health = HealthReport(status="ok", parts={})
    settings = [("x" * 400, "y" * 4000)] * 20
    check_view(render_home(HomeState(tasks=tasks, on_call=None, health=health, settings=settings, at=NOW)))
    check_view(render_home(HomeState(tasks=[], on_call=None, health=health, at=NOW)))


def joined(user: str, channel: str = "C1") -> InboxItem:
    return row("member_joined", {"type": "member_joined_channel", "user": user, "channel": channel, "inviter": "U7"})


@pytest.mark.parametrize(
    ("watched", "said"),
    [(None, "I look into by myself"), (frozenset({"C1"}), "by myself"), (frozenset({"C2"}), "leave alone")],
)
async def test_an_invitation_is_answered_once_and_truly(
    slack: FakeSlack, workspaces: Workspaces, database: Database, watched: frozenset[str] | None, said: str
) -> None:
    channels = AlertChannels(workspaces, watched)
    welcome = Welcome(channels, SlackGreetings(database), Outbox(SlackOutbox(database)))
    outcome = await welcome.handle(joined("U0US"))
    assert outcome.outgoing[0].channel == "C1"
    assert said in words(outcome)
    assert (await welcome.handle(joined("U0US"))).reason == "greeted_before"


async def test_an_invitation_lets_what_could_not_be_said_be_tried_again(
    workspaces: Workspaces, database: Database
) -> None:
    store = SlackOutbox(database)
    outbox = Outbox(store)
    message = render_message([paragraph("so it was")])
    await outbox.put(
        Outgoing(key="here", channel="C1", message=message), Outgoing(key="there", channel="C2", message=message)
    )
    await database.execute(
        "update slack_outbox set state = 'given_up', error = 'not_in_channel', settled_at = now()", {}
    )
    welcome = Welcome(AlertChannels(workspaces, None), SlackGreetings(database), outbox)
    await welcome.handle(joined("U5"))
    assert (await store.counts()).waiting == 0
    await welcome.handle(joined("U0US"))
    states = {key: found.state for key in ("here", "there") if (found := await store.find(key))}
    assert states == {"here": "waiting", "there": "given_up"}


async def test_somebody_else_who_joins_is_not_greeted(workspaces: Workspaces, database: Database) -> None:
    welcome = Welcome(AlertChannels(workspaces, None), SlackGreetings(database), Outbox(SlackOutbox(database)))
    assert (await welcome.handle(joined("U5"))).reason == "somebody_else_joined"


async def test_both_events_come_through_the_inbox(
    home_slack: HomeSlack, slack: FakeSlack, slack_side: SlackSide, database: Database
) -> None:
    for number, item in enumerate((opened(), joined("U0US"), joined("U5"), opened("messages")), 1):
        sent = {**item.payload, "type": "event_callback", "event_id": f"Ev{number}", "api_app_id": "A0US"}
        for _ in range(2):
            assert (await slack_side.event(sent)).status_code == 200
    slack.channels.add("D1")
    found = await settled(database, 4)
    assert [found[f"Ev{number}"][1] for number in range(1, 5)] == [
        "home_published",
        "greeted",
        "somebody_else_joined",
        "greeted",
    ]
    assert len(home_slack.published) == 1
    await until(lambda: {"hello"} <= {message.role for message in slack.messages.values()})


async def test_a_task_is_shown_in_the_conversation_with_whoever_pressed_its_button(
    home_slack: HomeSlack, slack: FakeSlack, slack_side: SlackSide, task_store: PostgresTaskStore
) -> None:
    slack.channels.add("D1")
    await ask_for(task_store, "my own", user="U1", channel="C1")
    sent = {**opened().payload, "type": "event_callback", "event_id": "Ev1", "api_app_id": "A0US"}
    await slack_side.event(sent)
    await until(lambda: home_slack.published)
    view = home_slack.published[0]["view"]
    (block,) = [block for block in view["blocks"] if "accessory" in block]
    press = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "username": "ada"},
        "api_app_id": "A0US",
        "container": {"type": "view", "view_id": "V1"},
        "trigger_id": "t1",
        "view": {**view, "id": "V1"},
        "actions": [{**block["accessory"], "block_id": block["block_id"], "action_ts": "1.1"}],
    }
    answer = await slack_side.send(urlencode({"payload": json.dumps(press)}))
    assert answer.status_code == 200
    said = await until(lambda: [message for message in slack.messages.values() if message.channel == "D1"])
    assert "my own" in said[0].body["text"]
