import asyncio
import itertools
from typing import Any

import pytest

from storage.database import Database
from tests.bot.fakes import Script
from tests.bot.slack.conftest import FAST, OpenApp, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Refusal, Sent


async def test_a_workspace_without_plan_blocks_gets_plain_ones(slack_side: SlackSide, slack: FakeSlack) -> None:
    slack.unknown_blocks = {"plan"}
    await slack_side.command("analyze the disk")
    plan = await until(lambda: (found := slack.role("plan")) and "✅ Read the task" in found.words and found)
    await until(lambda: plan.block_types == {"section"})  # without the button that cancels, once the run has ended
    evidence = await until(lambda: slack.role("evidence"))
    assert evidence.block_types == {"rich_text"}


async def test_where_no_block_is_taken_the_text_alone_tells_it(slack_side: SlackSide, slack: FakeSlack) -> None:
    slack.unknown_blocks = {"plan", "rich_text", "section", "context"}
    await slack_side.command("analyze the disk")
    verdict = await until(lambda: slack.role("verdict"))
    assert "blocks" not in verdict.body
    assert "All is well." in verdict.body["text"]


async def test_a_post_refused_for_its_rate_is_sent_again_when_slack_says(
    slack_side: SlackSide, slack: FakeSlack
) -> None:
    slack.refusals["chat.postMessage"].append(Refusal("ratelimited", 429, {"Retry-After": "1"}))
    await slack_side.command("analyze the disk")
    await until(lambda: slack.role("verdict"))
    await until(lambda: slack.calls.count("chat.postMessage") == 5)


async def test_a_message_that_slack_never_takes_does_not_keep_the_others(
    slack_side: SlackSide, slack: FakeSlack
) -> None:
    slack.refusals["chat.update"] = [Refusal("message_not_found")] * 9
    await slack_side.command("analyze the disk")
    await until(lambda: slack.role("verdict") and slack.role("evidence"))


async def test_a_channel_that_cannot_be_written_to_fails_no_task_and_the_asker_is_told(
    slack_side: SlackSide, slack: FakeSlack
) -> None:
    slack.channels.clear()
    assert (await slack_side.command("analyze the disk")).status_code == 200
    told = await until(lambda: slack.told)
    assert "/invite @orch" in told[0]["text"]
    (task,) = (await slack_side.client.get("/tasks")).json()["tasks"]
    assert task["status"] in {"queued", "running", "succeeded"}
    await asyncio.sleep(0.5)  # the opening is tried once more, with the verdict
    assert len(slack.told) == 1
    assert slack.messages == {}


async def test_a_channel_takes_one_writing_at_a_time_and_the_last_state_is_written(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    script.hold()
    for number in range(6):
        await slack_side.command(f"analyze disk {number}")
    await until(lambda: [it.role for it in slack.messages.values()].count("plan") == 6, timeout_s=20)
    script.release()
    await until(lambda: len(verdicts(slack)) == 6, timeout_s=20)
    plans = [message for message in slack.messages.values() if message.role == "plan"]
    await until(lambda: {plan.body["blocks"][0]["tasks"][0]["status"] for plan in plans} == {"complete"})
    times = sorted(time for message in slack.messages.values() for time in message.times)
    assert all(later - earlier >= FAST.channel_s for earlier, later in itertools.pairwise(times))


async def test_the_opening_leads_with_the_verdict_once_there_is_one(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    script.hold()
    await slack_side.command("analyze the disk")
    await until(lambda: slack.role("plan"))
    script.release()
    await until(lambda: slack.role("verdict"))
    opening = slack.opening
    await until(lambda: len(opening.versions) == 2)
    assert "Confirmed" not in opening.versions[0]["text"]
    assert opening.body["text"].startswith("✅ Confirmed")


async def test_a_run_can_be_cancelled_while_it_runs_and_judged_when_it_has_ended(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    script.hold()
    await slack_side.command("analyze the disk")
    plan = await until(lambda: slack.role("plan"))
    assert actions(plan) == ["orch_cancel"]
    script.release()
    verdict = await until(lambda: slack.role("verdict"))
    assert actions(verdict) == ["orch_feedback", "orch_rerun", "orch_show"]
    await until(lambda: actions(plan) == [])
    names = [block["block_id"] for version in plan.versions for block in version["blocks"] if "block_id" in block]
    assert len(set(names)) == len(names)


async def test_a_run_that_breaks_is_told(slack_side: SlackSide, slack: FakeSlack, script: Script) -> None:
    script.error = RuntimeError("boom <!channel>")
    await slack_side.command("analyze the disk")
    verdict = await until(lambda: slack.role("verdict"))
    assert "Failed" in verdict.words
    assert "boom" in verdict.words
    assert slack.role("evidence") is None
    plan = slack.role("plan")
    assert plan is not None
    assert plan.body["blocks"][0]["tasks"][0]["status"] == "error"


async def test_an_unverified_answer_stands_under_its_verdict(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    script.passed = False
    await slack_side.command("analyze the disk")
    words = (await until(lambda: slack.role("verdict"))).words
    assert words.index("Not confirmed") < words.index("not to be relied on") < words.index("All is well.")


async def test_a_run_taken_over_after_a_crash_goes_on_in_the_same_thread(
    open_app: OpenApp, slack: FakeSlack, script: Script
) -> None:
    script.hold()
    async with open_app() as (client, _):
        await SlackSide(client).command("analyze the disk")
        await until(lambda: slack.role("plan"))
    assert slack.role("verdict") is None
    script.release()
    async with open_app():
        await until(lambda: slack.role("verdict"))
        plan = slack.role("plan")
        assert plan is not None
        await until(lambda: plan.body["blocks"][0]["tasks"][0]["status"] == "complete")
    assert [message.role for message in slack.messages.values()] == ["opening", "plan", "evidence", "verdict"]


async def test_a_task_that_could_not_be_begun_is_begun_and_answered_by_the_next_process(
    open_app: OpenApp, slack: FakeSlack
) -> None:
    async with open_app() as (client, runtime):
        await runtime.worker.stop()
        await SlackSide(client).command("analyze the disk")
    assert slack.role("verdict") is None
    async with open_app():
        await until(lambda: slack.role("verdict"))
    assert [message.role for message in slack.messages.values()] == ["opening", "plan", "evidence", "verdict"]


async def test_what_has_ended_is_still_written_when_the_program_stops(
    open_app: OpenApp, slack: FakeSlack, database: Database
) -> None:
    async with open_app() as (client, _):
        await SlackSide(client).command("analyze the disk")
        while await database.execute("select from slack_outbox where role = 'verdict'", {}) == 0:  # noqa: ASYNC110 -- the database tells nobody
            await asyncio.sleep(0.005)
    assert slack.role("verdict") is not None


async def test_a_task_of_another_door_is_not_told_to_slack(slack_side: SlackSide, slack: FakeSlack) -> None:
    created = await slack_side.client.post("/tasks", json={"task": "the disk"})
    await slack_side.client.post(f"{created.headers['location']}/run")
    await asyncio.sleep(0.05)
    assert slack.calls == []


@pytest.mark.parametrize(
    ("refusals", "status", "detail"),
    [([], "ok", "orch in Test"), ([Refusal("token_revoked")], "failed", "set SLACK_BOT_TOKEN")],
)
async def test_health_says_whether_slack_knows_the_token(
    slack_side: SlackSide, slack: FakeSlack, refusals: list[Refusal], status: str, detail: str
) -> None:
    slack.refusals["auth.test"] = refusals
    answer = await slack_side.client.get("/health")
    assert answer.status_code == 200
    part: dict[str, Any] = answer.json()["parts"]["slack"]
    assert part["status"] == status
    assert detail in part["detail"]


def verdicts(slack: FakeSlack) -> list[Any]:
    return [message for message in slack.messages.values() if message.role == "verdict"]


def actions(sent: Sent) -> list[str]:
    """What can be pressed, in order."""
    blocks = [block for block in sent.body["blocks"] if block["type"] in {"actions", "context_actions"}]
    return [element["action_id"] for block in blocks for element in block["elements"]]
