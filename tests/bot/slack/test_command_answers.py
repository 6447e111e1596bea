"""Commands whose answers are for whoever typed them."""

from typing import Any
from uuid import uuid4

import pytest

from core.task import Origin, Request
from storage.database import Database
from storage.slack_tasks import SlackTasks
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Script
from tests.bot.slack.conftest import SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, check_message
from tests.bot.slack.test_alerts import settled


async def answer(side: SlackSide, slack: FakeSlack, words: str, **fields: str) -> dict[str, Any]:
    """What is said privately after a command of that name."""
    before = len(slack.told)
    acknowledged = await side.command(words, **fields)
    assert (acknowledged.status_code, acknowledged.text) == (200, "")
    await until(lambda: len(slack.told) > before)
    told = slack.told[-1]
    assert told["response_type"] == "ephemeral"
    assert check_message(told["blocks"], told["text"]) == []
    return told


async def test_a_verdict_is_shown_by_the_beginning_of_its_id_or_as_the_last_one_here(
    slack_side: SlackSide, slack: FakeSlack
) -> None:
    await slack_side.command("analyze the disk")
    await until(lambda: slack.role("verdict"))
    ((task),) = (await slack_side.client.get("/tasks")).json()["tasks"]
    for words in ("show", f"show {task['task_id'][:6]}", f"show {task['task_id'].upper()}"):
        told = await answer(slack_side, slack, words)
        assert "All is well." in told["text"]
        actions = [
            element["action_id"]
            for block in told["blocks"]
            for element in block.get("elements", [])
            if "action_id" in element
        ]
        assert "orch_post" in actions


@pytest.mark.parametrize(
    ("words", "said", "reason"),
    [
        ("show", "no task of this channel", "no_task_here"),
        ("show 12345", "not the beginning", "not_an_id"),
        ("cancel everything", "not the beginning", "not_an_id"),
        ("rerun 123456", "no task whose id begins", "task_not_found"),
        ("digest", "not set up", "no_digest"),
    ],
)
async def test_what_cannot_be_carried_out_says_what_to_type(
    slack_side: SlackSide, slack: FakeSlack, database: Database, words: str, said: str, reason: str
) -> None:
    told = await answer(slack_side, slack, words)
    assert said in told["text"]
    assert list((await settled(database, 1)).values()) == [("refused", reason)]


async def test_status_tells_what_is_up_and_what_runs_here(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    told = await answer(slack_side, slack, "status")
    assert "Nothing is running, nothing waits." in told["text"]
    script.hold()
    await slack_side.command("analyze the disk")
    await until(lambda: script.calls)
    told = await answer(slack_side, slack, "status")
    assert "1 task is running" in told["text"]
    assert "running: the disk" in told["text"]
    script.release()


async def test_a_rerun_is_told_and_answered_in_a_thread_of_its_own(slack_side: SlackSide, slack: FakeSlack) -> None:
    await slack_side.command("analyze the disk")
    await until(lambda: slack.role("verdict"))
    told = await answer(slack_side, slack, "rerun")
    assert "On it: the disk" in told["text"]
    await until(lambda: [sent.role for sent in slack.messages.values()].count("verdict") == 2)
    assert [sent.role for sent in slack.messages.values()].count("opening") == 2


async def test_a_workspace_sees_its_own_tasks_alone(database: Database, task_store: PostgresTaskStore) -> None:
    own, _ = await task_store.add(
        Request(text="x", origin=Origin(door="slack", team="T1", channel="C1", user="U1")), runs=False
    )
    tasks = SlackTasks(database)
    prefix = str(own.task_id)[:8]
    assert await tasks.with_prefix("T1", prefix) == [own.task_id]
    assert await tasks.with_prefix("T2", prefix) == []
    assert await tasks.latest_in_channel("T1", "C1") == own.task_id
    assert await tasks.latest_in_channel("T2", "C1") is None
    assert await tasks.with_prefix("T1", "'; drop table") == []
    assert await tasks.with_prefix("T1", str(uuid4())) == []
