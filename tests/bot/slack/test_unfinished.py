"""Threads that a process left when it died, each as the database and Slack hold it then."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from bot.slack.ledger import Ledger, Times
from core.task import Origin, Request, Task, TaskStatus
from storage.database import Database
from storage.slack_threads import Claim, SlackThread, SlackThreadStore
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Script
from tests.bot.slack.conftest import QUICK, OpenApp, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Refusal, Sent

ROLES = ["opening", "plan", "evidence", "verdict"]


async def write_thread(open_app: OpenApp, slack: FakeSlack, text: str = "the disk") -> UUID:
    """A task with its whole thread."""
    verdicts = len(of_role(slack, "verdict"))
    async with open_app() as (client, _):
        await SlackSide(client).command(f"analyze {text}")
        await until(lambda: len(of_role(slack, "verdict")) > verdicts)
        (newest, *_) = (await client.get("/tasks")).json()["tasks"]
    return UUID(newest["task_id"])


def standing(slack: FakeSlack) -> list[Sent]:
    return [message for message in slack.messages.values() if message.channel == "C1"]


def of_role(slack: FakeSlack, role: str) -> list[Sent]:
    return [message for message in standing(slack) if message.role == role]


async def die_before(database: Database, slack: FakeSlack, task_id: UUID, lost: Collection[str]) -> None:
    """What would be there, had the process died before it wrote the lost roles."""
    for message in standing(slack):
        if message.role in lost and message.body["metadata"]["event_payload"]["task_id"] == str(task_id):
            message.channel = "nowhere"
    if "opening" in lost:
        await database.execute("delete from slack_threads where task_id = %(id)s", {"id": task_id})
    await database.execute(
        "update slack_threads set finished_at = null, claimed_by = 'dead', claimed_until = now() - interval '1 second', "
        "messages = messages - %(lost)s::text[] where task_id = %(id)s",
        {"lost": list(lost), "id": task_id},
    )
    slack.calls.clear()


@pytest.mark.parametrize("written", [0, 1, 2, 3])
async def test_the_next_process_writes_what_is_lacking_and_nothing_twice(
    open_app: OpenApp, slack: FakeSlack, database: Database, written: int
) -> None:
    task_id = await write_thread(open_app, slack)
    await die_before(database, slack, task_id, ROLES[written:])
    async with open_app():
        await until(lambda: of_role(slack, "verdict"))
        await asyncio.sleep(0.15)
    opening, plan, evidence, verdict = standing(slack)
    assert [message.role for message in (opening, plan, evidence, verdict)] == ROLES
    assert {message.thread_ts for message in (plan, evidence, verdict)} == {opening.ts}
    assert slack.calls.count("chat.postMessage") == len(ROLES) - written
    assert plan.body["blocks"][0]["tasks"][0]["status"] == "complete"
    assert "All is well." in verdict.words


async def test_a_thread_that_is_complete_is_left_alone(open_app: OpenApp, slack: FakeSlack) -> None:
    await write_thread(open_app, slack)
    slack.calls.clear()
    async with open_app():
        await asyncio.sleep(0.15)
    assert slack.calls == []


async def test_processes_that_start_together_finish_each_thread_once(
    open_app: OpenApp, slack: FakeSlack, database: Database
) -> None:
    for number in range(3):
        task_id = await write_thread(open_app, slack, f"disk {number}")
        await die_before(database, slack, task_id, ["evidence", "verdict"])
    async with open_app(), open_app(), open_app():
        await until(lambda: len(of_role(slack, "verdict")) == 3)
        await asyncio.sleep(0.15)
    assert [len(of_role(slack, role)) for role in ROLES] == [3, 3, 3, 3]


async def test_a_verdict_that_slack_refused_is_posted_later(
    open_app: OpenApp, slack: FakeSlack, script: Script
) -> None:
    script.hold()
    async with open_app(replace(QUICK, rest_s=0.05)) as (client, _):
        await SlackSide(client).command("analyze the disk")
        await until(lambda: slack.role("plan"))
        slack.refusals["chat.postMessage"] = [Refusal("fatal_error")] * 2
        script.release()
        await until(lambda: slack.role("verdict"))
    assert [message.role for message in slack.messages.values()] == ROLES
    assert slack.calls.count("chat.postMessage") == 6


async def test_a_task_that_killed_its_process_each_time_is_told_in_its_thread(
    open_app: OpenApp, slack: FakeSlack, database: Database, script: Script
) -> None:
    script.hold()
    async with open_app() as (client, _):
        await SlackSide(client).command("analyze the disk")
        await until(lambda: slack.role("plan"))
    await database.execute("update tasks set deaths = 3", {})
    async with open_app():
        verdict = await until(lambda: slack.role("verdict"))
    assert "taken up 3 times and its process died each time" in verdict.words
    assert [message.role for message in slack.messages.values()] == ["opening", "plan", "verdict"]
    assert script.calls == 1


async def test_an_end_that_this_release_cannot_read_is_not_told_as_another(
    open_app: OpenApp, slack: FakeSlack, database: Database
) -> None:
    task_id = await write_thread(open_app, slack)
    await die_before(database, slack, task_id, ["verdict"])
    await database.execute("update tasks set result_json = '{}'", {})
    async with open_app():
        await asyncio.sleep(0.15)
    assert slack.calls == []


@pytest.fixture
async def task(task_store: PostgresTaskStore) -> Task:
    stored, _ = await task_store.add(Request(text="the disk", origin=Origin(door="slack", user="U1", channel="C1")))
    assert stored.status is TaskStatus.QUEUED
    return stored


async def test_an_opening_of_which_nobody_knows_the_end_is_posted_and_the_doubt_logged(
    open_app: OpenApp, slack: FakeSlack, database: Database, task: Task
) -> None:
    await SlackThreadStore(database).claim(task.task_id, "C1", lease_s=0.5)  # and nothing more: its process died
    with capture_logs() as logs:
        async with open_app():
            await until(lambda: slack.role("verdict"))
    assert [line["channel"] for line in logs if line["event"] == "slack.opening_in_doubt"] == ["C1"]
    assert [message.role for message in slack.messages.values()] == ROLES


async def test_a_writer_that_lives_is_waited_for_and_then_passed_over(database: Database, task: Task) -> None:
    times = Times(claim_s=0.2, poll_s=0.01)
    first, second = SlackThreadStore(database), SlackThreadStore(database)
    await first.claim(task.task_id, "C1", lease_s=60)
    waiting = asyncio.create_task(Ledger(second, times).claim(task.task_id, "C1"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    assert await waiting == Claim(in_doubt=True)

    waiting = asyncio.create_task(Ledger(first, replace(times, claim_s=60)).claim(task.task_id, "C1"))
    thread = SlackThread(task.task_id, "C1", "1.0", {"opening": "1.0"})
    await second.put(thread)
    await second.finish(task.task_id)
    await second.release(task.task_id)
    assert await waiting == Claim(thread=thread, finished=True)
