"""Who may, how often, and how a refusal is told."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from core.task import Origin, Request
from storage.database import Database
from storage.task_store import PostgresTaskStore
from tests.bot.slack.conftest import OpenApp, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Refusal
from tests.bot.slack.people import CHANNEL, TS, interact, mention, pressed
from tests.bot.slack.test_alerts import FIRING, post, settled

type OpenWith = Callable[..., AbstractAsyncContextManager[SlackSide]]


@pytest.fixture
def open_with(open_app: OpenApp, settings: Settings, slack: FakeSlack) -> OpenWith:
    """The app with some settings of its own."""

    @asynccontextmanager
    async def start(**changed: Any) -> AsyncGenerator[SlackSide]:
        async with open_app(settings=settings.model_copy(update=changed)) as (client, _):
            yield SlackSide(client, f"{slack.url}/response")

    return start


async def task_count(database: Database) -> int:
    (row,) = await database.fetch_all("select count(*) as number from tasks", {})
    return row["number"]


@pytest.mark.parametrize(
    ("changed", "user", "reason", "said"),
    [
        ({"slack_allowed_users": frozenset({"U9"})}, {}, "user_not_allowed", "ORCHESTRATOR_SLACK_ALLOWED_USERS"),
        ({"slack_allowed_channels": frozenset({"C9"})}, {}, "channel_not_allowed", "C9"),
        ({"slack_allowed_channels": frozenset({"war-room"})}, {}, "channel_not_allowed", "war-room"),
        ({}, {"is_restricted": True}, "guest", "guests"),
        ({}, {"is_stranger": True}, "guest", "guests"),
    ],
)
async def test_who_may_not_is_told_why_in_private_and_starts_nothing(
    open_with: OpenWith,
    slack: FakeSlack,
    database: Database,
    changed: dict[str, Any],
    user: dict[str, Any],
    reason: str,
    said: str,
) -> None:
    slack.names[CHANNEL] = "incidents"
    slack.users["U1"] = user
    async with open_with(**changed) as side:
        await side.command("analyze the disk")
        await until(lambda: slack.told)
        assert said in slack.told[0]["text"]
        await side.event(mention("why is saas-api slow?"))
        await until(lambda: slack.private)
        assert (slack.private[0]["user"], slack.private[0]["channel"]) == ("U1", CHANNEL)
        found = await settled(database, 2)
    assert set(found.values()) == {("refused", reason)}
    assert await task_count(database) == 0
    assert slack.messages == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"slack_allowed_users": frozenset({"U1"}), "slack_allowed_channels": frozenset({CHANNEL})},
        {"slack_allowed_channels": frozenset({"incidents"})},
        {"slack_guests": "allow"},
    ],
)
async def test_who_may_is_answered(
    open_with: OpenWith, slack: FakeSlack, database: Database, changed: dict[str, Any]
) -> None:
    slack.users["U1"] = {"is_restricted": "slack_guests" in changed}
    async with open_with(**changed) as side:
        await side.command("analyze the disk")
        await until(lambda: slack.role("verdict"))
    assert await task_count(database) == 1


async def test_a_button_is_refused_in_private_to_whoever_may_not(
    open_with: OpenWith, slack: FakeSlack, database: Database, task_store: PostgresTaskStore
) -> None:
    task, _ = await task_store.add(Request(text="x", origin=Origin(door="api")), runs=False)
    async with open_with(slack_allowed_users=frozenset({"U9"})) as side:
        await interact(side, pressed(side, {"action_id": "orch_cancel", "value": str(task.task_id)}))
        await until(lambda: slack.told)
        assert "you are not among them" in slack.told[0]["text"]
        stored = await task_store.get(task.task_id)
    assert stored.status.value == "queued"


async def test_people_of_another_organisation_are_refused_without_asking_who_they_are(
    open_with: OpenWith, slack: FakeSlack, database: Database
) -> None:
    async with open_with() as side:
        await side.event(mention("why?", user_team="T9"))
        await until(lambda: slack.private)
    assert "users.info" not in slack.calls


@pytest.mark.parametrize("quota", ["slack_user_quota", "slack_channel_quota"])
async def test_a_quota_is_of_an_hour_and_counts_across_processes(
    open_with: OpenWith, slack: FakeSlack, database: Database, quota: str
) -> None:
    async with open_with(**{quota: 2}) as one, open_with(**{quota: 2}) as other:
        for side in (one, other, one, other):
            await side.command("analyze the disk")
        found = await settled(database, 4)
        assert sorted(found.values()) == [("done", "asked")] * 2 + [("refused", quota.removeprefix("slack_"))] * 2
        await until(lambda: len(slack.told) == 2)
        assert "2 is the most" in slack.told[0]["text"]
        assert "The next one is taken at " in slack.told[0]["text"]
        await database.execute("update tasks set created_at = created_at - interval '1 hour'", {})
        await one.command("analyze the disk")
        await settled(database, 5)
        assert await task_count(database) == 3


async def test_an_alert_is_taken_whatever_people_have_asked_for(
    open_with: OpenWith, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, "1794000001.000100")
    async with open_with(slack_user_quota=1, slack_channel_quota=1, slack_allowed_users=frozenset({"U1"})) as side:
        await side.command("analyze the disk")
        await settled(database, 1)
        await side.event(post(FIRING))
        assert (await settled(database, 2))["Ev1"] == ("done", "new")
    assert await task_count(database) == 2


async def test_slack_being_away_holds_up_the_answer_and_loses_nothing(
    open_with: OpenWith, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    slack.refusals["users.info"] = [Refusal("internal_error", status=500)] * 2
    async with open_with() as side:
        await side.event(mention("why is saas-api slow?"))
        await until(lambda: slack.role("verdict"))
    assert slack.calls.count("users.info") == 3


@pytest.mark.parametrize("value", ["@ada", "ada,bob", ","])
def test_allowed_users_are_named_by_id(value: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"ORCHESTRATOR_SLACK_ALLOWED_USERS": value})
