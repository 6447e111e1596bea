"""What people ask by name, or in a conversation with orch alone."""

import asyncio
from typing import Any

import httpx

from storage.database import Database
from tests.bot.fakes import Script
from tests.bot.slack.conftest import SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Sent
from tests.bot.slack.people import CHANNEL, TS, deletion, direct, mention, message
from tests.bot.slack.test_alerts import settled


async def tasks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found = (await client.get("/tasks")).json()["tasks"]
    return [(await client.get(f"/tasks/{task['task_id']}")).json() for task in found]


def in_thread(slack: FakeSlack, ts: str, role: str) -> list[Sent]:
    return [sent for sent in slack.messages.values() if sent.thread_ts == ts and sent.role == role]


async def test_a_mention_is_answered_in_a_thread_at_it(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    assert (await slack_side.event(mention("why is saas-api slow?"))).status_code == 200
    await until(lambda: in_thread(slack, TS, "verdict"))
    (task,) = await tasks(slack_side.client)
    assert task["input_task"] == "why is saas-api slow?"
    assert await settled(database, 1) == {"Ev1": ("done", "asked")}


async def test_the_message_event_of_a_mention_is_not_taken_for_an_alert_too(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    text = "P1 incident: saas-api is down"
    await asyncio.gather(
        slack_side.event(mention(text)),
        slack_side.event(message(f"<@U0US> {text}")),
        slack_side.event(mention(text, event_id="Ev3")),
    )
    await until(lambda: in_thread(slack, TS, "verdict"))
    found = await settled(database, 3)
    assert found["Ev2"] == ("refused", "mention")
    assert len(await tasks(slack_side.client)) == 1


async def test_a_question_below_an_answer_keeps_its_service_and_window_unless_it_names_others(
    slack_side: SlackSide, slack: FakeSlack
) -> None:
    slack.hold_post(CHANNEL, TS)
    first = "analyze saas-api P1 errors from 2026-02-14 10:00 to 10:30"
    await slack_side.event(mention(first))
    await until(lambda: in_thread(slack, TS, "verdict"))
    again = "1794000200.000100"
    slack.hold_post(CHANNEL, again)
    await slack_side.event(mention("and what about the logs?", ts=again, thread_ts=TS, event_id="Ev2"))
    await until(lambda: len(in_thread(slack, TS, "verdict")) == 2)
    await slack_side.event(
        mention(
            "same for billing-worker, P3, 2026-02-14 11:00 to 11:30?",
            ts="1794000300.000100",
            thread_ts=TS,
            event_id="Ev3",
        )
    )
    await until(lambda: len(in_thread(slack, TS, "verdict")) == 3)
    third, second, original = await tasks(slack_side.client)
    assert second["context_json"]["follow_up_of"] == original["task_id"]
    assert third["context_json"]["follow_up_of"] == second["task_id"]
    assert "service" not in third["context_json"]
    assert third["context_json"]["start_time"] == "2026-02-14T11:00:00Z"
    assert "severity" not in third["context_json"]


async def test_a_message_to_orch_alone_is_answered_below_it(slack_side: SlackSide, slack: FakeSlack) -> None:
    slack.channels.add("D1")
    slack.hold_post("D1", TS)
    assert (await slack_side.event(direct("is billing-worker healthy?"))).status_code == 200
    await until(lambda: in_thread(slack, TS, "verdict"))
    (task,) = await tasks(slack_side.client)
    assert task["input_task"] == "is billing-worker healthy?"


async def test_own_words_and_those_of_other_bots_start_nothing(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    await slack_side.event(direct("done", bot_id="B1"))
    await slack_side.event(direct("done", user="U0US", event_id="Ev2"))
    await slack_side.event(mention("status", user="U5", bot_id="B5", event_id="Ev3"))
    await slack_side.event(mention("status", user="U0US", event_id="Ev4"))
    await asyncio.sleep(0.1)
    assert await settled(database, 0) == {}
    assert slack.calls == []


async def test_words_that_are_a_command_are_carried_out(slack_side: SlackSide, slack: FakeSlack) -> None:
    slack.hold_post(CHANNEL, TS)
    await slack_side.event(mention("help"))
    told = await until(lambda: slack.private)
    assert (told[0]["user"], told[0]["channel"]) == ("U1", CHANNEL)
    assert "/orch analyze" in told[0]["text"]
    assert await tasks(slack_side.client) == []


async def test_a_deleted_question_is_stopped(
    slack_side: SlackSide, slack: FakeSlack, script: Script, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    script.hold()
    await slack_side.event(mention("why is saas-api slow?"))
    await until(lambda: script.calls)
    await slack_side.event(deletion(TS))
    found = await settled(database, 2)
    assert found["Ev9"] == ("done", "question_deleted")
    (task,) = await tasks(slack_side.client)
    assert task["status"] == "failed"
    script.release()
