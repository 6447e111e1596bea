import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from bot.api.bodies import P1_EXAMPLE
from tests.bot.fakes import Script


async def create(client: httpx.AsyncClient, task: str = "What is wrong?", **context: Any) -> dict[str, Any]:
    response = await client.post("/tasks", json={"task": task, "context": context})
    assert response.status_code == 201, response.text
    return response.json()


async def await_end(client: httpx.AsyncClient, task: dict[str, Any]) -> dict[str, Any]:
    for _ in range(500):
        found = (await client.get(f"/tasks/{task['task_id']}")).json()
        if found["status"] not in {"queued", "running"}:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("the task did not end")


async def test_a_task_is_handed_in_run_and_read(client: httpx.AsyncClient) -> None:
    created = await client.post("/tasks", json=P1_EXAMPLE)
    assert created.status_code == 201
    assert created.json()["status"] == "queued"
    assert created.json()["context_json"] == P1_EXAMPLE["context"]
    location = created.headers["location"]

    ran = await client.post(f"{location}/run", json={})
    assert ran.status_code == 200
    assert ran.json()["status"] == "succeeded"

    read = (await client.get(location)).json()
    assert read == ran.json()
    assert list(read) == [
        "task_id", "input_task", "status", "context_json", "plan_json", "result_json", "verification_json", "created_at",
        "updated_at",
    ]  # fmt: skip
    (call,) = read["result_json"]["steps"][0]["tool_results"]
    assert (call["attempts"], call["duration_ms"], call["error"]) == (1, 1.5, None)
    assert read["result_json"]["execution_metadata"]["total_tools"] == 1
    assert read["verification_json"]["passed"] is True


async def test_a_run_needs_no_body(client: httpx.AsyncClient) -> None:
    task = await create(client)
    assert (await client.post(f"/tasks/{task['task_id']}/run")).status_code == 200


async def test_an_unverified_run_ends_failed(client: httpx.AsyncClient, script: Script) -> None:
    script.passed = False
    task = await create(client)
    ran = await client.post(f"/tasks/{task['task_id']}/run", json={})
    assert (ran.status_code, ran.json()["status"]) == (200, "failed")


async def test_a_broken_run_ends_failed_with_its_reason(client: httpx.AsyncClient, script: Script) -> None:
    script.error = RuntimeError("the abacus fell over")
    task = await create(client)
    ran = (await client.post(f"/tasks/{task['task_id']}/run", json={})).json()
    assert ran["status"] == "failed"
    assert ran["plan_json"] is not None
    assert ran["verification_json"]["verdict"] == "failed"
    assert "the abacus fell over" in ran["verification_json"]["reasons"][0]


@pytest.mark.parametrize("prefer", ["respond-async", "wait=0", 'foo, Respond-Async; x="y"'])
async def test_a_caller_need_not_wait(client: httpx.AsyncClient, script: Script, prefer: str) -> None:
    script.hold()
    task = await create(client)
    ran = await client.post(f"/tasks/{task['task_id']}/run", json={}, headers={"Prefer": prefer})
    assert (ran.status_code, ran.json()["status"]) == (202, "running")
    assert ran.headers["preference-applied"] in prefer.lower()
    assert ran.headers["location"] == f"/tasks/{task['task_id']}"
    script.release()
    await await_end(client, task)


async def test_a_task_runs_once(client: httpx.AsyncClient, script: Script) -> None:
    script.hold()
    task = await create(client)
    path = f"/tasks/{task['task_id']}/run"
    first, second = await asyncio.gather(
        *(client.post(path, json={}, headers={"Prefer": "respond-async"}) for _ in range(2))
    )
    assert sorted([first.status_code, second.status_code]) == [202, 409]
    script.release()
    await await_end(client, task)
    again = await client.post(path, json={})
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    assert again.json()["type"] == "urn:orch:problem:task-conflict"
    assert script.calls == 1


@pytest.mark.parametrize("task_id", ["6a1d1c1e-0000-4000-8000-000000000000", "not-a-uuid", "0"])
async def test_an_unknown_task_is_a_problem(client: httpx.AsyncClient, task_id: str) -> None:
    for response in (await client.get(f"/tasks/{task_id}"), await client.post(f"/tasks/{task_id}/run", json={})):
        assert response.status_code == 404
        problem = response.json()
        assert problem["type"] == "urn:orch:problem:task-not-found"
        assert problem["status"] == 404
        assert task_id in problem["detail"]
        assert task_id in problem["instance"]


DEEP = '{"task": "x", "context": {"a": ' + "[" * 3000 + "]" * 3000 + "}}"
BAD_BODIES = {
    "empty": ("", "", "JSON"),
    "no object": ("[]", "", "object"),
    "broken JSON": ('{"task": "x",,}', "", "line 1 column"),
    "no task": ("{}", "/task", "required"),
    "a number": ('{"task": 7}', "/task", "string"),
    "blank": ('{"task": " \\n "}', "/task", "empty"),
    "another field": ('{"task": "x", "contxt": {}}', "/contxt", "no such field"),
    "too long": (json.dumps({"task": "x" * 20_001}), "/task", "20,001"),
    "a NUL": ('{"task": "a\\u0000b"}', "/task", "U+0000"),
    "an escape character": ('{"task": "a\\u001b[31mb"}', "/task", "U+001B"),
    "a NUL in the context": ('{"task": "x", "context": {"a": {"b": "\\u0000"}}}', "/context/a/b", "U+0000"),
    "a lone surrogate": ('{"task": "\\ud800"}', "", "JSON"),
    "a lone surrogate in the context": ('{"task": "x", "context": {"k": "\\udc00"}}', "", "JSON"),
    "NaN": ('{"task": "x", "context": {"a": NaN}}', "/context/a", "nan"),
    "Infinity": ('{"task": "x", "context": {"a": -Infinity}}', "/context/a", "inf"),
    "a number beyond all": ('{"task": "x", "context": {"a": 1e999}}', "/context/a", "inf"),
    "too deep": (DEEP, "", ""),
    "deep": (DEEP.replace("[" * 3000, "[" * 30).replace("]" * 3000, "]" * 30), "/context", "deeper"),
    "no time": ('{"task": "x", "context": {"start_time": "soon"}}', "/context/start_time", "datetime"),
    "a time without a zone": (
        '{"task": "x", "context": {"start_time": "2026-01-01T00:00:00"}}', "/context/start_time", "timezone",
    ),
    "an inverted window": (
        '{"task": "x", "context": {"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}}',
        "/context",
        "swap",
    ),
    "citations as a text": ('{"task": "x", "context": {"required_citations": "a"}}', "/context/required_citations", ""),
    "null context": ('{"task": "x", "context": null}', "/context", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_bad_body_is_refused_by_name(client: httpx.AsyncClient, name: str) -> None:
    body, pointer, words = BAD_BODIES[name]
    response = await client.post("/tasks", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert pointer in [fault["pointer"] for fault in problem["errors"]]
    assert words in problem["detail"]


ODD_VALUES = {
    "a huge integer": "1" + "0" * 400,
    "an integer beyond Python's own limit": "-1" + "0" * 5000,
    "a tiny number": "1e-320",
    "odd spaces": '"\u202e\u200f \u2028"',
    "an emoji": '"\\ud83d\\ude00"',
    "an empty list": "[]",
    "an empty object": "{}",
    "an empty name": '[[{"": null}]]',
    "a truth": "true",
    "a long text": '"' + "x" * 90_000 + '"',
}


@pytest.mark.parametrize("name", ODD_VALUES)
async def test_odd_context_values_are_kept_or_refused_but_break_nothing(client: httpx.AsyncClient, name: str) -> None:
    body = f'{{"task": "x", "context": {{"deploy/~id": {ODD_VALUES[name]}}}}}'
    response = await client.post("/tasks", content=body.encode(), headers={"Content-Type": "application/json"})
    assert response.status_code in {201, 422}, response.text
    if response.status_code == 201:
        assert response.json()["context_json"] == {"deploy/~id": json.loads(ODD_VALUES[name])}


async def test_a_body_of_a_megabyte_is_too_large(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        for _ in range(3):
            yield b" " * 500_000

    whole = await client.post("/tasks", json={"task": "x" * 1_100_000})
    chunked = await client.post("/tasks", content=chunks(), headers={"Content-Type": "application/json"})
    for response in (whole, chunked):
        assert response.status_code == 413
        assert response.json()["type"] == "urn:orch:problem:body-too-large"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_taken(client: httpx.AsyncClient, content_type: str) -> None:
    response = await client.post("/tasks", content=b'{"task": "x"}', headers={"Content-Type": content_type})
    assert response.status_code == 415
    assert "application/json" in response.json()["detail"]


async def test_the_run_body_is_empty_json(client: httpx.AsyncClient) -> None:
    task = await create(client)
    path = f"/tasks/{task['task_id']}/run"
    assert (await client.post(path, json={"force": True})).status_code == 422
    assert (await client.post(path, content="{", headers={"Content-Type": "application/json"})).status_code == 422
    assert (await client.get(f"/tasks/{task['task_id']}")).json()["status"] == "queued"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/tasks", 405), ("PUT", "/health", 405), ("GET", "/nowhere", 404), ("GET", "/tasks/x/run", 405)],
)
async def test_a_wrong_address_is_a_problem(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["instance"] == path
    assert (status == 405) == ("allow" in response.headers)


class TestIdempotencyKey:
    async def test_a_repeated_request_gets_the_first_answer(self, client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "k-1"}
        first = await client.post("/tasks", json={"task": "x"}, headers=headers)
        again = await client.post(
            "/tasks", content=b'{ "task" : "x" }', headers={**headers, "Content-Type": "application/json"}
        )
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert again.headers["location"] == first.headers["location"]
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert len((await client.get("/tasks")).json()["tasks"]) == 1

    async def test_another_body_is_refused(self, client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "k-1"}
        await client.post("/tasks", json={"task": "x"}, headers=headers)
        other = await client.post("/tasks", json={"task": "y"}, headers=headers)
        assert other.status_code == 422
        assert other.json()["type"] == "urn:orch:problem:idempotency-key-reused"

    async def test_a_refused_request_does_not_use_up_the_key(self, client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "k-1"}
        assert (await client.post("/tasks", json={"task": " "}, headers=headers)).status_code == 422
        assert (await client.post("/tasks", json={"task": "x"}, headers=headers)).status_code == 201

    async def test_side_by_side_requests_make_one_task(self, client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "k-1"}
        answers = await asyncio.gather(*(client.post("/tasks", json={"task": "x"}, headers=headers) for _ in range(5)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len((await client.get("/tasks")).json()["tasks"]) == 1

    @pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
    async def test_a_malformed_key_is_refused(self, client: httpx.AsyncClient, key: str) -> None:
        response = await client.post("/tasks", json={"task": "x"}, headers={"Idempotency-Key": key})
        assert response.status_code == 422


class TestList:
    async def test_pages_through_every_task_newest_first(self, client: httpx.AsyncClient) -> None:
        made = [(await create(client, f"task {number}"))["task_id"] for number in range(5)]
        seen: list[str] = []
        cursor = ""
        for _ in range(3):
            page = (await client.get("/tasks", params={"limit": 2, "cursor": cursor})).json()
            seen += [task["task_id"] for task in page["tasks"]]
            cursor = page["next_cursor"]
        assert cursor is None
        assert seen == made[::-1]

    async def test_shows_the_verdict_and_not_the_result(self, client: httpx.AsyncClient) -> None:
        task = await create(client)
        await client.post(f"/tasks/{task['task_id']}/run", json={})
        (summary,) = (await client.get("/tasks")).json()["tasks"]
        assert (summary["passed"], summary["verdict"], summary["reasons"]) == (True, "confirmed", ["as the test wants"])
        assert "result_json" not in summary

    async def test_filters(self, client: httpx.AsyncClient) -> None:
        one = await create(client, "Checkout is slow", service="shop")
        two = await create(client, "Disk is 100% full", service="disk")
        await client.post(f"/tasks/{one['task_id']}/run", json={})

        async def found(**params: str) -> list[str]:
            return [task["task_id"] for task in (await client.get("/tasks", params=params)).json()["tasks"]]

        assert await found(status="queued") == [two["task_id"]]
        assert await found(service="shop") == [one["task_id"]]
        assert await found(q="checkout") == [one["task_id"]]
        assert await found(q="100%") == [two["task_id"]]
        assert await found(q="", status="", service="", cursor="") == [two["task_id"], one["task_id"]]

    @pytest.mark.parametrize(
        "params",
        [
            {"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"status": "done"}, {"cursor": "x"}, {"cursor": "ÄÖ"},
            {"cursor": "MjAyNi0wMS0wMXxh"}, {"state": "queued"}, {"service": "x" * 201}, {"q": "\x00"}, {"service": "a\x00"},
        ],
        ids=repr,
    )  # fmt: skip
    async def test_a_bad_query_is_refused(self, client: httpx.AsyncClient, params: dict[str, str]) -> None:
        response = await client.get("/tasks", params=params)
        assert response.status_code == 422, response.text
        assert response.headers["content-type"] == "application/problem+json"


async def test_a_task_is_cancelled_once_and_says_by_whom(client: httpx.AsyncClient, script: Script) -> None:
    script.hold()
    task = await create(client)
    await client.post(f"/tasks/{task['task_id']}/run", json={}, headers={"Prefer": "respond-async"})
    path = f"/tasks/{task['task_id']}/cancel"
    cancelled = await client.post(path, json={"user": "ada"})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "failed")
    assert cancelled.json()["verification_json"]["verdict"] == "failed"
    assert cancelled.json()["verification_json"]["reasons"][0].startswith("cancelled: by ada at ")
    again = await client.post(path)
    assert (again.status_code, again.json()["type"]) == (409, "urn:orch:problem:task-conflict")
    script.release()
    assert (await client.get(f"/tasks/{task['task_id']}")).json() == cancelled.json()


async def test_a_waiting_caller_hears_of_a_cancellation(client: httpx.AsyncClient, script: Script) -> None:
    script.hold()
    task = await create(client)
    waiting = asyncio.create_task(client.post(f"/tasks/{task['task_id']}/run", json={}))
    await asyncio.sleep(0.1)
    await client.post(f"/tasks/{task['task_id']}/cancel")
    async with asyncio.timeout(5):
        assert (await waiting).json()["status"] == "failed"
    script.release()


async def test_what_has_ended_is_run_again_as_a_new_task(client: httpx.AsyncClient, script: Script) -> None:
    task = await create(client)
    path = f"/tasks/{task['task_id']}/rerun"
    early = await client.post(path)
    assert (early.status_code, early.json()["type"]) == (409, "urn:orch:problem:task-conflict")
    await client.post(f"/tasks/{task['task_id']}/run", json={})
    first, second = [await client.post(path, json={}, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    again = first.json()
    assert again["task_id"] == second.json()["task_id"] != task["task_id"]
    assert second.headers["idempotency-replayed"] == "true"
    assert first.headers["location"] == f"/tasks/{again['task_id']}"
    assert again["input_task"] == task["input_task"]
    assert again["context_json"] == {**task["context_json"], "rerun_of": task["task_id"]}
    await await_end(client, again)
    assert script.calls == 2


@pytest.mark.parametrize("action", ["cancel", "rerun"])
async def test_an_unknown_task_can_be_neither_cancelled_nor_run_again(client: httpx.AsyncClient, action: str) -> None:
    response = await client.post(f"/tasks/6a1d1c1e-0000-4000-8000-000000000000/{action}")
    assert (response.status_code, response.json()["type"]) == (404, "urn:orch:problem:task-not-found")
    wrong = await client.post(f"/tasks/6a1d1c1e-0000-4000-8000-000000000000/{action}", json={"x": 1})
    assert (wrong.status_code, wrong.json()["type"]) == (422, "urn:orch:problem:invalid-input")


async def test_swagger_knows_how_to_cancel_and_to_run_again(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for action, statuses in (("cancel", {"200", "404", "409"}), ("rerun", {"201", "404", "409"})):
        assert set(paths[f"/tasks/{{task_id}}/{action}"]["post"]["responses"]) >= statuses
