import asyncio
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from storage.database import Database
from tests.bot.fakes import Script
from tests.bot.slack.conftest import SlackSide, sign, until
from tests.bot.slack.fake_slack import FakeSlack, Sent, check_message, texts


async def tasks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return (await client.get("/tasks")).json()["tasks"]


def asked(opening: Sent) -> list[dict[str, Any]]:
    """Who asked what, as it stands in the opening message."""
    sections = [part for block in opening.body["blocks"] if block["type"] == "rich_text" for part in block["elements"]]
    return next(section["elements"] for section in sections if section["elements"][0]["type"] == "user")


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
    assert {"type": "user", "user_id": "U1"} in asked(opening)
    assert "why is checkout slow?" in opening.words
    assert [message.role for message in slack.messages.values()] == ["opening", "plan", "evidence", "verdict"]
    assert {message.thread_ts for message in slack.messages.values()} == {None, opening.ts}
    await until(lambda: "in_progress" not in json.dumps(plan.body))
    (shown,) = [block for block in plan.body["blocks"] if block["type"] == "plan"]
    (card,) = shown["tasks"]
    assert (card["title"], card["status"]) == ("Read the task", "complete")
    evidence = slack.role("evidence")
    assert evidence is not None
    assert "All is well. [1]" in evidence.body["text"]
    assert "[1] policies/policy_v2.md:1-2 “Page.”" in evidence.body["text"]
    assert "Confirmed" in verdict.words
    assert "All is well." in verdict.words
    (task,) = await tasks(slack_side.client)
    assert task["status"] == "succeeded"
    payload = opening.body["metadata"]["event_payload"]
    assert (payload["task_id"], payload["role"]) == (task["task_id"], "opening")


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "/orch analyze"),
        ("help", "/orch analyze"),
        ("  HELP  ", "/orch analyze"),
        ("destroy <!channel>", "I do not know “destroy”"),
        (f"analyze {'x' * 20_001}", "at most 20,000"),
    ],
)
async def test_what_is_no_task_is_answered_privately_and_stored_nowhere(
    slack_side: SlackSide, slack: FakeSlack, text: str, said: str
) -> None:
    answer = await slack_side.command(text)
    assert answer.status_code == 200
    body = answer.json()
    assert body["response_type"] == "ephemeral"
    assert said in " ".join(texts(body["blocks"]))
    assert check_message(body["blocks"], body["text"]) == []
    assert await tasks(slack_side.client) == []
    assert slack.calls == []


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("analyze latency &gt; 2 s &amp;&amp; errors", "latency > 2 s && errors"),
        ("ANALYZE\na\x00b\x1bc", "a b c"),
        ("analyse disk", "disk"),
        ("analyze \u202eksid", "ksid"),
    ],
)
async def test_the_task_is_the_text_as_it_was_typed_without_control_characters(
    slack_side: SlackSide, slack: FakeSlack, text: str, stored: str
) -> None:
    assert (await slack_side.command(text)).status_code == 200
    await until(lambda: slack.role("verdict"))
    (task,) = await tasks(slack_side.client)
    assert task["input_task"] == stored


async def test_hostile_text_mentions_nobody_and_formats_nothing(slack_side: SlackSide, slack: FakeSlack) -> None:
    answer = await slack_side.command("analyze <!channel> *x* &lt;!here&gt; <http://evil|y> @everyone `c` <@U2>")
    assert check_message(answer.json()["blocks"], answer.json()["text"]) == []
    await until(lambda: slack.role("verdict"))
    opening = slack.opening
    assert "&lt;!channel&gt;" in opening.body["text"]
    assert "*x*" not in opening.body["text"]
    assert "@everyone" not in opening.body["text"]
    assert opening.versions[0]["mrkdwn"] is False
    assert (opening.body["parse"], opening.body["link_names"]) == ("none", False)
    assert [element["type"] for element in asked(opening)] == ["user", "text", "text"]


type Sign = Callable[[bytes], dict[str, str]]
FORGERIES: dict[str, Sign] = {
    "another secret": lambda body: sign(body, secret="another"),
    "another body": lambda body: sign(body + b"x"),
    "too old": lambda body: sign(body, at=time.time() - 301),
    "from the future": lambda body: sign(body, at=time.time() + 302),
    "empty": lambda body: {"x-slack-signature": "", "x-slack-request-timestamp": ""},
    "no time": lambda body: {**sign(body), "x-slack-request-timestamp": "soon"},
    "no ASCII": lambda body: {**sign(body), "x-slack-signature": "v0=\xe9"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_slack_has_not_signed_just_now_is_refused_and_stored_nowhere(
    slack_side: SlackSide, slack: FakeSlack, forgery: str
) -> None:
    body = urlencode(slack_side.form("analyze x")).encode()
    headers = {key.encode(): value.encode("latin-1") for key, value in FORGERIES[forgery](body).items()}
    form = {b"content-type": b"application/x-www-form-urlencoded"}
    answer = await slack_side.client.post("/slack/events", content=body, headers={**headers, **form})
    assert answer.status_code == 401
    assert await tasks(slack_side.client) == []
    assert slack.calls == []


async def test_a_request_without_signature_is_refused(slack_side: SlackSide) -> None:
    assert (await slack_side.client.post("/slack/events", json={"type": "event_callback"})).status_code == 401


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"payload=%7B", "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 401),
    ],
)
async def test_what_cannot_be_read_is_refused(
    slack_side: SlackSide, body: bytes, content_type: str, status: int
) -> None:
    assert (await slack_side.send(body, content_type=content_type)).status_code == status


async def test_slack_finds_its_endpoint_verified(slack_side: SlackSide) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    answer = await slack_side.send(body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"challenge": "3eZbrw1aB"})
    assert (await slack_side.client.post("/slack/events", data={"ssl_check": "1", "token": "x"})).status_code == 200


@pytest.mark.parametrize(
    ("request_body", "reason"),
    [
        ({"type": "event_callback", "event": {"type": "reaction_added", "user": "U1"}}, "event reaction_added"),
        ({"type": "block_actions", "actions": [{"action_id": "a", "type": "button"}]}, "block_actions"),
        ({"type": "view_submission", "view": {"type": "modal", "callback_id": "v"}}, "view_submission"),
        ({"command": "/other", "text": ""}, "command /other"),
        ({"type": "strange"}, "strange"),
        ({}, "a request of no known kind"),
    ],
)
async def test_what_nobody_listens_to_is_acknowledged_and_counted(
    open_app: Any, slack: FakeSlack, request_body: dict[str, Any], reason: str
) -> None:
    async with open_app() as (client, runtime):
        raw = json.dumps({"team_id": "T1", "user": {"id": "U1"}, **request_body})
        if request_body.get("type") in {"block_actions", "view_submission"}:
            answer = await SlackSide(client).send(urlencode({"payload": raw}))
        else:
            answer = await SlackSide(client).send(raw, content_type="application/json")
        assert answer.status_code == 200
        assert runtime.slack.ignored == {f"no listener for {reason}": 1}


async def test_what_cannot_be_stored_is_not_acknowledged_and_the_asker_is_told(
    slack_side: SlackSide, slack: FakeSlack, database: Database
) -> None:
    await database.close()
    answer = await slack_side.command("analyze the disk")
    assert answer.status_code == 503
    (told,) = slack.told
    assert told["response_type"] == "ephemeral"
    assert "could not store" in told["text"]
    assert slack.calls == []
