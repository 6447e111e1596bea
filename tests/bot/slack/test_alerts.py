"""Alert posts in channels: each becomes a task that is answered below it."""

import asyncio
from typing import Any

import httpx

from core.base import JsonObject
from storage.database import Database
from tests.bot.slack.conftest import SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack

CHANNEL = "C1"
TS = "1794000001.000100"
THREAD_ROLES = ["plan", "evidence", "verdict"]


def post(title: str, *, ts: str = TS, color: str = "danger", event_id: str = "Ev1", **parts: object) -> dict[str, Any]:
    """Alertmanager's default: no text at all, everything in one attachment."""
    attachment: JsonObject = {"id": 1, "color": color, "title": title, "text": "", "fallback": f"{title} | http://am"}
    inner: dict[str, Any] = {
        "type": "message",
        "subtype": "bot_message",
        "text": "",
        "bot_id": "B1",
        "username": "Alertmanager",
        "ts": ts,
        "event_ts": ts,
        "channel": CHANNEL,
        "channel_type": "channel",
        "attachments": [attachment],
        **parts,
    }
    return envelope(inner, event_id)


def envelope(event: dict[str, Any], event_id: str) -> dict[str, Any]:
    return {
        "token": "legacy",
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A0US",
        "event_id": event_id,
        "event_time": 1794000001,
        "authorizations": [{"team_id": "T1", "user_id": "U0US", "is_bot": True}],
        "event": event,
    }


def edit(before: dict[str, Any], title: str, *, at: str, event_id: str, color: str = "good") -> dict[str, Any]:
    now = post(title, ts=before["event"]["ts"], color=color)["event"]
    changed = {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": CHANNEL,
        "ts": at,
        "event_ts": at,
        "message": now,
        "previous_message": before["event"],
    }
    return envelope(changed, event_id)


FIRING = "[FIRING:1] HighErrorRate saas-api (critical)"
RESOLVED = "[RESOLVED] HighErrorRate saas-api (critical)"


async def tasks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/tasks")).json()["tasks"]


async def states(database: Database) -> dict[str, tuple[str, str | None]]:
    rows = await database.fetch_all("select key, state, reason from slack_inbox", {})
    return {row["key"]: (row["state"], row["reason"]) for row in rows}


async def settled(database: Database, number: int) -> dict[str, tuple[str, str | None]]:
    """The inbox when so many rows are in it and none waits."""
    async with asyncio.timeout(5.0):
        while True:
            found = await states(database)
            if len(found) == number and all(state != "received" for state, _ in found.values()):
                return found
            await asyncio.sleep(0.01)


async def test_an_alert_post_without_a_text_becomes_a_task_that_is_answered_below_it(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    assert (await slack_side.event(post(FIRING))).status_code == 200
    await until(lambda: slack.role("verdict"))
    ours = [message for message in slack.messages.values() if message.ts != TS]
    assert [message.role for message in ours] == THREAD_ROLES
    assert {(message.channel, message.thread_ts) for message in ours} == {(CHANNEL, TS)}
    (task,) = await tasks(slack_side.client)
    assert "HighErrorRate" in task["input_task"]
    assert task["context_json"]["start_time"] == "2026-11-06T21:00:01Z"
    assert await settled(database, 1) == {"Ev1": ("done", "new")}


async def test_its_end_told_by_an_edit_is_told_in_the_same_thread(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    fired = post(FIRING)
    await slack_side.event(fired)
    await until(lambda: slack.role("verdict"))
    await slack_side.event(edit(fired, RESOLVED, at="1794000721.000200", event_id="Ev2"))
    told = await until(lambda: slack.role("resolved"))
    assert (told.thread_ts, told.words) == (TS, "Resolved at 2026-11-06 21:32:01Z, after 12 min.")
    assert await settled(database, 2) == {"Ev1": ("done", "new"), "Ev2": ("done", "resolved")}
    assert len(await tasks(slack_side.client)) == 1
