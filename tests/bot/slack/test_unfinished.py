"""Threads that a process left when it died, as the database and Slack hold them then; and charts, which come last."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from bot.charts import Chart
from bot.slack.pacing import ThreadTimes
from bot.slack.thread import SlackThreads
from bot.slack.upkeep import Upkeep
from core.events import PlanBuilt, RunEnded, RunStarted
from core.task import Origin, Request, Task, TaskStatus
from storage.database import Database
from storage.slack_outbox import SlackOutbox
from storage.slack_threads import SlackThreadStore
from storage.task_store import PostgresTaskStore
from tests.bot.fakes import Script
from tests.bot.slack.conftest import OpenApp, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack
from tests.bot.slack.outbox_senders import Process, open_process
from tests.bot.slack.test_render import plan, result
from tests.bot.slack.test_render_brevity import REPORT, verdict

ROLES = ["opening", "plan", "evidence", "verdict"]
QUICK = ThreadTimes(gather_s=0.02, every_s=0.05, retry_s=0.02, most_retry_s=0.05, overtakes_s=60.0)
CHART = Chart(png=b"\x89PNG", title="Errors", alt_text="Errors rise", series=(), citation_ids=())


def roles(slack: FakeSlack) -> list[str]:
    return [message.role for message in slack.messages.values()]


async def write_thread(open_app: OpenApp, slack: FakeSlack) -> UUID:
    """A task with its whole thread."""
    async with open_app() as (client, _):
        await SlackSide(client).command("analyze the disk")
        await until(lambda: slack.role("verdict"))
        (newest, *_) = (await client.get("/tasks")).json()["tasks"]
    return UUID(newest["task_id"])


async def test_one_thread_that_cannot_be_finished_keeps_no_other_back(
    database: Database, task_store: PostgresTaskStore, slack: FakeSlack
) -> None:
    tasks: list[Task] = []
    for number in range(3):
        origin = Origin(door="slack", channel="C1", thread_ts=f"{number + 1}.0")
        task, _ = await task_store.add(Request(text=f"t{number}", origin=origin))
        tasks.append(task)
    await database.execute("update tasks set status = 'failed', updated_at = now() - interval '1 minute'", {})
    finished: list[UUID] = []

    async with open_process(database, slack, sends=False) as process:
        threads = threads_of(process, CHART)

        async def read(task_id: UUID) -> Task:
            if task_id == tasks[0].task_id:
                raise KeyError("a report of another release")
            finished.append(task_id)
            return await task_store.get(task_id)

        with capture_logs() as logs:
            upkeep = Upkeep(SlackThreadStore(database), threads, read, replace(QUICK, sweep_s=0.02, settled_s=0.1))
            upkeep.start()
            await until(lambda: {task.task_id for task in tasks[1:]} <= set(finished))
            await asyncio.sleep(0.1)
            await upkeep.stop()
        await threads.close()
    assert [line["task_id"] for line in logs if line["event"] == "slack.thread_broke"] == [str(tasks[0].task_id)]


@pytest.mark.parametrize("put", [0, 1, 2, 3])
async def test_the_next_process_puts_what_is_lacking_and_nothing_twice(
    open_app: OpenApp, slack: FakeSlack, database: Database, put: int
) -> None:
    """What would be there, had the process died before it put the others."""
    await write_thread(open_app, slack)
    await database.execute("delete from slack_outbox where role = any(%(lost)s)", {"lost": ROLES[put:]})
    for message in [message for message in slack.messages.values() if message.role in ROLES[put:]]:
        message.channel = "nowhere"
    slack.calls.clear()
    async with open_app():
        await until(lambda: [it for it in slack.messages.values() if it.channel == "C1" and it.role == "verdict"])
        await asyncio.sleep(0.15)
    standing = [message for message in slack.messages.values() if message.channel == "C1"]
    assert [message.role for message in standing] == ROLES
    assert {message.thread_ts for message in standing[1:]} == {standing[0].ts}
    assert slack.calls.count("chat.postMessage") == len(ROLES) - put


async def test_a_thread_that_is_complete_is_left_alone(open_app: OpenApp, slack: FakeSlack) -> None:
    await write_thread(open_app, slack)
    slack.calls.clear()
    async with open_app():
        await asyncio.sleep(0.15)
    assert slack.calls == []


async def test_what_a_revoked_token_left_unsaid_is_said_with_the_next_one(
    open_app: OpenApp, slack: FakeSlack, database: Database
) -> None:
    await write_thread(open_app, slack)
    await database.execute(
        "update slack_outbox set state = 'given_up', error = 'token_revoked', ts = null, settled_at = now() "
        "where role = 'verdict'",
        {},
    )
    async with open_app():
        await until(lambda: len([it for it in slack.messages.values() if it.role == "verdict"]) == 2)


async def test_a_task_that_killed_its_process_each_time_is_told_in_its_thread(
    open_app: OpenApp, slack: FakeSlack, database: Database, script: Script
) -> None:
    script.hold()
    async with open_app() as (client, _):
        await SlackSide(client).command("analyze the disk")
        await until(lambda: slack.role("plan"))
    await database.execute("update tasks set deaths = 3", {})
    async with open_app():
        told = await until(lambda: slack.role("verdict"))
    assert "taken up 3 times and its process died each time" in told.words
    assert roles(slack) == ["opening", "plan", "verdict"]
    assert script.calls == 1


async def test_an_end_that_this_release_cannot_read_is_not_told_as_another(
    open_app: OpenApp, slack: FakeSlack, database: Database
) -> None:
    await write_thread(open_app, slack)
    await database.execute("delete from slack_outbox where role = 'verdict'", {})
    await database.execute("update tasks set result_json = '{}'", {})
    slack.calls.clear()
    async with open_app():
        await asyncio.sleep(0.5)
    assert slack.calls == []


@pytest.fixture
async def task(task_store: PostgresTaskStore) -> Task:
    stored, _ = await task_store.add(Request(text="the disk", origin=Origin(door="slack", user="U1", channel="C1")))
    assert stored.status is TaskStatus.QUEUED
    return stored


def threads_of(process: Process, *charts: Chart) -> SlackThreads:
    async def draw(_: Task) -> tuple[Chart, ...]:
        if not charts:
            raise RuntimeError("no colours left")
        return charts

    return SlackThreads(process.outbox, draw, QUICK)


async def end(threads: SlackThreads, task: Task) -> None:
    """A run that ends at once."""
    await threads.notice(RunStarted(task=task))
    await threads.notice(PlanBuilt(task_id=task.task_id, plan=plan([("look", "waits", ())])))
    await threads.notice(RunEnded(task=task, result=result(REPORT), verification=verdict("so it was")))


async def test_the_charts_come_below_the_answer(database: Database, slack: FakeSlack, task: Task) -> None:
    async with open_process(database, slack) as process:
        threads = threads_of(process, CHART, CHART)
        await end(threads, task)
        await until(lambda: len(slack.uploads) == 2 and all(upload.shared for upload in slack.uploads.values()))
        await threads.close()
    assert roles(slack) == [*ROLES, "file", "file"]
    assert {upload.alt_text for upload in slack.uploads.values()} == {"Errors rise"}


async def test_charts_that_cannot_be_drawn_are_logged_and_missed(
    database: Database, slack: FakeSlack, task: Task
) -> None:
    with capture_logs() as logs:
        async with open_process(database, slack) as process:
            threads = threads_of(process)
            await end(threads, task)
            await until(lambda: slack.role("verdict"))
            await threads.close()
    assert "slack.chart_broke" in {line["event"] for line in logs}


async def test_a_database_that_is_away_holds_up_no_run_and_the_thread_is_put_when_it_is_back(
    database: Database, slack: FakeSlack, task: Task
) -> None:
    async with open_process(database, slack) as process:
        threads = threads_of(process, CHART)
        await database.execute("alter table slack_outbox rename to away", {})
        try:
            await asyncio.wait_for(end(threads, task), 0.5)
            await asyncio.sleep(0.1)
        finally:
            await database.execute("alter table away rename to slack_outbox", {})
        await until(lambda: slack.role("verdict"))
        await threads.close()
    assert roles(slack)[:4] == ROLES


async def test_a_process_that_comes_back_late_changes_nothing_of_what_the_other_has_ended(
    database: Database, slack: FakeSlack, task: Task
) -> None:
    async with open_process(database, slack) as process:
        late, other = threads_of(process, CHART), threads_of(process, CHART)
        await end(other, task)
        await until(lambda: slack.role("verdict"))
        before = [len(message.versions) for message in slack.messages.values() if message.role in ROLES]
        await late.notice(RunStarted(task=task))
        await late.notice(PlanBuilt(task_id=task.task_id, plan=plan([("look", "waits", ())])))
        await asyncio.sleep(0.2)
        after = [len(message.versions) for message in slack.messages.values() if message.role in ROLES]
        await late.close()
        await other.close()
    assert after[1:] == before[1:]


async def test_a_thread_may_be_opened_before_its_run_begins_and_is_found_by_its_place(
    database: Database, slack: FakeSlack, task: Task
) -> None:
    store = SlackThreadStore(database)
    async with open_process(database, slack) as process:
        threads = threads_of(process, CHART)
        await threads.open(task, "https://hooks.slack.test/x")
        await until(lambda: slack.messages)
        await end(threads, task)
        told = await until(lambda: slack.role("verdict"))
        await until(lambda: len(slack.opening.versions) == 2)
        await threads.close()
    found = await store.find("C1", slack.opening.ts)
    assert found is not None
    assert (found, found.task_id) == (await store.get(task.task_id), task.task_id)
    assert await store.find("C1", told.ts) is not None
    assert await store.find("C2", told.ts) is None
    assert [it.role for it in await SlackOutbox(database).of_task(task.task_id)][:4] == ROLES


async def test_a_chart_that_was_lost_with_its_process_is_drawn_by_the_next_one(
    database: Database, slack: FakeSlack, task: Task, task_store: PostgresTaskStore
) -> None:
    await database.execute("update tasks set status = 'succeeded', result_json = '{}'", {})
    store = SlackThreadStore(database)
    assert await store.find_undrawn(settled_s=0.0, within_s=60.0) == []
    ended = task.model_copy(update={"status": TaskStatus.SUCCEEDED, "result": result(REPORT)})
    read: list[UUID] = []

    async def read_task(task_id: UUID) -> Task:
        read.append(task_id)
        return ended

    async with open_process(database, slack) as process:
        threads = threads_of(process)
        await end(threads, task)
        await until(lambda: slack.role("verdict"))
        await threads.close()
        assert await store.find_undrawn(settled_s=0.0, within_s=60.0) == [task.task_id]
        assert await store.find_undrawn(settled_s=0.0, within_s=60.0, but=[task.task_id]) == []
        again = threads_of(process, CHART)
        upkeep = Upkeep(store, again, read_task, replace(QUICK, sweep_s=0.02, undrawn_s=0.0))
        upkeep.start()
        await until(lambda: slack.uploads and all(upload.shared for upload in slack.uploads.values()))
        await asyncio.sleep(0.1)
        await upkeep.stop()
        await again.close()
    assert read == [task.task_id]
    assert len(slack.uploads) == 1
    assert await store.find_undrawn(settled_s=0.0, within_s=60.0) == []


async def test_tasks_that_ended_without_their_verdict_are_found(
    database: Database, task: Task, task_store: PostgresTaskStore
) -> None:
    store = SlackThreadStore(database)
    assert await store.find_unanswered(settled_s=0.0, within_s=60.0) == []
    await database.execute("update tasks set status = 'failed', updated_at = now() - interval '30 seconds'", {})
    assert await store.find_unanswered(settled_s=0.0, within_s=60.0) == [task.task_id]
    assert await store.find_unanswered(settled_s=40.0, within_s=60.0) == []
    assert await store.find_unanswered(settled_s=0.0, within_s=20.0) == []
