"""Buttons, forms and the shortcut: what they do, and that only who used them reads what came of it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bot.slack.access import Asker
from bot.slack.interactions.form import analyze_form, read_analyze
from core.landscape import Landscape, Service
from storage.database import Database
from storage.feedback import FeedbackStore
from tests.bot.fakes import Script
from tests.bot.slack.conftest import SlackSide, until
from tests.bot.slack.fake_slack import FakeSlack, Refusal, check_message, check_view
from tests.bot.slack.people import CHANNEL, TS, interact, pressed, shortcut, submitted
from tests.bot.slack.test_alerts import FIRING, settled

NOW = datetime(2026, 2, 14, 12, 0, tzinfo=UTC)


async def tasks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/tasks")).json()["tasks"]


async def ended(side: SlackSide, slack: FakeSlack) -> str:
    """The id of a task that was asked for and has ended, its thread written."""
    await side.command("analyze the disk")
    await until(lambda: slack.role("verdict"))
    (task,) = await tasks(side.client)
    return task["task_id"]


async def told(slack: FakeSlack, number: int = 1) -> dict[str, Any]:
    """What was said privately last."""
    answers = await until(lambda: slack.told if len(slack.told) >= number else None)
    answer: dict[str, Any] = answers[-1]
    assert answer["response_type"] == "ephemeral"
    assert check_message(answer["blocks"], answer["text"]) == []
    return answer


async def test_a_rerun_pressed_twice_is_one_task_and_told_to_whoever_pressed(
    slack_side: SlackSide, slack: FakeSlack, database: Database, script: Script
) -> None:
    task_id = await ended(slack_side, slack)
    slack.hold_post(CHANNEL, "1.0")
    script.hold()
    press = pressed(slack_side, {"action_id": "orch_rerun", "value": task_id})
    answers = await asyncio.gather(interact(slack_side, press), interact(slack_side, press))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "On it" in (await told(slack))["text"]
    await interact(slack_side, pressed(slack_side, {"action_id": "orch_rerun", "value": task_id}, user="U2"))
    assert "already" in (await told(slack, 2))["text"]
    script.release()
    assert len(await tasks(slack_side.client)) == 2
    assert len(await settled(database, 3)) == 3


async def test_a_running_task_is_cancelled_by_its_button_and_its_thread_shows_what_it_had_found(
    slack_side: SlackSide, slack: FakeSlack, script: Script
) -> None:
    script.steps = 2
    script.hold_from = 2
    await slack_side.command("analyze the disk")
    await until(lambda: script.calls == 2)
    (task,) = await tasks(slack_side.client)
    await interact(slack_side, pressed(slack_side, {"action_id": "orch_cancel", "value": task["task_id"]}))
    assert "Stopped" in (await told(slack))["text"]
    (task,) = await tasks(slack_side.client)
    assert task["status"] == "failed"
    await interact(slack_side, pressed(slack_side, {"action_id": "orch_cancel", "value": task["task_id"]}))
    assert "ended already" in (await told(slack, 2))["text"]
    script.release()
    verdict = await until(lambda: slack.role("verdict"))
    assert "Cancelled" in verdict.words
    assert "1 of 2 steps had ended" in verdict.words
    assert "All is well." in verdict.words
    plan = slack.role("plan")
    assert plan is not None
    await until(lambda: "1 of 2 steps done" in str(plan.body["blocks"]))
    task = (await slack_side.client.get(f"/tasks/{task['task_id']}")).json()
    assert task["result_json"]["steps"][0]["tool_results"][0]["status"] == "ok"
    assert task["result_json"]["steps"][1]["tool_results"][0]["error"]["kind"] == "cancelled"


async def test_feedback_is_kept_with_the_task_and_a_rejection_asks_why(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    task_id = await ended(slack_side, slack)
    block = f"opinion:{task_id}:3"
    await interact(
        slack_side, pressed(slack_side, {"action_id": "orch_feedback", "value": "helpful", "block_id": block})
    )
    assert "Thank you" in (await told(slack))["text"]
    await interact(
        slack_side,
        pressed(slack_side, {"action_id": "orch_feedback", "value": "rejected", "block_id": block}, user="U2"),
    )
    (view,) = await until(lambda: slack.views)
    await told(slack, 2)
    answer = await interact(slack_side, submitted(view, {"note": {"value": "It was the certificate."}}, user="U2"))
    assert (answer.status_code, answer.text) == (200, "")
    await until(lambda: slack.private)
    found = await FeedbackStore(database).of((await tasks_ids(database))[0])
    assert [(it.user_id, it.value, it.note) for it in found] == [
        ("U1", "helpful", None),
        ("U2", "rejected", "It was the certificate."),
    ]


async def tasks_ids(database: Database) -> list[Any]:
    return [row["task_id"] for row in await database.fetch_all("select task_id from tasks", {})]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"action_id": "orch_rerun", "value": "nonsense"}, "no_task_in_button"),
        ({"action_id": "orch_strange", "value": "x"}, "unknown_action"),
        ({"action_id": "orch_open", "url": "https://example.com"}, "link_button"),
        ({"action_id": "orch_rerun", "value": "8a4e2c1e-6a52-4f0c-9a55-4b5a3c1d2e3f"}, "task_not_found"),
    ],
)
async def test_a_press_that_leads_nowhere_has_a_named_reason(
    slack_side: SlackSide, slack: FakeSlack, database: Database, action: dict[str, Any], reason: str
) -> None:
    assert (await interact(slack_side, pressed(slack_side, action))).status_code == 200
    ((state, found),) = (await settled(database, 1)).values()
    assert (state, found) == ("refused", reason)


async def test_a_message_is_investigated_in_its_thread_once(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    slack.hold_post(CHANNEL, TS)
    attachments = [{"color": "danger", "title": FIRING, "text": "", "fallback": FIRING}]
    asked = shortcut(slack_side, "", attachments=attachments, bot_id="B1", user="")
    assert (await interact(slack_side, asked)).status_code == 200
    assert "HighErrorRate" in (await told(slack))["text"]
    await until(lambda: slack.role("verdict"))
    await interact(slack_side, shortcut(slack_side, "", attachments=attachments, bot_id="B1", user=""))
    assert "already" in (await told(slack, 2))["text"]
    (task,) = await tasks(slack_side.client)
    assert task["input_task"].startswith("Alert fired: HighErrorRate")
    assert {reason for _, reason in (await settled(database, 2)).values()} == {"investigating", "looked_into_already"}


async def test_a_message_without_a_text_is_not_investigated(slack_side: SlackSide, slack: FakeSlack) -> None:
    await interact(slack_side, shortcut(slack_side, ""))
    assert "no text" in (await told(slack))["text"]
    assert await tasks(slack_side.client) == []


async def test_the_form_opens_and_what_is_submitted_becomes_a_task(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    form = slack_side.form("analyze")
    answer = await slack_side.command("analyze", trigger_id=form["trigger_id"])
    assert (answer.status_code, answer.text) == (200, "")
    await slack_side.command("analyze", trigger_id=form["trigger_id"])
    (view,) = slack.views
    values: dict[str, dict[str, Any]] = {
        "question": {"value": "Why are there errors?"},
        "service": {"selected_option": {"value": "saas-api"}},
        "severity": {"value": "P2"},
        "window": {"selected_option": {"value": "60"}},
    }
    submission = submitted(view, values)
    assert (await interact(slack_side, submission)).text == ""
    await interact(slack_side, submission)
    await until(lambda: slack.role("verdict"))
    (task,) = await tasks(slack_side.client)
    assert (task["input_task"], task["context_json"]["service"], task["context_json"]["severity"]) == (
        "Why are there errors?",
        "saas-api",
        "P2",
    )
    reasons = {reason for _, reason in (await settled(database, 2)).values()}
    assert reasons == {"form_opened", "asked"}


async def test_what_cannot_be_taken_is_told_at_its_field_and_stored_nowhere(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    await slack_side.command("analyze")
    (view,) = slack.views
    answer = await interact(
        slack_side,
        submitted(
            view, {"question": {"value": " "}, "severity": {"value": "purple"}, "end": {"selected_date_time": 5}}
        ),
    )
    body = answer.json()
    assert body["response_action"] == "errors"
    assert body["errors"].keys() == {"question", "severity", "start"}
    assert len(await settled(database, 1)) == 1


async def test_a_form_that_slack_does_not_open_is_told(slack_side: SlackSide, slack: FakeSlack) -> None:
    slack.refusals["views.open"] = [Refusal("expired_trigger_id")]
    answer = await slack_side.command("analyze")
    assert "could not open the form" in answer.json()["text"]


@pytest.mark.parametrize("services", [0, 3, 100, 101])
def test_every_form_keeps_to_slacks_limits(services: int) -> None:
    landscape = Landscape(services=tuple(Service(name=f"service-{number:03}") for number in range(services)))
    for channel in ("C1", ""):
        asker = Asker(team="T1", user="U1", channel=channel)
        view = analyze_form(landscape, asker, question="x" * 5000, response_url="https://" + "x" * 4000)
        assert list(check_view(view)) == []


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        (None, 1771056000, "start"),
        (1771056000, None, "end"),
        (1771056000, 1771056000, "end"),
        (1771056000, 1771052400, "end"),
        (1760000000, 1771056000, "end"),
        (1871056000, 1871059600, "start"),
        (1771056000, 1771059600, None),
    ],
)
def test_a_window_of_two_times_is_checked_at_its_field(start: int | None, end: int | None, wrong: str | None) -> None:
    values: dict[str, Any] = {"question": {"value": "x"}, "window": {"selected_option": {"value": "between"}}}
    for name, moment in (("start", start), ("end", end)):
        values[name] = {"selected_date_time": moment}
    view = {"state": {"values": {name: {"value": value} for name, value in values.items()}}}
    read = read_analyze(view, datetime(2026, 2, 15, tzinfo=UTC))
    assert list(read.errors) == ([] if wrong is None else [wrong])
    assert json.dumps(sorted(read.context)) == json.dumps([] if wrong else ["end_time", "start_time"])
