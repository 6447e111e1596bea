import asyncio
import itertools
from typing import Any

import pytest

from tests.bot.fakes import Script
from tests.bot.slack.conftest import FAST, OpenApp, SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Refusal


async def test_a_workspace_without_plan_blocks_gets_plain_ones(slack_side: SlackSide, slack: FakeSlack) -> None:
    slack.unknown_blocks = {"plan"}
    await slack_side.command("analyze the disk")
    await until(lambda: slack.role("verdict"))
    plan = slack.role("plan")
    assert plan is not None
    assert plan.block_types == {"section"}
    assert "✅ Read the task" in plan.words
    assert slack.role("evidence").block_types == {"rich_text"}  # type: ignore[union-attr]


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
    assert slack.calls.count("chat.postMessage") == 5


async def test_one_message_that_slack_refuses_does_not_keep_the_others(slack_side: SlackSide, slack: FakeSlack) -> None:
    slack.refusals["chat.postMessage"] = [Refusal("fatal_error")]
    slack.refusals["chat.update"] = [Refusal("message_not_found")] * 9
    first = await slack_side.command("analyze the disk")
    assert first.status_code == 200
    await until(lambda: slack.told)
    await slack_side.command("analyze the disk again")
    await until(lambda: slack.role("verdict"))
    assert slack.role("evidence") is not None


async def test_a_channel_that_cannot_be_written_to_fails_no_task_and_the_asker_is_told(
    slack_side: SlackSide, slack: FakeSlack
) -> None:
    slack.channels.clear()
    assert (await slack_side.command("analyze the disk")).status_code == 200
    (told,) = await until(lambda: slack.told)
    assert "/invite @orch" in told["text"]
    (task,) = (await slack_side.client.get("/tasks")).json()["tasks"]
    await until(lambda: True)
    assert task["status"] in {"running", "succeeded"}
    assert slack.messages == {}


async def test_steps_that_come_fast_share_a_rewriting_and_the_last_state_is_written(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    script.hold()
    for number in range(6):
        await slack_side.command(f"analyze disk {number}")
    script.release()
    await until(lambda: len(verdicts(slack)) == 6, timeout_s=20)
    plans = [message for message in slack.messages.values() if message.role == "plan"]
    assert {plan.body["blocks"][0]["tasks"][0]["status"] for plan in plans} == {"complete"}
    updates = sorted(time for plan in plans for time in plan.times[1:])
    assert all(later - earlier > FAST.update_s * 0.5 for earlier, later in itertools.pairwise(updates))


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
    assert [message.role for message in slack.messages.values()] == ["opening", "plan", "evidence", "verdict"]
    assert slack.role("plan").body["blocks"][0]["tasks"][0]["status"] == "complete"  # type: ignore[union-attr]


async def test_a_task_that_could_not_be_begun_is_begun_and_answered_by_the_next_process(
    open_app: OpenApp, slack: FakeSlack
) -> None:
    async with open_app() as (client, runtime):
        await runtime.worker.stop()
        answer = await SlackSide(client).command("analyze the disk")
        assert "as soon as I can" in answer.json()["text"]
    assert slack.messages == {}
    async with open_app():
        await until(lambda: slack.role("verdict"))
    assert [message.role for message in slack.messages.values()] == ["opening", "plan", "evidence", "verdict"]


async def test_what_has_ended_is_still_written_when_the_program_stops(open_app: OpenApp, slack: FakeSlack) -> None:
    async with open_app() as (client, _):
        await SlackSide(client).command("analyze the disk")
        while (await client.get("/tasks")).json()["tasks"][0]["status"] != "succeeded":  # noqa: ASYNC110 -- as a user would
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
