"""Rows that another release, or another product, wrote."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from psycopg.types.json import Jsonb

from core.task import TaskStatus
from storage.database import Database
from storage.task_store import PostgresTaskStore


async def _insert(database: Database, context: dict[str, Any], **parts: Any) -> UUID:
    task_id = uuid4()
    values: dict[str, Any] = {"task_id": task_id, "context": Jsonb(context), "origin": Jsonb(parts.get("origin", {}))}
    values |= {name: Jsonb(parts[name]) if name in parts else None for name in ("plan", "result", "verification")}
    await database.execute(
        "insert into tasks (task_id, input_task, status, context_json, origin_json, plan_json, result_json, "
        "verification_json) values (%(task_id)s, 'old', 'succeeded', %(context)s, %(origin)s, %(plan)s, %(result)s, "
        "%(verification)s)",
        values,
    )
    return task_id


@pytest.mark.parametrize(
    "part", [{}, {"steps": "none"}, [1, 2], "text", 7, False, {"version": 0, "steps": [{"tool": "x", "ok": True}]}]
)
async def test_json_of_any_shape_stays_readable(task_store: PostgresTaskStore, database: Database, part: Any) -> None:
    task_id = await _insert(database, {}, plan=part, result=part, verification=part, origin={"door": "pager"})
    document = await task_store.get_document(task_id)
    assert (document.plan_json, document.result_json, document.verification_json) == (part, part, part)
    assert await task_store.list_documents() == [document]
    with structlog.testing.capture_logs() as logs:
        task = await task_store.get(task_id)
    assert (task.plan, task.result, task.verification) == (None, None, None)
    assert task.status is TaskStatus.SUCCEEDED
    assert {line["part"] for line in logs} == {"plan", "result", "verdict", "origin"}
    assert {line["task_id"] for line in logs} == {str(task_id)}


@pytest.mark.parametrize(
    ("context", "kept"),
    [
        ({"service": 5, "team": "a"}, {"team": "a"}),
        ({"service": "s", "start_time": "2026-02-14T10:00:00"}, {"service": "s"}),
        (
            {"service": "s", "start_time": "2026-02-14T11:00:00Z", "end_time": "2026-02-14T10:00:00Z"},
            {"service": "s"},
        ),
        (
            {"severity": [], "start_time": "2026-02-14T11:00:00Z", "end_time": "2026-02-14T10:00:00Z", "n": None},
            {"n": None},
        ),
        ({"required_citations": ["a", 1]}, {}),
    ],
)
async def test_a_context_is_read_without_the_values_it_may_not_have(
    task_store: PostgresTaskStore, database: Database, context: dict[str, Any], kept: dict[str, Any]
) -> None:
    task_id = await _insert(database, context)
    assert (await task_store.get(task_id)).context.to_json() == kept
    assert (await task_store.get_document(task_id)).context_json == context
