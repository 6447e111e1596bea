"""Alert posts in channels: each becomes a task that is answered below it."""

import asyncio
import time
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from core.base import JsonObject
from storage.database import Database
from tests.bot.slack.conftest import OpenApp, SlackSide, until
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
    async with asyncio.timeout(30.0):
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


async def test_one_event_delivered_many_times_does_nothing_twice(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    fired = post(FIRING)
    answers = await asyncio.gather(*(slack_side.event(fired) for _ in range(3)))
    await until(lambda: slack.role("verdict"))
    answers.append(await slack_side.event(fired, x_slack_retry_num="1", x_slack_retry_reason="http_timeout"))
    assert {answer.status_code for answer in answers} == {200}
    assert await settled(database, 1) == {"Ev1": ("done", "new")}
    assert len(await tasks(slack_side.client)) == 1
    assert slack.calls.count("chat.postMessage") == len(THREAD_ROLES)


async def test_the_same_post_under_another_event_id_is_refused(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    await slack_side.event(post(FIRING))
    await slack_side.event(post(FIRING, event_id="Ev2"))
    assert (await settled(database, 2))["Ev2"] == ("refused", "duplicate_post")
    await until(lambda: slack.role("verdict"))
    assert len(await tasks(slack_side.client)) == 1


async def test_a_repeated_alert_is_counted_and_not_answered_again(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    await slack_side.event(post(FIRING))
    await slack_side.event(post(FIRING, ts="1794000301.000100", event_id="Ev2"))
    await slack_side.event(post(FIRING, ts="1794000601.000100", event_id="Ev3"))
    found = await settled(database, 3)
    assert (found["Ev2"], found["Ev3"]) == (("done", "repeat"), ("done", "repeat"))
    await until(lambda: slack.role("verdict"))
    assert slack.calls.count("chat.postMessage") == len(THREAD_ROLES)
    (row,) = await database.fetch_all("select repeats, message_ts, thread_ts from alert_states", {})
    assert row == {"repeats": 2, "message_ts": [TS, "1794000301.000100", "1794000601.000100"], "thread_ts": TS}


async def test_an_alert_that_comes_back_soon_is_told_in_its_thread_and_later_is_a_new_one(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    later = "1794009001.000100"
    slack.hold_post(CHANNEL, TS)
    slack.hold_post(CHANNEL, later)
    await slack_side.event(post(FIRING))
    await slack_side.event(post(RESOLVED, ts="1794000061.000100", event_id="Ev2", color="good"))
    await slack_side.event(post(FIRING, ts="1794000121.000100", event_id="Ev3"))
    told = await until(lambda: slack.role("fires_again"))
    assert (told.thread_ts, told.words) == (TS, "Firing again since 2026-11-06 21:22:01Z.")
    await slack_side.event(post(RESOLVED, ts="1794000181.000100", event_id="Ev4", color="good"))
    await slack_side.event(post(FIRING, ts=later, event_id="Ev5"))
    found = await settled(database, 5)
    assert [reason for _, (_, reason) in sorted(found.items())] == [
        "new", "resolved", "fires_again", "resolved", "fires_anew",
    ]  # fmt: skip
    assert len(await tasks(slack_side.client)) == 2
    await until(lambda: {"verdict"} <= {m.role for m in slack.messages.values() if m.thread_ts == later})


async def test_a_post_edited_back_to_firing_is_looked_into_anew(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    fired = post(FIRING)
    await slack_side.event(fired)
    await slack_side.event(edit(fired, RESOLVED, at="1794000721.000200", event_id="Ev2"))
    await slack_side.event(edit(fired, f"{FIRING} ", at="1794009721.000200", event_id="Ev3", color="danger"))
    assert (await settled(database, 3))["Ev3"] == ("done", "fires_anew")
    assert len(await tasks(slack_side.client)) == 2
    await until(lambda: [m.role for m in slack.messages.values()].count("verdict") == 2)
    assert {m.thread_ts for m in slack.messages.values()} == {None, TS}


async def test_an_end_that_overtakes_its_beginning_is_remembered_and_nothing_is_asked(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    fired = post(FIRING)
    await slack_side.event(edit(fired, RESOLVED, at="1794000721.000200", event_id="Ev2"))
    await slack_side.event(fired)
    found = await settled(database, 2)
    assert found == {"Ev2": ("refused", "nothing_open"), "Ev1": ("refused", "older_than_known")}
    assert await tasks(slack_side.client) == []
    assert slack.calls == []


HUMAN: dict[str, Any] = {"bot_id": None, "user": "U7", "attachments": [], "subtype": None}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a person": (post("", text="is the API slow for you, too?", **HUMAN), "human_talk"),
    "a reply": (post(FIRING, thread_ts="1793999999.000100"), "thread_reply"),
    "a broadcast": (post(FIRING, thread_ts="1793999999.000100", subtype="thread_broadcast"), "thread_reply"),
    "nothing": (post("", attachments=[]), "empty"),
    "a test": (post("Test alert"), "test_alert"),
    "a deletion": (
        envelope(
            {"type": "message", "subtype": "message_deleted", "channel": CHANNEL, "ts": TS, "deleted_ts": TS}, "Ev1"
        ),
        "deleted",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_no_alert_is_refused_for_a_reason_and_costs_nothing(
    slack_side: SlackSide, slack: FakeSlack, database: Database, kind: str
) -> None:
    sent, reason = REFUSED[kind]
    assert (await slack_side.event(sent)).status_code == 200
    assert await settled(database, 1) == {"Ev1": ("refused", reason)}
    (row,) = await database.fetch_all("select payload from slack_inbox", {})
    assert row["payload"] is None
    assert await tasks(slack_side.client) == []
    assert slack.calls == []
    health = (await slack_side.client.get("/health")).json()
    assert f"inbox: 0 waiting, refused today: {reason} 1" in health["parts"]["slack"]["detail"]


@pytest.mark.parametrize("parts", [{"app_id": "A0US"}, {"user": "U0US"}])
async def test_own_messages_are_counted_and_not_kept(
    open_app: OpenApp, database: Database, parts: dict[str, Any]
) -> None:
    async with open_app() as (client, runtime):
        own = post(FIRING, **parts)
        changed = edit(own, RESOLVED, at="1794000721.000200", event_id="Ev2")
        changed["event"]["message"] |= parts
        for sent in (own, changed):
            assert (await SlackSide(client).event(sent)).status_code == 200
        assert runtime.slack is not None
        assert runtime.slack.ignored == {"own_message": 2}
    assert await states(database) == {}


async def test_hostile_text_becomes_data(slack_side: SlackSide, slack: FakeSlack, database: Database) -> None:
    slack.hold_post(CHANNEL, TS)
    title = "[FIRING:1] <!channel> \x00\x1b[31m\u202e\ud800 @everyone *x* &lt;!here&gt; <http://evil|DiskFull>"
    assert (await slack_side.event(post(title))).status_code == 200
    await until(lambda: slack.role("verdict"))
    (task,) = await tasks(slack_side.client)
    assert not {"\x00", "\x1b", "\u202e", "\ud800"} & set(task["input_task"])
    assert "DiskFull" in task["input_task"]
    assert (await settled(database, 1))["Ev1"] == ("done", "new")


async def test_what_cannot_be_kept_is_not_acknowledged_and_slacks_retry_is_taken(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    await database.execute("alter table slack_inbox rename to away", {})
    try:
        assert (await slack_side.event(post(FIRING))).status_code == 503
    finally:
        await database.execute("alter table away rename to slack_inbox", {})
    assert (await slack_side.event(post(FIRING), x_slack_retry_num="1")).status_code == 200
    await until(lambda: slack.role("verdict"))
    assert len(await tasks(slack_side.client)) == 1


async def test_a_database_that_is_held_up_does_not_use_up_slacks_patience(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    async with database.transaction() as connection:
        await connection.execute("lock table slack_inbox in access exclusive mode")
        began = time.monotonic()
        assert (await slack_side.event(post(FIRING))).status_code == 503
        assert time.monotonic() - began < 3.0
    assert (await slack_side.event(post(FIRING), x_slack_retry_num="1")).status_code == 200
    assert await settled(database, 1) == {"Ev1": ("done", "new")}


async def test_without_a_database_nothing_is_acknowledged(slack_side: SlackSide, database: Database) -> None:
    await database.close()
    assert (await slack_side.event(post(FIRING))).status_code == 503


STRANGE: list[dict[str, Any]] = [
    {"channel": None},
    {"ts": {}, "event_ts": []},
    {"ts": "soon", "event_ts": "later"},
    {"ts": "soon"},
    {"attachments": "none"},
    {"attachments": [None, 3, {"title": ["x"], "fields": {}}]},
    {"blocks": {"type": "section"}},
    {"message": "edited"},
    {"message": {}, "previous_message": None},
    {"thread_ts": 5},
    {"text": None, "attachments": None},
]


@pytest.mark.parametrize("parts", STRANGE)
async def test_a_strange_event_is_acknowledged_and_breaks_nothing(
    open_app: OpenApp, slack: FakeSlack, database: Database, parts: dict[str, Any]
) -> None:
    slack.hold_post(CHANNEL, TS)
    with capture_logs() as logs:
        async with open_app() as (client, runtime):
            assert (await SlackSide(client).event(post(FIRING, **parts))).status_code == 200
            assert runtime.slack is not None
            await settled(database, 1 - runtime.slack.ignored.total())
    assert not {"slack.broke", "slack.listener_broke"} & {line["event"] for line in logs}


async def test_an_incident_that_a_person_declares_is_looked_into(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    await slack_side.event(post("", text="SEV1: checkout is down for all merchants", **HUMAN))
    found = await settled(database, 1)
    assert found == {"Ev1": ("done", "new")}
    await until(lambda: slack.role("verdict"))
