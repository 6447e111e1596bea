from typing import Any

import httpx
import pytest


async def create(client: httpx.AsyncClient) -> str:
    return (await client.post("/tasks", json={"task": "the disk"})).json()["task_id"]


async def test_a_word_is_kept_with_the_task_and_the_last_one_of_a_user_counts(client: httpx.AsyncClient) -> None:
    task_id = await create(client)
    path = f"/tasks/{task_id}/feedback"
    assert (await client.get(path)).json() == {"task_id": task_id, "helpful": 0, "rejected": 0, "feedback": []}
    await client.post(path, json={"value": "helpful"})
    await client.post(path, json={"value": "helpful", "user": "ada"})
    answer = await client.post(path, json={"value": "rejected", "note": "It was the proxy."})
    assert answer.status_code == 200
    assert answer.json() == (await client.get(path)).json()
    found = answer.json()
    assert (found["helpful"], found["rejected"]) == (1, 1)
    assert [(said["user"], said["value"], said["note"]) for said in found["feedback"]] == [
        ("ada", "helpful", None),
        ("api", "rejected", "It was the proxy."),
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/value"),
        ({"value": "great"}, "/value"),
        ({"value": "helpful", "note": "x" * 2001}, "/note"),
        ({"value": "helpful", "user": ""}, "/user"),
        ({"value": "helpful", "stars": 5}, "/stars"),
    ],
)
async def test_what_is_no_word_is_refused_by_name(
    client: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    answer = await client.post(f"/tasks/{await create(client)}/feedback", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("task_id", ["8a4e2c1e-6a52-4f0c-9a55-4b5a3c1d2e3f", "nonsense"])
async def test_a_task_that_is_not_there_has_no_feedback(client: httpx.AsyncClient, task_id: str) -> None:
    path = f"/tasks/{task_id}/feedback"
    assert (await client.get(path)).status_code == 404
    assert (await client.post(path, json={"value": "helpful"})).status_code == 404


async def test_the_document_of_the_api_describes_feedback(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/tasks/{task_id}/feedback"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"]["value"] == "rejected"
