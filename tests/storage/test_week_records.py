import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.verdict import Outcome
from storage.database import Database
from storage.week_records import WeekRecords

START = datetime(2026, 2, 9, tzinfo=UTC)
END = START + timedelta(days=7)
SEARCH = {
    "tool": "search_previous_issues",
    "output": {
        "confidence": 0.8,
        "recommend_fallback": False,
        "hits": [
            {
                "citation_source": "OPS-1",
                "locator": "https://tracker.example/browse/OPS-1",
                "metadata": {"title": "slow", "opened": "2025-11-01T00:00:00Z"},
            },
            {"citation_source": "OPS-2", "locator": "docs/x.md:1-5", "metadata": {"title": "not cited"}},
        ],
    },
}
RESULT = {
    "steps": [{"tool_results": [SEARCH, {"tool": "metrics_query"}]}],
    "report": {
        "citations": [{"citation_source": "OPS-1"}, {"citation_source": "metrics"}],
        "hypotheses": [{"cause": "a deployment", "service": "shop", "confidence": 0.9}, {"cause": "other"}],
        "actions": [{"text": "Page the lead", "owner": "Ana", "due": "10:05Z"}, {"text": ""}],
    },
}


async def add_task(
    database: Database, at: datetime, *, result: Any = None, verification: Any = None, status: str = "succeeded"
) -> UUID:
    task_id = uuid4()
    await database.execute(
        "insert into tasks (task_id, input_task, status, context_json, result_json, verification_json, created_at) values "
        """(%(id)s, 'Alert fired: X', %(status)s, '{"service": "shop"}', %(result)s::json, %(verification)s::jsonb, %(at)s)""",
        {
            "id": task_id,
            "status": status,
            "at": at,
            "result": None if result is None else json.dumps(result),
            "verification": None if verification is None else json.dumps(verification),
        },
    )
    return task_id


async def add_alert(
    database: Database, fired_at: datetime, *, resolved: bool = True, task_id: UUID | None = None
) -> None:
    await database.execute(
        "insert into alert_log (channel, group_key, episode, message_ts, vendor, title, fired_at, resolved_at, task_id) "
        "values ('C1', %(key)s, 1, '1.0', 'zabbix', 'X', %(at)s, %(end)s, %(task)s)",
        {
            "key": str(uuid4()),
            "at": fired_at,
            "end": fired_at + timedelta(minutes=5) if resolved else None,
            "task": task_id,
        },
    )


@pytest.fixture
def records(database: Database) -> WeekRecords:
    return WeekRecords(database)


async def test_what_a_report_says_is_read_as_far_as_a_digest_needs_it(records: WeekRecords, database: Database) -> None:
    verification = {"verdict": "confirmed", "reasons": ["every statement is cited", 7]}
    task_id = await add_task(database, START + timedelta(hours=1), result=RESULT, verification=verification)
    await database.execute(
        "insert into task_feedback (task_id, team, user_id, value) values (%(id)s, '', 'U1', 'helpful'), "
        "(%(id)s, '', 'U2', 'rejected'), (%(id)s, '', 'U3', 'helpful')",
        {"id": task_id},
    )
    [found] = (await records.investigations(START, END)).records
    assert (found.verdict, found.reasons) == (Outcome.CONFIRMED, ("every statement is cited",))
    assert (found.cause, found.cause_service, found.confidence) == ("a deployment", "shop", 0.9)
    assert [(action.text, action.due) for action in found.actions] == [("Page the lead", "10:05Z")]
    assert [(issue.key, issue.confidence) for issue in found.earlier] == [("OPS-1", 0.8)]
    assert (found.helpful, found.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("result", "verification"),
    [
        (None, None),
        ("done", "ok"),
        ({"report": "text", "steps": {"a": 1}}, {"verdict": "great", "reasons": "none"}),
        (
            {"report": {"hypotheses": {}, "actions": [1, None], "citations": 3}, "steps": [{"tool_results": "x"}, 4]},
            [1],
        ),
        ({"steps": [{"tool_results": [{"tool": "search_previous_issues", "output": {"hits": 5}}]}]}, {"verdict": 4}),
    ],
)
async def test_rows_of_any_shape_are_read_for_what_they_are(
    result: Any, verification: Any, records: WeekRecords, database: Database
) -> None:
    await add_task(database, START, result=result, verification=verification, status="failed")
    [found] = (await records.investigations(START, END)).records
    assert (found.verdict, found.cause, found.actions, found.earlier, found.status) == (None, None, (), (), "failed")


async def test_a_task_belongs_to_the_week_in_which_its_alert_fired(records: WeekRecords, database: Database) -> None:
    late = await add_task(database, END + timedelta(minutes=1))
    await add_alert(database, END - timedelta(seconds=5), task_id=late)
    early = await add_task(database, START)
    await add_alert(database, START - timedelta(seconds=5), task_id=early)
    asked = await add_task(database, START + timedelta(days=1))
    await add_task(database, END)
    found = (await records.investigations(START, END)).records
    assert [UUID(task.task_id) for task in found] == [late, asked]


async def test_alerts_that_still_fire_are_told_though_they_are_older_but_not_for_ever(
    records: WeekRecords, database: Database
) -> None:
    for days, resolved in ((-40, False), (-10, False), (-10, True), (0, True), (6, False), (7, False)):
        await add_alert(database, START + timedelta(days=days), resolved=resolved)
    found = await records.episodes(START, END)
    assert [(episode.fired_at - START).days for episode in found.records] == [6, 0, -10]
    assert not found.more
    assert await records.begun() == (START - timedelta(days=40), None)
