import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.memory import Memory, investigation_of
from core.events import RunEnded
from core.task import Request, Task
from core.verdict import Outcome, Verdict
from retrieval.past_tasks import PastTasks
from storage.database import Database
from storage.feedback import FeedbackStore
from storage.past_tasks import PastTask, PastTasksStore
from storage.task_store import PostgresTaskStore

MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)


def past_task(**options: Any) -> PastTask:
    defaults: dict[str, Any] = {
        "task_id": UUID(int=1),
        "text": "Why is checkout slow?",
        "context": {},
        "brief": {
            "is_incident": True,
            "services": ["checkout"],
            "severity": "P1",
            "window": {"start": "2026-03-01T07:00:00Z", "end": "2026-03-01T08:00:00Z"},
        },
        "report": {
            "hypotheses": [{"cause": "a full disk", "confidence": 0.95, "contradicted_by": []}],
            "citations": [{"citation_source": "runbook_pool"}, {"citation_source": "metrics"}],
        },
        "verification": {"passed": True, "verdict": "confirmed"},
        "created_at": MORNING,
        "changed_at": MORNING,
        "remembered": True,
        "helpful": 0,
    }
    return PastTask(**(defaults | options))


def test_a_finished_investigation_is_remembered_with_what_was_confirmed() -> None:
    found = investigation_of(past_task())

    assert found is not None
    assert (found.cause, found.service, found.severity) == ("a full disk", "checkout", "P1")
    assert found.sources == ("runbook_pool", "metrics")
    assert found.opened == MORNING - timedelta(hours=1)


@pytest.mark.parametrize(
    "options",
    [
        {"verification": {"passed": True, "verdict": "not_confirmed"}},
        {"report": {"hypotheses": [{"cause": "a full disk", "confidence": 0.5}]}},
        {"report": {"hypotheses": [{"cause": "a full disk", "confidence": 0.95, "contradicted_by": ["c1"]}]}},
        {"report": None},
        {"report": {"hypotheses": "none", "citations": 7}},
    ],
)
def test_a_cause_that_was_only_suspected_is_not(options: dict[str, Any]) -> None:
    found = investigation_of(past_task(**options))

    assert found is not None
    assert found.cause is None


@pytest.mark.parametrize("options", [{"remembered": False}, {"brief": None}, {"brief": {"is_incident": False}}])
def test_what_was_rejected_forgotten_or_no_incident_is_not_remembered(options: dict[str, Any]) -> None:
    assert investigation_of(past_task(**options)) is None


async def end(database: Database, text: str) -> Task:
    store = PostgresTaskStore(database)
    task, _ = await store.add(Request(text=text))
    await database.execute(
        "update tasks set status = 'succeeded', updated_at = now(), plan_json = '{\"brief\": {\"is_incident\": true}}' "
        "where task_id = %(task_id)s",
        {"task_id": task.task_id},
    )
    return await store.get(task.task_id)


async def test_what_ends_is_found_and_what_is_rejected_or_forgotten_is_not(database: Database) -> None:
    past, store = PastTasks(), PastTasksStore(database)
    memory = Memory(store, past)
    first = await end(database, "Why is checkout slow since eight?")
    await memory.refresh()
    assert len(past) == 1

    second = await end(database, "Why does the printer stay silent today?")
    await memory.refresh()
    assert len(past) == 2

    await FeedbackStore(database).put(first.task_id, user_id="u", team=None, value="rejected")
    await memory.refresh()
    assert len(past) == 1

    await store.forget(second.task_id)
    await memory.refresh()
    assert len(past) == 0

    anew = PastTasks()
    await Memory(store, anew).refresh()
    assert len(anew) == 0


async def test_the_end_of_a_run_is_enough_for_it_to_be_found(database: Database) -> None:
    past = PastTasks()
    async with Memory(PastTasksStore(database), past, every_s=60.0) as memory:
        await memory.refresh()
        task = await end(database, "Why is checkout slow since eight?")
        verdict = Verdict(passed=True, verdict=Outcome.NOT_CONFIRMED, reasons=(), checks=())
        await memory.notice(RunEnded(task=task, result=None, verification=verdict))

        for _ in range(1_000):
            if len(past):
                break
            await asyncio.sleep(0.01)
        assert len(past) == 1
