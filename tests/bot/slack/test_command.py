import asyncio
import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.bot.fakes import Script
from tests.bot.slack.conftest import SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack


async def tasks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/tasks")).json()["tasks"]


async def test_a_command_is_acknowledged_before_its_run_and_answered_in_a_thread(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    script.hold()
    began = time.monotonic()
    answer = await slack_side.command("analyze why is checkout slow?")
    assert time.monotonic() - began < 1.0
    assert answer.status_code == 200
    assert answer.json()["response_type"] == "ephemeral"
    assert "why is checkout slow?" in answer.json()["text"]

    plan = await until(lambda: slack.role("plan"))
    await until(lambda: "in_progress" in json.dumps(plan.body))
    assert slack.role("verdict") is None
    script.release()
    verdict = await until(lambda: slack.role("verdict"))

    opening = slack.opening
    assert opening.channel == "C1"
    assert {"type": "user", "user_id": "U1"} in opening.body["blocks"][0]["elements"][0]["elements"]
    assert "why is checkout slow?" in opening.words
    assert [message.role for message in slack.messages.values()] == ["opening", "plan", "evidence", "verdict"]
    assert {message.thread_ts for message in slack.messages.values()} == {None, opening.ts}
    assert plan.block_types == {"plan"}
    (card,) = plan.body["blocks"][0]["tasks"]
    assert (card["title"], card["status"]) == ("Read the task", "complete")
    evidence = slack.role("evidence")
    assert evidence is not None
    assert "All is well. [1]" in evidence.body["text"]
    assert "[1] policy_v2 policies/policy_v2.md:1-2 “Page.”" in evidence.body["text"]
    assert "Confirmed" in verdict.words
    assert "All is well." in verdict.words
    (task,) = await tasks(slack_side.client)
    assert task["status"] == "succeeded"
    assert opening.body["metadata"]["event_payload"] == {"task_id": task["task_id"], "role": "opening"}


async def test_a_command_delivered_twice_makes_one_task_and_one_thread(slack_side: SlackSide, slack: FakeSlack) -> None:
    body = urlencode(slack_side.form("analyze the disk"))
    answers = await asyncio.gather(slack_side.send(body), slack_side.send(body))
    assert [answer.status_code for answer in answers] == [200, 200]
    await until(lambda: slack.role("verdict"))
    assert (await slack_side.send(body)).status_code == 200
    await asyncio.sleep(0.1)
    assert len(await tasks(slack_side.client)) == 1
    assert slack.opening
    assert slack.calls.count("chat.postMessage") == 4
