"""What a weekly digest tells of: the alerts of a span of time, and the tasks that looked into them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from pydantic import TypeAdapter, ValidationError

from core.base import Json, JsonObject
from core.digest.material import EarlierIssue, Episode, Investigation, PlannedAction
from core.verdict import Outcome
from storage.database import Database

MAX_EPISODES = 20_000
MAX_INVESTIGATIONS = 2_000
STILL_FIRING_FOR = timedelta(days=30)
"""An alert whose end was not told for longer is forgotten rather than still firing."""

_TIME: TypeAdapter[datetime] = TypeAdapter(datetime)


@dataclass(frozen=True, kw_only=True)
class Found[T]:
    """What was found, newest first; `more` when there is more than is read."""

    records: tuple[T, ...]
    more: bool


@dataclass(frozen=True)
class _EpisodeRow:
    channel: str
    group_key: str
    message_ts: str
    vendor: str
    title: str
    service: str | None
    severity: str | None
    fired_at: datetime
    resolved_at: datetime | None
    repeats: int
    task_id: UUID | None
    task_status: str | None
    verdict: str | None


@dataclass(frozen=True)
class _TaskRow:
    task_id: UUID
    text: str
    status: str
    context: JsonObject
    at: datetime
    verdict: str | None
    reasons: Json
    hypothesis: Json
    actions: Json
    cited: Json
    searches: Json
    helpful: int
    rejected: int


class WeekRecords:
    """Reads spans of time. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begun(self) -> tuple[datetime | None, datetime | None]:
        """When the oldest alert of the log fired, and when the oldest task was stored; None where there is none."""
        row = await self._database.fetch_one(
            "select (select min(fired_at) from alert_log) as alerts, (select min(created_at) from tasks) as tasks", {}
        )
        return (None, None) if row is None else (row["alerts"], row["tasks"])

    async def episodes(self, start: datetime, end: datetime) -> Found[Episode]:
        """The episodes that began in the span, and those from before it whose end was not told."""
        rows = await self._database.fetch_all(
            "select l.channel, l.group_key, l.message_ts, l.vendor, l.title, l.service, l.severity, l.fired_at, "
            "l.resolved_at, l.repeats, l.task_id, t.status as task_status, t.verification_json ->> 'verdict' as verdict "
            "from alert_log as l left join tasks as t using (task_id) where l.fired_at < %(end)s and "
            "(l.fired_at >= %(start)s or (l.resolved_at is null and l.fired_at >= %(oldest)s)) "
            "order by l.fired_at desc, l.group_key limit %(limit)s",
            {"start": start, "end": end, "oldest": start - STILL_FIRING_FOR, "limit": MAX_EPISODES + 1},
            class_row(_EpisodeRow),
        )
        return Found(
            records=tuple(_episode(row) for row in rows[:MAX_EPISODES]),
            more=len(rows) > MAX_EPISODES,
        )

    async def investigations(self, start: datetime, end: datetime) -> Found[Investigation]:
        """The tasks whose alert fired in the span; of tasks without one, those that were asked in it."""
        rows = await self._database.fetch_all(
            # Both halves by their time alone: neither the log nor the tasks of other weeks are gone through.
            "with seen as (select l.task_id, min(l.fired_at) as at from alert_log as l where l.task_id is not null "
            "and l.fired_at >= %(start)s and l.fired_at < %(end)s and not exists (select from alert_log as e "
            "where e.task_id = l.task_id and e.fired_at < %(start)s) group by l.task_id union all "
            "select t.task_id, t.created_at from tasks as t where t.created_at >= %(start)s and t.created_at < %(end)s "
            "and not exists (select from alert_log as e where e.task_id = t.task_id)), "
            "chosen as (select task_id, at from seen order by at desc limit %(limit)s) "
            "select task_id, t.input_task as text, t.status, t.context_json as context, c.at, "
            "t.verification_json ->> 'verdict' as verdict, t.verification_json -> 'reasons' as reasons, "
            "t.result_json -> 'report' -> 'hypotheses' -> 0 as hypothesis, t.result_json -> 'report' -> 'actions' as actions, "
            "jsonb_path_query_array(t.result_json::jsonb, '$.report.citations[*].citation_source') as cited, "
            "jsonb_path_query_array(t.result_json::jsonb, "
            """'$.steps[*].tool_results[*] ? (@.tool == "search_previous_issues").output') as searches, """
            "(select count(*) from task_feedback as b where b.task_id = t.task_id and b.value = 'helpful') as helpful, "
            "(select count(*) from task_feedback as b where b.task_id = t.task_id and b.value = 'rejected') as rejected "
            "from chosen as c join tasks as t using (task_id) order by c.at desc, task_id",
            {"start": start, "end": end, "limit": MAX_INVESTIGATIONS + 1},
            class_row(_TaskRow),
        )
        return Found(
            records=tuple(_investigation(row) for row in rows[:MAX_INVESTIGATIONS]),
            more=len(rows) > MAX_INVESTIGATIONS,
        )


def _episode(row: _EpisodeRow) -> Episode:
    return Episode(
        channel=row.channel,
        group_key=row.group_key,
        message_ts=row.message_ts,
        vendor=row.vendor,
        title=row.title,
        service=row.service,
        severity=row.severity,
        fired_at=row.fired_at,
        resolved_at=row.resolved_at,
        repeats=row.repeats,
        task_id=None if row.task_id is None else str(row.task_id),
        task_status=row.task_status,
        verdict=_verdict(row.verdict),
    )


def _investigation(row: _TaskRow) -> Investigation:
    """Rows of an older release or an import may hold other shapes: what cannot be read in them is left out."""
    hypothesis = _object(row.hypothesis)
    confidence = hypothesis.get("confidence")
    return Investigation(
        task_id=str(row.task_id),
        text=row.text,
        service=_text(row.context.get("service")),
        severity=_text(row.context.get("severity")),
        at=row.at,
        status=row.status,
        verdict=_verdict(row.verdict),
        reasons=tuple(text for item in _list(row.reasons) if (text := _text(item))),
        cause=_text(hypothesis.get("cause")),
        cause_service=_text(hypothesis.get("service")),
        confidence=float(confidence) if isinstance(confidence, int | float) else None,
        actions=tuple(
            PlannedAction(text=text, owner=_text(action.get("owner")), due=_text(action.get("due")))
            for action in map(_object, _list(row.actions))
            if (text := _text(action.get("text")))
        ),
        earlier=_earlier(row.searches, {text for item in _list(row.cited) if (text := _text(item))}),
        helpful=row.helpful,
        rejected=row.rejected,
    )


def _earlier(searches: Json, cited: set[str]) -> tuple[EarlierIssue, ...]:
    """The hits that the report cites, of searches that were sure of them."""
    found: dict[str, EarlierIssue] = {}
    for search in map(_object, _list(searches)):
        confidence = search.get("confidence")
        if search.get("recommend_fallback") or not isinstance(confidence, int | float):
            continue
        for hit in map(_object, _list(search.get("hits"))):
            key, metadata = _text(hit.get("citation_source")), _object(hit.get("metadata"))
            if key is None or key not in cited:
                continue
            issue = EarlierIssue(
                key=key,
                url=_text(hit.get("locator")) or "",
                title=_text(metadata.get("title")) or "",
                confidence=float(confidence),
                opened=_time(metadata.get("opened") or metadata.get("created")),
            )
            found.setdefault(key, issue)
    return tuple(found.values())


def _verdict(name: str | None) -> Outcome | None:
    return Outcome(name) if name in set(Outcome) else None


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _time(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = _TIME.validate_python(value)
    except ValidationError:
        return None
    return moment if moment.tzinfo is not None else None
